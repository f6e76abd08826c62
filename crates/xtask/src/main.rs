//! What the README's commands run: `cargo xtask demo`, `test`, `app`, `bench`, `generate` and `postgres`.
//!
//! A Rust program rather than shell scripts, so that it can hold on to what must be given back (a database
//! server, a child that is still draining) whichever way it ends.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "talking to the person at the terminal is its job"
)]

mod app;
mod bench;
mod browser;
mod clients;
mod demo;
mod fuzz;
mod node;
mod portal;
mod postgres;
mod process;
mod python;
mod summary;
mod test;
mod tools;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::process::{Interrupted, Interrupts};

/// Builds, shows and checks the accounting portal. Needs rustup's cargo and a C compiler; the browser app also needs
/// Node and npm, and the tests PostgreSQL's server programs and Chromium.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    App(app::App),
    Bench(bench::Bench),
    Demo(demo::Demo),
    Test(test::Test),
    Generate(Generate),
    Postgres(Postgres),
}

/// Writes the committed files that are made from the code anew (the OpenAPI document, the table of who may do
/// what).
///
/// They are compared by ordinary tests of the server, whose names contain `generated`; this command runs those
/// tests with UPDATE_GENERATED=1, which makes them write instead of compare.
#[derive(clap::Args)]
struct Generate {}

/// Keeps a throw-away PostgreSQL running, for trying single tests, until Ctrl-C.
///
/// Prints the TEST_DATABASE_URL to give to the tests. The server listens on 127.0.0.1 only, holds nothing of
/// value, does not wait for the disk, and is deleted at the end.
#[derive(clap::Args)]
struct Postgres {}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli.command) {
        Ok(code) => code,
        // What a shell reports for a program that Ctrl-C ended.
        Err(error) if error.is::<Interrupted>() => ExitCode::from(130),
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode> {
    let interrupts = Interrupts::listen()?;
    match command {
        Command::App(app) => app.run(&interrupts),
        Command::Bench(bench) => bench.run(&interrupts),
        Command::Demo(demo) => demo.run(&interrupts),
        Command::Test(test) => test.run(&interrupts),
        Command::Generate(Generate {}) => test::generate(&interrupts),
        Command::Postgres(Postgres {}) => postgres::serve(&interrupts),
    }
}
