//! The rule of access for programs: a key acts by the right of the owner who made it, as long as that right lasts.

use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text, Timestamp};
use portal_api_types::{AccountId, AccountRole, ApiKeyId, ExternalId, Name, Scopes, UserId};

use crate::auth::scope::{AccountScope, KeyScope};
use crate::clock::Time;
use crate::db::{Conn, Question, answer};
use crate::domain::Outcome;
use crate::schema::{account_access, api_keys};
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

answer! {
    /// A [`KeyEntry`] as it is in the database.
    struct KeyEntryRow {
        key_name: String as Text,
        scopes: String as Text,
        expires_at: Option<Time> as Nullable<Timestamp>,
        user_name: String as Text,
        account_name: String as Text,
        account_created_at: Time as Timestamp,
        external_id: Option<String> as Nullable<Text>,
    }
}

impl KeyEntryRow {
    /// Reads it.
    ///
    /// # Errors
    /// When it was not written by us.
    pub fn parse(self) -> Outcome<KeyEntry> {
        Ok(KeyEntry {
            key_name: parse(&self.key_name)?,
            scopes: parse(&self.scopes)?,
            expires_at: self.expires_at,
            owner_name: parse(&self.user_name)?,
            account_name: parse(&self.account_name)?,
            account_created_at: self.account_created_at,
            external_id: self.external_id.as_deref().map(parse).transpose()?,
        })
    }
}

/// May this key, by this token, act in its account now? None when the token is revoked, when the key is revoked or has expired,
/// and when who made it is not an active owner of the account. The one statement that every request of a program costs.
pub fn enter(key: &KeyScope, now: Time) -> Question {
    // By the owner and the account that the token names: so that the view is asked about one person in one account.
    Question::new(
        "SELECT k.name AS key_name, k.scopes, k.expires_at, a.user_name, a.account_name, a.account_created_at, a.external_id \
         FROM account_access a \
         JOIN api_keys k ON k.owner_id = a.user_id AND k.account_id = a.account_id \
         WHERE a.user_id = $1 AND a.account_id = $2 AND a.role = 'owner' AND k.id = $3 \
           AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $4) \
           AND NOT EXISTS (SELECT 1 FROM revoked_tokens t WHERE t.jti = $5)",
    )
    .text(key.owner_id().as_str())
    .text(key.account_id().as_str())
    .text(key.id().as_str())
    .time(now)
    .text(key.token_id())
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
