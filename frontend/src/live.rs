//! What has changed, as the portal tells it while the app is open. A courtesy: nothing depends on it, and when it is
//! silent a look at the tab brings everything up to date.
//!
//! One tab of the browser listens for all: a browser opens six connections to a host and no more, and a stream in each
//! tab would leave the seventh tab without any. When that tab goes, the next one takes over.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use portal_client::api_types::{AccountId, Change, FirmId};
use portal_client::{Error, PortalEvent, json};

use crate::browser::{self, Channel};
use crate::session::{Session, Status};
use crate::ui::{Memo, effect};

/// How long to wait before a stream is opened again: this long at first, then twice as long each time.
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// After how many streams in a row that could not be opened it is said that the portal is away: about two seconds.
const TOLD_AFTER: u32 = 2;

/// What the listening tab tells the others, besides changes.
const AWAY: &str = "away";
const BACK: &str = "back";

/// Counters that go up when something has changed: whoever reads one in a loader loads again.
#[derive(Clone, Copy)]
pub(crate) struct Live {
    access: RwSignal<u32>,
    me: RwSignal<u32>,
    all: RwSignal<u32>,
    places: StoredValue<Vec<(String, ArcRwSignal<u32>)>>,
    online: RwSignal<bool>,
    /// Whether the portal has not been reached for a while.
    away: RwSignal<bool>,
    /// Whether the portal tells us of changes at this moment.
    open: RwSignal<bool>,
    /// Counts the persons listened for: a stream of an earlier one ends itself.
    turn: StoredValue<u32>,
    /// Whether there was a stream before, so that something may have been missed since.
    missed: StoredValue<bool>,
    /// The other tabs.
    channel: StoredValue<Option<Channel>, LocalStorage>,
}

impl Live {
    /// Listens whenever somebody is signed in.
    pub(crate) fn new(session: Session) -> Self {
        let live = Self {
            access: RwSignal::new(0),
            me: RwSignal::new(0),
            all: RwSignal::new(0),
            places: StoredValue::new(Vec::new()),
            online: RwSignal::new(true),
            away: RwSignal::new(false),
            open: RwSignal::new(false),
            turn: StoredValue::new(0),
            missed: StoredValue::new(false),
            channel: StoredValue::new_local(Channel::open("portal.events")),
        };
        window_event_listener(leptos::ev::online, move |_| {
            live.online.set(true);
            live.refresh();
        });
        window_event_listener(leptos::ev::offline, move |_| live.online.set(false));
        window_event_listener(leptos::ev::focus, move |_| {
            if !live.open.get_untracked() {
                live.refresh();
            }
        });
        live.channel.with_value(|channel| {
            let Some(channel) = channel else { return };
            channel.listen(move |message| match message.as_str() {
                AWAY => live.away.set(true),
                BACK => live.away.set(false),
                change => {
                    if let Ok(change) = json::from_slice(change.as_bytes()) {
                        live.tell(&change);
                    }
                }
            });
        });
        let person = Memo::new(move |_| {
            let signed_in = session.status() == Status::SignedIn;
            signed_in.then(|| session.user_id()).flatten()
        });
        effect(move |_| {
            live.turn.update_value(|turn| *turn = turn.wrapping_add(1));
            live.away.set(false);
            if let Some(person) = person.get() {
                let listen = live.listen(session, live.turn.get_value(), browser::now());
                spawn_local(browser::exclusively(format!("portal.events.{person}"), listen));
            }
        });
        live
    }

    /// Keeps a stream open as long as the same person is signed in.
    async fn listen(self, session: Session, turn: u32, asked_at: f64) {
        // Another tab has listened until now, and may have closed with something untold.
        if browser::now() - asked_at > 1_000.0 {
            self.missed.set_value(true);
        }
        let mut wait = FIRST_WAIT;
        let mut failed = 0_u32;
        while self.turn.get_value() == turn {
            if self.follow(session, turn).await.unwrap_or(false) {
                wait = FIRST_WAIT;
                failed = 0;
            } else {
                failed = failed.saturating_add(1);
            }
            if failed == TOLD_AFTER {
                self.tell_away(true);
            }
            self.open.set(false);
            // Not all browsers at the same moment, when a server comes back.
            browser::sleep(wait.mul_f64(0.5 + js_sys::Math::random())).await;
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }

    /// Opens a stream and hands on what it says, until it is closed. Whether it was open at all is the answer.
    async fn follow(self, session: Session, turn: u32) -> Result<bool, Error> {
        let mut events =
            session.with_token(&mut |signed_in| Box::pin(async move { signed_in.events().await })).await?;
        let mut was_open = false;
        while let Some(event) = events.next().await {
            if self.turn.get_value() != turn {
                break;
            }
            let Ok(event) = event else { break };
            match event {
                PortalEvent::Ready => {
                    // What changed while nobody listened is asked for once.
                    if self.missed.get_value() {
                        self.tell_all(&Change::Lagged);
                    }
                    self.missed.set_value(true);
                    self.open.set(true);
                    self.tell_away(false);
                    was_open = true;
                }
                PortalEvent::Change(change) => self.tell_all(&change),
                // The next call, which is made at once, finds out that the session has ended.
                PortalEvent::End => self.tell_all(&Change::Lagged),
            }
        }
        Ok(was_open)
    }

    /// Says in all tabs that the portal is away, or back.
    fn tell_away(self, away: bool) {
        if self.away.get_untracked() == away {
            return;
        }
        self.away.set(away);
        self.channel.with_value(|channel| {
            if let Some(channel) = channel {
                channel.send(if away { AWAY } else { BACK });
            }
        });
    }

    /// Tells this tab and the others.
    fn tell_all(self, change: &Change) {
        self.channel.with_value(|channel| {
            if let (Some(channel), Ok(message)) = (channel, serde_json::to_string(change)) {
                channel.send(&message);
            }
        });
        self.tell(change);
    }

    fn tell(self, change: &Change) {
        let up = |count: &mut u32| *count = count.wrapping_add(1);
        match change {
            Change::Access { .. } => {
                self.access.update(up);
                self.me.update(up);
            }
            Change::Account { account_id } => self.place(account_id.as_str()).update(up),
            Change::Firm { firm_id } => self.place(firm_id.as_str()).update(up),
            Change::Me => self.me.update(up),
            Change::Lagged => self.refresh(),
        }
    }

    /// The changes, from anywhere in the app.
    pub(crate) fn get() -> Self {
        expect_context()
    }

    /// Which accounts the person may enter.
    pub(crate) fn access(self) -> u32 {
        self.access.get() + self.all.get()
    }

    /// The person's own data.
    pub(crate) fn me(self) -> u32 {
        self.me.get() + self.all.get()
    }

    /// Something in this account.
    pub(crate) fn account(self, id: &AccountId) -> u32 {
        self.place(id.as_str()).get() + self.all.get()
    }

    /// Something in this firm.
    pub(crate) fn firm(self, id: &FirmId) -> u32 {
        self.place(id.as_str()).get() + self.all.get()
    }

    /// Whether the browser has a network.
    pub(crate) fn online(self) -> Signal<bool> {
        self.online.into()
    }

    /// Whether what is shown follows what happens: there is a network, and the portal is there.
    pub(crate) fn is_connected(self) -> bool {
        self.online.get() && !self.away.get()
    }

    /// Everything may have changed.
    pub(crate) fn refresh(self) {
        self.all.update(|count| *count += 1);
    }

    fn place(self, id: &str) -> ArcRwSignal<u32> {
        let known = self.places.get_value().into_iter().find(|(of, _)| of == id);
        if let Some((_, count)) = known {
            return count;
        }
        let count = ArcRwSignal::new(0);
        self.places.update_value(|places| places.push((id.to_owned(), count.clone())));
        count
    }
}
