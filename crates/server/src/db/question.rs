//! Questions: one statement that answers one row or none, asked in the same words of both databases, and on PostgreSQL by
//! whichever of two drivers is there.

use diesel::prelude::*;
use diesel::query_builder::BoxedSqlQuery;
use diesel::query_builder::SqlQuery;
use diesel::sql_types::{Text, Timestamp};

use super::Conn;
use crate::clock::Time;
use crate::domain::Failure;

type Backend = <Conn as diesel::Connection>::Backend;

/// What a statement is asked with.
#[derive(Debug, Clone)]
pub enum Value {
    /// A text.
    Text(String),
    /// A time.
    Time(Time),
}

/// A statement with its values. It names them `$1`, `$2` and so on in the order of their first appearance, which is how
/// SQLite counts them.
#[derive(Debug, Clone)]
pub struct Question {
    pub(super) sql: &'static str,
    pub(super) values: Vec<Value>,
}

impl Question {
    /// Asks this statement, without values so far.
    pub fn new(sql: &'static str) -> Self {
        Self { sql, values: Vec::with_capacity(5) }
    }

    /// With this text as the next value.
    pub fn text(mut self, text: &str) -> Self {
        self.values.push(Value::Text(text.to_owned()));
        self
    }

    /// With this time as the next value.
    pub fn time(mut self, time: Time) -> Self {
        self.values.push(Value::Time(time));
        self
    }

    /// Asks, on a connection that is at hand.
    ///
    /// # Errors
    /// What the database says.
    pub fn ask<A: Answer>(&self, conn: &mut Conn) -> Result<Option<A>, Failure> {
        let query: BoxedSqlQuery<'_, Backend, SqlQuery> = diesel::sql_query(self.sql).into_boxed();
        let query = self.values.iter().fold(query, |query, value| match value {
            Value::Text(text) => query.bind::<Text, _>(text),
            Value::Time(time) => query.bind::<Timestamp, _>(time),
        });
        Ok(query.get_result(conn).optional()?)
    }
}

/// A row of PostgreSQL's asynchronous driver.
pub struct Columns(pub(super) tokio_postgres::Row);

impl Columns {
    /// The column with this name.
    ///
    /// # Errors
    /// When it is not there, or is of another type.
    pub fn get<'a, T: tokio_postgres::types::FromSql<'a>>(
        &'a self,
        name: &str,
    ) -> Result<T, tokio_postgres::Error> {
        self.0.try_get(name)
    }
}

/// The row that a question answers, by the names of its columns.
pub trait Answer: QueryableByName<Backend> + Send + 'static {
    /// Reads it from the asynchronous driver.
    ///
    /// # Errors
    /// When a column is not there, or is of another type.
    fn from_columns(columns: &Columns) -> Result<Self, tokio_postgres::Error>;
}

/// A struct that a question answers.
macro_rules! answer {
    ($(#[$doc:meta])* struct $name:ident { $($field:ident: $type:ty as $sql:ty,)* }) => {
        $(#[$doc])*
        #[derive(diesel::QueryableByName)]
        pub struct $name {
            $(#[diesel(sql_type = $sql)] $field: $type,)*
        }

        impl $crate::db::Answer for $name {
            fn from_columns(columns: &$crate::db::Columns) -> Result<Self, tokio_postgres::Error> {
                Ok(Self { $($field: columns.get(stringify!($field))?,)* })
            }
        }
    };
}
pub(crate) use answer;
