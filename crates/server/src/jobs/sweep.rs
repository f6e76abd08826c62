//! Forgets what has ended: a little at a time, so that no request waits for it.

use std::time::Duration;

use crate::clock::{Clock, Time};
use crate::db::Db;
use crate::domain::Outcome;
use crate::store::retention::{self, KINDS};

/// How often.
const PAUSE: Duration = Duration::from_secs(60);
/// How long to wait while there is more to forget.
const SHORT_PAUSE: Duration = Duration::from_secs(1);
/// Rows of a kind that one run forgets at most.
const AT_MOST: usize = 1_000;

/// Sweeps until the task is dropped.
pub async fn run(db: Db, clock: Clock) {
    let mut pause = PAUSE;
    loop {
        tokio::time::sleep(pause).await;
        pause = match sweep(&db, clock.now()).await {
            Ok(Swept { more: true, .. }) => SHORT_PAUSE,
            Ok(_) => PAUSE,
            Err(error) => {
                tracing::warn!(%error, "what has ended could not be swept");
                PAUSE
            }
        };
    }
}

/// What one run has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Swept {
    /// How many rows are gone.
    pub rows: usize,
    /// Whether there may be more of them.
    pub more: bool,
}

/// Sweeps once. Each kind has a transaction of its own.
pub async fn sweep(db: &Db, now: Time) -> Outcome<Swept> {
    let mut swept = Swept { rows: 0, more: false };
    for kind in KINDS {
        let rows = db.write(move |conn| retention::delete_ended(conn, kind, now, AT_MOST as i64)).await?;
        if rows > 0 {
            metrics::counter!("portal_forgotten_rows_total", "table" => kind.table).increment(rows as u64);
            tracing::debug!(table = kind.table, rows, "forgotten");
        }
        swept.rows += rows;
        swept.more |= rows == AT_MOST;
    }
    Ok(swept)
}
