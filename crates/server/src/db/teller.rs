//! Tells of changes a moment after they were committed (PostgreSQL).
//!
//! Transactions that notify are committed one after the other, and so would share no wait for the disk. So they only write
//! what is to be told, and this thread sends it on, what has come together in one go. What a process that died has left is
//! found by the others, and what could not be sent stays there.

use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use diesel::connection::SimpleConnection;

use super::keeper::{Keeper, Pulse};
use super::{Address, Conn, Question};
use crate::domain::Failure;

/// How long is waited for more, once there is something.
const GATHERING: Duration = Duration::from_millis(20);
/// How often it is looked for what others have left.
const PERIOD: Duration = Duration::from_secs(1);
/// What is sent in one transaction.
const ROWS: usize = 1_000;

/// The thread, seen from those who have something to tell. It ends with the last of them.
#[derive(Clone)]
pub(super) struct Teller(Sender<()>);

impl Teller {
    /// Starts the thread, which connects when there is something to tell.
    pub(super) fn start(keeper: &mut Keeper, address: &Address) -> Self {
        let (sender, wants) = bounded(1);
        let address = address.clone();
        keeper.start_thread("db-tell", move |pulse| run(&address, &wants, pulse));
        Self(sender)
    }

    /// Something may have been written that is to be told.
    pub(super) fn wake(&self) {
        // Full: it is being woken already.
        let _ = self.0.try_send(());
    }
}

fn run(address: &Address, wants: &Receiver<()>, pulse: &Pulse) {
    // A process that never writes has nothing to tell, and needs no connection.
    if wants.recv().is_err() {
        return;
    }
    let mut conn = None;
    loop {
        std::thread::sleep(GATHERING);
        if let Err(error) = pulse.during(|| tell(address, &mut conn)) {
            tracing::debug!(%error, "changes could not be told; trying again");
            conn = None;
        }
        if pulse.is_replaced() {
            return;
        }
        if matches!(wants.recv_timeout(PERIOD), Err(RecvTimeoutError::Disconnected)) {
            return;
        }
    }
}

fn tell(address: &Address, conn: &mut Option<Conn>) -> Result<(), Failure> {
    let conn = match conn {
        Some(conn) => conn,
        empty => {
            let mut fresh = address.connect()?;
            // Told twice is no harm.
            fresh.batch_execute("SET synchronous_commit = off")?;
            empty.insert(fresh)
        }
    };
    let send = Question::new(format!(
        "WITH gone AS (DELETE FROM told WHERE id IN (SELECT id FROM told ORDER BY id LIMIT {ROWS} FOR UPDATE SKIP LOCKED) \
         RETURNING payload) SELECT pg_notify('portal_changes', payload) FROM gone"
    ));
    while send.execute(conn)? == ROWS {}
    Ok(())
}
