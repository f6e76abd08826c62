//! Python: what Schemathesis runs in, which tests the API.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process::{Interrupts, run};
use crate::tools::{self, answer, cache, root};

const PYTHON: &str = "python3";

/// That there is a Python, that it is new enough, and that it can make environments.
pub(crate) struct Python(());

impl Python {
    /// Looks for it.
    pub(crate) fn find() -> Result<Self> {
        let Some(version) = answer(PYTHON, &["--version"]) else {
            bail!(
                "fuzzing takes Python 3.11 or newer, and there is none: `apt-get install python3 python3-venv`"
            );
        };
        if answer(PYTHON, &["-c", "import sys; print(sys.version_info >= (3, 11))"]).as_deref()
            != Some("True")
        {
            bail!("fuzzing takes Python 3.11 or newer, and this is {version}: https://www.python.org");
        }
        if answer(PYTHON, &["-c", "import ensurepip, venv"]).is_none() {
            bail!("Python cannot make environments here: `apt-get install python3-venv`");
        }
        Ok(Self(()))
    }

    /// A Python with the packages that a folder's `requirements.txt` names, and no others: in a cache outside the clone,
    /// named by the most important of them.
    pub(crate) fn with_packages(
        &self,
        folder: &str,
        package: &str,
        interrupts: &Interrupts,
    ) -> Result<PathBuf> {
        let list = root().join(folder).join("requirements.txt");
        let wanted = fs::read_to_string(&list).with_context(|| format!("cannot read {}", list.display()))?;
        let version = pinned(&wanted, package)
            .with_context(|| format!("{} names no version of {package}", list.display()))?;
        let home = cache()?.join(format!("{package}-{version}"));
        let program = home.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
        // A copy of the list, written when all of it is there.
        let installed = home.join("installed.txt");
        if fs::read_to_string(&installed).is_ok_and(|installed| installed == wanted) && is_alive(&program) {
            return Ok(program);
        }
        println!("Installing {package} {version} in {} ...", home.display());
        tools::remove_folder(&home)?;
        run(Command::new(PYTHON).args(["-m", "venv"]).arg(&home), interrupts)?;
        let mut pip = Command::new(&program);
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]);
        // What is built first runs scripts of its own; none gets the chance.
        pip.args(["--only-binary", ":all:", "--requirement"]).arg(&list);
        run(&mut pip, interrupts).with_context(|| format!("cannot install {package} from PyPI"))?;
        fs::write(&installed, wanted).with_context(|| format!("cannot write {}", installed.display()))?;
        Ok(program)
    }
}

/// Whether an environment still has the Python that it was made with.
fn is_alive(program: &Path) -> bool {
    program.to_str().is_some_and(|program| answer(program, &["--version"]).is_some())
}

/// The version of a package in a requirements.txt.
fn pinned<'a>(list: &'a str, package: &str) -> Option<&'a str> {
    let rest = list.lines().find_map(|line| line.strip_prefix(package)?.strip_prefix("=="))?;
    rest.split_whitespace().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_from_the_list() {
        let list = "schemathesis-extra==1.0 \\\n    --hash=sha256:00\nschemathesis==4.32.5 \\\n    --hash=sha256:00\n";
        assert_eq!(pinned(list, "schemathesis"), Some("4.32.5"));
        assert_eq!(pinned(list, "thesis"), None);
    }
}
