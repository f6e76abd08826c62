//! Load by wrk: the requests of a file, for some seconds, over some connections.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// What wrk plays.
const SCRIPT: &str = include_str!("wrk.lua");
/// Threads of wrk: enough to keep a server on the same machine busy.
pub(crate) const THREADS: usize = 2;

/// A request to play.
pub(crate) struct Request {
    /// `GET`, `PUT`, ...
    pub(crate) method: &'static str,
    /// With its query.
    pub(crate) path: String,
    /// The bearer token.
    pub(crate) token: Option<String>,
    /// JSON.
    pub(crate) body: Option<String>,
}

impl Request {
    pub(crate) fn get(path: impl Into<String>, token: impl Into<String>) -> Self {
        Self { method: "GET", path: path.into(), token: Some(token.into()), body: None }
    }
}

/// What came of it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Answer {
    /// Answered requests.
    pub(crate) requests: u64,
    /// How long it took.
    pub(crate) micros: u64,
    /// Answers of 400 and above.
    pub(crate) refused: u64,
    /// Connections that broke, and answers that did not come in time.
    pub(crate) broken: u64,
    /// Half of the answers took no longer than this, in microseconds.
    pub(crate) p50: f64,
    /// 99 of 100 answers took no longer than this, in microseconds.
    pub(crate) p99: f64,
}

impl Answer {
    /// Requests per second.
    pub(crate) fn rate(&self) -> f64 {
        self.requests as f64 / (self.micros as f64 / 1e6)
    }
}

/// A load generator, and the folder where its files are.
pub(crate) struct Wrk {
    program: PathBuf,
    folder: PathBuf,
}

impl Wrk {
    /// Looks for wrk.
    pub(crate) fn find(folder: &Path) -> Result<Self> {
        let program = PathBuf::from("wrk");
        let there =
            Command::new(&program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        there.context("wrk is missing, the load generator: apt-get install wrk")?;
        std::fs::write(folder.join("wrk.lua"), SCRIPT).context("cannot write wrk's script")?;
        Ok(Self { program, folder: folder.to_owned() })
    }

    /// Writes requests to play down, under a name.
    pub(crate) fn prepare(&self, name: &str, requests: &[Request]) -> Result<PathBuf> {
        let mut text = String::new();
        for Request { method, path, token, body } in requests {
            let token = token.as_deref().unwrap_or("-");
            writeln!(text, "{method} {path} {token} {}", body.as_deref().unwrap_or_default())?;
        }
        let file = self.folder.join(format!("{name}.requests"));
        std::fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
        Ok(file)
    }

    /// Plays.
    pub(crate) fn run(
        &self,
        server: SocketAddr,
        requests: &Path,
        connections: usize,
        time: Duration,
    ) -> Result<Answer> {
        finish(self.start(server, requests, connections, time)?)
    }

    /// Begins to play, beside what the caller goes on to do.
    pub(crate) fn start(
        &self,
        server: SocketAddr,
        requests: &Path,
        connections: usize,
        time: Duration,
    ) -> Result<Child> {
        let threads = THREADS.min(connections);
        let mut wrk = Command::new(&self.program);
        wrk.args([
            format!("-t{threads}"),
            format!("-c{connections}"),
            format!("-d{}", time.as_secs().max(1)),
        ]);
        wrk.args(["--timeout", "30s", "-s"]).arg(self.folder.join("wrk.lua")).arg(format!("http://{server}"));
        wrk.arg("--").arg(requests).arg(threads.to_string());
        wrk.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().context("cannot start wrk")
    }
}

/// Waits for wrk, and reads its answer.
pub(crate) fn finish(wrk: Child) -> Result<Answer> {
    let output = wrk.wait_with_output().context("cannot wait for wrk")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let Some(line) = text.lines().rev().find(|line| line.starts_with('{')) else {
        bail!("wrk said nothing that can be read:\n{text}{}", String::from_utf8_lossy(&output.stderr));
    };
    serde_json::from_str(line).with_context(|| format!("wrk said {line}"))
}
