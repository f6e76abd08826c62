//! Fuzzing by Schemathesis: every operation of the OpenAPI document, by every role, on both databases. What is done is in
//! `fuzz/run.py`; here are the programs that it takes.

use std::ffi::OsStr;
use std::hash::{BuildHasher, RandomState};
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::process::Interrupts;
use crate::python::Python;
use crate::tools::root;

/// The seed of the short run: a change is blamed for what it breaks, and not for its luck.
const SEED: u32 = 1;

/// How thoroughly.
#[derive(Clone, Copy, Default)]
pub(crate) struct Effort {
    /// For minutes, all operations by each role, with another seed each time.
    pub(crate) full: bool,
    /// The seed, if the person has one.
    pub(crate) seed: Option<u32>,
}

/// Some number: what std keeps its hash maps unpredictable by.
fn any() -> u32 {
    let [a, b, c, d, ..] = RandomState::new().hash_one(SEED).to_be_bytes();
    u32::from_be_bytes([a, b, c, d])
}

/// A run, which prints how each role has fared on each database.
pub(crate) fn tests(
    effort: Effort,
    python: &Python,
    portal: &Path,
    postgres: &OsStr,
    interrupts: &Interrupts,
) -> Result<Command> {
    let program = python.with_packages("fuzz", "schemathesis", interrupts)?;
    let seed = effort.seed.unwrap_or_else(|| if effort.full { any() } else { SEED });
    let again = if effort.full { "--full " } else { "" };
    println!("Seed {seed}; to repeat this run: cargo xtask test --only fuzz {again}--seed {seed}");
    let mut run = Command::new(program);
    run.current_dir(root()).arg("fuzz/run.py").arg("--portal").arg(portal);
    run.arg("--postgres").arg(postgres).args(["--seed", &seed.to_string()]);
    if effort.full {
        run.args(["--all", "--examples", "50", "--seconds", "240"]);
    } else {
        run.args(["--examples", "5", "--seconds", "18"]);
    }
    // Nothing is written beside the sources.
    run.env("PYTHONDONTWRITEBYTECODE", "1");
    Ok(run)
}
