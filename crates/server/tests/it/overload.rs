//! More than a server can do: it serves what it can, tells the others to come back, and does not grow.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use portal_server::open_files::raise_limit;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::app::{Owner, TestApp, short_or_long};
use crate::processes::Process;

/// One connection, spoken to in plain HTTP.
pub struct Line(TcpStream);

/// An answer.
pub struct Answer {
    pub status: u16,
    head: String,
    body: String,
}

impl Answer {
    /// A refusal as it has to be: with a problem, and a time to come back, which is answered.
    pub fn assert_refusal(&self) -> Duration {
        assert_eq!(self.status, 503, "{}", self.head);
        let head = self.head.to_lowercase();
        assert!(head.contains("application/problem+json"), "{head}");
        assert!(self.body.contains("\"unavailable\"") && self.body.contains("request_id"), "{}", self.body);
        let seconds = head.lines().find_map(|line| line.strip_prefix("retry-after: ")?.trim().parse().ok());
        Duration::from_secs(seconds.expect("a time to come back"))
    }

    /// Whether the connection ends with it.
    pub fn is_last(&self) -> bool {
        self.head.to_lowercase().contains("connection: close")
    }
}

impl Line {
    pub async fn open(address: SocketAddr) -> std::io::Result<Self> {
        TcpStream::connect(address).await.map(Self)
    }

    pub async fn send(&mut self, text: &str) -> std::io::Result<()> {
        self.0.write_all(text.as_bytes()).await
    }

    async fn get(&mut self, path: &str, token: &str) -> std::io::Result<Answer> {
        self.send(&get(path, token)).await?;
        self.answer().await
    }

    /// Reads one answer.
    pub async fn answer(&mut self) -> std::io::Result<Answer> {
        let (mut read, mut buffer) = (Vec::new(), [0; 4_096]);
        loop {
            let text = String::from_utf8_lossy(&read).into_owned();
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length = head.lines().find_map(|line| {
                    line.to_lowercase().strip_prefix("content-length: ")?.trim().parse::<usize>().ok()
                });
                if body.len() >= length.unwrap_or(0) {
                    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
                    return Ok(Answer { status, head: head.to_owned(), body: body.to_owned() });
                }
            }
            match self.0.read(&mut buffer).await? {
                0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
                count => read.extend_from_slice(&buffer[..count]),
            }
        }
    }
}

/// A request for this path, by who has this token.
pub fn get(path: &str, token: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n")
}

/// The memory that a process has now, in kilobytes.
pub fn memory(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").trim().parse().unwrap()
}

pub fn address(process: &Process) -> SocketAddr {
    process.base_url.trim_start_matches("http://").parse().unwrap()
}

/// A server with an account to ask for.
pub async fn serve(settings: &[(&str, &str)]) -> (TestApp, Owner, Process) {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let settings = [&[("PORTAL_LOG", "warn,portal_server::cli=info")], settings].concat();
    let process = Process::serve_with(&app, &settings, &app.directory().join("process.log"));
    (app, owner, process)
}

/// What callers have met.
#[derive(Default)]
pub struct Tally {
    pub served: AtomicUsize,
    pub refused: AtomicUsize,
    slowest_refusal_millis: AtomicUsize,
}

impl Tally {
    /// How many were served, and how many refused.
    pub fn counts(&self) -> (usize, usize) {
        (self.served.load(Ordering::SeqCst), self.refused.load(Ordering::SeqCst))
    }

    /// What the slowest refusal took.
    pub fn slowest_refusal(&self) -> Duration {
        Duration::from_millis(self.slowest_refusal_millis.load(Ordering::SeqCst) as u64)
    }

    /// Notes an answer to what began then; how long its caller is asked to wait.
    pub fn note(&self, answer: &Answer, began: Instant) -> Option<Duration> {
        if (200..300).contains(&answer.status) {
            self.served.fetch_add(1, Ordering::SeqCst);
            return None;
        }
        let pause = answer.assert_refusal();
        self.refused.fetch_add(1, Ordering::SeqCst);
        let took = usize::try_from(began.elapsed().as_millis()).unwrap();
        self.slowest_refusal_millis.fetch_max(took, Ordering::SeqCst);
        Some(pause)
    }
}

/// How those come back who were refused.
#[derive(Debug, Clone, Copy)]
pub enum Manner {
    /// When they were told to.
    Patient,
    /// At once, or nearly.
    Hammering,
}

/// So many callers, each on a connection of its own, send this request again and again for this long.
pub async fn storm(
    address: SocketAddr,
    request: &str,
    callers: usize,
    lasts: Duration,
    manner: Manner,
) -> Arc<Tally> {
    assert!(raise_limit() > callers + 200, "this many files may be open");
    let (tally, until) = (Arc::<Tally>::default(), Instant::now() + lasts);
    let call = |_| {
        let (tally, request) = (Arc::clone(&tally), request.to_owned());
        tokio::spawn(async move {
            let mut line = None;
            while Instant::now() < until {
                if line.is_none() {
                    line = Line::open(address).await.ok();
                }
                let Some(open) = &mut line else {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    continue;
                };
                let began = Instant::now();
                let asked = async {
                    open.send(&request).await?;
                    open.answer().await
                };
                // Closed before it was asked, as idle connections may be.
                let Ok(answer) = asked.await else {
                    line = None;
                    continue;
                };
                let pause = tally.note(&answer, began);
                if answer.is_last() {
                    line = None;
                }
                let Some(pause) = pause else { continue };
                let pause = if let Manner::Patient = manner { pause } else { Duration::from_millis(100) };
                tokio::time::sleep_until((Instant::now() + pause).min(until).into()).await;
            }
        })
    };
    let callers: Vec<_> = (0..callers).map(call).collect();
    for caller in callers {
        caller.await.expect("every answer was one that may be");
    }
    tally
}

/// The same, for an account; whoever is refused comes back at once.
async fn hammer(address: SocketAddr, token: &str, callers: usize, lasts: Duration) -> Arc<Tally> {
    storm(address, &get("/api/v1/account", token), callers, lasts, Manner::Hammering).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_times_the_connections_are_refused_with_503_and_the_others_are_served() {
    let (_app, owner, process) = serve(&[("PORTAL_MAX_CONNECTIONS", "40")]).await;
    let address = address(&process);
    hammer(address, owner.inside.token(), 20, Duration::from_millis(500)).await;
    let before = memory(process.pid());
    let stop = Arc::new(AtomicBool::new(false));
    let watching = tokio::spawn({
        let stop = Arc::clone(&stop);
        async move {
            let mut seen = 0;
            while !stop.load(Ordering::SeqCst) {
                // Whoever restarts what does not answer must be answered.
                let mut line = Line::open(address).await.unwrap();
                let answer = tokio::time::timeout(Duration::from_secs(10), line.get("/healthz", "")).await;
                seen += usize::from(answer.expect("in time").is_ok_and(|answer| answer.status == 200));
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            seen
        }
    });
    let tally = hammer(address, owner.inside.token(), 400, Duration::from_secs(3)).await;
    stop.store(true, Ordering::SeqCst);
    let (served, refused) = tally.counts();
    assert!(served > 50 && refused > 50, "{served} served, {refused} refused");
    assert!(watching.await.unwrap() > 3, "the program was seen to be well");
    let grown = memory(process.pid()).saturating_sub(before);
    assert!(grown < 40 * 1024, "it has grown by {grown} kB");
    // And afterwards all is as before.
    let after = hammer(address, owner.inside.token(), 20, Duration::from_millis(500)).await;
    assert!(after.served.load(Ordering::SeqCst) > 0);
    assert_eq!(after.refused.load(Ordering::SeqCst), 0);
    let metrics = process.portal().read_metrics().await.unwrap();
    assert!(!metrics.contains("\nportal_connections_refused_total 0\n"), "it was counted");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_few_files_may_be_open_few_connections_are_served_and_none_breaks_the_server() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let mut command = std::process::Command::new("sh");
    command.args(["-c", "ulimit -n 256; exec \"$0\" serve", env!("CARGO_BIN_EXE_portal")]);
    command.env_clear().envs(crate::processes::surroundings(&app)).current_dir(app.directory());
    let log = app.directory().join("few-files.log");
    let process = Process::start(&mut command, &log).expect("it starts");
    assert!(std::fs::read_to_string(&log).unwrap().contains("PORTAL_MAX_CONNECTIONS"), "it says so");
    let (address, token) = (address(&process), owner.inside.token());
    let tally = hammer(address, token, 500, Duration::from_secs(2)).await;
    assert!(tally.served.load(Ordering::SeqCst) > 10);
    assert!(tally.refused.load(Ordering::SeqCst) > 10);
    // It can write, which takes files too, and serves as before.
    let rename = portal_api_types::RenameAccount { name: crate::app::named("Renamed") };
    process.portal().in_account(token).rename_account(&rename).await.unwrap();
    let after = hammer(address, token, 8, Duration::from_millis(500)).await;
    assert_eq!(after.refused.load(Ordering::SeqCst), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_sends_byte_by_byte_holds_up_nobody_and_is_cut_off() {
    let (_app, owner, process) = serve(&[("PORTAL_REQUEST_TIMEOUT", "2")]).await;
    let address = address(&process);
    let head = "GET /api/v1/account HTTP/1.1\r\nHost: x\r\nX-Slow: ".to_owned();
    let body = "POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
                Content-Length: 1000\r\n\r\n{"
        .to_owned();
    let slow: Vec<_> = (0..300)
        .map(|index| {
            let begin = if index % 2 == 0 { head.clone() } else { body.clone() };
            tokio::spawn(async move {
                let started = Instant::now();
                let mut line = Line::open(address).await.unwrap();
                line.send(&begin).await.unwrap();
                let (mut reading, mut writing) = line.0.into_split();
                let dripping = tokio::spawn(async move {
                    while writing.write_all(b" ").await.is_ok() {
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                });
                let mut answer = Vec::new();
                // Reset, where what was still being sent came too late.
                let _ = reading.read_to_end(&mut answer).await;
                dripping.abort();
                (String::from_utf8_lossy(&answer).into_owned(), started.elapsed())
            })
        })
        .collect();
    let until = Instant::now() + Duration::from_secs(2);
    let mut line = Line::open(address).await.unwrap();
    let mut served = 0;
    while Instant::now() < until {
        let answer =
            tokio::time::timeout(Duration::from_secs(2), line.get("/api/v1/account", owner.inside.token()));
        assert_eq!(answer.await.expect("at once").unwrap().status, 200);
        served += 1;
    }
    assert!(served > 10, "others are served: {served}");
    for slow in slow {
        let (answer, took) = slow.await.unwrap();
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
        assert!(took < Duration::from_secs(20), "held for {took:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_idle_connections_cost_little_and_hold_up_nobody() {
    let (_app, owner, process) = serve(&[]).await;
    let address = address(&process);
    hammer(address, owner.inside.token(), 20, Duration::from_millis(500)).await;
    let before = memory(process.pid());
    let count = short_or_long(1_500, 8_000).min(u64::try_from(raise_limit() / 2).unwrap());
    let mut lines = Vec::new();
    for _ in 0..count {
        lines.push(Line::open(address).await.unwrap());
    }
    let tally = hammer(address, owner.inside.token(), 8, Duration::from_secs(1)).await;
    assert!(tally.served.load(Ordering::SeqCst) > 10);
    assert_eq!(tally.refused.load(Ordering::SeqCst), 0);
    let each = memory(process.pid()).saturating_sub(before) / count;
    assert!(each < 32, "{each} kB for each");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deep_and_huge_requests_are_refused_and_cost_nothing() {
    let (_app, owner, process) = serve(&[]).await;
    let address = address(&process);
    hammer(address, owner.inside.token(), 20, Duration::from_millis(500)).await;
    let before = memory(process.pid());
    let post = |body: &str| {
        let length = body.len();
        format!(
            "POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        )
    };
    let ask = |text: String| async move {
        let mut line = Line::open(address).await.unwrap();
        // What is refused is not read to its end.
        let _ = line.send(&text).await;
        line.answer().await.map_or(0, |answer| answer.status)
    };
    for deep in [format!("{{\"email\":{}", "[".repeat(60_000)), "{\"email\":".repeat(7_000)] {
        assert_eq!(ask(post(&deep)).await, 400);
    }
    let wide = format!("{{\"email\":[{}0]}}", "0,".repeat(30_000));
    assert_eq!(ask(post(&wide)).await, 422);
    let endless = "POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
                   Transfer-Encoding: chunked\r\n\r\n";
    for _ in 0..4 {
        let mut line = Line::open(address).await.unwrap();
        line.send(endless).await.unwrap();
        let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
        let (mut reading, mut writing) = line.0.into_split();
        // Whether the rest is taken or not, it is not kept.
        let sending = tokio::spawn(async move {
            for _ in 0..1_000 {
                if writing.write_all(chunk.as_bytes()).await.is_err() {
                    break;
                }
            }
        });
        let mut answer = [0; 12];
        reading.read_exact(&mut answer).await.expect("an answer before the end");
        assert_eq!(&answer, b"HTTP/1.1 413");
        sending.await.unwrap();
    }
    let long_path = format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(1_000_000));
    let many_headers = format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "X-A: b\r\n".repeat(100_000));
    for huge in [long_path, many_headers] {
        let status = ask(huge).await;
        assert!(status == 0 || (400..500).contains(&status), "{status}");
    }
    let grown = memory(process.pid()).saturating_sub(before);
    assert!(grown < 30 * 1024, "it has grown by {grown} kB");
}
