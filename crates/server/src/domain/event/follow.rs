//! What happens while somebody's event stream is open: it waits until something concerns them, asks whether they are still
//! signed in and what they may reach, and only then says a word. It says no more once the session has ended.

use std::time::Duration;

use portal_api_types::{AccountId, Change};
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::pending::Pending;
use super::reach::{self, Places, Reach};
use super::streams::{Place, Streams};
use crate::auth::scope::PersonScope;
use crate::clock::Time;
use crate::db::{Conn, Heard};
use crate::domain::{Outcome, Refusal};
use crate::store::access;

/// How long changes are gathered before they are looked after: those of one click come together.
const GATHERING: Duration = Duration::from_millis(100);
/// How long a stream waits before it asks again, when the database could not answer.
const SECOND_TRY: Duration = Duration::from_secs(1);
/// How often it asks in vain before it gives up.
const TRIES: u32 = 5;

/// How long after a probe the next heartbeat comes: the first one to a connection that was left is answered by a reset,
/// which the second one meets.
const SECOND_BEAT: Duration = Duration::from_secs(1);

/// What a stream says next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// From now on, changes are told.
    Ready,
    /// Something has changed.
    Changes(Vec<Change>),
    /// Nothing, but the stream is alive.
    Heartbeat,
    /// The session has ended. The last word.
    End,
}

/// Somebody's open stream.
pub struct Follower {
    place: Place,
    person: PersonScope,
    /// When the token that opened it expires.
    until: Time,
    expires: Instant,
    heard: broadcast::Receiver<Heard>,
    closing: watch::Receiver<bool>,
    known: Reach,
    pending: Pending,
    /// When to look after what is pending.
    look_at: Option<Instant>,
    beat_at: Instant,
    /// Whether this heartbeat is a probe's.
    probing: bool,
    failures: u32,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Opened,
    Running,
    Ended,
}

/// Opens a stream for somebody who is signed in by a token that is good until then.
pub async fn follow(streams: &Streams, person: PersonScope, until: Time) -> Outcome<Follower> {
    let place = streams.take_place(&person)?;
    // Listening comes before reading: what changes between the two is heard.
    let heard = place.shared.db.listen().await?;
    let (reader, now) = (person.clone(), place.shared.clock.now());
    let begin = move |conn: &mut Conn| {
        // Whether the session is alive was asked before anybody listened to its end: so once more.
        if !access::is_signed_in(conn, &reader, now)? {
            return Err(Refusal::Unauthenticated.into());
        }
        Reach::read(conn, &reader)
    };
    let known = place.shared.db.read(begin).await?;
    let now = Instant::now();
    let left = (until - place.shared.clock.now()).to_std().unwrap_or_default();
    Ok(Follower {
        closing: place.closing(),
        beat_at: now + place.shared.heartbeat,
        expires: now + left,
        place,
        person,
        until,
        heard,
        known,
        pending: Pending::default(),
        look_at: None,
        probing: false,
        failures: 0,
        state: State::Opened,
    })
}

/// What was found out of somebody.
enum Found {
    /// Not signed in any more.
    Ended,
    /// Still signed in.
    Alive {
        /// What they may reach now, if that was asked.
        reach: Option<Reach>,
        /// Where they work now, if that was asked.
        places: Option<Places>,
        /// Those of the accounts asked for that they may enter now.
        accounts: Vec<AccountId>,
    },
}

impl Follower {
    /// What the stream says next; nothing when it is to be closed without a word: the token has expired, the process
    /// stops, or the database is away. Who wants to go on opens another.
    pub async fn next(&mut self) -> Option<Said> {
        match self.state {
            State::Opened => {
                self.state = State::Running;
                return Some(Said::Ready);
            }
            State::Running => {}
            State::Ended => return None,
        }
        loop {
            self.wait().await?;
            if self.place.shared.clock.now() >= self.until {
                return None;
            }
            match self.look().await {
                Ok(None) => {
                    self.state = State::Ended;
                    return Some(Said::End);
                }
                Ok(Some(changes)) if !changes.is_empty() => return Some(Said::Changes(changes)),
                Ok(Some(_)) if Instant::now() >= self.beat_at => {
                    let pause = self.place.shared.heartbeat;
                    let pause = if self.probing { pause.min(SECOND_BEAT) } else { pause };
                    self.probing = false;
                    self.beat_at = Instant::now() + pause;
                    return Some(Said::Heartbeat);
                }
                Ok(Some(_)) => {}
                Err(error) => {
                    tracing::warn!(%error, "an event stream could not ask what it may say");
                    self.failures += 1;
                    if self.failures == TRIES {
                        return None;
                    }
                    // What was pending is forgotten by then.
                    self.pending.lagged = true;
                    self.look_at = Some(Instant::now() + SECOND_TRY);
                }
            }
        }
    }

    /// Waits until there is something to look after, or it is time for a heartbeat; nothing when the stream is to end.
    async fn wait(&mut self) -> Option<()> {
        loop {
            let until = self.look_at.map_or(self.beat_at, |look_at| look_at.min(self.beat_at));
            tokio::select! {
                _ = self.closing.wait_for(|closing| *closing) => return None,
                Ok(()) = self.place.probed.changed() => {
                    self.probing = true;
                    self.beat_at = Instant::now();
                }
                () = sleep_until(until.min(self.expires)) => return Some(()),
                heard = self.heard.recv() => match heard {
                    Ok(Heard::Changes(changes)) => self.pending.take_in(&changes, &self.person, &self.known),
                    Ok(Heard::Gap) | Err(RecvError::Lagged(_)) => self.pending.lagged = true,
                    Err(RecvError::Closed) => return None,
                },
            }
            if self.look_at.is_none() && !self.pending.is_empty() {
                self.look_at = Some(Instant::now() + GATHERING);
            }
        }
    }

    /// Asks whether the person is still signed in, and what of that which is pending may be said to them; nothing when
    /// the session has ended.
    async fn look(&mut self) -> Outcome<Option<Vec<Change>>> {
        let pending = std::mem::take(&mut self.pending);
        self.look_at = None;
        let (person, asked, now) = (self.person.clone(), pending.clone(), self.place.shared.clock.now());
        // Closed only with the process.
        let _turn = self.place.shared.looks.acquire().await;
        let found = self.place.shared.db.read(move |conn| find_out(conn, &person, &asked, now)).await?;
        self.failures = 0;
        let Found::Alive { reach, places, accounts } = found else { return Ok(None) };
        let mut changes = Vec::new();
        if pending.me {
            changes.push(Change::Me);
        }
        if let Some(reach) = reach {
            changes.extend(self.known.changes_to(&reach));
            self.known = reach;
        }
        let places = places.as_ref().unwrap_or(&self.known.places);
        let firms = pending.firms.into_iter().filter(|firm| places.contains_key(firm));
        changes.extend(firms.map(|firm_id| Change::Firm { firm_id }));
        changes.extend(accounts.into_iter().map(|account_id| Change::Account { account_id }));
        // This says it all.
        Ok(Some(if pending.lagged { vec![Change::Lagged] } else { changes }))
    }
}

fn find_out(conn: &mut Conn, person: &PersonScope, pending: &Pending, now: Time) -> Outcome<Found> {
    if !access::is_signed_in(conn, person, now)? {
        return Ok(Found::Ended);
    }
    let asked: Vec<AccountId> = pending.accounts.iter().cloned().collect();
    let accounts = if asked.is_empty() { asked } else { access::which_of(conn, person, &asked)? };
    if pending.access || pending.lagged {
        let reach = Reach::read(conn, person)?;
        return Ok(Found::Alive { reach: Some(reach), places: None, accounts });
    }
    let places = if pending.firms.is_empty() { None } else { Some(reach::places(conn, person)?) };
    Ok(Found::Alive { reach: None, places, accounts })
}
