//! Whether the database is as it has to be.

use diesel::prelude::*;
use diesel::result::Error as QueryError;
use diesel_migrations::MigrationHarness;

use super::{Conn, Db, DbError, POSTGRES_MIGRATIONS, SQLITE_MIGRATIONS};
use crate::domain::Failure;

impl Db {
    /// What is set so that answered changes may be lost in a power cut. Not `synchronous_commit`, which each connection of ours
    /// switches on.
    ///
    /// # Errors
    /// [`DbError::Busy`] or [`DbError::Unreachable`].
    pub async fn weak_settings(&self) -> Result<Vec<String>, Failure> {
        #[derive(QueryableByName)]
        struct Setting {
            #[diesel(sql_type = diesel::sql_types::Text)]
            name: String,
        }
        self.read(|conn| {
            let Conn::Postgres(conn) = conn else { return Ok(Vec::new()) };
            let query = "SELECT name FROM pg_settings WHERE name IN ('fsync', 'full_page_writes') AND setting = 'off' \
                         ORDER BY name";
            let settings: Vec<Setting> = diesel::sql_query(query).load(conn)?;
            Ok(settings.into_iter().map(|setting| setting.name).collect())
        })
        .await
    }

    /// Whether the database can be reached and has all migrations, for `/readyz`.
    ///
    /// # Errors
    /// What is in the way.
    pub async fn check_ready(&self) -> Result<(), Failure> {
        self.read(|conn| {
            let pending = match conn {
                Conn::Postgres(conn) => conn.has_pending_migration(POSTGRES_MIGRATIONS),
                Conn::Sqlite(conn) => conn.has_pending_migration(SQLITE_MIGRATIONS),
            };
            match pending {
                Ok(false) => Ok(()),
                Ok(true) => Err(Failure::Database(DbError::Migration("migrations are pending".into()))),
                // A connection that died while it was idle is replaced, as for any other read.
                Err(error) => Err(Failure::Database(match error.downcast::<QueryError>() {
                    Ok(error) => DbError::from(*error),
                    Err(error) => DbError::Migration(error.to_string()),
                })),
            }
        })
        .await
    }
}
