//! The portal's program.

use std::process::ExitCode;

use clap::Parser;
use portal_server::cli::{self, Cli};

fn main() -> ExitCode {
    // A missing .env is the normal case; a broken one must not be half read in silence.
    if let Err(error) = dotenvy::dotenv()
        && !error.not_found()
    {
        return cli::fail(&format!(".env: {error}"));
    }
    match cli::run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => cli::fail(&error.to_string()),
    }
}
