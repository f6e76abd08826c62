//! What the two databases say in different words.

use super::Conn;

impl Conn {
    /// What a query ends with that takes its rows until the transaction ends, so that nothing can begin to refer to them.
    /// SQLite has one writer, who needs no more.
    pub fn for_update(&self) -> &'static str {
        match self {
            Self::Postgres(_) => " FOR UPDATE",
            Self::Sqlite(_) => "",
        }
    }

    /// The same for rows of the table with this name in the query that are to stay as they are until then. Not shared: PostgreSQL
    /// lets newcomers share a row before whoever waits to change it, and two who share it cannot both go on to change it.
    pub fn for_no_key_update_of(&self, table: &str) -> String {
        match self {
            Self::Postgres(_) => format!(" FOR NO KEY UPDATE OF {table}"),
            Self::Sqlite(_) => String::new(),
        }
    }

    /// What a condition `(x IN (SELECT ...))` ends with that is to be quick for many rows and many that are selected. SQLite looks
    /// each of these up by an index. PostgreSQL would join, and without hash joins may compare each with each; a condition that
    /// it cannot make a join of keeps what is selected in a table of its own.
    pub fn in_table(&self) -> &'static str {
        match self {
            Self::Postgres(_) => " IS TRUE",
            Self::Sqlite(_) => "",
        }
    }
}
