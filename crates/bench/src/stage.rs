//! One database with the data set, and the tokens of its people.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result, anyhow, bail};
use diesel::connection::SimpleConnection;
use portal_api_types::{AccountId, AccountRole, FirmId};
use portal_server::auth::keys::Keys;
use portal_server::auth::token::Tokens;
use portal_server::clock::Clock;
use portal_server::db::{Conn, Db};

use crate::floor::connect;
use crate::seed::{self, Office, Person, Seeded};
use crate::server::{PUBLIC_URL, Settings};

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// A database that is ready to be measured.
pub(crate) struct Stage {
    pub(crate) kind: Kind,
    pub(crate) url: String,
    pub(crate) folder: PathBuf,
    pub(crate) seeded: Seeded,
    tokens: Tokens,
}

impl Stage {
    /// Makes a database in this folder or, given the URL of a server's superuser, on that server, and fills it.
    pub(crate) fn prepare(
        folder: &Path,
        postgres: Option<&str>,
        hash: &str,
        large_assignments: usize,
    ) -> Result<Self> {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let (kind, url) = match postgres {
            None => (Kind::Sqlite, format!("sqlite://{}", folder.join("portal.db").display())),
            Some(server) => (Kind::Postgres, create_database(server, large_assignments)?),
        };
        let clock = Clock::default();
        Db::open(&url, 2)?.migrate()?;
        let mut conn = connect(&url)?;
        let begun = Instant::now();
        without_waiting(&mut conn)?;
        let seeded = seed::seed(&mut conn, clock.now(), hash, large_assignments)?;
        conn.batch_execute("ANALYZE")?;
        println!(
            "{}: {} assignments, written in {:.0} s",
            kind.name(),
            seeded.assignments,
            begun.elapsed().as_secs_f64()
        );
        let keys = Keys::open(&folder.join("keys"), &clock).map_err(|error| anyhow!("{error}"))?;
        let tokens = Tokens::new(Arc::new(keys), clock, PUBLIC_URL);
        Ok(Self { kind, url, folder: folder.to_owned(), seeded, tokens })
    }

    pub(crate) fn settings(&self) -> Settings<'_> {
        Settings { database: &self.url, folder: &self.folder }
    }

    /// A person's identity token.
    pub(crate) fn identity(&self, person: &Person) -> Result<String> {
        Ok(self.tokens.issue_identity(&person.user, &person.session)?)
    }

    /// A person's token of an account, through this firm if there is one.
    pub(crate) fn account(
        &self,
        person: &Person,
        account: &AccountId,
        role: AccountRole,
        firm: Option<FirmId>,
    ) -> Result<String> {
        Ok(self.tokens.issue_account(&person.user, &person.session, account.clone(), role, firm, None)?)
    }

    /// The token of a firm's bookkeeper in one of the firm's accounts.
    pub(crate) fn bookkeeper(&self, office: &Office, place: usize) -> Result<String> {
        let firm = Some(office.scope.id().clone());
        self.account(&office.bookkeeper, &office.accounts[place], AccountRole::Bookkeeper, firm)
    }
}

/// What is lost when the machine goes down while this is written is nothing.
fn without_waiting(conn: &mut Conn) -> Result<()> {
    conn.batch_execute(match conn {
        Conn::Sqlite(_) => "PRAGMA synchronous = OFF",
        Conn::Postgres(_) => "SET synchronous_commit = off",
    })?;
    Ok(())
}

fn create_database(server: &str, number: usize) -> Result<String> {
    let name = format!("bench_{number}");
    let mut conn = connect(server)?;
    conn.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))?;
    conn.batch_execute(&format!("CREATE DATABASE {name}"))?;
    let Some((start, _)) = server.rsplit_once('/') else { bail!("{server} names no database") };
    Ok(format!("{start}/{name}"))
}
