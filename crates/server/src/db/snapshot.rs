//! Copies of an SQLite database: taken while others write to it, examined, and put in its place.

use std::fs;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource};
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::sqlite::Sqlite;
use diesel_migrations::MigrationHarness;

use super::{Address, DbError, SQLITE_MIGRATIONS};

/// Why a copy was not taken, or is not to be used.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// A file.
    #[error("{path}: {error}", path = .path.display())]
    File {
        /// Where.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// Somebody has it open.
    #[error("{path} is in use: stop every portal on it first", path = .0.display())]
    InUse(PathBuf),
    /// What SQLite finds wrong with it.
    #[error("{path} is damaged: {what}", path = .path.display())]
    Damaged {
        /// Where.
        path: PathBuf,
        /// The first thing that SQLite said.
        what: String,
    },
    /// A database, but of something else.
    #[error("{path} is not a portal's database", path = .0.display())]
    NotOurs(PathBuf),
    /// This program does not know all its migrations.
    #[error(
        "{path} was written by a newer portal (its migration {migration} is not known here): use that portal's program",
        path = .path.display()
    )]
    Newer {
        /// Where.
        path: PathBuf,
        /// The migration.
        migration: String,
    },
    /// SQLite.
    #[error("{path}: {error}", path = .path.display())]
    Sqlite {
        /// Where.
        path: PathBuf,
        /// What it said.
        error: DbError,
    },
}

/// The file of an SQLite database; none where the database is PostgreSQL.
///
/// # Errors
/// [`DbError::UnknownScheme`].
pub fn sqlite_file(database_url: &str) -> Result<Option<PathBuf>, DbError> {
    match Address::parse(database_url)? {
        Address::Sqlite(path) => Ok(Some(PathBuf::from(path))),
        Address::Postgres(_) => Ok(None),
    }
}

/// What an error of the system is called, where it is about this file.
pub fn at(path: &Path) -> impl FnOnce(io::Error) -> SnapshotError {
    move |error| SnapshotError::File { path: path.to_owned(), error }
}

fn sqlite(path: &Path) -> impl Fn(diesel::result::Error) -> SnapshotError {
    move |error| SnapshotError::Sqlite { path: path.to_owned(), error: error.into() }
}

fn open(path: &Path) -> Result<SqliteConnection, SnapshotError> {
    // SQLite would make a file where there is none.
    fs::metadata(path).map_err(at(path))?;
    SqliteConnection::establish(&path.to_string_lossy()).map_err(|error| SnapshotError::Sqlite {
        path: path.to_owned(),
        error: DbError::Unreachable(error.to_string()),
    })
}

/// Writes what the database is at this moment to a new file that only we may read, and to the disk. Nobody waits for it:
/// readers and writers go on.
///
/// # Errors
/// What is in the way.
pub fn take(from: &Path, to: &Path) -> Result<(), SnapshotError> {
    let mut conn = open(from)?;
    conn.batch_execute("PRAGMA busy_timeout = 9000; PRAGMA trusted_schema = OFF").map_err(sqlite(from))?;
    // SQLite takes a file that is there only if it is empty; so it has our mode from its first byte.
    let file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(to).map_err(at(to))?;
    let into = diesel::sql_query("VACUUM INTO ?").bind::<Text, _>(to.to_string_lossy());
    into.execute(&mut conn).map_err(sqlite(from))?;
    file.sync_all().map_err(at(to))
}

#[derive(QueryableByName)]
struct Finding {
    #[diesel(sql_type = Text)]
    finding: String,
}

/// Reads all of a copy that nobody else has open: whether it is whole, a portal's, and none that this program is too old
/// for.
///
/// # Errors
/// The first thing that is wrong.
pub fn examine(path: &Path) -> Result<(), SnapshotError> {
    let mut conn = open(path)?;
    // SQLite heads its list with the database's name, and has several lines to say.
    let damaged = |what: String| {
        let what = what.lines().find(|line| !line.starts_with("***")).unwrap_or(&what).to_owned();
        SnapshotError::Damaged { path: path.to_owned(), what }
    };
    let checks = [
        "SELECT integrity_check AS finding FROM pragma_integrity_check LIMIT 1",
        "SELECT 'a row of ' || \"table\" || ' points at nothing in ' || parent AS finding \
         FROM pragma_foreign_key_check LIMIT 1",
    ];
    for check in checks {
        let found = diesel::sql_query(check).load::<Finding>(&mut conn);
        let found = found.map_err(|error| damaged(error.to_string()))?;
        if let Some(finding) = found.into_iter().map(|row| row.finding).find(|finding| finding != "ok") {
            return Err(damaged(finding));
        }
    }
    let known: Vec<String> = MigrationSource::<Sqlite>::migrations(&SQLITE_MIGRATIONS)
        .map_err(|error| damaged(error.to_string()))?
        .iter()
        .map(|migration| migration.name().version().to_string())
        .collect();
    // Asked for the list, diesel would make the table.
    let ours = "SELECT name AS finding FROM sqlite_schema WHERE name = '__diesel_schema_migrations'";
    if diesel::sql_query(ours).load::<Finding>(&mut conn).map_err(sqlite(path))?.is_empty() {
        return Err(SnapshotError::NotOurs(path.to_owned()));
    }
    let run = conn.applied_migrations().map_err(|error| damaged(error.to_string()))?;
    let run: Vec<String> = run.iter().map(ToString::to_string).collect();
    if !known.first().is_some_and(|first| run.contains(first)) {
        return Err(SnapshotError::NotOurs(path.to_owned()));
    }
    match run.into_iter().find(|migration| !known.contains(migration)) {
        Some(migration) => Err(SnapshotError::Newer { path: path.to_owned(), migration }),
        None => Ok(()),
    }
}

/// A database that nobody else can open.
pub struct Held(Option<SqliteConnection>);

impl Held {
    /// Whether it can still be read as a database.
    pub fn is_readable(&self) -> bool {
        self.0.is_some()
    }
}

/// Keeps everybody from a database, and brings what is in its log into its one file.
///
/// # Errors
/// [`SnapshotError::InUse`]. What cannot be read as a database cannot be held either, but is in nobody's way.
pub fn hold(path: &Path) -> Result<Held, SnapshotError> {
    let mut conn = open(path)?;
    // Leaving WAL needs the file for itself: even an idle connection to it is in the way.
    let held = conn.batch_execute(
        "PRAGMA busy_timeout = 500; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE; \
         BEGIN EXCLUSIVE",
    );
    match held {
        Ok(()) => Ok(Held(Some(conn))),
        Err(error) if error.to_string().contains("locked") => Err(SnapshotError::InUse(path.to_owned())),
        Err(_) => Ok(Held(None)),
    }
}
