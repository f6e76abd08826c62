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

/// From so many on, a session's streams are asked to show that somebody reads them: a connection that was left is noticed
/// only by writing to it, and who reloads a page often must not wait for a heartbeat.
const PROBED_FROM: usize = STREAMS_PER_SESSION / 2;

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
    open: Mutex<HashMap<SessionId, OfSession>>,
}

/// The streams of one session.
#[derive(Default)]
struct OfSession {
    count: usize,
    probe: watch::Sender<()>,
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
        total(&self.0.open())
    }

    /// A place for one more stream of this session.
    pub(super) fn take_place(&self, person: &PersonScope) -> Outcome<Place> {
        let mut open = self.0.open();
        if let Some(of_session) = open.get(person.session_id()) {
            if of_session.count >= PROBED_FROM {
                of_session.probe.send_replace(());
            }
            if of_session.count >= STREAMS_PER_SESSION {
                return Err(Refusal::TooManyStreams.into());
            }
        }
        if *self.0.closing.borrow() || total(&open) >= self.0.at_most {
            return Err(DbError::Busy.into());
        }
        let of_session = open.entry(person.session_id().clone()).or_default();
        of_session.count += 1;
        let probed = of_session.probe.subscribe();
        Ok(Place { shared: Arc::clone(&self.0), session: person.session_id().clone(), probed })
    }
}

fn total(open: &HashMap<SessionId, OfSession>) -> usize {
    open.values().map(|of_session| of_session.count).sum()
}

impl Shared {
    fn open(&self) -> MutexGuard<'_, HashMap<SessionId, OfSession>> {
        // Numbers are whole whenever somebody else panicked.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A stream's place, which it gives back when it is dropped.
pub(super) struct Place {
    pub(super) shared: Arc<Shared>,
    session: SessionId,
    /// Tells when the stream is to show that it is read.
    pub(super) probed: watch::Receiver<()>,
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
            of_session.count -= 1;
            if of_session.count == 0 {
                open.remove(&self.session);
            }
        }
    }
}
