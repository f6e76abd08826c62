//! Threads that wait for PostgreSQL, and what becomes of one that waits in vain.
//!
//! Its library waits for an answer until the connection breaks. Where the other machine is frozen, or something in between takes
//! what is sent and passes nothing on, it does not break: to TCP all is well. But the server ends its own statements after ten
//! seconds, and nobody here waits for longer. So a thread that has been waiting for much longer is given up, and another one
//! takes its place, with a connection of its own. The old one ends when it hears anything at all. Other connections that are as
//! old as that one are doubtful then, and not used any more.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// For how long a thread may be at one piece of work.
const LIMIT: Duration = Duration::from_secs(15);
/// How often it is looked.
const PERIOD: Duration = Duration::from_millis(500);

/// What a thread does, as long as it runs.
type Work = Arc<dyn Fn(&Pulse) + Send + Sync>;

/// A thread, as it shows itself to who looks after it.
#[derive(Default)]
pub(super) struct Pulse {
    since: Mutex<Option<Instant>>,
    replaced: AtomicBool,
    given_up: Arc<AtomicUsize>,
}

impl Pulse {
    /// Does a piece of work that waits for the database.
    pub(super) fn during<T>(&self, work: impl FnOnce() -> T) -> T {
        self.note(Some(Instant::now()));
        let done = work();
        self.note(None);
        done
    }

    /// Whether another thread has this one's place: then it ends, and begins nothing.
    pub(super) fn is_replaced(&self) -> bool {
        self.replaced.load(Ordering::SeqCst)
    }

    /// How many connections of this database were given up so far. One that is older than the last of them may be as it was.
    pub(super) fn given_up(&self) -> usize {
        self.given_up.load(Ordering::SeqCst)
    }

    fn note(&self, since: Option<Instant>) {
        *self.since.lock().unwrap_or_else(PoisonError::into_inner) = since;
    }

    fn waits_in_vain(&self, limit: Duration) -> bool {
        let since = *self.since.lock().unwrap_or_else(PoisonError::into_inner);
        since.is_some_and(|since| since.elapsed() > limit)
    }
}

struct Place {
    name: String,
    work: Work,
    pulse: Arc<Pulse>,
    thread: JoinHandle<()>,
}

/// The threads of one database, and who looks after them.
pub(super) struct Keeper {
    limit: Duration,
    places: Vec<Place>,
    lost: Vec<JoinHandle<()>>,
    given_up: Arc<AtomicUsize>,
}

impl Keeper {
    /// Without threads.
    pub(super) fn new() -> Self {
        Self { limit: LIMIT, places: Vec::new(), lost: Vec::new(), given_up: Arc::default() }
    }

    /// How many connections were given up so far, for who has connections without threads.
    pub(super) fn given_up(&self) -> Arc<AtomicUsize> {
        Arc::clone(&self.given_up)
    }

    /// Starts a thread. Its work ends when nobody can ask anything of it any more, or when it is replaced; and may begin anew
    /// in another thread.
    pub(super) fn start_thread(&mut self, name: &str, work: impl Fn(&Pulse) + Send + Sync + 'static) {
        let work: Work = Arc::new(work);
        match spawn(name, &work, &self.given_up) {
            Ok((pulse, thread)) => self.places.push(Place { name: name.to_owned(), work, pulse, thread }),
            Err(error) => tracing::error!(%error, thread = name, "could not start a database thread"),
        }
    }

    /// Looks after the threads, in one more, until all of them have ended.
    pub(super) fn watch(mut self) {
        let looking = move || {
            while self.places.iter().any(|place| !place.thread.is_finished()) {
                std::thread::sleep(PERIOD.min(self.limit));
                self.look();
            }
        };
        if let Err(error) = std::thread::Builder::new().name("db-keeper".to_owned()).spawn(looking) {
            tracing::error!(%error, "could not start the thread that looks after the database threads");
        }
    }

    fn look(&mut self) {
        self.lost.retain(|thread| !thread.is_finished());
        // As many again and no more: threads and connections must not add up while everything stands still.
        let most = self.places.len();
        for place in &mut self.places {
            if self.lost.len() >= most || !place.pulse.waits_in_vain(self.limit) {
                continue;
            }
            match spawn(&place.name, &place.work, &self.given_up) {
                Ok((pulse, thread)) => {
                    tracing::warn!(
                        thread = place.name,
                        "the database has not answered for {} seconds: the connection is given up",
                        self.limit.as_secs()
                    );
                    metrics::counter!("portal_database_given_up_total").increment(1);
                    place.pulse.replaced.store(true, Ordering::SeqCst);
                    place.pulse = pulse;
                    self.given_up.fetch_add(1, Ordering::SeqCst);
                    self.lost.push(std::mem::replace(&mut place.thread, thread));
                }
                Err(error) => tracing::error!(%error, thread = place.name, "could not replace a thread"),
            }
        }
    }
}

fn spawn(
    name: &str,
    work: &Work,
    given_up: &Arc<AtomicUsize>,
) -> std::io::Result<(Arc<Pulse>, JoinHandle<()>)> {
    let (given_up, work) = (Arc::clone(given_up), Arc::clone(work));
    let pulse = Arc::new(Pulse { given_up, ..Pulse::default() });
    let inside = Arc::clone(&pulse);
    let thread = std::thread::Builder::new().name(name.to_owned()).spawn(move || work(&inside))?;
    Ok((pulse, thread))
}

#[cfg(test)]
mod tests {
    use crossbeam_channel::{Receiver, bounded, unbounded};

    use super::*;

    const SOON: Duration = Duration::from_secs(20);

    /// Two threads that do what they are sent: wait for a word of the second channel, or answer at once.
    fn keep(
        jobs: Receiver<bool>,
        word: Receiver<()>,
        answers: crossbeam_channel::Sender<()>,
    ) -> Arc<AtomicUsize> {
        let alive = Arc::<AtomicUsize>::default();
        let mut keeper = Keeper { limit: Duration::from_millis(200), ..Keeper::new() };
        for _ in 0..2 {
            let (jobs, word, answers) = (jobs.clone(), word.clone(), answers.clone());
            let alive = Arc::clone(&alive);
            keeper.start_thread("kept", move |pulse| {
                alive.fetch_add(1, Ordering::SeqCst);
                for waits in &jobs {
                    pulse.during(|| {
                        if waits { word.recv().unwrap_or(()) } else { answers.send(()).unwrap_or(()) }
                    });
                    if pulse.is_replaced() {
                        break;
                    }
                }
                alive.fetch_sub(1, Ordering::SeqCst);
            });
        }
        keeper.watch();
        alive
    }

    fn becomes(alive: &AtomicUsize, count: usize) {
        let deadline = Instant::now() + SOON;
        while alive.load(Ordering::SeqCst) != count {
            assert!(Instant::now() < deadline, "{alive:?} threads, not {count}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    #[test]
    fn a_thread_that_waits_in_vain_is_replaced_and_ends_when_it_hears_something() {
        let ((ask, jobs), (speak, word), (answers, answered)) = (unbounded(), bounded(4), unbounded());
        let alive = keep(jobs, word, answers);
        becomes(&alive, 2);
        for _ in 0..2 {
            ask.send(true).unwrap();
        }
        ask.send(false).unwrap();
        answered.recv_timeout(SOON).expect("others do it");
        becomes(&alive, 4);
        // Those wait in vain as well; there are not to be more and more of them.
        for _ in 0..2 {
            ask.send(true).unwrap();
        }
        std::thread::sleep(Duration::from_secs(1));
        assert_eq!(alive.load(Ordering::SeqCst), 4);
        for _ in 0..4 {
            speak.send(()).unwrap();
        }
        becomes(&alive, 2);
        ask.send(false).unwrap();
        answered.recv_timeout(SOON).expect("they go on");
        drop(ask);
        becomes(&alive, 0);
    }
}
