//! The portal itself, built for this machine.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::process::{Interrupts, run};
use crate::tools::{self, Libpq, build_folder, cargo};

/// Builds the program `portal`, and answers where it is.
pub(crate) fn build(libpq: Libpq, interrupts: &Interrupts) -> Result<PathBuf> {
    let folder = build_folder()?;
    let first = tools::program_in(&folder, "portal").is_none();
    println!("Building the portal{} ...", if first { " (the first time: a few minutes)" } else { "" });
    let mut build = cargo();
    build.args(["build", "--locked", "-p", "portal-server", "--bin", "portal"]).args(libpq.arguments());
    run(&mut build, interrupts)?;
    tools::program_in(&folder, "portal")
        .with_context(|| format!("the portal was built, but is not in {}", folder.display()))
}
