//! The rule of access for programs: a key acts by the right of the owner who made it, as long as that right lasts.

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use portal_api_types::{AccountId, AccountRole, ApiKeyId, ExternalId, Name, Scopes, UserId};

use crate::auth::scope::{AccountScope, KeyScope};
use crate::clock::Time;
use crate::db::Conn;
use crate::domain::Outcome;
use crate::schema::{account_access, accounts, api_keys, revoked_tokens, users};
use crate::store::parse;

/// A key in its account, now.
#[derive(Debug, Clone)]
pub struct KeyEntry {
    /// The key's name.
    pub key_name: Name,
    /// What the key may do.
    pub scopes: Scopes,
    /// When the key ends, if it has an end.
    pub expires_at: Option<Time>,
    /// The name of the owner by whose right it acts.
    pub owner_name: Name,
    /// The account's name.
    pub account_name: Name,
    /// When the account was opened.
    pub account_created_at: Time,
    /// What the operator's own product calls the account.
    pub external_id: Option<ExternalId>,
}

/// May this key, by this token, act in its account now? None when the token is revoked, when the key is revoked or has expired,
/// and when who made it is not an active owner of the account. The one statement that every request of a program costs.
pub fn enter(conn: &mut Conn, key: &KeyScope, now: Time) -> Outcome<Option<KeyEntry>> {
    type Row = (String, String, Option<Time>, String, String, Time, Option<String>);
    let alive = api_keys::revoked_at.is_null();
    let row: Option<Row> = account_access::table
        .inner_join(
            api_keys::table.on(api_keys::owner_id
                .eq(account_access::user_id)
                .and(api_keys::account_id.eq(account_access::account_id))),
        )
        .inner_join(users::table.on(users::id.eq(account_access::user_id)))
        .inner_join(accounts::table.on(accounts::id.eq(account_access::account_id)))
        // By the owner and the account that the token names: so that the view is asked about one person in one account.
        .filter(account_access::user_id.eq(key.owner_id().as_str()))
        .filter(account_access::account_id.eq(key.account_id().as_str()))
        .filter(account_access::role.eq(AccountRole::Owner.as_str()))
        .filter(api_keys::id.eq(key.id().as_str()))
        .filter(alive.and(api_keys::expires_at.is_null().or(api_keys::expires_at.gt(now))))
        .filter(not(exists(revoked_tokens::table.find(key.token_id()))))
        .select((
            api_keys::name,
            api_keys::scopes,
            api_keys::expires_at,
            users::name,
            accounts::name,
            accounts::created_at,
            accounts::external_id,
        ))
        .first(conn)
        .optional()?;
    row.map(|(key_name, scopes, expires_at, owner_name, account_name, account_created_at, external_id)| {
        Ok(KeyEntry {
            key_name: parse(&key_name)?,
            scopes: parse(&scopes)?,
            expires_at,
            owner_name: parse(&owner_name)?,
            account_name: parse(&account_name)?,
            account_created_at,
            external_id: external_id.as_deref().map(parse).transpose()?,
        })
    })
    .transpose()
}

/// The account and the owner of the key with this secret, whatever may have become of either.
pub fn by_secret(conn: &mut Conn, key: &ApiKeyId, secret_hash: &str) -> Outcome<Option<(AccountId, UserId)>> {
    let row: Option<(String, String)> = api_keys::table
        .filter(api_keys::id.eq(key.as_str()).and(api_keys::secret_hash.eq(secret_hash)))
        .select((api_keys::account_id, api_keys::owner_id))
        .first(conn)
        .optional()?;
    row.map(|(account, owner)| Ok((parse(&account)?, parse(&owner)?))).transpose()
}

/// Who owns the account, now.
pub fn owners(conn: &mut Conn, account: &AccountScope) -> Outcome<Vec<UserId>> {
    let found: Vec<String> = account_access::table
        .filter(account_access::account_id.eq(account.id().as_str()))
        .filter(account_access::role.eq(AccountRole::Owner.as_str()))
        .select(account_access::user_id)
        .load(conn)?;
    found.iter().map(|user| parse(user)).collect()
}
