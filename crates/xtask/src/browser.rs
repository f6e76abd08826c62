//! What drives the browser app in tests: Node with its packages, and Chromium.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::node::Node;
use crate::process::{Interrupts, run};
use crate::tools::{on_path, variable};

/// Chromium as systems name it; e2e/lib/browser.mjs knows the same names.
const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// Everything that the browser tests need and that is not built here.
pub(crate) struct Browser {
    node: Node,
    chromium: PathBuf,
}

impl Browser {
    /// Looks for Chromium: what `CHROMIUM` names, or one on PATH.
    pub(crate) fn find(node: Node) -> Result<Self> {
        let chromium = match variable("CHROMIUM") {
            Some(named) if fs::metadata(&named).is_ok_and(|data| data.is_file()) => PathBuf::from(named),
            Some(named) => bail!("CHROMIUM names {}, and there is no such file", named.display()),
            None => NAMES.iter().find_map(on_path).context(
                "the browser tests take Chromium, and there is none: `apt-get install chromium`, or set CHROMIUM to \
                 its program",
            )?,
        };
        Ok(Self { node, chromium })
    }

    /// Checks the types that the tests' comments declare.
    pub(crate) fn check_types(&self, interrupts: &Interrupts) -> Result<()> {
        self.node.packages("e2e", interrupts)?;
        run(
            self.node.command().args([
                "e2e/node_modules/typescript/bin/tsc",
                "--project",
                "e2e/jsconfig.json",
            ]),
            interrupts,
        )
    }

    /// The test run, two files at a time: each test has its portal, its folder and its people.
    pub(crate) fn tests(&self, portal: &Path, app: &Path) -> Result<Command> {
        let mut node = self.node.tests("e2e/tests", ".test.mjs")?;
        node.env("CHROMIUM", &self.chromium).env("PORTAL_PROGRAM", portal).env("PORTAL_FRONTEND_DIR", app);
        Ok(node)
    }
}
