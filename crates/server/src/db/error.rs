//! Why the database did not do what it was asked.

use diesel::result::{DatabaseErrorKind, Error as QueryError};

use crate::domain::Failure;

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
    /// The connection or the disk failed during the commit: it may or may not have happened.
    #[error("a transaction was being committed: {0}")]
    OutcomeUnknown(String),
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
        let message = info.message().to_owned();
        let lower = message.to_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
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
