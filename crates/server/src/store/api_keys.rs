//! Keys of accounts. What a key opens now, [`super::access::by_key`] knows.

use diesel::prelude::*;
use portal_api_types::{Actor, ApiKey, ApiKeyId, ApiKeyRef, Name, Scopes, UserId};

use super::{After, parse, rows};
use crate::auth::scope::{AccountScope, KeyScope};
use crate::clock::Time;
use crate::db::Conn;
use crate::domain::Outcome;
use crate::schema::{api_keys, users};

/// A key to make.
pub struct NewKey<'a> {
    /// Its id.
    pub id: &'a ApiKeyId,
    /// The owner who makes it, and by whose right it acts.
    pub owner: &'a UserId,
    /// What it is known by.
    pub name: &'a Name,
    /// The SHA-256 of its secret.
    pub secret_hash: &'a str,
    /// What it may do.
    pub scopes: &'a Scopes,
    /// Now.
    pub now: Time,
    /// When it ends, if it has an end.
    pub expires_at: Option<Time>,
}

/// Makes a key of the account.
pub fn insert(conn: &mut Conn, account: &AccountScope, new: &NewKey<'_>) -> Outcome<()> {
    diesel::insert_into(api_keys::table)
        .values((
            api_keys::id.eq(new.id.as_str()),
            api_keys::account_id.eq(account.id().as_str()),
            api_keys::owner_id.eq(new.owner.as_str()),
            api_keys::name.eq(new.name.as_str()),
            api_keys::secret_hash.eq(new.secret_hash),
            api_keys::scopes.eq(new.scopes.to_string()),
            api_keys::created_at.eq(new.now),
            api_keys::expires_at.eq(new.expires_at),
        ))
        .execute(conn)?;
    Ok(())
}

/// The account's keys that are not revoked, newest first. `active` is whether they have expired: who is an owner now, the rule
/// of access knows.
pub fn list(
    conn: &mut Conn,
    account: &AccountScope,
    now: Time,
    after: Option<&After<Time>>,
    limit: usize,
) -> Outcome<Vec<ApiKey>> {
    type Row = (String, String, String, String, String, Time, Option<Time>, Option<Time>, Option<String>);
    let mut query = api_keys::table
        .inner_join(users::table.on(users::id.eq(api_keys::owner_id)))
        .filter(api_keys::account_id.eq(account.id().as_str()).and(api_keys::revoked_at.is_null()))
        .into_boxed();
    if let Some(after) = after {
        query = query
            .filter(api_keys::created_at.le(after.key))
            .filter(api_keys::created_at.lt(after.key).or(api_keys::id.lt(after.id.as_str())));
    }
    let found: Vec<Row> = query
        .order((api_keys::created_at.desc(), api_keys::id.desc()))
        .limit(rows(limit))
        .select((
            api_keys::id,
            api_keys::name,
            api_keys::scopes,
            api_keys::owner_id,
            users::name,
            api_keys::created_at,
            api_keys::expires_at,
            api_keys::last_used_at,
            api_keys::last_used_ip,
        ))
        .load(conn)?;
    found
        .into_iter()
        .map(|(id, name, scopes, owner, owner_name, created_at, expires_at, last_used_at, last_used_ip)| {
            Ok(ApiKey {
                id: parse(&id)?,
                name: parse(&name)?,
                scopes: parse(&scopes)?,
                active: expires_at.is_none_or(|at| at > now),
                created_by: Actor { user_id: parse(&owner)?, name: owner_name },
                created_at: created_at.and_utc(),
                expires_at: expires_at.map(|at| at.and_utc()),
                last_used_at: last_used_at.map(|at| at.and_utc()),
                last_used_ip,
            })
        })
        .collect()
}

/// The account's key with this id, unless it is revoked.
pub fn find(conn: &mut Conn, account: &AccountScope, id: &ApiKeyId) -> Outcome<Option<ApiKeyRef>> {
    let name: Option<String> = api_keys::table
        .find(id.as_str())
        .filter(api_keys::account_id.eq(account.id().as_str()).and(api_keys::revoked_at.is_null()))
        .select(api_keys::name)
        .first(conn)
        .optional()?;
    name.map(|name| Ok(ApiKeyRef { id: id.clone(), name: parse(&name)? })).transpose()
}

/// The keys of the account that this owner made and that are not revoked, the oldest first.
pub fn made_by(conn: &mut Conn, account: &AccountScope, owner: &UserId) -> Outcome<Vec<ApiKeyRef>> {
    let found: Vec<(String, String)> = api_keys::table
        .filter(api_keys::account_id.eq(account.id().as_str()).and(api_keys::revoked_at.is_null()))
        .filter(api_keys::owner_id.eq(owner.as_str()))
        .order((api_keys::created_at, api_keys::id))
        .select((api_keys::id, api_keys::name))
        .load(conn)?;
    found.into_iter().map(|(id, name)| Ok(ApiKeyRef { id: parse(&id)?, name: parse(&name)? })).collect()
}

/// Revokes a key of the account; false when somebody else was first.
pub fn mark_revoked(conn: &mut Conn, account: &AccountScope, id: &ApiKeyId, now: Time) -> Outcome<bool> {
    let alive = api_keys::table
        .find(id.as_str())
        .filter(api_keys::account_id.eq(account.id().as_str()).and(api_keys::revoked_at.is_null()));
    Ok(diesel::update(alive).set(api_keys::revoked_at.eq(now)).execute(conn)? == 1)
}

/// When and from which address the key's secret was last used.
pub fn last_use(conn: &mut Conn, key: &KeyScope) -> Outcome<(Option<Time>, Option<String>)> {
    let key = api_keys::table.find(key.id().as_str());
    Ok(key
        .select((api_keys::last_used_at, api_keys::last_used_ip))
        .first(conn)
        .optional()?
        .unwrap_or_default())
}

/// Notes that the key's secret was used.
pub fn touch(conn: &mut Conn, key: &KeyScope, now: Time, ip: Option<&str>) -> Outcome<()> {
    diesel::update(api_keys::table.find(key.id().as_str()))
        .set((api_keys::last_used_at.eq(now), api_keys::last_used_ip.eq(ip)))
        .execute(conn)?;
    Ok(())
}
