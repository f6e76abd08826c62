//! Time and randomness: the only place that asks the machine for either.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, SubsecRound, TimeDelta};
use uuid::Uuid;

/// A moment in UTC, as both databases keep it: to the microsecond.
pub type Time = NaiveDateTime;

/// Tells the time. Tests move it.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    /// How far ahead of the machine's clock, in microseconds.
    ahead: Arc<AtomicI64>,
}

impl Clock {
    /// The time now. PostgreSQL keeps microseconds and SQLite what it is given, so the rest is cut off here.
    pub fn now(&self) -> Time {
        let ahead = TimeDelta::microseconds(self.ahead.load(Ordering::Relaxed));
        #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine for the time")]
        let now: DateTime<chrono::Utc> = chrono::Utc::now();
        (now + ahead).naive_utc().trunc_subsecs(6)
    }

    /// Moves the time ahead, for tests of what expires.
    pub fn advance(&self, by: Duration) {
        let micros = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
        self.ahead.fetch_add(micros, Ordering::Relaxed);
    }
}

/// Random bytes from the operating system's generator.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // aws-lc-rs aborts rather than fails when the operating system has no randomness to give.
    if aws_lc_rs::rand::fill(&mut bytes).is_err() {
        std::process::abort();
    }
    bytes
}

/// A UUIDv7 (RFC 9562 section 5.7): it sorts by `at`.
pub fn uuid_at(at: Time) -> Uuid {
    uuid_with(at, random_bytes())
}

/// A UUIDv7 that sorts by `at`, and within the same millisecond by `number` (RFC 9562 section 6.2, method 1).
pub fn numbered_uuid_at(at: Time, number: u16) -> Uuid {
    let mut random = random_bytes::<10>();
    // The first twelve bits behind the version.
    [random[0], random[1]] = (number & 0x0FFF).to_be_bytes();
    uuid_with(at, random)
}

fn uuid_with(at: Time, random: [u8; 10]) -> Uuid {
    let millis = u64::try_from(at.and_utc().timestamp_millis()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbered_ids_of_one_moment_sort_by_their_number() {
        let now = Clock::default().now();
        let ids: Vec<Uuid> = (0..300).map(|number| numbered_uuid_at(now, number)).collect();
        assert!(ids.is_sorted());
        assert_eq!(ids[0].get_version_num(), 7);
    }
}
