//! Servers that are killed and come back while others call them.

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::time::{Duration, Instant};

use portal_api_types::Session;
use portal_client::{Error, Portal, SignedIn};

use crate::app::TestApp;
use crate::processes::{Process, surroundings};

/// How long something may take to work again: far longer than it takes, on a machine that is far slower.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// Some real servers of one portal.
pub struct Fleet {
    settings: Vec<(String, String)>,
    directory: std::path::PathBuf,
    places: Vec<Place>,
    turn: AtomicUsize,
    starts: AtomicUsize,
}

struct Place {
    process: Mutex<Option<Process>>,
    portal: RwLock<Portal>,
}

/// What came of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was answered as done.
    Done,
    /// It was answered as not done.
    NotDone,
    /// No answer, or one that leaves it open.
    Open,
}

impl Fleet {
    /// So many servers, with these settings besides the portal's own.
    pub fn start(app: &TestApp, count: usize, settings: &[(&str, &str)]) -> Arc<Self> {
        let more = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let settings = surroundings(app).into_iter().chain(more).collect();
        let nowhere = || Place { process: Mutex::default(), portal: RwLock::new(app.portal()) };
        let places = (0..count).map(|_| nowhere()).collect();
        let (turn, starts) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let fleet = Self { settings, directory: app.directory(), places, turn, starts };
        (0..count).for_each(|index| fleet.revive(index));
        Arc::new(fleet)
    }

    /// Starts the server of this place, as often as it takes: while the database is away, none starts.
    pub fn revive(&self, index: usize) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let number = self.starts.fetch_add(1, Ordering::SeqCst);
            let log = self.directory.join(format!("fleet-{index}-{number}.log"));
            let mut command = Command::new(env!("CARGO_BIN_EXE_portal"));
            command.arg("serve").env_clear().envs(self.settings.iter().cloned()).current_dir(&self.directory);
            if let Some(process) = Process::start(&mut command, &log) {
                *self.places[index].portal.write().unwrap() = process.portal();
                *self.places[index].process.lock().unwrap() = Some(process);
                return;
            }
            let said = std::fs::read_to_string(&log).unwrap_or_default();
            assert!(Instant::now() < deadline, "a server does not start: {said}");
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// The id of this place's process.
    pub fn pid(&self, index: usize) -> u32 {
        self.places[index].process.lock().unwrap().as_ref().expect("it runs").pid()
    }

    /// Ends the server of this place in the midst of whatever it does.
    pub fn kill(&self, index: usize) {
        if let Some(mut process) = self.places[index].process.lock().unwrap().take() {
            process.kill();
        }
    }

    /// Stops all, in order.
    pub fn stop(&self) {
        for place in &self.places {
            if let Some(mut process) = place.process.lock().unwrap().take() {
                process.terminate();
                assert!(process.wait().success(), "it ends in order");
            }
        }
    }

    /// The next server's client.
    pub fn portal(&self) -> Portal {
        let turn = self.turn.fetch_add(1, Ordering::SeqCst);
        self.places[turn % self.places.len()].portal.read().unwrap().clone()
    }

    /// Calls one server after the other until there is an answer; the number of calls whose outcome stayed open.
    pub async fn until_answered<T, F>(&self, what: &str, mut call: impl FnMut(Portal) -> F) -> (T, usize)
    where
        F: Future<Output = Result<T, Error>>,
    {
        let (deadline, mut open) = (Instant::now() + PATIENCE, 0);
        loop {
            let answer = call(self.portal()).await;
            match outcome(&answer) {
                Outcome::Done => return (answer.unwrap(), open),
                Outcome::NotDone => {}
                Outcome::Open => open += 1,
            }
            assert!(Instant::now() < deadline, "{what}: {:?}", answer.err());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// The same session through another process.
pub fn elsewhere(me: &SignedIn, portal: Portal) -> SignedIn {
    SignedIn::from_session(portal, session(me))
}

/// What somebody who is signed in has in hand.
pub fn session(me: &SignedIn) -> Session {
    let session = serde_json::json!({
        "access_token": me.token(), "token_type": "Bearer", "expires_in": 900, "user": me.user(),
    });
    serde_json::from_value(session).expect("a session")
}

/// What an answer, or none, says. While servers and databases come and go, 503 is the only refusal.
pub fn outcome<T>(answer: &Result<T, Error>) -> Outcome {
    let Err(error) = answer else { return Outcome::Done };
    let Some(status) = error.status() else { return Outcome::Open };
    assert_eq!(status, 503, "neither done nor 503: {error:?}");
    assert!(error.retry_after().is_some(), "a 503 says when to come back: {error:?}");
    let problem = error.problem().expect("a 503 is a problem");
    if problem.detail.contains("Nothing was changed") { Outcome::NotDone } else { Outcome::Open }
}
