//! `docs/INTEGRATING.md` is true: its commands are run as they are written, and its Rust is that of a program that runs.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::app::{TestApp, check_generated};

const DOCUMENT: &str = include_str!("../../../../docs/INTEGRATING.md");
const WALKTHROUGH: &str = include_str!("../../../example-vendor/examples/walkthrough.rs");
/// What comes out between two blocks.
const BORDER: &str = "-- the next block --";

/// A block that is run, and what is said to come out.
#[derive(Debug)]
struct Step {
    commands: String,
    expected: Option<String>,
}

/// The document's blocks, as pairs of their language and text.
pub fn blocks(document: &str) -> Vec<(String, String)> {
    let mut blocks = Vec::new();
    let mut lines = document.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let text: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            blocks.push((language.to_owned(), text.join("\n")));
        }
    }
    blocks
}

fn steps(document: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for (language, text) in blocks(document) {
        match language.as_str() {
            "sh" => steps.push(Step { commands: text, expected: None }),
            "json" | "text" => {
                let step = steps.last_mut().expect("commands before what they print");
                assert!(step.expected.is_none(), "two answers to {}", step.commands);
                step.expected = Some(text);
            }
            other => {
                assert!(matches!(other, "bash" | "rust"), "{other}: nobody knows what to do with this block")
            }
        }
    }
    steps
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect()
}

/// Whether the text is the pattern, in which `...` stands for anything and blanks for nothing.
fn fits(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (squeezed(pattern), squeezed(text));
    let mut parts = pattern.split("...");
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, between)) = parts.split_last() else { return rest.is_empty() };
    for part in between {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[test]
fn three_dots_stand_for_anything() {
    for (pattern, text) in
        [("a", "a"), ("a...c", "abc"), ("{...}", "{}"), ("...b...", "abc"), ("a b", "ab\n"), ("a...a", "aa")]
    {
        assert!(fits(pattern, text), "{pattern} {text}");
    }
    for (pattern, text) in [("a", "ab"), ("a...c", "ab"), ("b...", "ab"), ("a...a", "a"), ("", "a")] {
        assert!(!fits(pattern, text), "{pattern} {text}");
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The folders of the programs that the document builds: cargo has built them along with the tests of the workspace.
pub fn programs() -> [PathBuf; 2] {
    let folder = Path::new(env!("CARGO_BIN_EXE_portal")).parent().unwrap().to_owned();
    let examples = folder.join("examples");
    for program in [folder.join("example-vendor"), examples.join("walkthrough")] {
        assert!(program.exists(), "{} is missing: run the tests with --workspace", program.display());
    }
    [folder, examples]
}

#[expect(clippy::disallowed_methods, reason = "programs are run as from this shell")]
pub fn path(first: &[PathBuf]) -> std::ffi::OsString {
    let inherited = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths(first.iter().cloned().chain(std::env::split_paths(&inherited))).unwrap()
}

/// The document's commands as one script, on ports that are free.
fn script(steps: &[Step], portal: u16, vendor: u16) -> String {
    let mut script = String::from("set -eu\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n");
    for step in steps {
        script += &on_ports(&step.commands, portal, vendor);
        script += &format!("\nprintf '\\n%s\\n' '{BORDER}'\n");
    }
    script
}

fn on_ports(text: &str, portal: u16, vendor: u16) -> String {
    text.replace("localhost:8080", &format!("localhost:{portal}"))
        .replace("127.0.0.1:9090", &format!("127.0.0.1:{vendor}"))
}

#[tokio::test]
async fn integrating_by_the_document_works_to_the_letter() {
    // It is asked for its database only; the document starts a portal of its own, whose mails and events are its own, too.
    let app = TestApp::start();
    app.pause_mail();
    app.pause_webhooks();
    let steps = steps(DOCUMENT);
    assert!(steps.len() > 10, "the document has commands");
    let (portal, vendor) = (free_port(), free_port());
    let folder = app.directory().join("integrating");
    std::fs::create_dir(&folder).unwrap();
    let mut shell = Command::new("bash");
    shell
        .arg("-c")
        .arg(script(&steps, portal, vendor))
        .current_dir(&folder)
        .env_clear()
        .env("PATH", path(&programs()))
        .env("DATABASE_URL", app.database_url())
        // The database is used with these already.
        .env("PORTAL_KEYS_DIR", &app.app.config.keys_dir)
        .env("PORTAL_LISTEN", format!("127.0.0.1:{portal}"))
        .env("PORTAL_PUBLIC_URL", format!("http://localhost:{portal}"))
        .stdin(Stdio::null());
    let ran = tokio::task::spawn_blocking(move || shell.output().expect("bash runs")).await.unwrap();
    let said = String::from_utf8(ran.stdout).unwrap();
    let complaint = String::from_utf8_lossy(&ran.stderr).into_owned();
    let log = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap_or_default();
    let logs = || format!("{complaint}\n{}\n{}", log("portal.log"), log("vendor.log"));
    let mut answers = said.split(BORDER);
    for step in &steps {
        let answer = answers.next().unwrap_or_default();
        let expected = on_ports(step.expected.as_deref().unwrap_or_default(), portal, vendor);
        assert!(fits(&expected, answer), "{}\n\nsaid\n{answer}\nnot\n{expected}\n{}", step.commands, logs());
    }
    assert!(ran.status.success(), "{}", logs());
    assert!(log("vendor.log").contains("webhook.test"), "{}", logs());
}

#[test]
fn generated_excerpts_of_the_client_are_current() {
    let (_, rest) = WALKTHROUGH.split_once("// excerpt: client\n").expect("where it begins");
    let (excerpt, _) = rest.split_once("// end\n").expect("where it ends");
    check_generated("docs/INTEGRATING.md", "client", &format!("\n```rust\n{excerpt}```\n\n"));
}
