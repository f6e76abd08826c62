//! The only file that knows that there are two databases.
//!
//! Use cases and queries are synchronous functions over a [`Conn`]; [`Db::read`] and [`Db::write`] run them on threads of
//! their own, each of which keeps one connection. There is no pool to wait in: a job waits in one queue, a full queue is
//! refused at once ([`DbError::Busy`]), and a broken connection is replaced by the thread that owns it.
//!
//! SQLite has one writing thread, since it has one writer anyway, and several readers. Reads run outside a transaction;
//! a write runs in one (`BEGIN IMMEDIATE` on SQLite, so that a read-then-write never fails halfway), and is tried again when
//! PostgreSQL reports a deadlock or a serialisation failure.

use std::os::unix::fs::OpenOptionsExt;
use std::sync::Arc;

use crossbeam_channel::Sender;
use diesel::connection::SimpleConnection;
use diesel::migration::MigrationVersion;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as QueryError};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use tokio::sync::broadcast;

use self::watch::Watch;
pub use self::watch::{Changes, Heard, Topic};
use self::worker::{Job, Patience, Ticket, run_read, run_write, start_threads, submit};
use crate::domain::Failure;

mod ready;
pub mod snapshot;
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

impl Conn {
    /// What a query ends with that takes its rows until the transaction ends, so that nothing can begin to refer to them.
    /// SQLite has one writer, who needs no more.
    pub fn for_update(&self) -> &'static str {
        match self {
            Self::Postgres(_) => " FOR UPDATE",
            Self::Sqlite(_) => "",
        }
    }
}

/// Why a job was not done.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// More is waiting than can be done in time.
    #[error("the database has too much to do")]
    Busy,
    /// The database cannot be reached.
    #[error("the database cannot be reached: {0}")]
    Unreachable(String),
    /// Two transactions were in each other's way; the same again may succeed.
    #[error("the database asks to try again")]
    Conflict,
    /// The connection broke during the commit: it may or may not have happened.
    #[error("the connection broke while a transaction was being committed")]
    OutcomeUnknown,
    /// The database refused the statement.
    #[error(transparent)]
    Query(QueryError),
    /// The migrations failed.
    #[error("the database could not be migrated: {0}")]
    Migration(String),
    /// The address of the database is not one that we know.
    #[error("DATABASE_URL must start with sqlite:// or postgres://")]
    UnknownScheme,
}

impl From<QueryError> for DbError {
    fn from(error: QueryError) -> Self {
        let QueryError::DatabaseError(kind, info) = &error else { return Self::Query(error) };
        let message = info.message().to_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
        match kind {
            DatabaseErrorKind::SerializationFailure => Self::Conflict,
            DatabaseErrorKind::Unknown if says(&["deadlock detected"]) => Self::Conflict,
            DatabaseErrorKind::ClosedConnection
            | DatabaseErrorKind::UnableToSendCommand
            | DatabaseErrorKind::ReadOnlyTransaction => Self::Unreachable(message),
            // Neither library has a kind of its own for these. A file that is damaged does not mend by itself.
            DatabaseErrorKind::Unknown
                if !says(&["malformed"])
                    && says(&[
                        "connection",
                        "terminating",
                        "shutting down",
                        "starting up",
                        "recovery",
                        "timeout",
                        "is locked",
                        "disk",
                        "no space left",
                        "unable to open database file",
                        "readonly",
                        "read-only",
                    ]) =>
            {
                Self::Unreachable(message)
            }
            _ => Self::Query(error),
        }
    }
}

impl From<QueryError> for Failure {
    fn from(error: QueryError) -> Self {
        Self::Database(error.into())
    }
}

impl DbError {
    /// Whether the statement broke a rule of uniqueness: somebody else was there first.
    pub fn is_duplicate(&self) -> bool {
        matches!(self, Self::Query(QueryError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)))
    }

    /// Whether the statement points at something that is not there.
    pub fn is_dangling(&self) -> bool {
        matches!(self, Self::Query(QueryError::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, _)))
    }
}

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
        let unreachable = |error: ConnectionError| DbError::Unreachable(error.to_string());
        match self {
            Self::Sqlite(path) => {
                make_private(path)?;
                let mut conn = SqliteConnection::establish(path).map_err(unreachable)?;
                // busy_timeout first: switching to WAL needs the lock.
                conn.batch_execute(
                    "PRAGMA busy_timeout = 9000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                     PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA journal_size_limit = 67108864;",
                )?;
                Ok(Conn::Sqlite(conn))
            }
            Self::Postgres(url) => {
                let url = with_connect_timeout(url);
                let mut conn = PgConnection::establish(&url).map_err(unreachable)?;
                // What is answered as done is on the disk, whatever the server's default; a stricter one stays.
                conn.batch_execute(
                    "SELECT set_config('synchronous_commit', 'on', false) \
                     WHERE current_setting('synchronous_commit') = 'off'",
                )?;
                // Every question of ours reaches its rows by keys, a few or a page at a time. The planner, which sees no
                // parameters in a plan that is kept, would rather read whole tables to join them.
                conn.batch_execute(
                    "SET TIME ZONE 'UTC'; SET statement_timeout = '10s'; SET lock_timeout = '9s'; \
                     SET idle_in_transaction_session_timeout = '60s'; \
                     SET random_page_cost = 1.1; SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off",
                )?;
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

/// Without a limit of its own, a connection attempt to a host that does not answer takes minutes.
fn with_connect_timeout(url: &str) -> String {
    if url.contains("connect_timeout=") {
        return url.to_owned();
    }
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}connect_timeout=2&tcp_user_timeout=5000")
}

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    readers: Sender<Job>,
    writers: Sender<Job>,
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
        let watch = Watch::start(&address);
        let db = match &address {
            Address::Sqlite(_) => {
                let readers = start_threads(&address, "db-read", connections - 1);
                let writers = start_threads(&address, "db-write", 1);
                Self { readers, writers, address: Arc::new(address), watch }
            }
            Address::Postgres(_) => {
                let both = start_threads(&address, "db", connections);
                Self { readers: both.clone(), writers: both, address: Arc::new(address), watch }
            }
        };
        Ok(db)
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
        submit(&self.readers, Patience::READ, Ticket::default(), move |slot| run_read(slot, &job)).await
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
        let patience = match *self.address {
            Address::Sqlite(_) => Patience::LAST_IN_LINE,
            Address::Postgres(_) => Patience::WRITE,
        };
        submit(&self.writers, patience, ticket, move |slot| run_write(slot, &running, &job)).await
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
    use super::*;

    #[test]
    fn what_passes_by_itself_is_told_from_what_does_not() {
        for (message, passes) in [
            ("database is locked", true),
            ("database or disk is full", true),
            ("disk I/O error", true),
            ("attempt to write a readonly database", true),
            ("unable to open database file", true),
            ("could not extend file \"base/5/16384\": No space left on device", true),
            ("cannot execute INSERT in a read-only transaction", true),
            ("terminating connection due to administrator command", true),
            ("the database system is starting up", true),
            ("canceling statement due to lock timeout", true),
            ("database disk image is malformed", false),
            ("no such table: accounts", false),
            ("syntax error at or near \"SELEC\"", false),
        ] {
            let error = QueryError::DatabaseError(DatabaseErrorKind::Unknown, Box::new(message.to_owned()));
            assert_eq!(matches!(DbError::from(error), DbError::Unreachable(_)), passes, "{message}");
        }
    }
}
