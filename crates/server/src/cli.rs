//! The program's commands.

mod backup;
mod create_owner;
mod demo;
mod operator_key;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use portal_api_types::Locale;

use crate::app::{self, App, StartError};
use crate::auth::keys::Keys;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::Db;
use crate::db::snapshot::SnapshotError;
use crate::domain::{Failure, keys};
use crate::jobs::sweep;
use crate::{openapi, telemetry};

/// The accounting portal: store owners let their accounting company in, the company manages its own people.
#[derive(Debug, Parser)]
#[command(name = "portal", version)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Bring the database up to date, then serve the API until SIGTERM or SIGINT.
    ///
    /// Several processes may serve one database, if they share `--keys-dir`. On a signal, the requests in flight are
    /// answered first.
    Serve(Config),
    /// Bring the database up to date.
    ///
    /// `serve` does the same at its start. Safe to run at any time, also from several processes at once.
    Migrate(Config),
    /// Copy the database and the keys to a new folder, while the portal runs.
    ///
    /// For SQLite: the folder has the database as it is at one moment, and the keys, without which links in mails and
    /// sessions would be dead. Nobody waits meanwhile. For PostgreSQL it names the command to use.
    Backup(backup::Backup),
    /// Put a backup in the place of the database and the keys.
    ///
    /// For SQLite, while no portal runs on it. The backup is checked first: that it is whole, and of a version that this
    /// program knows. What is there already is left alone, unless `--replace` is given.
    Restore(backup::Restore),
    /// Fill the database with an example, and print who can sign in.
    ///
    /// An accounting company with its admin and employees, three store owners who have invited it, and one open
    /// invitation. Brings the database up to date first. A second run changes nothing and prints the table again. Not
    /// for a portal that others can reach: everybody has the same, known password.
    DemoData(Config),
    /// Make a store owner with a first account.
    ///
    /// Prints a link by which the person chooses a password, good once and for 7 days; no mail is sent. With
    /// `--password-stdin` the login is made at once. Brings the database up to date first. An e-mail that has a login is
    /// refused.
    CreateOwner(create_owner::CreateOwner),
    /// Manage the keys by which the operator's own programs call the API.
    #[command(subcommand)]
    OperatorKey(operator_key::OperatorKey),
    /// Print the API's OpenAPI document.
    Openapi,
    /// Manage the signing keys.
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
}

#[derive(Debug, Subcommand)]
enum KeysCommand {
    /// Make a new signing key. Running servers pick it up; nobody is signed out.
    ///
    /// The new key is published at once in `/.well-known/jwks.json` and signs after a few seconds; the old one verifies
    /// for another day. Needs only `--keys-dir`.
    Rotate(Config),
    /// Go on with the keys of `--keys-dir` where those that the database was used with are lost.
    ///
    /// A database remembers by which keys it is used, and `serve` refuses to use it with others. When the folder is lost for
    /// good: stop all servers, run this, and start them with this folder. People stay signed in; mails that still wait have
    /// dead links and must be sent anew; and webhooks are signed by other secrets than their receivers know, until each is
    /// given a new secret.
    Adopt(Config),
}

/// Why a command has not done what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The portal cannot start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// A use case.
    #[error(transparent)]
    Failed(#[from] Failure),
    /// A copy of the database.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// The operator has to do something first.
    #[error("{0}")]
    Refused(String),
}

/// Runs a command.
///
/// # Errors
/// A sentence for the operator.
pub fn run(cli: Cli) -> Result<(), CommandError> {
    match cli.command {
        Command::Serve(config) => Ok(serve(config)?),
        Command::Backup(arguments) => {
            telemetry::init(&arguments.config.log, arguments.config.log_format);
            say(&backup::back_up(arguments)?);
            Ok(())
        }
        Command::Restore(arguments) => {
            telemetry::init(&arguments.config.log, arguments.config.log_format);
            say(&backup::restore(arguments)?);
            Ok(())
        }
        Command::DemoData(config) => {
            telemetry::init(&config.log, config.log_format);
            say(&demo::run(config)?);
            Ok(())
        }
        Command::CreateOwner(arguments) => {
            telemetry::init(&arguments.config.log, arguments.config.log_format);
            say(&create_owner::run(arguments)?);
            Ok(())
        }
        Command::OperatorKey(command) => {
            telemetry::init(&command.config().log, command.config().log_format);
            say(&operator_key::run(command)?);
            Ok(())
        }
        Command::Migrate(config) => {
            telemetry::init(&config.log, config.log_format);
            let done = migrate(&config)?;
            say(&match done {
                0 => "The database is up to date.".to_owned(),
                1 => "1 migration was run.".to_owned(),
                _ => format!("{done} migrations were run."),
            });
            Ok(())
        }
        Command::Openapi => {
            say(openapi::text().trim_end());
            Ok(())
        }
        Command::Keys { command: KeysCommand::Rotate(config) } => {
            let kid = Keys::rotate(&config.keys_dir, Clock::default().now()).map_err(StartError::from)?;
            say(&format!("The new signing key is {kid}."));
            Ok(())
        }
        Command::Keys { command: KeysCommand::Adopt(config) } => {
            telemetry::init(&config.log, config.log_format);
            say(&adopt(config)?);
            Ok(())
        }
    }
}

fn migrate(config: &Config) -> Result<usize, StartError> {
    Ok(Db::open(&config.database_url, config.connections())?.migrate()?.len())
}

fn adopt(config: Config) -> Result<String, CommandError> {
    let app = App::open(config, Clock::default())?;
    app.services.db.migrate().map_err(StartError::from)?;
    let ctx = app.ctx(None, Some("portal keys adopt".to_owned()), Locale::default());
    let changed = in_runtime(app.services.db.write(move |conn| keys::adopt(conn, &ctx)))?;
    let folder = app.config.keys_dir.display();
    Ok(if changed {
        format!(
            "The database is used with the keys in {folder} from now on. Send open invitations anew, and give every webhook \
             a new secret."
        )
    } else {
        format!("The database is used with the keys in {folder} already: nothing was changed.")
    })
}

/// Runs use cases without a server.
fn in_runtime<T, E>(work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    actix_web::rt::System::new().block_on(work)
}

fn serve(config: Config) -> Result<(), StartError> {
    let _telemetry = telemetry::init_serving(&config).map_err(StartError::Traces)?;
    let app = App::open(config, Clock::default())?;
    actix_web::rt::System::new().block_on(async move {
        app.prepare().await?;
        let (server, addresses) = app::bind(&app)?;
        app.check_durability().await?;
        for address in addresses {
            tracing::info!("listening on http://{address}");
        }
        let sender = actix_web::rt::spawn(app.outbox.clone().run());
        let sweeper = actix_web::rt::spawn(sweep::run(app.services.db.clone(), app.clock.clone()));
        let webhooks = actix_web::rt::spawn(app.webhooks.clone().run());
        server.await?;
        app.webhooks.stop();
        sender.abort();
        sweeper.abort();
        // What is under way is told to its end, and noted: else it would be told twice.
        let _ = webhooks.await;
        Ok(())
    })
}

#[expect(clippy::print_stdout, reason = "a command's answer")]
fn say(text: &str) {
    println!("{text}");
}

/// Says what went wrong.
#[expect(clippy::print_stderr, reason = "a command's error, when there may be no logger")]
pub fn fail(text: &str) -> ExitCode {
    eprintln!("error: {text}");
    ExitCode::FAILURE
}
