//! The only file that knows that there are two databases.
//!
//! Use cases and queries are synchronous functions over a [`Conn`]; [`Db::read`] and [`Db::write`] run them on threads of
//! their own, each of which keeps one connection. There is no pool to wait in: a job waits in one queue, a full queue is
//! refused at once ([`DbError::Busy`]), and a broken connection is replaced by the thread that owns it.
//!
//! SQLite has one writing thread, since it has one writer anyway, and several readers. Reads run outside a transaction.
//! A write runs in one and is tried again when PostgreSQL reports a deadlock or a serialisation failure; on SQLite, those that
//! wait share one (`db/shared.rs`).

use std::os::unix::fs::OpenOptionsExt;
use std::sync::Arc;
use std::time::Instant;

use crossbeam_channel::Sender;
use diesel::connection::SimpleConnection;
use diesel::migration::MigrationVersion;
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use tokio::sync::broadcast;
use tracing::Instrument;

use self::at_hand::AtHand;
pub use self::error::DbError;
use self::keeper::Keeper;
use self::pipeline::Pipeline;
pub(crate) use self::question::answer;
pub use self::question::{Answer, Columns, Question, Value};
use self::shared::{run_shared, start_writer};
use self::teller::Teller;
use self::watch::Watch;
pub use self::watch::{Changes, Heard, Topic};
pub use self::worker::check_wanted;
use self::worker::{Job, Patience, Reply, Slot, Ticket, run_read, run_write, start_threads, submit};
use crate::domain::Failure;
use crate::telemetry::TRACE;

mod at_hand;
mod dialect;
mod error;
mod keeper;
mod pipeline;
mod question;
mod ready;
mod shared;
pub mod snapshot;
mod teller;
mod watch;
mod worker;

const SQLITE_MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");
const POSTGRES_MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

mod connection {
    use diesel::{PgConnection, SqliteConnection};

    /// A connection to either database. Queries are written once, for both.
    #[derive(diesel::MultiConnection)]
    pub enum Conn {
        /// PostgreSQL.
        Postgres(PgConnection),
        /// SQLite.
        Sqlite(SqliteConnection),
    }
}
pub use connection::Conn;

/// How a connection to PostgreSQL begins. Every question of ours reaches its rows by keys, a few or a page at a time. The
/// planner, which sees no parameters in a plan that is kept, would rather read whole tables to join them. Nor is a table that
/// is small now a reason to read all of it: the plan is kept while it grows, and asks for the table's size each time. Plans are
/// kept from the first use on, as planning takes longer than most questions.
///
/// The server gives us up as soon as we do it: what a transaction has locked is not to stay so for a process that is not heard of
/// any more.
const POSTGRES_SESSION: &str = "SET TIME ZONE 'UTC'; SET statement_timeout = '10s'; SET lock_timeout = '9s'; \
     SET idle_in_transaction_session_timeout = '15s'; \
     SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3; \
     SET random_page_cost = 1.1; SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_seqscan = off; SET jit = off; \
     SET plan_cache_mode = force_generic_plan; SET portal.tell = 'later'";

/// Where the database is.
#[derive(Debug, Clone)]
enum Address {
    Sqlite(String),
    Postgres(String),
}

impl Address {
    fn parse(url: &str) -> Result<Self, DbError> {
        if let Some(path) = url.strip_prefix("sqlite://") {
            return Ok(Self::Sqlite(path.to_owned()));
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url.to_owned()));
        }
        Err(DbError::UnknownScheme)
    }

    fn connect(&self) -> Result<Conn, DbError> {
        self.connect_waiting(9_000)
    }

    /// Connects; on SQLite, statements wait for so many milliseconds while somebody else has locked the database.
    fn connect_waiting(&self, busy_millis: u32) -> Result<Conn, DbError> {
        let unreachable = |error: ConnectionError| DbError::Unreachable(error.to_string());
        match self {
            Self::Sqlite(path) => {
                make_private(path)?;
                let mut conn = SqliteConnection::establish(path).map_err(unreachable)?;
                // busy_timeout first: switching to WAL needs the lock.
                conn.batch_execute(&format!(
                    "PRAGMA busy_timeout = {busy_millis}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                     PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA journal_size_limit = 67108864;",
                ))?;
                Ok(Conn::Sqlite(conn))
            }
            Self::Postgres(url) => {
                let url = with_limits(url);
                let mut conn = PgConnection::establish(&url).map_err(unreachable)?;
                // What is answered as done is on the disk, whatever the server's default; a stricter one stays.
                conn.batch_execute(
                    "SELECT set_config('synchronous_commit', 'on', false) \
                     WHERE current_setting('synchronous_commit') = 'off'",
                )?;
                conn.batch_execute(POSTGRES_SESSION)?;
                Ok(Conn::Postgres(conn))
            }
        }
    }
}

/// A new database is for our own eyes; SQLite gives its other files the same mode.
fn make_private(path: &str) -> Result<(), DbError> {
    match std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            Err(DbError::Unreachable(format!("{path}: {error}")))
        }
        _ => Ok(()),
    }
}

/// Without limits of our own, a connection attempt to a host that does not answer takes minutes, and hours pass until a
/// connection is given up whose other end has vanished. And without a ticket of Kerberos in reach, looking for one before each
/// connection is for nothing; it also ends the process by an assertion where that exits meanwhile, as its library cleans up behind
/// the back of other threads. What the URL says itself is left so.
fn with_limits(url: &str) -> String {
    let mut url = url.to_owned();
    for (name, value) in [
        ("connect_timeout", "2"),
        ("tcp_user_timeout", "5000"),
        ("keepalives_idle", "5"),
        ("keepalives_interval", "2"),
        ("keepalives_count", "3"),
        ("gssencmode", "disable"),
    ] {
        let query = url.split_once('?').map(|(_, query)| query);
        let said =
            query.is_some_and(|query| query.split('&').any(|pair| pair.split('=').next() == Some(name)));
        if !said {
            url.push(if query.is_some() { '&' } else { '?' });
            url.push_str(&format!("{name}={value}"));
        }
    }
    url
}

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    readers: Sender<Job>,
    writers: Sender<Job>,
    at_hand: Option<AtHand>,
    pipeline: Option<Pipeline>,
    teller: Option<Teller>,
    address: Arc<Address>,
    watch: Watch,
}

impl Db {
    /// Starts the threads. The connections are made by the first jobs, so this succeeds while the database is away.
    ///
    /// # Errors
    /// [`DbError::UnknownScheme`].
    pub fn open(url: &str, connections: usize) -> Result<Self, DbError> {
        let address = Address::parse(url)?;
        let connections = connections.max(2);
        let mut keeper = Keeper::new();
        let watch = Watch::start(&mut keeper, &address);
        let address = Arc::new(address);
        Ok(match &*address {
            // A file does not fall silent; and who waits for its lock in vain would only be followed by one more who does.
            Address::Sqlite(_) => {
                let readers = start_threads(&mut keeper, &address, "db-read", connections - 1);
                let writers = start_writer(&mut keeper, &address);
                let at_hand = Some(AtHand::new(&address, connections - 1));
                Self { readers, writers, at_hand, pipeline: None, teller: None, address, watch }
            }
            Address::Postgres(url) => {
                let both = start_threads(&mut keeper, &address, "db", connections);
                let pipeline = Pipeline::new(url, keeper.given_up());
                let teller = Some(Teller::start(&mut keeper, &address));
                keeper.watch();
                Self { readers: both.clone(), writers: both, at_hand: None, pipeline, teller, address, watch }
            }
        })
    }

    /// Runs a query, or several that need not see the same moment.
    ///
    /// # Errors
    /// What `job` fails with, [`DbError::Busy`] or [`DbError::Unreachable`].
    pub async fn read<T, F>(&self, job: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: Fn(&mut Conn) -> Result<T, Failure> + Send + 'static,
    {
        let work = move |slot: &mut Slot, reply: Reply<T>| {
            reply.send(run_read(slot, &job));
            None
        };
        submit(&self.readers, Patience::READ, Ticket::default(), work).await
    }

    /// Asks a question by keys, which takes microseconds. On SQLite the thread that asks answers it itself, unless others
    /// wait already; on PostgreSQL it goes out over the thread's own connection and no thread waits for it. Where neither can
    /// be, it is a [`Db::read`].
    ///
    /// # Errors
    /// [`DbError::Busy`] or [`DbError::Unreachable`].
    pub async fn ask<A: Answer>(&self, question: Question) -> Result<Option<A>, Failure> {
        let begun = Instant::now();
        if let Some(pipeline) = &self.pipeline
            && let Some(answer) = pipeline.ask(&question).instrument(question_span()).await
        {
            note_question(begun);
            return answer;
        }
        self.look(move |conn| question.ask(conn)).await
    }

    /// Reads something that takes less than a millisecond, such as a page by an index: on SQLite on the thread that asks. For
    /// whatever may take longer, there is [`Db::read`].
    ///
    /// # Errors
    /// What `job` fails with, [`DbError::Busy`] or [`DbError::Unreachable`].
    pub async fn look<T, F>(&self, job: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: Fn(&mut Conn) -> Result<T, Failure> + Send + 'static,
    {
        let begun = Instant::now();
        if let Some(at_hand) = self.at_hand.as_ref().filter(|_| self.readers.is_empty())
            && let Some(answer) = question_span().in_scope(|| at_hand.ask(&job))
        {
            note_question(begun);
            return answer;
        }
        self.read(job).await
    }

    /// Runs a use case in one transaction: everything it did is durable when this answers `Ok`, nothing when it does not.
    ///
    /// # Errors
    /// What `job` fails with, [`DbError::Busy`] or [`DbError::Unreachable`].
    pub async fn write<T, F>(&self, job: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: Fn(&mut Conn) -> Result<T, Failure> + Send + 'static,
    {
        let ticket = Ticket::default();
        let running = ticket.clone();
        let done = match *self.address {
            Address::Sqlite(_) => {
                let work = move |slot: &mut Slot, reply| run_shared(slot, &running, &job, reply);
                submit(&self.writers, Patience::LAST_IN_LINE, ticket, work).await
            }
            Address::Postgres(_) => {
                let work = move |slot: &mut Slot, reply: Reply<T>| {
                    reply.send(run_write(slot, &running, &job));
                    None
                };
                submit(&self.writers, Patience::WRITE, ticket, work).await
            }
        };
        // Whatever came of it: an answer that was given up may be of a change that was made.
        if let Some(teller) = &self.teller {
            teller.wake();
        }
        done
    }

    /// Begins to listen to what changes, whichever process changes it. What is committed after the answer will be heard, or
    /// a gap will. What is heard is a hint to look, never a right to say it.
    ///
    /// # Errors
    /// [`DbError::Unreachable`].
    pub async fn listen(&self) -> Result<broadcast::Receiver<Heard>, Failure> {
        Ok(self.watch.listen().await?)
    }

    /// How many jobs wait, for the metrics.
    pub fn queued(&self) -> usize {
        if self.readers.same_channel(&self.writers) {
            self.readers.len()
        } else {
            self.readers.len() + self.writers.len()
        }
    }

    /// Brings the schema up to date. Safe to run from several processes at once.
    ///
    /// # Errors
    /// [`DbError::Unreachable`] or [`DbError::Migration`].
    pub fn migrate(&self) -> Result<Vec<String>, DbError> {
        match self.address.connect()? {
            Conn::Postgres(mut conn) => {
                // One process migrates, the others wait and then find nothing to do.
                conn.batch_execute("SELECT pg_advisory_lock(7310010100)")?;
                let done = run_migrations(&mut conn, POSTGRES_MIGRATIONS);
                conn.batch_execute("SELECT pg_advisory_unlock(7310010100)")?;
                done
            }
            Conn::Sqlite(mut conn) => {
                // Two processes may start on one new file: who loses finds the tables made and looks again.
                let first = run_migrations(&mut conn, SQLITE_MIGRATIONS);
                if first.is_ok() { first } else { run_migrations(&mut conn, SQLITE_MIGRATIONS) }
            }
        }
    }
}

/// What a question is in a trace, as other work for the database is in `worker.rs`.
fn question_span() -> tracing::Span {
    tracing::debug_span!(target: TRACE, "database", kind = "question")
}

fn note_question(begun: Instant) {
    metrics::histogram!("portal_database_run_seconds", "kind" => "question").record(begun.elapsed());
}

fn run_migrations<DB, C>(conn: &mut C, migrations: EmbeddedMigrations) -> Result<Vec<String>, DbError>
where
    DB: diesel::backend::Backend,
    C: MigrationHarness<DB>,
{
    let done: Vec<MigrationVersion<'_>> =
        conn.run_pending_migrations(migrations).map_err(|error| DbError::Migration(error.to_string()))?;
    Ok(done.iter().map(ToString::to_string).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_url_is_more_than_unknown(text in any::<String>(), query in "[a-z_=&?0-9]{0,40}") {
            for url in [
                text.clone(),
                format!("postgres://{text}"),
                format!("postgresql://me@db/{text}?{query}"),
                format!("sqlite://{text}"),
            ] {
                match Address::parse(&url) {
                    Ok(Address::Sqlite(path)) => prop_assert_eq!(format!("sqlite://{path}"), url),
                    Ok(Address::Postgres(url)) => {
                        let limited = with_limits(&url);
                        prop_assert!(limited.starts_with(&url));
                        prop_assert_eq!(with_limits(&limited), limited.as_str());
                        let _ = Pipeline::new(&url, Arc::default());
                    }
                    Err(_) => prop_assert!(!url.starts_with("postgres://") && !url.starts_with("sqlite://")),
                }
            }
        }
    }

    #[test]
    fn a_url_keeps_what_it_says_and_gets_limits_for_the_rest() {
        let limits = "connect_timeout=2&tcp_user_timeout=5000&keepalives_idle=5&keepalives_interval=2&keepalives_count=3\
                      &gssencmode=disable";
        assert_eq!(with_limits("postgres://db/portal"), format!("postgres://db/portal?{limits}"));
        let own = "postgres://db/portal?keepalives_idle=60&sslmode=disable";
        let rest = limits.replace("keepalives_idle=5&", "");
        assert_eq!(with_limits(own), format!("{own}&{rest}"));
        let own = format!("postgres://db/portal?{limits}");
        assert_eq!(with_limits(&own), own);
    }
}
