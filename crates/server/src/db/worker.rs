//! The threads that own connections, and the queue before them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::{Sender, bounded};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::result::Error as QueryError;
use tokio::sync::oneshot;

use super::keeper::{Keeper, Pulse};
use super::shared::{Ended, Shared};
use super::{Address, Conn, DbError};
use crate::domain::Failure;
use crate::telemetry::TRACE;

/// How long a request waits for a read before it is told to come back: whoever has no answer after two seconds is to have heard
/// why by then.
pub(super) const READ_DEADLINE: Duration = Duration::from_millis(1_800);
/// How long a request waits for a write. Batches take a while, and so do the writers before them.
const WRITE_DEADLINE: Duration = Duration::from_secs(10);

/// How long a request waits for the database.
#[derive(Clone, Copy)]
pub(super) struct Patience {
    kind: &'static str,
    /// Until its work has begun. For a write, that is when its transaction is open: where nobody has to wait in line for that,
    /// it shows that the database is there.
    begin: Duration,
    /// Until it is done.
    done: Duration,
}

impl Patience {
    /// For a read.
    pub(super) const READ: Self = Self { kind: "read", begin: READ_DEADLINE, done: READ_DEADLINE };
    /// For a write.
    pub(super) const WRITE: Self = Self { kind: "write", begin: READ_DEADLINE, done: WRITE_DEADLINE };
    /// For a write where one is made at a time: a batch may be before it.
    pub(super) const LAST_IN_LINE: Self = Self { kind: "write", begin: WRITE_DEADLINE, done: WRITE_DEADLINE };

    /// Whether work that has waited so long is better not begun. It would hardly be done in time, and whoever waits behind it
    /// would be late as well: a queue that does everything a moment too late does nothing at all.
    fn is_hopeless(self, waited: Duration) -> bool {
        waited > self.begin * 2 / 3
    }
}

thread_local! {
    /// Of the write that this thread is at.
    static RUNNING: std::cell::RefCell<Option<Ticket>> = const { std::cell::RefCell::new(None) };
}

/// Refuses to go on with a write that nobody waits for any more: large ones ask now and then, as others wait behind them.
///
/// # Errors
/// [`DbError::Busy`].
pub fn check_wanted() -> Result<(), DbError> {
    let abandoned = RUNNING.with_borrow(|ticket| ticket.as_ref().is_some_and(Ticket::is_abandoned));
    if abandoned { Err(DbError::Busy) } else { Ok(()) }
}

/// Jobs that may wait for each connection; beyond that, waiting would take longer than anybody waits.
pub(super) const QUEUED_PER_THREAD: usize = 128;
/// How often a write is tried when the database asks for it.
const WRITE_ATTEMPTS: u32 = 8;

/// What is left to do of a piece of work once the transaction that it shares has ended.
pub(super) type Finish = Box<dyn FnOnce(&Ended)>;

/// Work for a thread. It answers by itself, but for what it leaves to be done.
pub(super) type Job = Box<dyn FnOnce(&mut Slot) -> Option<Finish> + Send>;

/// Who decides about a piece of work last: the request that waits for it, or the thread that runs it. Whoever is first to move
/// it on wins, so a request that was told that nothing has changed is right.
#[derive(Clone, Default)]
pub(super) struct Ticket(Arc<AtomicU8>);

/// Its work waits for its turn.
pub(super) const WAITING: u8 = 0;
/// Its work has begun.
pub(super) const BEGUN: u8 = 1;
/// Its work is done, and is being committed.
pub(super) const COMMITTING: u8 = 2;
const ABANDONED: u8 = 3;

impl Ticket {
    /// Runs a job whose [`check_wanted`] asks this ticket.
    pub(super) fn during<T>(&self, job: impl FnOnce() -> T) -> T {
        RUNNING.set(Some(self.clone()));
        let done = job();
        RUNNING.take();
        done
    }

    pub(super) fn moves(&self, from: u8, to: u8) -> bool {
        self.0.compare_exchange(from, to, Ordering::SeqCst, Ordering::SeqCst).is_ok()
    }

    fn is_abandoned(&self) -> bool {
        self.0.load(Ordering::SeqCst) == ABANDONED
    }
}

/// Whoever waits for a piece of work.
pub(super) struct Reply<T> {
    answer: oneshot::Sender<Result<T, Failure>>,
    kind: &'static str,
    began: Instant,
}

impl<T> Reply<T> {
    /// Answers, and notes how long the work took.
    pub(super) fn send(self, done: Result<T, Failure>) {
        let took = self.began.elapsed();
        self.send_after(took, done);
    }

    /// The same for work whose time is not over only now.
    pub(super) fn send_after(self, took: Duration, done: Result<T, Failure>) {
        metrics::histogram!("portal_database_run_seconds", "kind" => self.kind).record(took);
        let _ = self.answer.send(done);
    }

    /// How long the work has taken so far.
    pub(super) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }
}

/// A thread's place for its connection; empty after a failure, filled again by the next job.
pub(super) struct Slot {
    address: Address,
    conn: Option<Conn>,
    /// How many connections had been given up when this one was last used.
    given_up: usize,
    /// The transaction that writes share, if there is one.
    pub(super) shared: Shared,
    /// What a new connection is told first.
    settings: Option<&'static str>,
}

impl Slot {
    pub(super) fn new(address: &Address, pulse: &Pulse, settings: Option<&'static str>) -> Self {
        let shared = Shared::default();
        Self { address: address.clone(), conn: None, given_up: pulse.given_up(), shared, settings }
    }

    /// Leaves a connection that is doubtful since another one was given up.
    fn forget_if_doubtful(&mut self, given_up: usize) {
        if self.given_up != given_up {
            (self.conn, self.given_up) = (None, given_up);
        }
    }

    pub(super) fn connection(&mut self) -> Result<&mut Conn, DbError> {
        if self.conn.is_none() {
            let mut conn = self.address.connect()?;
            if let Some(settings) = self.settings {
                conn.batch_execute(settings)?;
            }
            self.conn = Some(conn);
        }
        // Filled above.
        self.conn.as_mut().ok_or(DbError::Busy)
    }

    /// After a failure that may be the connection's, asks the database whether it is still there.
    pub(super) fn drop_if_broken(&mut self) -> bool {
        let alive =
            self.conn.as_mut().is_some_and(|conn| diesel::sql_query("SELECT 1").execute(conn).is_ok());
        if !alive {
            self.conn = None;
        }
        !alive
    }

    /// After a panic nobody knows in which state it is.
    pub(super) fn drop_connection(&mut self) {
        self.conn = None;
    }
}

/// What is read here is read once, an export or a page of a list: what is asked again and again has its own connections
/// (`at_hand.rs`).
const SQLITE_READER: &str = "PRAGMA cache_size = -256";

/// Starts so many threads, which take from one queue.
pub(super) fn start_threads(keeper: &mut Keeper, address: &Address, name: &str, count: usize) -> Sender<Job> {
    let (sender, receiver) = bounded::<Job>(count * QUEUED_PER_THREAD);
    let settings = match address {
        Address::Sqlite(_) => Some(SQLITE_READER),
        Address::Postgres(_) => None,
    };
    for number in 0..count {
        let (receiver, address) = (receiver.clone(), address.clone());
        keeper.start_thread(&format!("{name}-{number}"), move |pulse| {
            let mut slot = Slot::new(&address, pulse, settings);
            for job in &receiver {
                slot.forget_if_doubtful(pulse.given_up());
                // A panic in a job is a bug, but must not take the connection's thread with it.
                let run = std::panic::AssertUnwindSafe(|| job(&mut slot));
                if pulse.during(|| std::panic::catch_unwind(run)).is_err() {
                    slot.drop_connection();
                }
                if pulse.is_replaced() {
                    return;
                }
            }
        });
    }
    sender
}

pub(super) async fn submit<T, F>(
    queue: &Sender<Job>,
    patience: Patience,
    ticket: Ticket,
    work: F,
) -> Result<T, Failure>
where
    T: Send + 'static,
    F: FnOnce(&mut Slot, Reply<T>) -> Option<Finish> + Send + 'static,
{
    let (answer, mut answered) = oneshot::channel();
    let kind = patience.kind;
    let submitted = Instant::now();
    let span = tracing::debug_span!(target: TRACE, "database", kind);
    let job: Job = Box::new(move |slot| {
        // Nobody waits any more: the work would be for nothing.
        if answer.is_closed() {
            return None;
        }
        let began = Instant::now();
        if patience.is_hopeless(began - submitted) {
            let _ = answer.send(Err(refused("late")));
            return None;
        }
        metrics::histogram!("portal_database_wait_seconds", "kind" => kind).record(began - submitted);
        span.in_scope(|| work(slot, Reply { answer, kind, began }))
    });
    // Full: more waits than can be done in time.
    queue.try_send(job).map_err(|_| refused("full"))?;
    let closed = |result: Result<_, _>| result.unwrap_or(Err(Failure::Panicked));
    if let Ok(result) = tokio::time::timeout(patience.begin, &mut answered).await {
        return closed(result);
    }
    if ticket.moves(WAITING, ABANDONED) {
        return Err(refused("late"));
    }
    if let Ok(result) = tokio::time::timeout(patience.done - patience.begin, &mut answered).await {
        return closed(result);
    }
    if ticket.moves(BEGUN, ABANDONED) {
        return Err(refused("late"));
    }
    // It is being committed at this moment: what comes of that is the answer.
    match tokio::time::timeout(WRITE_DEADLINE, answered).await {
        Ok(result) => closed(result),
        Err(_) => {
            let why = format!("there was no answer for {} seconds", WRITE_DEADLINE.as_secs());
            Err(Failure::Database(DbError::OutcomeUnknown(why)))
        }
    }
}

fn refused(reason: &'static str) -> Failure {
    metrics::counter!("portal_database_refused_total", "reason" => reason).increment(1);
    Failure::Database(DbError::Busy)
}

pub(super) fn run_read<T>(
    slot: &mut Slot,
    job: &dyn Fn(&mut Conn) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let result = job(slot.connection()?);
    // A connection that died while it was idle is no reason to refuse a request.
    if matches!(&result, Err(Failure::Database(DbError::Unreachable(_)))) && slot.drop_if_broken() {
        return job(slot.connection()?);
    }
    result
}

pub(super) fn run_write<T>(
    slot: &mut Slot,
    ticket: &Ticket,
    job: &dyn Fn(&mut Conn) -> Result<T, Failure>,
) -> Result<T, Failure> {
    begin(slot)?;
    let mut attempt = 1;
    let mut waits = ticket.moves(WAITING, BEGUN);
    loop {
        let conn = slot.connection()?;
        let result = if waits { ticket.during(|| job(conn)) } else { Err(Failure::Database(DbError::Busy)) };
        let result = result.and_then(|value| {
            if !ticket.moves(BEGUN, COMMITTING) {
                return Err(Failure::Database(DbError::Busy));
            }
            conn.batch_execute("COMMIT").map(|()| value).map_err(commit_failure)
        });
        let failure = match result {
            Ok(value) => return Ok(value),
            Err(failure) => failure,
        };
        if conn.batch_execute("ROLLBACK").is_err() {
            slot.drop_if_broken();
        }
        if !matches!(failure, Failure::Database(DbError::Conflict)) || attempt == WRITE_ATTEMPTS {
            return Err(failure);
        }
        // A commit that was refused has not happened: the request may give up again. One that gave up stays so.
        waits = ticket.moves(COMMITTING, BEGUN) || !ticket.is_abandoned();
        std::thread::sleep(Duration::from_millis(u64::from(attempt * attempt)));
        attempt += 1;
        begin(slot)?;
    }
}

/// A connection that breaks during COMMIT, or a disk that fails, leaves open whether the transaction was committed. A full disk
/// does not: what had no place is not there.
pub(super) fn commit_failure(error: QueryError) -> Failure {
    match DbError::from(error) {
        DbError::Unreachable(why) if !why.contains("disk is full") => {
            Failure::Database(DbError::OutcomeUnknown(why))
        }
        other => Failure::Database(other),
    }
}

/// Begins a transaction; on a fresh connection if the old one died meanwhile, since nothing can have happened yet.
pub(super) fn begin(slot: &mut Slot) -> Result<(), DbError> {
    fn begin_on(conn: &mut Conn) -> Result<(), DbError> {
        let statement = match conn {
            Conn::Postgres(_) => "BEGIN",
            Conn::Sqlite(_) => "BEGIN IMMEDIATE",
        };
        Ok(conn.batch_execute(statement)?)
    }
    match begin_on(slot.connection()?) {
        Err(_) if slot.drop_if_broken() => begin_on(slot.connection()?),
        result => result,
    }
}
