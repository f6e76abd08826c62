//! `cargo xtask bench`: how fast the portal is, beside bare floors in the same run.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::postgres::{self, Cluster, Durability};
use crate::process::{self, Interrupts, shown};
use crate::tools::{self, Libpq, build_folder, cargo, root};

/// Builds the portal for release and measures it on SQLite and on a throw-away PostgreSQL, both of which wait for the disk,
/// in turns with bare handlers that do one statement and nothing else. Takes about half an hour; needs wrk.
///
/// Prints what was measured and, with --record, writes it as ratios into docs/PERFORMANCE.md.
#[derive(clap::Args)]
pub(crate) struct Bench {
    /// One small data set and short rounds: to see that it works, not how fast the portal is.
    #[arg(long)]
    quick: bool,
    /// Leave PostgreSQL out.
    #[arg(long)]
    no_postgres: bool,
    /// Write the tables into docs/PERFORMANCE.md.
    #[arg(long, conflicts_with = "quick")]
    record: bool,
}

impl Bench {
    pub(crate) fn run(&self, interrupts: &Interrupts) -> Result<ExitCode> {
        if !cfg!(target_os = "linux") {
            bail!("what processes use is read from /proc, which only Linux has");
        }
        tools::require_c_compiler()?;
        if !self.no_postgres {
            postgres::require_programs()?;
        }
        let folder = release_folder()?;
        let mut build = cargo();
        build.args(["build", "--release", "--locked", "-p", "portal-server", "-p", "portal-bench"]);
        build.args(Libpq::find().arguments());
        println!("{}", shown(&build));
        process::run(&mut build, interrupts)?;
        let cluster =
            (!self.no_postgres).then(|| Cluster::start_with(Durability::Full, interrupts)).transpose()?;
        let mut bench = Command::new(program(&folder, "portal-bench")?);
        bench.arg("run").arg("--portal").arg(program(&folder, "portal")?);
        bench.arg("--folder").arg(folder.join("bench"));
        if let Some(cluster) = &cluster {
            bench.args(["--postgres", cluster.url(), "--postgres-pid", &cluster.pid().to_string()]);
        }
        if self.quick {
            bench.args(["--growth", "1000,5000", "--rounds", "1", "--seconds", "1"]);
        }
        if self.record {
            bench.arg("--report").arg(root().join("docs/PERFORMANCE.md"));
        }
        println!("{}", shown(&bench));
        process::run(&mut bench, interrupts)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Where cargo puts what is built for release, beside this program.
fn release_folder() -> Result<PathBuf> {
    let debug = build_folder()?;
    Ok(debug.parent().context("no folder for what is built")?.join("release"))
}

fn program(folder: &std::path::Path, name: &str) -> Result<PathBuf> {
    tools::program_in(folder, name)
        .with_context(|| format!("{name} was built, but is not in {}", folder.display()))
}
