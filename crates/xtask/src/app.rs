//! `cargo xtask app`: the browser app, built into `dist/` and compressed.

mod paths;
mod sizes;
mod standard;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Instant, SystemTime};

use anyhow::{Context, Result};

use self::sizes::Sizes;
use crate::node::Node;
use crate::process::{Interrupts, run, shown};
use crate::tools::{self, TRUNK, path_with, root};

/// Builds the browser app into dist/, compresses its files, and says how large they are. Fails when a first visit
/// would load more than the budget allows.
///
/// Needs Node and npm. Trunk and wasm-bindgen are installed into a cache outside of the clone if they are missing.
#[derive(clap::Args)]
pub(crate) struct App {
    /// Build quickly, neither optimised nor compressed, for looking at what one has just written.
    #[arg(long)]
    debug: bool,
    /// Write the sizes into frontend/SIZES.md, by which the tests notice when the app grows.
    #[arg(long, conflicts_with = "debug")]
    record: bool,
}

impl App {
    pub(crate) fn run(self, interrupts: &Interrupts) -> Result<ExitCode> {
        let node = Node::find()?;
        if self.debug {
            trunk(node, interrupts)?.build(&[], interrupts)?;
            println!("The app is in {}.", dist().display());
            return Ok(ExitCode::SUCCESS);
        }
        build(node, interrupts)?;
        let sizes = Sizes::of(&dist())?;
        println!("\n{sizes}");
        sizes.check_budget()?;
        if self.record {
            sizes.record()?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Builds the app as people get it, and checks that it has not grown and says nothing of this machine.
pub(crate) fn build_and_weigh(node: Node, interrupts: &Interrupts) -> Result<()> {
    build(node, interrupts)?;
    paths::check(&dist())?;
    let sizes = Sizes::of(&dist())?;
    println!("\n{sizes}");
    sizes.check_budget()?;
    sizes.check_growth()
}

/// The folder of the app as people get it, built if something of it has changed since.
pub(crate) fn built(node: Node, interrupts: &Interrupts) -> Result<PathBuf> {
    if !is_up_to_date()? {
        build(node, interrupts)?;
    }
    Ok(dist())
}

/// Builds the app as people get it.
fn build(node: Node, interrupts: &Interrupts) -> Result<()> {
    trunk(node, interrupts)?.for_others(interrupts)?.build(&["--release"], interrupts)?;
    println!("Packing and compressing ...");
    for script in ["frontend/pack.mjs", "crates/xtask/compress.mjs"] {
        run(node.command().arg(script).arg(dist()), interrupts)?;
    }
    Ok(())
}

/// Trunk, with all that it calls.
struct Trunk(Command);

fn trunk(node: Node, interrupts: &Interrupts) -> Result<Trunk> {
    tools::require_wasm_target(interrupts)?;
    let wasm_bindgen = tools::wasm_bindgen()?.program(interrupts)?;
    let mut trunk = Command::new(TRUNK.program(interrupts)?);
    let packages = node.packages("frontend", interrupts)?.programs();
    let wasm_bindgen = wasm_bindgen.parent().context("wasm-bindgen is in no folder")?;
    trunk
        .current_dir(root())
        .env("PATH", path_with([&*packages, wasm_bindgen])?)
        // Trunk takes `1`, the usual value, for a mistake.
        .env_remove("NO_COLOR")
        .env("TRUNK_SKIP_VERSION_CHECK", "true");
    Ok(Trunk(trunk))
}

impl Trunk {
    /// What is built on this machine is for others, too: it is small, and says nothing of the machine.
    fn for_others(mut self, interrupts: &Interrupts) -> Result<Self> {
        standard::compiled_along(&mut self.0, interrupts)?.env("CARGO_ENCODED_RUSTFLAGS", paths::flags()?);
        Ok(self)
    }

    /// Offline: a tool that is not there in the version of Trunk.toml is an error, not a download.
    fn build(mut self, arguments: &[&str], interrupts: &Interrupts) -> Result<()> {
        let start = Instant::now();
        self.0.args(["build", "--offline", "--locked"]).args(arguments);
        println!("Building the browser app ...\n{}", shown(&self.0));
        run(&mut self.0, interrupts)?;
        println!("The browser app was built in {:.0} s.", start.elapsed().as_secs_f32());
        Ok(())
    }
}

/// Where Trunk.toml has the app put.
fn dist() -> PathBuf {
    root().join("dist")
}

/// Whether the compressed page, which is written last of all, is newer than all that the app is made from. After
/// `--debug` there is none.
fn is_up_to_date() -> Result<bool> {
    let Ok(built) = fs::metadata(dist().join("index.html.br")).and_then(|page| page.modified()) else {
        return Ok(false);
    };
    let mut newest = SystemTime::UNIX_EPOCH;
    for source in [
        "frontend",
        "crates/api-types",
        "crates/client",
        "crates/idna-adapter",
        "Cargo.toml",
        "Cargo.lock",
        "Trunk.toml",
        "rust-toolchain.toml",
    ] {
        newest = newest.max(newest_change(&root().join(source))?);
    }
    Ok(newest <= built)
}

/// When a file, or anything in a folder, was changed last. Folders count too: a file that is deleted leaves no other
/// trace.
fn newest_change(path: &Path) -> Result<SystemTime> {
    let read = || -> std::io::Result<SystemTime> {
        let mut newest = SystemTime::UNIX_EPOCH;
        let mut waiting = vec![path.to_owned()];
        while let Some(path) = waiting.pop() {
            let data = fs::metadata(&path)?;
            if data.is_dir() {
                for entry in fs::read_dir(&path)? {
                    let entry = entry?.path();
                    if !is_beside_the_point(&entry) {
                        waiting.push(entry);
                    }
                }
            }
            newest = newest.max(data.modified()?);
        }
        Ok(newest)
    };
    read().with_context(|| format!("cannot tell when {} was changed", path.display()))
}

/// Nothing of the app is made from these.
fn is_beside_the_point(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == "node_modules")
        || path.extension().is_some_and(|extension| extension == "md")
}
