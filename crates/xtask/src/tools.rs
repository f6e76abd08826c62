//! What has to be on the machine: found, fetched, or missed in one clear sentence.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::process::{Interrupts, run};

/// The target of the browser app.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// Runs the tests. Installed in this version when the machine has none.
pub(crate) const CARGO_NEXTEST: Tool = Tool { name: "cargo-nextest", version: "0.9.151" };

/// Checks licences, bans and sources of what we depend on. Installed in this version when the machine has none.
pub(crate) const CARGO_DENY: Tool = Tool { name: "cargo-deny", version: "0.20.2" };

/// A variable of the environment. These commands are steered by arguments; what they read here is the machine's
/// (`PATH`, `HOME`) and the one test setting that names somebody's database.
pub(crate) fn variable(name: &str) -> Option<OsString> {
    #[expect(clippy::disallowed_methods, reason = "the server's configuration is not ours to parse")]
    env::var_os(name).filter(|value| !value.is_empty())
}

/// The folder of the workspace.
pub(crate) fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here)
}

/// Where cargo put this program, and so where it puts the portal: right whatever `target-dir` is set to.
pub(crate) fn build_folder() -> Result<PathBuf> {
    let here = env::current_exe().context("cannot tell where this program is")?;
    Ok(here.parent().context("this program is in no folder")?.to_owned())
}

/// The cargo that runs us, in the workspace.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(variable("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root());
    cargo
}

/// A cargo subcommand that does not come with Rust.
pub(crate) struct Tool {
    name: &'static str,
    version: &'static str,
}

impl Tool {
    /// A `cargo` that knows this subcommand: the machine's own, or ours from a cache outside the clone, so that
    /// a fresh clone does not build it again.
    pub(crate) fn cargo(&self, interrupts: &Interrupts) -> Result<Command> {
        let mut cargo = cargo();
        if on_path(self.name).is_none() {
            let home = cache()?.join(format!("{}-{}", self.name, self.version));
            let folder = home.join("bin");
            if program_in(&folder, self.name).is_none() {
                self.install(&home, interrupts)?;
            }
            let path = variable("PATH").unwrap_or_default();
            let folders = std::iter::once(folder).chain(env::split_paths(&path));
            cargo.env("PATH", env::join_paths(folders).context("PATH cannot be extended")?);
        }
        Ok(cargo)
    }

    fn install(&self, home: &Path, interrupts: &Interrupts) -> Result<()> {
        let Self { name, version } = self;
        println!("{name} is missing; installing {version} in {} (once, some minutes) ...", home.display());
        let mut install = cargo();
        install.args(["install", name, "--version", version, "--locked", "--root"]).arg(home);
        // Its build does not belong among ours.
        install.env_remove("CARGO_TARGET_DIR");
        run(&mut install, interrupts).with_context(|| format!("cannot install {name}"))
    }
}

fn cache() -> Result<PathBuf> {
    let cache = variable("XDG_CACHE_HOME").map(PathBuf::from).or_else(|| {
        let home = variable("HOME").or_else(|| variable("USERPROFILE"))?;
        Some(Path::new(&home).join(".cache"))
    });
    Ok(cache
        .context("HOME is not set, so there is no place to keep tools in")?
        .join("accounting-portal/tools"))
}

/// Where PostgreSQL's client library comes from.
#[derive(Clone, Copy)]
pub(crate) enum Libpq {
    System,
    Bundled,
}

impl Libpq {
    /// Looks for one that can be linked, and says so if it has to be built along.
    pub(crate) fn find() -> Self {
        let linkable = |folder: &str| {
            let folder = Path::new(folder);
            ["libpq.so", "libpq.a", "libpq.dylib"].iter().any(|name| folder.join(name).exists())
        };
        if succeeds("pkg-config", &["--exists", "libpq"])
            || answer("pg_config", &["--libdir"]).is_some_and(|folder| linkable(&folder))
        {
            return Self::System;
        }
        println!(
            "PostgreSQL's client library cannot be linked here, so it is built along (half a minute, once); \
             `apt-get install libpq-dev` would save that."
        );
        Self::Bundled
    }

    /// What to add to a cargo command that builds the server.
    pub(crate) fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::System => &[],
            Self::Bundled => &["--features", "portal-server/bundled-libpq"],
        }
    }
}

/// SQLite and the cryptography are built from C.
pub(crate) fn require_c_compiler() -> Result<()> {
    if cfg!(unix) && variable("CC").is_none() && !["cc", "gcc", "clang"].iter().any(|c| on_path(c).is_some())
    {
        bail!("building the portal takes a C compiler, and there is none: `apt-get install gcc libc6-dev`");
    }
    Ok(())
}

/// Installs the WebAssembly target by rustup if the toolchain has it not.
pub(crate) fn require_wasm_target(interrupts: &Interrupts) -> Result<()> {
    if answer("rustc", &["--print", "target-libdir", "--target", WASM])
        .is_some_and(|folder| Path::new(&folder).is_dir())
    {
        return Ok(());
    }
    if on_path("rustup").is_none() {
        bail!("Rust's target {WASM} is missing, and so is rustup, which would install it: https://rustup.rs");
    }
    println!("Rust's target {WASM} is missing; installing it ...");
    run(Command::new("rustup").args(["target", "add", WASM]).current_dir(root()), interrupts)
}

/// The first line that a program prints, if there is such a program and it succeeds.
pub(crate) fn answer(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).current_dir(root()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.lines().next().unwrap_or_default().trim().to_owned())
}

fn succeeds(program: &str, arguments: &[&str]) -> bool {
    let status = Command::new(program).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// A program's file, if it is on PATH.
pub(crate) fn on_path(name: impl AsRef<OsStr>) -> Option<PathBuf> {
    let path = variable("PATH")?;
    env::split_paths(&path).find_map(|folder| program_in(&folder, name.as_ref()))
}

/// A program's file, if it is in this folder.
pub(crate) fn program_in(folder: &Path, name: impl AsRef<OsStr>) -> Option<PathBuf> {
    let mut file = name.as_ref().to_owned();
    file.push(env::consts::EXE_SUFFIX);
    let file = folder.join(file);
    fs::metadata(&file).is_ok_and(|data| data.is_file()).then_some(file)
}
