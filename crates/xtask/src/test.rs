//! `cargo xtask test`: everything that has to hold before a change is merged, the same here as in CI.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, IsTerminal, Read, Write};
use std::process::{Command, ExitCode, ExitStatus, Stdio};
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;

use crate::browser::Browser;
use crate::fuzz::Effort;
use crate::node::Node;
use crate::postgres::{self, Cluster};
use crate::process::{self, Interrupted, Interrupts, shown};
use crate::python::Python;
use crate::summary::Counts;
use crate::tools::{self, CARGO_DENY, CARGO_NEXTEST, Libpq, WASM, cargo};
use crate::{app, clients, fuzz, portal};

/// Runs every check, the tests once on SQLite and once on PostgreSQL, and the browser app in a browser. Stops at the
/// first step that fails.
///
/// That the committed OpenAPI document and the table of who may do what still fit the code is checked by tests
/// of the server; `cargo xtask generate` writes both anew.
///
/// The last line counts the tests of all runs: `N passed, N failed`.
#[derive(clap::Args)]
pub(crate) struct Test {
    /// Run this step only (may be given more than once).
    #[arg(long, value_name = "STEP")]
    only: Vec<Step>,
    /// Fuzz for half an hour instead of minutes: every role tries every operation, with another seed each time. And test what
    /// is built by features only.
    #[arg(long)]
    full: bool,
    /// Also the long runs of the server's tests: servers and databases that die for many minutes, 100,000 steps against the
    /// model of the rule, 1,000 revocations under load, a million cases for each parser, half an hour of mixed work
    /// (PORTAL_TEST_LOAD_MINUTES). For some hours.
    #[arg(long)]
    long: bool,
    /// The seed of the fuzzing, to repeat what it has found.
    #[arg(long, value_name = "N")]
    seed: Option<u32>,
}

/// In the order in which they run: what fails fast comes first.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Step {
    /// The code is formatted (cargo fmt)
    Format,
    /// No warnings, in tests neither (clippy)
    Clippy,
    /// The client and the app build for the browser without warnings (clippy)
    Wasm,
    /// Licences, bans and sources of dependencies (cargo-deny; installed if missing)
    Deny,
    /// The documentation of the code builds without warnings
    Docs,
    /// All tests, the server's on SQLite (cargo-nextest; installed if missing)
    Sqlite,
    /// Traces reach a collector: the server with its feature `otlp` (with --full, or by its name)
    Traces,
    /// The server's tests on PostgreSQL: on TEST_DATABASE_URL if set, else on a throw-away server
    Postgres,
    /// The OpenAPI document's lint, and a TypeScript client made from it, against the real portal (Node)
    Clients,
    /// Schemathesis tries every operation by every role, on both databases (Python; installed from PyPI)
    Fuzz,
    /// The app as people get it is no larger than it may be (Trunk, wasm-bindgen; installed if missing)
    App,
    /// The app in a browser, against the real portal (Node, Chromium)
    Browser,
}

impl Test {
    pub(crate) fn run(self, interrupts: &Interrupts) -> Result<ExitCode> {
        let steps: Vec<Step> =
            Step::value_variants().iter().copied().filter(|step| self.wants(*step)).collect();
        tools::require_c_compiler()?;
        let takes_postgres = steps.contains(&Step::Postgres) || steps.contains(&Step::Fuzz);
        if takes_postgres && given_database().is_none() {
            postgres::require_programs()?;
        }
        if steps.contains(&Step::App) || steps.contains(&Step::Clients) {
            Node::find()?;
        }
        if steps.contains(&Step::Browser) {
            Browser::find(Node::find()?)?;
        }
        if steps.contains(&Step::Fuzz) {
            Python::find()?;
        }
        let effort = Effort { full: self.full, seed: self.seed };
        let (libpq, counts) = (Libpq::find(), Counts::default());
        let mut checks = Checks { interrupts, libpq, effort, long: self.long, counts };
        let mut code = ExitCode::SUCCESS;
        for (index, step) in steps.iter().enumerate() {
            let name = step.name();
            println!("\n== {name} ({} of {})", index + 1, steps.len());
            let start = Instant::now();
            let outcome = checks.run(*step);
            let took = start.elapsed().as_secs_f32();
            match outcome {
                Ok(()) => println!("== {name}: passed in {took:.1} s"),
                Err(error) if error.is::<Interrupted>() => return Err(error),
                Err(error) => {
                    println!("== {name}: FAILED after {took:.1} s");
                    eprintln!("\nerror: {error:#}\nThis step alone: cargo xtask test --only {name}");
                    code = ExitCode::FAILURE;
                    break;
                }
            }
        }
        println!("\n{}", checks.counts);
        Ok(code)
    }
}

impl Test {
    /// Another set of features means another build of almost everything, which is for those who wait for `--full` anyway.
    fn wants(&self, step: Step) -> bool {
        if self.only.is_empty() { step != Step::Traces || self.full } else { self.only.contains(&step) }
    }
}

impl Step {
    fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

/// The PostgreSQL to test on, if the person has one for us.
fn given_database() -> Option<OsString> {
    tools::variable("TEST_DATABASE_URL")
}

/// Writes the generated files anew; see the command's help.
pub(crate) fn generate(interrupts: &Interrupts) -> Result<ExitCode> {
    tools::require_c_compiler()?;
    let effort = Effort::default();
    let (libpq, counts) = (Libpq::find(), Counts::default());
    let mut checks = Checks { interrupts, libpq, effort, long: false, counts };
    let mut nextest = checks.nextest("sqlite", Some("package(portal-server) & test(generated)"))?;
    nextest.env("UPDATE_GENERATED", "1");
    checks.count(&mut nextest)?;
    println!("The generated files are up to date; `git diff` shows what changed.");
    Ok(ExitCode::SUCCESS)
}

struct Checks<'a> {
    interrupts: &'a Interrupts,
    libpq: Libpq,
    effort: Effort,
    long: bool,
    counts: Counts,
}

impl Checks<'_> {
    fn run(&mut self, step: Step) -> Result<()> {
        match step {
            Step::Format => self.check(cargo().args(["fmt", "--all", "--check"])),
            Step::Clippy => self.check(
                cargo()
                    .args(["clippy", "--workspace", "--exclude", "portal-app", "--all-targets", "--locked"])
                    .args(self.libpq.arguments())
                    .args(["--", "-D", "warnings"]),
            ),
            Step::Wasm => {
                tools::require_wasm_target(self.interrupts)?;
                let mut clippy = cargo();
                clippy.args([
                    "clippy",
                    "-p",
                    "portal-client",
                    "-p",
                    "portal-app",
                    "--target",
                    WASM,
                    "--locked",
                ]);
                self.check(clippy.args(["--", "-D", "warnings"]))
            }
            // Known vulnerabilities are looked up elsewhere, on a schedule: the list changes without us.
            Step::Deny => self.check(CARGO_DENY.cargo(self.interrupts)?.args([
                "deny",
                "--locked",
                "check",
                "--hide-inclusion-graph",
                "licenses",
                "bans",
                "sources",
            ])),
            Step::Docs => {
                self.check(
                    docs().args(["--workspace", "--exclude", "portal-app"]).args(self.libpq.arguments()),
                )?;
                tools::require_wasm_target(self.interrupts)?;
                self.check(docs().args(["-p", "portal-app", "--target", WASM]))
            }
            Step::Sqlite => {
                let mut nextest = self.nextest("sqlite", None)?;
                self.count(&mut nextest)
            }
            Step::Traces => {
                let mut nextest = self.nextest("sqlite", Some("test(traces::)"))?;
                self.count(nextest.args(["--features", "portal-server/otlp"]))
            }
            Step::Postgres => self.on_postgres(),
            Step::Clients => self.by_clients(),
            Step::Fuzz => self.by_fuzzing(),
            Step::App => app::build_and_weigh(Node::find()?, self.interrupts),
            Step::Browser => self.in_browser(),
        }
    }

    fn on_postgres(&mut self) -> Result<()> {
        let mut nextest = self.nextest("postgres", Some("package(portal-server)"))?;
        // Kept until the tests have ended, however they end.
        let (url, _cluster) = self.postgres()?;
        nextest.env("TEST_DATABASE_URL", url);
        self.count(&mut nextest)
    }

    /// The PostgreSQL to test on, and what keeps it running if it is a throw-away one.
    fn postgres(&self) -> Result<(OsString, Option<Cluster>)> {
        if let Some(url) = given_database() {
            return Ok((url, None));
        }
        let cluster = Cluster::start(self.interrupts)?;
        Ok((cluster.url().into(), Some(cluster)))
    }

    fn by_clients(&mut self) -> Result<()> {
        let node = Node::find()?;
        clients::prepare(node, self.interrupts)?;
        let portal = portal::build(self.libpq, self.interrupts)?;
        let mut tests = in_colours(clients::tests(node, &portal)?);
        self.count(&mut tests)
    }

    fn by_fuzzing(&mut self) -> Result<()> {
        let python = Python::find()?;
        let portal = portal::build(self.libpq, self.interrupts)?;
        let (postgres, _cluster) = self.postgres()?;
        let mut tests = fuzz::tests(self.effort, &python, &portal, &postgres, self.interrupts)?;
        self.count(&mut tests)
    }

    fn in_browser(&mut self) -> Result<()> {
        let node = Node::find()?;
        let browser = Browser::find(node)?;
        browser.check_types(self.interrupts)?;
        let app = app::built(node, self.interrupts)?;
        let portal = portal::build(self.libpq, self.interrupts)?;
        let mut tests = in_colours(browser.tests(&portal, &app)?);
        self.count(&mut tests)
    }

    /// Always of the whole workspace, narrowed by a filter: the features of shared dependencies stay the same,
    /// and nothing is built twice.
    fn nextest(&self, database: &str, filter: Option<&str>) -> Result<Command> {
        let mut nextest = CARGO_NEXTEST.cargo(self.interrupts)?;
        nextest.args(["nextest", "run", "--workspace", "--locked", "--no-fail-fast"]);
        nextest.args(self.libpq.arguments());
        if let Some(filter) = filter {
            nextest.args(["-E", filter]);
        }
        if speaks_in_colours() {
            nextest.args(["--color", "always"]);
        }
        nextest.env("PORTAL_TEST_DATABASE", database);
        if self.long {
            nextest.args(["--profile", "long"]).env("PORTAL_TEST_LONG", "1").env("PROPTEST_CASES", "1000000");
        }
        Ok(nextest)
    }

    fn check(&self, command: &mut Command) -> Result<()> {
        println!("{}", shown(command));
        process::run(command, self.interrupts)
    }

    /// Runs tests and adds up how many passed and failed.
    fn count(&mut self, tests: &mut Command) -> Result<()> {
        println!("{}", shown(tests));
        let (status, counts) = passed_through(tests, self.interrupts)?;
        self.interrupts.check()?;
        self.counts += counts;
        if !status.success() {
            bail!("{} failed ({status})", shown(tests));
        }
        Ok(())
    }
}

fn docs() -> Command {
    let mut doc = cargo();
    doc.args(["doc", "--no-deps", "--document-private-items", "--locked"]).env("RUSTDOCFLAGS", "-D warnings");
    doc
}

fn in_colours(mut node: Command) -> Command {
    if speaks_in_colours() {
        node.env("FORCE_COLOR", "1");
    }
    node
}

/// Test runners write into a pipe here, where they would leave the colours out.
fn speaks_in_colours() -> bool {
    std::io::stderr().is_terminal() && tools::variable("NO_COLOR").is_none()
}

/// Runs a command, hands on what it says as it comes, and picks the summaries out of it.
fn passed_through(command: &mut Command, interrupts: &Interrupts) -> Result<(ExitStatus, Counts)> {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().with_context(|| format!("cannot start {}", shown(command)))?;
    // nextest sums up on the one, node on the other.
    let answer = child.stdout.take().context("the output was piped")?;
    let messages = child.stderr.take().context("the messages were piped")?;
    let answer = thread::spawn(|| counted(answer, std::io::stdout()));
    let messages = thread::spawn(|| counted(messages, std::io::stderr()));
    let status = process::wait(&mut child, interrupts)?;
    let mut counts = Counts::default();
    for reader in [answer, messages] {
        counts += reader.join().ok().context("a reader of what the tests say broke")??;
    }
    Ok((status, counts))
}

fn counted(from: impl Read, mut to: impl Write) -> Result<Counts> {
    let mut counts = Counts::default();
    for line in BufReader::new(from).split(b'\n') {
        let mut line = line.context("cannot read what the tests say")?;
        line.push(b'\n');
        to.write_all(&line).context("cannot hand on what the tests say")?;
        if let Some(run) = Counts::from_line(&String::from_utf8_lossy(&line)) {
            counts += run;
        }
    }
    Ok(counts)
}
