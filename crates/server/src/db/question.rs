//! Statements in words of their own, for what the query builder cannot say to both databases and for what is asked so often
//! that every part of it counts. They are prepared once and kept, which those of `diesel::sql_query` are not.

use std::borrow::Cow;

use diesel::backend::Backend;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::Error as QueryError;
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, HasSqlType, Nullable, Text, Timestamp, Untyped};
use diesel::sqlite::Sqlite;

use super::Conn;
use crate::clock::Time;
use crate::domain::Failure;

/// What is read by the names of columns, from either database.
pub trait Named: QueryableByName<Sqlite> + QueryableByName<Pg> + 'static {}
impl<A: QueryableByName<Sqlite> + QueryableByName<Pg> + 'static> Named for A {}

/// Asks the connection inside: going through the one for either database takes another walk over the statement.
macro_rules! on {
    ($conn:ident, $run:expr) => {
        match $conn {
            Conn::Sqlite($conn) => $run,
            Conn::Postgres($conn) => $run,
        }
    };
}

/// What a statement is asked with.
#[derive(Debug, Clone)]
pub enum Value {
    /// A text, or none.
    Text(Option<String>),
    /// A time.
    Time(Time),
    /// A number.
    Number(i64),
}

/// A statement with its values, which it names `$1`, `$2` and so on, and may name more than once.
#[derive(Debug, Clone)]
pub struct Question {
    pub(super) sql: Cow<'static, str>,
    pub(super) values: Vec<Value>,
}

impl Question {
    /// Asks this statement, without values so far. There must be few different ones, since each is kept.
    pub fn new(sql: impl Into<Cow<'static, str>>) -> Self {
        Self { sql: sql.into(), values: Vec::with_capacity(5) }
    }

    /// With this text as the next value.
    pub fn text(self, text: impl Into<String>) -> Self {
        self.with(Value::Text(Some(text.into())))
    }

    /// With this time as the next value.
    pub fn time(self, time: Time) -> Self {
        self.with(Value::Time(time))
    }

    /// With this value next.
    pub fn with(mut self, value: Value) -> Self {
        self.values.push(value);
        self
    }

    /// Asks for one row or none, on a connection that is at hand.
    ///
    /// # Errors
    /// What the database says.
    pub fn ask<A: Named>(&self, conn: &mut Conn) -> Result<Option<A>, Failure> {
        Ok(on!(conn, Asked(self).get_result(conn)).optional()?)
    }

    /// Asks for all rows.
    ///
    /// # Errors
    /// What the database says.
    pub fn load<A: Named>(&self, conn: &mut Conn) -> Result<Vec<A>, Failure> {
        Ok(on!(conn, Asked(self).load(conn))?)
    }

    /// Runs it, and answers how many rows that has changed.
    ///
    /// # Errors
    /// What the database says.
    pub fn execute(&self, conn: &mut Conn) -> Result<usize, Failure> {
        Ok(on!(conn, Asked(self).execute(conn))?)
    }
}

struct Asked<'a>(&'a Question);

impl<DB> QueryFragment<DB> for Asked<'_>
where
    DB: Backend + HasSqlType<Text> + HasSqlType<Timestamp> + HasSqlType<BigInt>,
    Option<String>: ToSql<Nullable<Text>, DB>,
    Time: ToSql<Timestamp, DB>,
    i64: ToSql<BigInt, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let mut rest: &str = &self.0.sql;
        while let Some((before, after)) = rest.split_once('$') {
            out.push_sql(before);
            let digits = after.len() - after.trim_start_matches(|sign: char| sign.is_ascii_digit()).len();
            let (number, next) = after.split_at(digits);
            let value =
                number.parse::<usize>().ok().and_then(|number| self.0.values.get(number.checked_sub(1)?));
            match value {
                Some(Value::Text(text)) => out.push_bind_param::<Nullable<Text>, _>(text)?,
                Some(Value::Time(time)) => out.push_bind_param::<Timestamp, _>(time)?,
                Some(Value::Number(number)) => out.push_bind_param::<BigInt, _>(number)?,
                None => {
                    return Err(QueryError::QueryBuilderError(format!("there is no value ${number}").into()));
                }
            }
            rest = next;
        }
        out.push_sql(rest);
        Ok(())
    }
}

impl QueryId for Asked<'_> {
    type QueryId = ();

    // Statements are told apart by their text.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Asked<'_> {
    type SqlType = Untyped;
}

impl<C> RunQueryDsl<C> for Asked<'_> {}

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
pub trait Answer: Named + Send {
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
