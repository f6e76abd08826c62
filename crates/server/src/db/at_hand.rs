//! Connections that a short question is asked by at once, on the thread of the request that asks it (SQLite).
//!
//! A question by keys takes SQLite a few microseconds, and going to another thread and back takes several times as long. What
//! such a connection cannot answer at once is asked again in the queue: while somebody else has locked the database it does
//! not wait, and a thread of the server never waits for another one here.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use diesel::connection::SimpleConnection;

use super::{Address, Conn, DbError};
use crate::domain::Failure;

/// How much of the database a connection keeps in memory, once it was read. There are as many in use as the server has workers.
/// SQLite's own 2,000 KiB do not hold what a thousand people at once are asked about, and each page that is missing is a call of
/// the system; with this much one page is missing for each.
const CACHE_KIB: usize = 8_192;

/// The connections that nobody uses now.
#[derive(Clone)]
pub(super) struct AtHand {
    idle: Arc<Mutex<Vec<Option<Conn>>>>,
    address: Arc<Address>,
}

impl AtHand {
    /// At most so many, each of them made by the first question.
    pub(super) fn new(address: &Arc<Address>, count: usize) -> Self {
        let idle = Arc::new(Mutex::new((0..count).map(|_| None).collect()));
        Self { idle, address: Arc::clone(address) }
    }

    /// The answer; none when the question has to wait in the queue.
    pub(super) fn ask<T>(
        &self,
        question: &dyn Fn(&mut Conn) -> Result<T, Failure>,
    ) -> Option<Result<T, Failure>> {
        let place = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
        let mut conn = place.or_else(|| connect(&self.address).ok());
        // A panic is a bug, but must not take the request's answer or the place with it.
        let answer = conn.as_mut().map(|conn| catch_unwind(AssertUnwindSafe(|| question(conn))));
        let answer = answer.map(|done| done.unwrap_or(Err(Failure::Panicked)));
        // What may be the connection's fault, or somebody's lock.
        let failed =
            matches!(&answer, Some(Err(Failure::Panicked | Failure::Database(DbError::Unreachable(_)))));
        let back = conn.filter(|_| !failed);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(back);
        answer.filter(|_| !failed)
    }
}

fn connect(address: &Address) -> Result<Conn, DbError> {
    let mut conn = address.connect_waiting(0)?;
    conn.batch_execute(&format!("PRAGMA query_only = ON; PRAGMA cache_size = -{CACHE_KIB}"))?;
    Ok(conn)
}
