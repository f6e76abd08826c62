//! Clients in other languages: the OpenAPI document is linted, a TypeScript client is made from it, and plays the story.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::node::Node;
use crate::process::{Interrupts, run, shown};
use crate::tools::{self, root};

const DOCUMENT: &str = "openapi/openapi.json";

/// Lints the document, generates the client, and compiles the tests with it.
pub(crate) fn prepare(node: Node, interrupts: &Interrupts) -> Result<()> {
    node.packages("clients", interrupts)?;
    // Of what an earlier document had, nothing is left to compile or to run.
    for folder in ["clients/generated", "clients/build"] {
        tools::remove_folder(&root().join(folder))?;
    }
    for (program, arguments) in [
        (
            "@stoplight/spectral-cli/dist/index.js",
            &["lint", DOCUMENT, "--ruleset", "clients/spectral.yaml", "--fail-severity", "hint"][..],
        ),
        ("openapi-typescript/bin/cli.js", &[DOCUMENT, "--output", "clients/generated/portal.ts"]),
        ("typescript/bin/tsc", &["--project", "clients"]),
    ] {
        let mut command = node.command();
        command.arg(format!("clients/node_modules/{program}")).args(arguments);
        println!("{}", shown(&command));
        run(&mut command, interrupts)?;
    }
    Ok(())
}

/// The test run.
pub(crate) fn tests(node: Node, portal: &Path) -> Result<Command> {
    let mut tests = node.tests("clients/build/clients/tests", ".test.js")?;
    tests.env("PORTAL_PROGRAM", portal);
    Ok(tests)
}
