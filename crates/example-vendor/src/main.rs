//! The example's program.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use example_vendor::app::{self, StartError};
use example_vendor::books::{Books, BooksError};
use example_vendor::config::{Config, PortalConfig};
use example_vendor::provision::provision;

/// An example of a product that takes the portal's account tokens.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make our accounts known to the portal; may be run again and again.
    Provision(PortalConfig),
    /// Serve the invoices, and take the portal's webhooks.
    Serve(Config),
}

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Books(#[from] BooksError),
    #[error("{name}: {error}")]
    Provision { name: String, error: portal_client::Error },
    #[error(transparent)]
    Serve(#[from] std::io::Error),
}

#[actix_web::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter("info,actix_server=warn")
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .init();
    let done = match Cli::parse().command {
        Command::Provision(config) => provision_all(&config).await,
        Command::Serve(config) => serve(&config).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn provision_all(config: &PortalConfig) -> Result<(), Failure> {
    let operator = app::portal(config)?.operator(config.operator_key.reveal());
    for account in Books::read(config.accounts.as_deref())?.accounts() {
        let made = provision(&operator, account)
            .await
            .map_err(|error| Failure::Provision { name: account.name.to_string(), error })?;
        let owners: Vec<String> =
            made.owners.iter().map(|owner| format!("{} ({})", owner.email, owner.status)).collect();
        println!("{} is {}, owned by {}", account.external_id, made.account.id, owners.join(", "));
    }
    Ok(())
}

async fn serve(config: &Config) -> Result<(), Failure> {
    let (server, addresses) = app::bind(config)?;
    for address in addresses {
        println!("Listening on http://{address}");
    }
    Ok(server.await?)
}
