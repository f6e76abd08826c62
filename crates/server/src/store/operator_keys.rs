//! Keys of the operator.

use chrono::TimeDelta;
use diesel::prelude::*;
use portal_api_types::{Name, OperatorKeyId};

use super::parse;
use crate::clock::Time;
use crate::db::Conn;
use crate::domain::Outcome;
use crate::schema::operator_keys;

/// Makes a key.
pub fn insert(conn: &mut Conn, id: &OperatorKeyId, name: &Name, secret_hash: &str, now: Time) -> Outcome<()> {
    diesel::insert_into(operator_keys::table)
        .values((
            operator_keys::id.eq(id.as_str()),
            operator_keys::name.eq(name.as_str()),
            operator_keys::secret_hash.eq(secret_hash),
            operator_keys::created_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// A key that works.
pub struct LiveKey {
    /// Its id.
    pub id: OperatorKeyId,
    /// Its name.
    pub name: Name,
    /// When it was used last, to the minute.
    pub last_used_at: Option<Time>,
}

/// The key with this secret, unless it was revoked.
pub fn live(conn: &mut Conn, secret_hash: &str) -> Outcome<Option<LiveKey>> {
    let row: Option<(String, String, Option<Time>)> = operator_keys::table
        .filter(operator_keys::secret_hash.eq(secret_hash).and(operator_keys::revoked_at.is_null()))
        .select((operator_keys::id, operator_keys::name, operator_keys::last_used_at))
        .first(conn)
        .optional()?;
    row.map(|(id, name, last_used_at)| Ok(LiveKey { id: parse(&id)?, name: parse(&name)?, last_used_at }))
        .transpose()
}

/// Notes that the key was used, unless that was noted less than `pause` ago.
pub fn touch(conn: &mut Conn, id: &OperatorKeyId, now: Time, pause: TimeDelta) -> Outcome<()> {
    let stale = operator_keys::last_used_at.is_null().or(operator_keys::last_used_at.le(now - pause));
    diesel::update(operator_keys::table.find(id.as_str()).filter(stale))
        .set(operator_keys::last_used_at.eq(now))
        .execute(conn)?;
    Ok(())
}

/// A key, as the operator sees it.
#[derive(Debug, Clone, Queryable)]
pub struct KeyRow {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// When it was made.
    pub created_at: Time,
    /// When it was used last, to the minute.
    pub last_used_at: Option<Time>,
    /// When it was revoked.
    pub revoked_at: Option<Time>,
}

/// All keys, the oldest first.
pub fn list(conn: &mut Conn) -> Outcome<Vec<KeyRow>> {
    Ok(operator_keys::table
        .order((operator_keys::created_at, operator_keys::id))
        .select((
            operator_keys::id,
            operator_keys::name,
            operator_keys::created_at,
            operator_keys::last_used_at,
            operator_keys::revoked_at,
        ))
        .load(conn)?)
}

/// Revokes a key; false when there is none that works.
pub fn revoke(conn: &mut Conn, id: &OperatorKeyId, now: Time) -> Outcome<bool> {
    let live = operator_keys::table.find(id.as_str()).filter(operator_keys::revoked_at.is_null());
    Ok(diesel::update(live).set(operator_keys::revoked_at.eq(now)).execute(conn)? == 1)
}
