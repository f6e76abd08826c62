//! Four times as much as the portal can do: it goes on to do nearly all that it can, tells the others so within a second, and does
//! not grow.
//!
//! Those who call take their share of the same processors here, and the more of them there are, the more. So where the processor
//! is what there is too little of, what counts is how much of the time that the portal got went into what it served: on a machine
//! of its own, that is what it would serve.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::app::{PASSWORD, measured, short_or_long};
use crate::overload::{Line, Manner, Tally, address, get, memory, serve, storm};

/// What is promised, in percent.
const GOODPUT: u64 = 80;
/// The machine may have something else to do meanwhile: one run of these has to show it.
const TRIES: usize = 3;
/// Within which time whoever is not served is to know.
const TOLD: Duration = Duration::from_secs(1);

/// What came of a storm.
struct Run {
    served: u64,
    refused: u64,
    slowest_refusal: Duration,
    lasted: Duration,
    /// Processor time of the portal.
    effort: Duration,
}

impl Run {
    async fn of(process: u32, storm: impl Future<Output = Arc<Tally>>) -> Self {
        let (began, before) = (Instant::now(), effort(process));
        let tally = storm.await;
        let (served, refused) = tally.counts();
        let (lasted, effort) = (began.elapsed(), effort(process) - before);
        let slowest_refusal = tally.slowest_refusal();
        Self { served: served as u64, refused: refused as u64, slowest_refusal, lasted, effort }
    }

    /// What was served in a second, a thousand times.
    fn rate(&self) -> u64 {
        self.served * 1_000_000 / u64::try_from(self.lasted.as_millis()).unwrap().max(1)
    }

    /// What was served in a second of the portal's processor time, a thousand times.
    fn of_effort(&self) -> u64 {
        self.served * 1_000_000 / u64::try_from(self.effort.as_millis()).unwrap().max(1)
    }
}

/// The processor time that a process has had: the 14th and the 15th word, in hundredths of a second.
pub fn effort(process: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let behind_name = stat.rsplit(')').next().unwrap();
    let words = behind_name.split_whitespace().skip(11).take(2);
    Duration::from_millis(words.map(|word| word.parse::<u64>().unwrap() * 10).sum())
}

/// Compares a storm with the best that there was, by the clock and by effort, of which the better one is less disturbed by others;
/// and says whether it was as promised.
fn is_as_promised(what: &str, peak: &Run, run: &Run, told: Duration, grown: u64) -> bool {
    let share = |now: u64, peak: u64| now * 100 / peak.max(1);
    let share = share(run.rate(), peak.rate()).max(share(run.of_effort(), peak.of_effort()));
    measured(&format!(
        "{what}: {share} % of the peak, {} served, {} refused, the slowest after {:?}; {grown} kB more",
        run.served, run.refused, run.slowest_refusal
    ));
    assert!(run.refused > 0, "{what}: it was too much");
    share >= GOODPUT && run.slowest_refusal < told && grown < 60 * 1024
}

/// Four times as many callers as this many connections, for as often as it takes to see what is promised.
async fn crowd(limit: usize, told: Duration) -> bool {
    let (_app, owner, process) = serve(&[("PORTAL_MAX_CONNECTIONS", &limit.to_string())]).await;
    let (address, pid) = (address(&process), process.pid());
    let request = get("/api/v1/account", owner.inside.token());
    let lasts = Duration::from_secs(short_or_long(4, 20));
    let calls = |callers, lasts, manner| storm(address, &request, callers, lasts, manner);
    calls(limit, Duration::from_secs(1), Manner::Hammering).await;
    let before = memory(pid);
    let (mut patient, mut hammering) = (false, false);
    for _ in 0..TRIES {
        let peak = Run::of(pid, calls(limit, lasts, Manner::Hammering)).await;
        for (held, manner) in [(&mut patient, Manner::Patient), (&mut hammering, Manner::Hammering)] {
            let run = Run::of(pid, calls(4 * limit, lasts, manner)).await;
            let grown = memory(pid).saturating_sub(before);
            let what = format!("{manner:?} callers for {limit} connections");
            *held |= is_as_promised(&what, &peak, &run, told, grown);
        }
        if patient && hammering {
            return true;
        }
    }
    false
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_times_the_connections_take_nothing_from_those_that_are_served() {
    // As many as it takes to keep it busy; and many more, of which a program that is not optimised can only refuse a few
    // hundred in a second. One that is takes a second for them.
    for (limit, told) in [(64, TOLD), (600, TOLD * 10)] {
        assert!(crowd(limit, told).await, "{limit} connections: not once as promised");
    }
}

/// Sends a request four times as often as that, each on a connection of its own, whatever has become of those before.
async fn flood(address: SocketAddr, request: &str, rate: u64, lasts: Duration) -> Arc<Tally> {
    let (tally, began) = (Arc::<Tally>::default(), Instant::now());
    let (mut sent, mut calls) = (0, tokio::task::JoinSet::new());
    while began.elapsed() < lasts {
        while sent < u64::try_from(began.elapsed().as_millis()).unwrap() * rate / 1_000_000 {
            sent += 1;
            let (tally, request) = (Arc::clone(&tally), request.to_owned());
            calls.spawn(async move {
                let began = Instant::now();
                let Ok(mut line) = Line::open(address).await else { return };
                if line.send(&request).await.is_ok()
                    && let Ok(answer) = line.answer().await
                {
                    tally.note(&answer, began);
                }
            });
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    // What is still being worked on is not what was served in this time.
    let (served, refused) = tally.counts();
    calls.abort_all();
    while calls.join_next().await.is_some() {}
    tally.served.store(served, Ordering::SeqCst);
    tally.refused.store(refused, Ordering::SeqCst);
    tally
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_times_the_sign_ins_take_nothing_from_those_that_are_served() {
    let (_app, _owner, process) = serve(&[]).await;
    let (address, pid) = (address(&process), process.pid());
    let body = format!(r#"{{"email": "olivia@bakery.example", "password": "{PASSWORD}"}}"#);
    let length = body.len();
    let request = format!(
        "POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    );
    let lasts = Duration::from_secs(short_or_long(5, 20));
    storm(address, &request, 8, Duration::from_secs(1), Manner::Hammering).await;
    let mut held = false;
    for _ in 0..TRIES {
        let peak = Run::of(pid, storm(address, &request, 8, lasts, Manner::Hammering)).await;
        // Everybody who waits has a mail address, a password and a connection.
        let before = memory(pid);
        let run = Run::of(pid, flood(address, &request, 4 * peak.rate(), lasts)).await;
        let grown = memory(pid).saturating_sub(before);
        held = is_as_promised("sign-ins", &peak, &run, TOLD, grown);
        if held {
            break;
        }
        // Those who have gone away are not worked for; but let it come to rest.
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    assert!(held, "not once as promised");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_times_the_changes_that_may_wait_take_nothing_from_those_that_are_made() {
    // So that 128 changes may wait on SQLite, and 256 on PostgreSQL.
    let (_app, owner, process) = serve(&[("PORTAL_DB_CONNECTIONS", "2")]).await;
    let (address, pid) = (address(&process), process.pid());
    let body = r#"{"name": "Bakery"}"#;
    let (token, length) = (owner.inside.token(), body.len());
    let request = format!(
        "PATCH /api/v1/account HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    let lasts = Duration::from_secs(short_or_long(6, 20));
    storm(address, &request, 8, Duration::from_secs(1), Manner::Hammering).await;
    let mut held = false;
    for _ in 0..TRIES {
        let peak = Run::of(pid, storm(address, &request, 32, lasts, Manner::Hammering)).await;
        let before = memory(pid);
        let run = Run::of(pid, storm(address, &request, 1_024, lasts, Manner::Patient)).await;
        let grown = memory(pid).saturating_sub(before);
        held = is_as_promised("changes", &peak, &run, TOLD, grown);
        if held {
            break;
        }
    }
    assert!(held, "not once as promised");
}
