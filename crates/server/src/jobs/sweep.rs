//! Forgets what has ended: a little at a time, so that no request waits for it.

use std::time::Duration;

use crate::clock::{Clock, Time};
use crate::db::{Conn, Db};
use crate::domain::Outcome;
use crate::store::{rate_limits, revoked_tokens};

/// How often.
const PAUSE: Duration = Duration::from_secs(60);
/// Rows of a kind that one run forgets at most.
const AT_MOST: i64 = 1_000;

/// Sweeps until the task is dropped.
pub async fn run(db: Db, clock: Clock) {
    loop {
        tokio::time::sleep(PAUSE).await;
        let now = clock.now();
        if let Err(error) = db.write(move |conn| sweep(conn, now)).await {
            tracing::warn!(%error, "what has ended could not be swept");
        }
    }
}

/// Forgets, once, what has ended by now.
pub fn sweep(conn: &mut Conn, now: Time) -> Outcome<()> {
    rate_limits::delete_ended(conn, now, AT_MOST)?;
    revoked_tokens::delete_expired(conn, now, AT_MOST)?;
    Ok(())
}
