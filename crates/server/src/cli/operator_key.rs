//! `portal operator-key`.

use clap::{Args, Subcommand};
use portal_api_types::{Locale, Name, OperatorKeyId};

use super::{CommandError, in_runtime};
use crate::app::{App, StartError};
use crate::clock::{Clock, Time};
use crate::config::Config;
use crate::domain::operator::keys::{self, KeyRow};

#[derive(Debug, Subcommand)]
pub(super) enum OperatorKey {
    /// Make a key for the operator's own programs.
    ///
    /// The key opens `/api/v1/operator`: making accounts, and suspending accounts, firms and people. It is printed once,
    /// and stored only as a hash. Brings the database up to date first.
    Create(Create),
    /// List the keys, without their secrets.
    List(Config),
    /// Revoke a key: the next request with it is refused.
    Revoke(Revoke),
}

#[derive(Debug, Args)]
pub(super) struct Create {
    /// How people see the operator, in mails and audit trails: the product's name, say.
    #[arg(long)]
    name: Name,
    #[command(flatten)]
    config: Config,
}

#[derive(Debug, Args)]
pub(super) struct Revoke {
    /// The key's id, as `portal operator-key list` prints it.
    id: OperatorKeyId,
    #[command(flatten)]
    config: Config,
}

impl OperatorKey {
    /// The configuration that the command is to run by.
    pub(super) fn config(&self) -> &Config {
        match self {
            Self::Create(Create { config, .. })
            | Self::List(config)
            | Self::Revoke(Revoke { config, .. }) => config,
        }
    }
}

/// Runs the command, and answers what to print.
pub(super) fn run(command: OperatorKey) -> Result<String, CommandError> {
    let app = App::open(command.config().clone(), Clock::default())?;
    app.services.db.migrate().map_err(StartError::from)?;
    let ctx = app.ctx(None, Some("portal operator-key".to_owned()), Locale::default());
    let db = &app.services.db;
    match command {
        OperatorKey::Create(Create { name, .. }) => {
            let (id, secret) = in_runtime(db.write(move |conn| keys::create(conn, &ctx, &name)))?;
            Ok(format!("The key {id} works now. Keep it secret: it is not shown again.\n{}", secret.reveal()))
        }
        OperatorKey::List(_) => Ok(table(&in_runtime(db.read(keys::list))?)),
        OperatorKey::Revoke(Revoke { id, .. }) => {
            let wanted = id.clone();
            if !in_runtime(db.write(move |conn| keys::revoke(conn, &ctx, &wanted)))? {
                return Err(CommandError::Refused(format!("there is no key {id} that works")));
            }
            Ok(format!("The key {id} is revoked."))
        }
    }
}

/// One key a line: id, state, times, and the name at the end, since it may have blanks.
fn table(keys: &[KeyRow]) -> String {
    if keys.is_empty() {
        return "There are no operator keys.".to_owned();
    }
    let time = |at: Time| at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let lines = keys.iter().map(|key| {
        let state = if key.revoked_at.is_some() { "revoked" } else { "works" };
        let used = key.last_used_at.map_or_else(|| "never".to_owned(), time);
        format!("{}  {state:<7}  {}  {used:<20}  {}", key.id, time(key.created_at), key.name)
    });
    let head = format!("{:<31}  {:<7}  {:<20}  {:<20}  Name", "Id", "State", "Made", "Used");
    std::iter::once(head).chain(lines).collect::<Vec<_>>().join("\n")
}
