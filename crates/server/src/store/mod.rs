//! Queries: one statement a function; first the connection, then a scope. diesel appears only here and in `db.rs`.

pub mod access;
pub mod accounts;
pub mod activity;
pub mod api_keys;
pub mod assignments;
pub mod blocks;
pub mod connections;
pub mod deliveries;
pub mod directory;
pub mod employees;
pub mod firms;
pub mod idempotency;
pub mod invitations;
pub mod keys_in_use;
pub mod members;
pub mod operator_keys;
pub mod outbox;
pub mod pairs;
pub mod password_resets;
pub mod rate_limits;
pub mod registrations;
pub mod retention;
pub mod revoked_tokens;
pub mod sessions;
pub mod users;
pub mod ways;
pub mod webhooks;

use crate::domain::Outcome;

/// Reads a stored text as its type. What does not parse was not written by us: an error, not an absence.
fn parse<T>(text: &str) -> Outcome<T>
where
    T: std::str::FromStr<Err = portal_api_types::InvalidValue>,
{
    text.parse().map_err(|error| {
        diesel::result::Error::DeserializationError(Box::<portal_api_types::InvalidValue>::new(error)).into()
    })
}

/// Those rows of a boxed query whose column is one of these. One alone, which is what most requests name, is asked for by a
/// statement that is kept; SQLite has none that fits every number of values, and plans each list anew.
macro_rules! among {
    ($query:expr, $column:expr, $values:expr) => {
        match &$values[..] {
            [one] => $query.filter($column.eq(*one)),
            many => $query.filter($column.eq_any(many.to_vec())),
        }
    };
}
use among;

/// A page's size for `LIMIT`.
fn rows(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// Rows for a statement to read by `json_each`, which both databases have for objects: each row by its number.
fn json_rows<T: serde::Serialize>(rows: &[T]) -> Outcome<String> {
    struct Numbered<'a, T>(&'a [T]);
    impl<T: serde::Serialize> serde::Serialize for Numbered<'_, T> {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_map(self.0.iter().enumerate())
        }
    }
    serde_json::to_string(&Numbered(rows))
        .map_err(|error| diesel::result::Error::SerializationError(Box::new(error)).into())
}

/// A `LIKE` pattern that finds `text` anywhere, with `\` as the escape character.
fn contains(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}

/// Where a page starts: behind the row with this sort key and id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct After<K> {
    /// The last row's sort key.
    pub key: K,
    /// The last row's id.
    pub id: String,
}
