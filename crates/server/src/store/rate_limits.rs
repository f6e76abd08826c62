//! Counters of what is limited, shared by every process.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Timestamp};

use crate::clock::Time;
use crate::db::Conn;
use crate::domain::Outcome;
use crate::schema::rate_limits;

/// A counter after it was raised.
#[derive(Queryable, QueryableByName)]
pub struct Counter {
    /// How many since the window began, this one included.
    #[diesel(sql_type = BigInt)]
    pub count: i64,
    /// When the window ends.
    #[diesel(sql_type = Timestamp)]
    pub ends_at: Time,
}

/// Counts so many more in the window of this key, or begins a new window when the old one is over: one statement, so that
/// parallel requests cannot slip through between reading and counting.
pub fn raise(conn: &mut Conn, key: &str, by: i64, now: Time, ends_at: Time) -> Outcome<Counter> {
    Ok(diesel::sql_query(
        "INSERT INTO rate_limits (key, started_at, ends_at, count) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (key) DO UPDATE SET \
             count = CASE WHEN rate_limits.ends_at <= $2 THEN $4 ELSE rate_limits.count + $4 END, \
             started_at = CASE WHEN rate_limits.ends_at <= $2 THEN $2 ELSE rate_limits.started_at END, \
             ends_at = CASE WHEN rate_limits.ends_at <= $2 THEN $3 ELSE rate_limits.ends_at END \
         RETURNING count, ends_at",
    )
    .bind::<Text, _>(key)
    .bind::<Timestamp, _>(now)
    .bind::<Timestamp, _>(ends_at)
    .bind::<BigInt, _>(by)
    .get_result(conn)?)
}

/// The counter of this key, while its window lasts.
pub fn read(conn: &mut Conn, key: &str, now: Time) -> Outcome<Option<Counter>> {
    Ok(rate_limits::table
        .find(key)
        .filter(rate_limits::ends_at.gt(now))
        .select((rate_limits::count, rate_limits::ends_at))
        .first(conn)
        .optional()?)
}

/// The counters of these keys whose windows last.
pub fn read_all(conn: &mut Conn, keys: &[String], now: Time) -> Outcome<Vec<(String, i64)>> {
    let mut found = Vec::new();
    for chunk in keys.chunks(1_000) {
        let page: Vec<(String, i64)> = rate_limits::table
            .filter(rate_limits::key.eq_any(chunk))
            .filter(rate_limits::ends_at.gt(now))
            .select((rate_limits::key, rate_limits::count))
            .load(conn)?;
        found.extend(page);
    }
    Ok(found)
}

/// Forgets a counter.
pub fn clear(conn: &mut Conn, key: &str) -> Outcome<()> {
    diesel::delete(rate_limits::table.find(key)).execute(conn)?;
    Ok(())
}
