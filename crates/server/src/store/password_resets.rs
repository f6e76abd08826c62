//! Forgotten passwords.

use diesel::prelude::*;
use portal_api_types::UserId;

use super::parse;
use crate::clock::Time;
use crate::db::Conn;
use crate::domain::Outcome;
use crate::schema::password_resets;

/// Remembers a reset.
pub fn insert(conn: &mut Conn, token_hash: &str, user: &UserId, now: Time, expires_at: Time) -> Outcome<()> {
    diesel::insert_into(password_resets::table)
        .values((
            password_resets::token_hash.eq(token_hash),
            password_resets::user_id.eq(user.as_str()),
            password_resets::created_at.eq(now),
            password_resets::expires_at.eq(expires_at),
        ))
        .execute(conn)?;
    Ok(())
}

/// Whose password this token resets, if the link still works.
pub fn open(conn: &mut Conn, token_hash: &str, now: Time) -> Outcome<Option<UserId>> {
    let user: Option<String> = password_resets::table
        .find(token_hash)
        .filter(password_resets::used_at.is_null().and(password_resets::expires_at.gt(now)))
        .select(password_resets::user_id)
        .first(conn)
        .optional()?;
    user.map(|id| parse(&id)).transpose()
}

/// Uses the link; false when somebody else was first.
pub fn mark_used(conn: &mut Conn, token_hash: &str, now: Time) -> Outcome<bool> {
    let used = diesel::update(
        password_resets::table
            .find(token_hash)
            .filter(password_resets::used_at.is_null().and(password_resets::expires_at.gt(now))),
    )
    .set(password_resets::used_at.eq(now))
    .execute(conn)?;
    Ok(used == 1)
}

/// Kills every open link of this person: the password has just been set.
pub fn close_all_of(conn: &mut Conn, user: &UserId, now: Time) -> Outcome<()> {
    diesel::update(
        password_resets::table
            .filter(password_resets::user_id.eq(user.as_str()).and(password_resets::used_at.is_null())),
    )
    .set(password_resets::used_at.eq(now))
    .execute(conn)?;
    Ok(())
}
