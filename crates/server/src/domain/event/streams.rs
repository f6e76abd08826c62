//! The event streams of this process: how many there may be, and their common end.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use portal_api_types::SessionId;
use tokio::sync::{Semaphore, watch};

use crate::auth::scope::PersonScope;
use crate::clock::Clock;
use crate::db::{Db, DbError};
use crate::domain::{Outcome, Refusal};

/// Streams that one session may have open: one a tab, and some that the server has not yet noticed to be closed.
pub const STREAMS_PER_SESSION: usize = 16;

/// What the process's streams have in common. Cheap to clone.
#[derive(Clone)]
pub struct Streams(Arc<Shared>);

/// What each stream needs.
pub(super) struct Shared {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) heartbeat: Duration,
    /// Streams that ask the database at the same moment. One change may concern thousands: they must not fill the queue
    /// that requests wait in.
    pub(super) looks: Semaphore,
    closing: watch::Sender<bool>,
    at_most: usize,
    open: Mutex<HashMap<SessionId, usize>>,
}

impl Streams {
    /// No streams yet, and at most this many.
    pub fn new(db: Db, clock: Clock, heartbeat: Duration, at_most: usize, looks: usize) -> Self {
        Self(Arc::new(Shared {
            db,
            clock,
            heartbeat,
            looks: Semaphore::new(looks.max(1)),
            closing: watch::Sender::new(false),
            at_most,
            open: Mutex::default(),
        }))
    }

    /// Closes all streams, and opens no more: the process is about to stop.
    pub fn close(&self) {
        self.0.closing.send_replace(true);
    }

    /// How many are open.
    pub fn count(&self) -> usize {
        self.0.open().values().sum()
    }

    /// A place for one more stream of this session.
    pub(super) fn take_place(&self, person: &PersonScope) -> Outcome<Place> {
        let mut open = self.0.open();
        if *self.0.closing.borrow() || open.values().sum::<usize>() >= self.0.at_most {
            return Err(DbError::Busy.into());
        }
        let of_session = open.entry(person.session_id().clone()).or_default();
        if *of_session >= STREAMS_PER_SESSION {
            return Err(Refusal::TooManyStreams.into());
        }
        *of_session += 1;
        Ok(Place { shared: Arc::clone(&self.0), session: person.session_id().clone() })
    }
}

impl Shared {
    fn open(&self) -> MutexGuard<'_, HashMap<SessionId, usize>> {
        // Numbers are whole whenever somebody else panicked.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A stream's place, which it gives back when it is dropped.
pub(super) struct Place {
    pub(super) shared: Arc<Shared>,
    session: SessionId,
}

impl Place {
    /// Tells when the process is about to stop.
    pub(super) fn closing(&self) -> watch::Receiver<bool> {
        self.shared.closing.subscribe()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.shared.open();
        if let Some(of_session) = open.get_mut(&self.session) {
            *of_session -= 1;
            if *of_session == 0 {
                open.remove(&self.session);
            }
        }
    }
}
