//! What is remembered of the key that links and secrets are derived by.

use diesel::prelude::*;
use diesel::sql_types::{Text, Timestamp};

use crate::clock::Time;
use crate::db::Conn;
use crate::domain::Outcome;
use crate::schema::keys_in_use;

/// Remembers this key, if none is remembered yet.
pub fn insert_first(conn: &mut Conn, fingerprint: &str, now: Time) -> Outcome<()> {
    write(conn, fingerprint, now, "DO NOTHING")
}

/// Remembers this key instead of the one before.
pub fn replace(conn: &mut Conn, fingerprint: &str, now: Time) -> Outcome<()> {
    write(conn, fingerprint, now, "DO UPDATE SET link_key = excluded.link_key, since = excluded.since")
}

fn write(conn: &mut Conn, fingerprint: &str, now: Time, on_conflict: &str) -> Outcome<()> {
    diesel::sql_query(format!(
        "INSERT INTO keys_in_use (id, link_key, since) VALUES (1, $1, $2) ON CONFLICT (id) {on_conflict}"
    ))
    .bind::<Text, _>(fingerprint)
    .bind::<Timestamp, _>(now)
    .execute(conn)?;
    Ok(())
}

/// The key that is remembered.
pub fn fingerprint(conn: &mut Conn) -> Outcome<Option<String>> {
    Ok(keys_in_use::table.select(keys_in_use::link_key).first(conn).optional()?)
}
