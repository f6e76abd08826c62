//! What has to be on the machine: found, fetched, or missed in one clear sentence.

use std::borrow::Cow;
use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::process::{Interrupts, run};

/// The target of the browser app.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// Runs the tests. Installed in this version when the machine has none.
pub(crate) const CARGO_NEXTEST: Tool = Tool::new("cargo-nextest", "0.9.151");

/// Checks licences, bans and sources of what we depend on. Installed in this version when the machine has none.
pub(crate) const CARGO_DENY: Tool = Tool::new("cargo-deny", "0.20.2");

/// Builds the browser app. In exactly this version: each has its own idea of the files it writes.
pub(crate) const TRUNK: Tool = Tool::new("trunk", "0.21.14");

/// Makes the JavaScript around WebAssembly. In exactly the version of the library that is compiled into the app.
pub(crate) fn wasm_bindgen() -> Result<Tool> {
    let lock = root().join("Cargo.lock");
    let text = fs::read_to_string(&lock).with_context(|| format!("cannot read {}", lock.display()))?;
    let version = locked_version(&text, "wasm-bindgen").context("Cargo.lock names no wasm-bindgen")?;
    Ok(Tool {
        package: "wasm-bindgen-cli",
        program: "wasm-bindgen",
        version: Cow::Owned(version),
        // The lock file in its package asks for a version that does not exist.
        locked: false,
    })
}

/// The version of a package in a Cargo.lock.
fn locked_version(lock: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let version = lock.lines().skip_while(|line| *line != name).nth(1)?;
    Some(version.strip_prefix("version = \"")?.strip_suffix('"')?.to_owned())
}

/// A variable of the environment. These commands are steered by arguments; what they read here is the machine's
/// (`PATH`, `HOME`) and the one test setting that names somebody's database.
pub(crate) fn variable(name: &str) -> Option<OsString> {
    #[expect(clippy::disallowed_methods, reason = "the server's configuration is not ours to parse")]
    env::var_os(name).filter(|value| !value.is_empty())
}

/// The folder of the person who runs us.
pub(crate) fn home() -> Option<PathBuf> {
    variable("HOME").or_else(|| variable("USERPROFILE")).map(PathBuf::from)
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

/// Deletes a folder with all that is in it, if it is there.
pub(crate) fn remove_folder(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot delete {}", folder.display()))
        }
        _ => Ok(()),
    }
}

/// A program that cargo installs, and that does not come with Rust.
pub(crate) struct Tool {
    package: &'static str,
    program: &'static str,
    version: Cow<'static, str>,
    /// Whether it is built from the lock file in its package.
    locked: bool,
}

impl Tool {
    const fn new(package: &'static str, version: &'static str) -> Self {
        Self { package, program: package, version: Cow::Borrowed(version), locked: true }
    }

    /// A `cargo` that knows this subcommand: the machine's own in whatever version, or ours.
    pub(crate) fn cargo(&self, interrupts: &Interrupts) -> Result<Command> {
        let mut cargo = cargo();
        if on_path(self.program).is_none() {
            let ours = self.ours(interrupts)?;
            cargo.env("PATH", path_with(ours.parent())?);
        }
        Ok(cargo)
    }

    /// This program in exactly this version: the machine's own if it happens to be that, or ours.
    pub(crate) fn program(&self, interrupts: &Interrupts) -> Result<PathBuf> {
        let fits = |answer: &str| answer.split_whitespace().next_back() == Some(&*self.version);
        match on_path(self.program) {
            Some(program) if answer(self.program, &["--version"]).is_some_and(|answer| fits(&answer)) => {
                Ok(program)
            }
            _ => self.ours(interrupts),
        }
    }

    /// Ours, from a cache outside the clone, so that a fresh clone does not build it again.
    fn ours(&self, interrupts: &Interrupts) -> Result<PathBuf> {
        let home = cache()?.join(format!("{}-{}", self.program, self.version));
        let folder = home.join("bin");
        if program_in(&folder, self.program).is_none() {
            self.install(&home, interrupts)?;
        }
        program_in(&folder, self.program)
            .with_context(|| format!("{} was installed, but is not in {}", self.program, folder.display()))
    }

    fn install(&self, home: &Path, interrupts: &Interrupts) -> Result<()> {
        let Self { package, program, version, locked } = self;
        println!(
            "{program} {version} is missing; installing it in {} (once, some minutes) ...",
            home.display()
        );
        let start = Instant::now();
        let mut install = cargo();
        install.args(["install", package, "--version", version, "--root"]).arg(home);
        if *locked {
            install.arg("--locked");
        }
        // Its build does not belong among ours.
        install.env_remove("CARGO_TARGET_DIR");
        run(&mut install, interrupts).with_context(|| format!("cannot install {program}"))?;
        println!("{program} was installed in {:.0} s.", start.elapsed().as_secs_f32());
        Ok(())
    }
}

/// Where tools are kept, outside the clone.
pub(crate) fn cache() -> Result<PathBuf> {
    let cache =
        variable("XDG_CACHE_HOME").map(PathBuf::from).or_else(|| home().map(|home| home.join(".cache")));
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

/// `PATH` with these folders in front.
pub(crate) fn path_with<'a>(folders: impl IntoIterator<Item = &'a Path>) -> Result<OsString> {
    let path = variable("PATH").unwrap_or_default();
    let folders = folders.into_iter().map(Path::to_owned).chain(env::split_paths(&path));
    env::join_paths(folders).context("PATH cannot be extended")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_from_the_lock_file() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"1.0.0\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(locked_version(lock, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(locked_version(lock, "bindgen"), None);
    }
}
