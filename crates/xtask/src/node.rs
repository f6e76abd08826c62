//! Node and npm: what the browser app is built with and tested by, besides Rust, and clients in TypeScript too.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process::{Interrupts, run};
use crate::tools::{answer, root};

/// What the packages in all lock files ask for.
const OLDEST: u32 = 20;

const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

/// That there is a node, and that it is new enough.
#[derive(Clone, Copy)]
pub(crate) struct Node(());

impl Node {
    /// Looks for node and npm.
    pub(crate) fn find() -> Result<Self> {
        let Some(version) = answer("node", &["--version"]) else {
            bail!(
                "the browser app takes Node {OLDEST} or newer, and there is none: `apt-get install nodejs npm`"
            );
        };
        if major(&version).is_none_or(|major| major < OLDEST) {
            bail!(
                "the browser app takes Node {OLDEST} or newer, and this is {version}: `apt-get install nodejs npm`, \
                 or https://nodejs.org where that is older"
            );
        }
        if answer(NPM, &["--version"]).is_none() {
            bail!("the browser app takes npm, and there is none: `apt-get install npm`");
        }
        Ok(Self(()))
    }

    /// A `node`, in the workspace.
    pub(crate) fn command(self) -> Command {
        let mut node = Command::new("node");
        node.current_dir(root());
        node
    }

    /// The tests in a folder, two files at a time: each test has its portal, its folder and its people.
    pub(crate) fn tests(self, folder: &str, ending: &str) -> Result<Command> {
        let mut node = self.command();
        node.args(["--test", "--test-concurrency=2", "--test-reporter=spec"]);
        node.args(test_files(&root().join(folder), ending)?);
        // Reports and coverage of another run are none of this one's business.
        node.env_remove("NODE_OPTIONS");
        Ok(node)
    }

    /// The packages that a folder's lock file names, installed if they are not, or others are.
    pub(crate) fn packages(self, folder: &str, interrupts: &Interrupts) -> Result<Packages> {
        let folder = root().join(folder);
        let lock = folder.join("package-lock.json");
        let wanted = fs::read(&lock).with_context(|| format!("cannot read {}", lock.display()))?;
        let packages = Packages { modules: folder.join("node_modules") };
        // A copy of the lock file, written when all of it is there.
        let installed = packages.modules.join(".installed");
        if fs::read(&installed).is_ok_and(|installed| installed == wanted) {
            return Ok(packages);
        }
        println!("Installing the npm packages of {} ...", folder.display());
        run(Command::new(NPM).args(["ci", "--loglevel=error"]).current_dir(&folder), interrupts)?;
        fs::write(&installed, wanted).with_context(|| format!("cannot write {}", installed.display()))?;
        Ok(packages)
    }
}

/// Named one by one: Node 20 does not know patterns.
fn test_files(folder: &Path, ending: &str) -> Result<Vec<PathBuf>> {
    let read = || fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>();
    let mut files = read().with_context(|| format!("cannot read {}", folder.display()))?;
    files.retain(|file| file.to_string_lossy().ends_with(ending));
    if files.is_empty() {
        bail!("there are no tests in {}", folder.display());
    }
    files.sort();
    Ok(files)
}

/// Packages that are there.
pub(crate) struct Packages {
    modules: PathBuf,
}

impl Packages {
    /// Where their programs are.
    pub(crate) fn programs(&self) -> PathBuf {
        self.modules.join(".bin")
    }
}

/// 20, of `v20.20.2`.
fn major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read() {
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major("node 20"), None);
    }
}
