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

use std::str::FromStr;

use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use portal_api_types::{InvalidValue, Name};

use crate::auth::scope::FirmScope;
use crate::db::{Conn, Question};
use crate::domain::Outcome;

/// Reads a stored text as its type. What does not parse was not written by us: an error, not an absence.
fn parse<T>(text: &str) -> Outcome<T>
where
    T: FromStr<Err = InvalidValue>,
{
    text.parse()
        .map_err(|error| diesel::result::Error::DeserializationError(Box::<InvalidValue>::new(error)).into())
}

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

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Nullable<Text>)]
    name: Option<String>,
}

/// Those of these ids that have a name in the firm, each with it. `look_up` asks for the name in the firm `$1` of the one id
/// `p.value ->> 0`: by its key, as no database can choose another way here. With a condition on all ids at once, PostgreSQL,
/// which plans for firms of the usual size, reads all of a large one and compares each row with each id.
fn named<T>(conn: &mut Conn, firm: &FirmScope, ids: &[T], look_up: &str) -> Outcome<Vec<(T, Name)>>
where
    T: serde::Serialize + FromStr<Err = InvalidValue>,
{
    let rows: Vec<[&T; 1]> = ids.iter().map(|id| [id]).collect();
    let question =
        Question::new(format!("SELECT p.value ->> 0 AS id, ({look_up}) AS name FROM json_each($2) p"));
    let found: Vec<Named> = question.text(firm.id().as_str()).text(json_rows(&rows)?).load(conn)?;
    found
        .into_iter()
        .filter_map(|Named { id, name }| Some((id, name?)))
        .map(|(id, name)| Ok((parse(&id)?, parse(&name)?)))
        .collect()
}

/// Whether there is a row; the question selects its `id`.
fn is_there(conn: &mut Conn, question: &Question) -> Outcome<bool> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        #[expect(dead_code, reason = "that it is there says all")]
        id: String,
    }
    Ok(question.ask::<Row>(conn)?.is_some())
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
