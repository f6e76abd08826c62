//! How fast the portal is, as ratios to bare floors that are measured in the same run. `cargo xtask bench` builds and runs
//! this; `docs/PERFORMANCE.md` is what it writes.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "talking to the person at the terminal is its job"
)]
#![expect(clippy::cast_precision_loss, reason = "what is measured is far below 2^52")]

mod floor;
mod load;
mod measure;
mod run;
mod scenarios;
mod seed;
mod server;
mod special;
mod stage;
mod targets;
mod usage;

use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves the floors on a database that has the data set.
    Floor {
        /// The database.
        #[arg(long)]
        database: String,
        /// The address to listen on.
        #[arg(long)]
        listen: SocketAddr,
    },
    Run(run::Run),
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    match command {
        Command::Floor { database, listen } => {
            actix_web::rt::System::new().block_on(floor::serve(database, listen))
        }
        Command::Run(run) => run.run(),
    }
}
