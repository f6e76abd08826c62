//! How long what has ended is kept, and the statements that then forget it.

use chrono::TimeDelta;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamp};

use crate::clock::Time;
use crate::db::Conn;
use crate::domain::Outcome;

/// A kind of row that ends.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// Its table.
    pub table: &'static str,
    key: &'static str,
    /// The column with the time of its end, which is null in what has none yet.
    end: &'static str,
    /// What else must be so.
    only: &'static str,
    /// How many days it is kept after its end.
    days: i64,
}

const fn kind(table: &'static str, key: &'static str, end: &'static str, days: i64) -> Kind {
    Kind { table, key, end, only: "TRUE", days }
}

/// All kinds. The audit trail is not among them: it never ends. Nor are open invitations: an expired one is still in
/// the lists of those who may send it again.
pub const KINDS: [Kind; 10] = [
    kind("rate_limits", "key", "ends_at", 0),
    kind("idempotency_keys", "id", "expires_at", 0),
    kind("revoked_tokens", "jti", "expires_at", 0),
    kind("registrations", "token_hash", "expires_at", 30),
    kind("password_resets", "token_hash", "expires_at", 30),
    // A refresh token lives 30 days. Until then a replayed one is recognised, which ends its session.
    kind("refresh_tokens", "token_hash", "replaced_at", 30),
    kind("sessions", "id", "expires_at", 30),
    Kind { only: "state <> 'open'", ..kind("invitations", "id", "expires_at", 90) },
    kind("outbox", "id", "finished_at", 30),
    kind("webhook_deliveries", "position", "finished_at", 30),
];

/// Forgets rows of this kind whose time is over, the oldest first and `at_most` so many; answers how many. A row's end is
/// looked at once more when it is deleted: a counter may have begun anew in between.
pub fn delete_ended(conn: &mut Conn, kind: Kind, now: Time, at_most: i64) -> Outcome<usize> {
    let Kind { table, key, end, only, days } = kind;
    let ended = format!("{only} AND {end} <= $1");
    let oldest = format!("SELECT {key} FROM {table} WHERE {ended} ORDER BY {end} LIMIT $2");
    Ok(diesel::sql_query(format!("DELETE FROM {table} WHERE {ended} AND {key} IN ({oldest})"))
        .bind::<Timestamp, _>(now - TimeDelta::days(days))
        .bind::<BigInt, _>(at_most)
        .execute(conn)?)
}
