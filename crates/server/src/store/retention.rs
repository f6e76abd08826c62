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
    /// What it is called in the log.
    pub name: &'static str,
    /// How many days it is kept after its end.
    pub days: i64,
    /// Deletes `$2` of the rows that had ended by `$1`. It looks at a row's end once more when it deletes: a counter may
    /// have begun anew in between.
    delete: &'static str,
}

const fn kind(name: &'static str, days: i64, delete: &'static str) -> Kind {
    Kind { name, days, delete }
}

/// All kinds. The audit trail is not among them: it never ends. Nor are open invitations: an expired one is still in
/// the lists of those who may send it again.
pub const KINDS: [Kind; 10] = [
    kind(
        "rate limits",
        0,
        "DELETE FROM rate_limits WHERE ends_at <= $1 AND key IN \
         (SELECT key FROM rate_limits WHERE ends_at <= $1 ORDER BY ends_at LIMIT $2)",
    ),
    kind(
        "idempotency keys",
        0,
        "DELETE FROM idempotency_keys WHERE expires_at <= $1 AND id IN \
         (SELECT id FROM idempotency_keys WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)",
    ),
    kind(
        "revoked tokens",
        0,
        "DELETE FROM revoked_tokens WHERE expires_at <= $1 AND jti IN \
         (SELECT jti FROM revoked_tokens WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)",
    ),
    kind(
        "registrations",
        30,
        "DELETE FROM registrations WHERE expires_at <= $1 AND token_hash IN \
         (SELECT token_hash FROM registrations WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)",
    ),
    kind(
        "password resets",
        30,
        "DELETE FROM password_resets WHERE expires_at <= $1 AND token_hash IN \
         (SELECT token_hash FROM password_resets WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)",
    ),
    // A refresh token lives 30 days. Until then a replayed one is recognised, which ends its session.
    kind(
        "refresh tokens",
        30,
        "DELETE FROM refresh_tokens WHERE replaced_at <= $1 AND token_hash IN \
         (SELECT token_hash FROM refresh_tokens WHERE replaced_at <= $1 ORDER BY replaced_at LIMIT $2)",
    ),
    kind(
        "sessions",
        30,
        "DELETE FROM sessions WHERE expires_at <= $1 AND id IN \
         (SELECT id FROM sessions WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)",
    ),
    kind(
        "closed invitations",
        90,
        "DELETE FROM invitations WHERE state <> 'open' AND expires_at <= $1 AND id IN \
         (SELECT id FROM invitations WHERE state <> 'open' AND expires_at <= $1 ORDER BY expires_at LIMIT $2)",
    ),
    kind(
        "mails",
        30,
        "DELETE FROM outbox WHERE finished_at <= $1 AND id IN \
         (SELECT id FROM outbox WHERE finished_at <= $1 ORDER BY finished_at LIMIT $2)",
    ),
    kind(
        "webhook deliveries",
        30,
        "DELETE FROM webhook_deliveries WHERE finished_at <= $1 AND position IN \
         (SELECT position FROM webhook_deliveries WHERE finished_at <= $1 ORDER BY finished_at LIMIT $2)",
    ),
];

/// Forgets rows of this kind whose time is over, the oldest first and `at_most` so many; answers how many.
pub fn delete_ended(conn: &mut Conn, kind: Kind, now: Time, at_most: i64) -> Outcome<usize> {
    Ok(diesel::sql_query(kind.delete)
        .bind::<Timestamp, _>(now - TimeDelta::days(kind.days))
        .bind::<BigInt, _>(at_most)
        .execute(conn)?)
}
