//! Forgets what has ended: a little at a time, so that no request waits for it.

use std::time::Duration;

use chrono::TimeDelta;

use crate::clock::Clock;
use crate::db::Db;
use crate::store::{deliveries, rate_limits};

/// How often.
const PAUSE: Duration = Duration::from_secs(60);
/// Rows that one run forgets at most.
const AT_MOST: i64 = 1_000;
/// How long the log of webhooks goes back.
const DELIVERIES_KEPT: TimeDelta = TimeDelta::days(30);

/// Sweeps until the task is dropped.
pub async fn run(db: Db, clock: Clock) {
    loop {
        tokio::time::sleep(PAUSE).await;
        let now = clock.now();
        if let Err(error) = db.write(move |conn| rate_limits::delete_ended(conn, now, AT_MOST)).await {
            tracing::warn!(%error, "what has ended could not be swept");
        }
        let old = now - DELIVERIES_KEPT;
        if let Err(error) = db.write(move |conn| deliveries::delete_finished(conn, old, AT_MOST)).await {
            tracing::warn!(%error, "the log of webhooks could not be swept");
        }
    }
}
