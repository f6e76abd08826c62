//! Forgets what has ended: a little at a time, so that no request waits for it.

use std::time::Duration;

use chrono::TimeDelta;

use crate::clock::{Clock, Time};
use crate::db::Db;
use crate::domain::Outcome;
use crate::store::{deliveries, idempotency, rate_limits, revoked_tokens};

/// How often.
const PAUSE: Duration = Duration::from_secs(60);
/// Rows of a kind that one run forgets at most.
const AT_MOST: i64 = 1_000;
/// How long the log of webhooks goes back.
const DELIVERIES_KEPT: TimeDelta = TimeDelta::days(30);

/// Sweeps until the task is dropped.
pub async fn run(db: Db, clock: Clock) {
    loop {
        tokio::time::sleep(PAUSE).await;
        if let Err(error) = sweep(&db, clock.now()).await {
            tracing::warn!(%error, "what has ended could not be swept");
        }
    }
}

/// Sweeps once, and answers how many rows are gone. Each kind has a transaction of its own.
pub async fn sweep(db: &Db, now: Time) -> Outcome<usize> {
    let counters = db.write(move |conn| rate_limits::delete_ended(conn, now, AT_MOST)).await?;
    let answers = db.write(move |conn| idempotency::delete_expired(conn, now, AT_MOST)).await?;
    let tokens = db.write(move |conn| revoked_tokens::delete_expired(conn, now, AT_MOST)).await?;
    let old = now - DELIVERIES_KEPT;
    let deliveries = db.write(move |conn| deliveries::delete_finished(conn, old, AT_MOST)).await?;
    Ok(counters + answers + tokens + deliveries)
}
