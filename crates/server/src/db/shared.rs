//! Writes that wait share a transaction, and so a wait for the disk (SQLite).
//!
//! SQLite has one writer. Were each write a transaction of its own, it would wait for the disk as often as there are writes,
//! one after the other. So whatever has come while the disk was waited for is done in one transaction: each write in a
//! savepoint, which is undone when it fails, and they are answered when all of them are on the disk. To each write it is as if
//! it were alone: what it sees is what was committed before it, or will be together with it.
//!
//! `BEGIN IMMEDIATE`: who reads first and then writes must not fail halfway because somebody else has written meanwhile.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};
use diesel::connection::SimpleConnection;

use super::keeper::Keeper;
use super::worker::{
    BEGUN, COMMITTING, Finish, Job, QUEUED_PER_THREAD, Reply, Slot, Ticket, WAITING, begin, commit_failure,
};
use super::{Address, Conn, DbError};
use crate::domain::Failure;

/// How many writes share a transaction at most.
const MOST: usize = 64;
/// After so long, no more join: those who were there first wait for their answer.
const LONGEST: Duration = Duration::from_millis(if cfg!(test) { 300 } else { 10 });

/// How far the transaction of a thread is.
#[derive(Default)]
pub(super) enum Shared {
    /// There is none.
    #[default]
    Closed,
    /// It is open.
    Open,
    /// It was lost, with all that was done in it, and why.
    Lost(String),
}

/// What has become of a transaction.
pub(super) struct Ended {
    /// Why it was not committed, if it was not.
    failure: Option<DbError>,
    /// Each write's share of the time that the commit took.
    share: Duration,
}

/// Starts the thread that writes.
pub(super) fn start_writer(keeper: &mut Keeper, address: &Address) -> Sender<Job> {
    let (sender, receiver) = bounded::<Job>(QUEUED_PER_THREAD);
    let address = address.clone();
    keeper.start_thread("db-write-0", move |pulse| {
        let mut slot = Slot::new(&address, pulse, None);
        for job in &receiver {
            write_together(&mut slot, job, &receiver);
        }
    });
    sender
}

fn write_together(slot: &mut Slot, first: Job, jobs: &Receiver<Job>) {
    let begun = Instant::now();
    let (mut next, mut finishes) = (Some(first), Vec::<Finish>::new());
    while let Some(job) = next {
        match catch_unwind(AssertUnwindSafe(|| job(slot))) {
            Ok(finish) => finishes.extend(finish),
            // A bug. The panic hook has logged it, and the waiting request learns of it by its closed channel.
            Err(_) => {
                slot.drop_connection();
                slot.shared = Shared::Lost("another piece of work has panicked".to_owned());
            }
        }
        let room =
            finishes.len() < MOST && begun.elapsed() < LONGEST && !matches!(slot.shared, Shared::Lost(_));
        next = if room { jobs.try_recv().ok() } else { None };
    }
    let committing = Instant::now();
    let failure = end(slot).err();
    let share = committing.elapsed() / u32::try_from(finishes.len().max(1)).unwrap_or(u32::MAX);
    let ended = Ended { failure, share };
    for finish in finishes {
        finish(&ended);
    }
}

fn end(slot: &mut Slot) -> Result<(), DbError> {
    let ended = match std::mem::take(&mut slot.shared) {
        Shared::Closed => return Ok(()),
        Shared::Open => {
            slot.connection()?.batch_execute("COMMIT").map_err(|error| match commit_failure(error) {
                Failure::Database(failure) => failure,
                _ => DbError::Busy,
            })
        }
        Shared::Lost(why) => Err(DbError::Unreachable(why)),
    };
    if ended.is_err() {
        // SQLite has undone it already where it could not go on.
        let _ = slot.connection().map(|conn| conn.batch_execute("ROLLBACK"));
        slot.drop_if_broken();
    }
    ended
}

/// Does a piece of work in the transaction that is open, or in a new one; it is answered when that is committed.
pub(super) fn run_shared<T: 'static>(
    slot: &mut Slot,
    ticket: &Ticket,
    job: &dyn Fn(&mut Conn) -> Result<T, Failure>,
    reply: Reply<T>,
) -> Option<Finish> {
    if matches!(slot.shared, Shared::Closed) {
        if let Err(error) = begin(slot) {
            reply.send(Err(error.into()));
            return None;
        }
        slot.shared = Shared::Open;
    }
    let done = in_savepoint(slot, ticket, job);
    let took = reply.elapsed();
    Some(Box::new(move |ended| {
        let done = match (&ended.failure, done) {
            (None, done) => done,
            (Some(DbError::OutcomeUnknown(why)), Ok(_)) => {
                Err(Failure::Database(DbError::OutcomeUnknown(why.clone())))
            }
            // What the database itself did not do.
            (Some(_), Err(failure @ Failure::Database(_))) => Err(failure),
            // What was found may have been found in what is not there now.
            (Some(why), _) => Err(Failure::Database(DbError::Unreachable(why.to_string()))),
        };
        reply.send_after(took + ended.share, done);
    }))
}

fn in_savepoint<T>(
    slot: &mut Slot,
    ticket: &Ticket,
    job: &dyn Fn(&mut Conn) -> Result<T, Failure>,
) -> Result<T, Failure> {
    if !ticket.moves(WAITING, BEGUN) {
        return Err(Failure::Database(DbError::Busy));
    }
    let conn = slot.connection()?;
    conn.batch_execute("SAVEPOINT piece")?;
    let done = ticket.during(|| job(conn)).and_then(|value| {
        if ticket.moves(BEGUN, COMMITTING) { Ok(value) } else { Err(Failure::Database(DbError::Busy)) }
    });
    let end = if done.is_ok() { "RELEASE piece" } else { "ROLLBACK TO piece; RELEASE piece" };
    if let Err(error) = conn.batch_execute(end) {
        // Without the savepoint the transaction is not there either: SQLite undoes all of it when a disk is full or fails.
        slot.shared = Shared::Lost(error.to_string());
        return done.and(Err(error.into()));
    }
    done
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::mpsc::{Receiver, Sender, channel};

    use diesel::prelude::*;
    use diesel::sql_types::BigInt;

    use super::*;
    use crate::db::Db;

    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }

    fn count(conn: &mut Conn) -> Result<i64, Failure> {
        let count: Count = diesel::sql_query("SELECT COUNT(*) AS count FROM numbers").get_result(conn)?;
        Ok(count.count)
    }

    fn insert(number: i64) -> impl Fn(&mut Conn) -> Result<i64, Failure> + Send + 'static {
        move |conn| {
            diesel::sql_query("INSERT INTO numbers VALUES ($1)").bind::<BigInt, _>(number).execute(conn)?;
            count(conn)
        }
    }

    async fn database() -> (tempfile::TempDir, Db) {
        let directory = tempfile::tempdir().unwrap();
        let db = Db::open(&format!("sqlite://{}/some.db", directory.path().display()), 2).unwrap();
        let create =
            |conn: &mut Conn| Ok(conn.batch_execute("CREATE TABLE numbers (number INTEGER PRIMARY KEY)")?);
        db.write(create).await.unwrap();
        (directory, db)
    }

    /// A write that says that it has begun, and goes on when it is told to.
    fn gate(
        begun: Sender<()>,
        go: Receiver<()>,
    ) -> impl Fn(&mut Conn) -> Result<(), Failure> + Send + 'static {
        let go = Mutex::new(go);
        move |_| {
            begun.send(()).unwrap();
            go.lock().unwrap().recv().unwrap();
            Ok(())
        }
    }

    /// Keeps the thread at work until there has been time to queue up.
    async fn held<T>(db: &Db, queued: impl Future<Output = T>) -> T {
        let ((begun, has_begun), (go, goes)) = (channel(), channel());
        let (held, other) = (db.clone(), gate(begun, goes));
        let held = tokio::spawn(async move { held.write(other).await });
        tokio::task::spawn_blocking(move || has_begun.recv().unwrap()).await.unwrap();
        let release = async move {
            tokio::time::sleep(LONGEST * 2).await;
            go.send(()).unwrap();
        };
        let (done, ()) = tokio::join!(queued, release);
        held.await.unwrap().unwrap();
        done
    }

    #[tokio::test]
    async fn writes_that_wait_share_a_transaction_and_each_is_undone_by_itself() {
        let (_directory, db) = database().await;
        let ((begun, has_begun), (go, goes)) = (channel(), channel());
        let looking = async {
            tokio::task::spawn_blocking(move || has_begun.recv().unwrap()).await.unwrap();
            let seen = db.read(count).await.unwrap();
            go.send(()).unwrap();
            seen
        };
        let refused = |conn: &mut Conn| {
            insert(2)(conn)?;
            insert(1)(conn)
        };
        let queued = async {
            tokio::join!(
                db.write(insert(1)),
                db.write(refused),
                db.write(insert(3)),
                db.write(gate(begun, goes)),
                looking
            )
        };
        let (first, second, third, last, seen) = held(&db, queued).await;
        assert_eq!(first.unwrap(), 1);
        assert!(matches!(second, Err(Failure::Database(error)) if error.is_duplicate()));
        assert_eq!(third.unwrap(), 2, "the second is not there any more");
        last.unwrap();
        assert_eq!(seen, 0, "all of them are committed together");
        assert_eq!(db.read(count).await.unwrap(), 2);
    }

    /// This write, between two others in one transaction.
    async fn amid<F>(break_it: F) -> [Result<i64, Failure>; 3]
    where
        F: Fn(&mut Conn) -> Result<i64, Failure> + Send + 'static,
    {
        let (_directory, db) = database().await;
        let queued = async { tokio::join!(db.write(insert(1)), db.write(break_it), db.write(insert(3))) };
        let (before, broken, after) = held(&db, queued).await;
        let there = i64::from(before.is_ok()) + i64::from(after.is_ok());
        assert_eq!(db.read(count).await.unwrap(), there, "as was answered");
        [before, broken, after]
    }

    #[tokio::test]
    async fn a_transaction_that_is_lost_is_lost_to_all_who_share_it() {
        // As SQLite does by itself when the disk is full.
        let [before, lost, after] = amid(|conn| {
            conn.batch_execute("ROLLBACK")?;
            Ok(0)
        })
        .await;
        let away = |done| matches!(done, Err(Failure::Database(DbError::Unreachable(_))));
        assert!(away(before));
        assert!(lost.is_err());
        after.expect("a new transaction");
    }

    #[tokio::test]
    async fn a_panic_loses_no_more_than_its_transaction() {
        let [before, panicked, after] = amid(|_| panic!("on purpose")).await;
        assert!(matches!(before, Err(Failure::Database(DbError::Unreachable(_)))));
        assert!(matches!(panicked, Err(Failure::Panicked)));
        after.expect("a new connection");
    }
}
