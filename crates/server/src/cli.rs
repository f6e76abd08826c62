//! The program's commands.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::app::{self, App, StartError};
use crate::auth::keys::Keys;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::Db;
use crate::jobs::sweep;
use crate::telemetry;

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
    Serve(Config),
    /// Bring the database up to date.
    Migrate(Config),
    /// Manage the signing keys.
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
}

#[derive(Debug, Subcommand)]
enum KeysCommand {
    /// Make a new signing key. Running servers pick it up; nobody is signed out.
    Rotate(Config),
}

/// Runs a command.
///
/// # Errors
/// A sentence for the operator.
pub fn run(cli: Cli) -> Result<(), StartError> {
    match cli.command {
        Command::Serve(config) => serve(config),
        Command::Migrate(config) => {
            telemetry::init(&config.log, config.log_format);
            let done = Db::open(&config.database_url, config.connections())?.migrate()?;
            say(&format!("{} migrations were run.", done.len()));
            Ok(())
        }
        Command::Keys { command: KeysCommand::Rotate(config) } => {
            let kid = Keys::rotate(&config.keys_dir, Clock::default().now())?;
            say(&format!("The new signing key is {kid}."));
            Ok(())
        }
    }
}

fn serve(config: Config) -> Result<(), StartError> {
    telemetry::init(&config.log, config.log_format);
    let app = App::open(config, Clock::default())?;
    app.services.db.migrate()?;
    actix_web::rt::System::new().block_on(async move {
        let (server, addresses) = app::bind(&app)?;
        for address in addresses {
            tracing::info!("listening on http://{address}");
        }
        let sender = actix_web::rt::spawn(app.outbox.clone().run());
        let sweeper = actix_web::rt::spawn(sweep::run(app.services.db.clone(), app.clock.clone()));
        server.await?;
        sender.abort();
        sweeper.abort();
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
