//! Who is signed in, in this tab. The identity token lives in memory only; a reload comes back through the refresh
//! cookie, which scripts cannot read.

use std::pin::Pin;
use std::rc::Rc;

use futures_util::lock::Mutex;
use leptos::prelude::*;
use leptos::task::spawn_local;
use portal_client::api_types::{EmployeeRole, ErrorCode, FirmId, Me, MyFirm, UpdateMe, UserId};
use portal_client::{Answer, Body, Error, Portal, SignedIn};

use crate::browser::{self, Channel};
use crate::components::PAGE_BEFORE;
use crate::ui::Kept;
use crate::{recent, texts};

/// What is known of the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// Just loaded: the refresh cookie is being asked.
    Starting,
    /// The portal could not be asked.
    Unreachable,
    /// Nobody is.
    SignedOut,
    /// Somebody is, and `me` says who.
    SignedIn,
    /// Somebody was, and the page is theirs still: it waits, covered, until they sign in again.
    Expired,
}

/// What a call comes to.
pub(crate) type Called<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + 'a>>;

/// The session of this tab; a handle that can be copied around.
#[derive(Clone, Copy)]
pub(crate) struct Session {
    status: Kept<Status>,
    me: Kept<Option<Me>>,
    inner: StoredValue<Rc<Inner>, LocalStorage>,
}

struct Inner {
    portal: Portal,
    /// Held while the session is renewed, so that this tab asks once.
    current: Mutex<Option<Current>>,
    /// The other tabs, which share the cookie.
    tabs: Option<Channel>,
}

#[derive(Clone)]
struct Current {
    signed_in: SignedIn,
    /// When to get a new token: milliseconds of [`browser::now`].
    renew_at: f64,
}

/// Where this browser remembers that somebody is signed in: no proof, only a hint that the cookie is worth asking.
const HINT: &str = "portal.signed-in";

/// The name of the lock that the tabs of this browser refresh the session under.
const REFRESHING: &str = "portal.refresh";

/// Where tabs tell each other that somebody has signed in, or out.
const TABS: &str = "portal.session";

/// How long before its end a token is not used for another call.
const MARGIN_SECONDS: u32 = 30;

impl Current {
    fn new(signed_in: SignedIn) -> Self {
        let seconds = signed_in.expires_in().saturating_sub(MARGIN_SECONDS);
        Self { renew_at: browser::now() + f64::from(seconds) * 1_000.0, signed_in }
    }
}

impl Session {
    /// Opens the session of this tab and starts to restore it from the cookie.
    pub(crate) fn open(portal: Portal) -> Self {
        let inner = Rc::new(Inner { portal, current: Mutex::new(None), tabs: Channel::open(TABS) });
        let session = Self {
            status: Kept::new(Status::Starting),
            me: Kept::new(None),
            inner: StoredValue::new_local(inner),
        };
        if let Some(tabs) = &session.inner().tabs {
            tabs.listen(move |_| session.ask_again());
        }
        session.restore();
        session
    }

    /// Another tab has signed in or out: a page that is open here learns at once whether it is still its person's.
    fn ask_again(self) {
        let status = self.status.get_untracked();
        spawn_local(async move {
            match status {
                // A refusal covers the page.
                Status::SignedIn => {
                    let token = self.inner().current.lock().await.clone();
                    let _ = self.renew(token.as_ref().map(|current| current.signed_in.token())).await;
                }
                Status::Expired => {
                    if let Ok(signed_in) = self.refresh().await {
                        self.go_on(signed_in).await;
                    }
                }
                Status::Starting | Status::Unreachable | Status::SignedOut => {}
            }
        });
    }

    /// Asks the cookie for a token. All tabs share the cookie: one at a time, so that each sends the newest.
    async fn refresh(self) -> Result<SignedIn, Error> {
        let portal = self.portal();
        browser::exclusively(REFRESHING, async move { portal.refresh_session().await }).await
    }

    fn tell_other_tabs(self) {
        if let Some(tabs) = &self.inner().tabs {
            tabs.send("changed");
        }
    }

    /// Asks the cookie who is signed in.
    pub(crate) fn restore(self) {
        if browser::can_store() && browser::stored(HINT).is_none() {
            self.status.set(Status::SignedOut);
            return;
        }
        self.status.set(Status::Starting);
        spawn_local(async move {
            match self.refresh().await {
                Ok(signed_in) => self.go_on(signed_in).await,
                Err(error) if is_refusal(&error) => {
                    browser::forget(HINT);
                    self.status.set(Status::SignedOut);
                }
                Err(_) => self.status.set(Status::Unreachable),
            }
        });
    }

    /// The session, from anywhere in the app.
    pub(crate) fn get() -> Self {
        expect_context()
    }

    /// What needs no token.
    pub(crate) fn portal(self) -> Portal {
        self.inner.with_value(|inner| inner.portal.clone())
    }

    /// What is known of the person.
    pub(crate) fn status(self) -> Status {
        self.status.get()
    }

    /// The person, while signed in or expired.
    pub(crate) fn me(self) -> Option<Me> {
        self.me.get()
    }

    /// The person's id, untracked: what this browser remembers is kept apart by it.
    pub(crate) fn user_id(self) -> Option<UserId> {
        self.me.with_untracked(|me| me.as_ref().map(|me| me.id.clone()))
    }

    /// Where the person works, untracked.
    pub(crate) fn firms(self) -> Vec<MyFirm> {
        self.me.with_untracked(|me| me.as_ref().map(|me| me.firms.clone()).unwrap_or_default())
    }

    /// The person's role in a firm, if they work there.
    pub(crate) fn role_in(self, firm_id: &FirmId) -> Option<EmployeeRole> {
        self.me.with(|me| {
            let firms = me.as_ref().map(|me| me.firms.as_slice()).unwrap_or_default();
            firms.iter().find(|firm| firm.firm_id == *firm_id).map(|firm| firm.role)
        })
    }

    /// Goes on as the person who has just signed in or joined.
    ///
    /// When a page of somebody else waits in this tab, the app is loaded anew: nothing of theirs stays in memory.
    pub(crate) async fn begin(self, signed_in: SignedIn) {
        self.go_on(signed_in).await;
        self.tell_other_tabs();
    }

    async fn go_on(self, signed_in: SignedIn) {
        browser::store(HINT, "1");
        let somebody_else = self.user_id().is_some_and(|known| known != signed_in.user().id);
        if somebody_else {
            self.forget_traces();
            browser::load("/");
            return;
        }
        let me = signed_in.read_me().await;
        *self.inner().current.lock().await = Some(Current::new(signed_in));
        match me {
            Ok(me) => {
                // Their language is there before anything is drawn for them.
                if !texts::is_chosen() {
                    texts::load(me.locale).await;
                }
                self.set_me(me);
                self.status.set(Status::SignedIn);
                if texts::is_untold() {
                    self.tell_locale();
                }
            }
            Err(error) if is_refusal(&error) => self.expire(),
            Err(_) => self.status.set(Status::Unreachable),
        }
    }

    /// Puts in what the portal says of the person.
    pub(crate) fn set_me(self, me: Me) {
        if self.me.with_untracked(|known| known.as_ref() != Some(&me)) {
            self.me.set(Some(me));
        }
    }

    /// Tells the portal in which language the person reads, for its mails: they have chosen it, now or before they signed
    /// in. What does not arrive is told after the next reload.
    pub(crate) fn tell_locale(self) {
        if self.user_id().is_none() {
            return;
        }
        spawn_local(async move {
            // Another one may be chosen while this one is on its way.
            while self.me.with_untracked(|me| me.as_ref().is_some_and(|me| me.locale != texts::locale())) {
                let changes = UpdateMe { locale: Some(texts::locale()), ..UpdateMe::default() };
                match self.call(|signed_in| signed_in.update_me(&changes)).await {
                    Ok(me) => self.set_me(me),
                    Err(_) => return,
                }
            }
            texts::forget_untold();
        });
    }

    /// Asks anew who the person is and where they work.
    pub(crate) async fn reload_me(self) -> Result<(), Error> {
        let me = self.call(|signed_in| signed_in.read_me()).await?;
        self.set_me(me);
        Ok(())
    }

    /// Signs out here. The answer comes when the portal has ended the session.
    pub(crate) async fn sign_out(self) -> Result<(), Error> {
        let ended = self.call(|signed_in| signed_in.end_current_session()).await;
        match ended {
            Err(error) if !is_refusal(&error) => return Err(error),
            _ => {}
        }
        browser::forget(HINT);
        self.forget_traces();
        *self.inner().current.lock().await = None;
        self.me.set(None);
        self.status.set(Status::SignedOut);
        self.tell_other_tabs();
        Ok(())
    }

    /// Forgets what this browser keeps of where the person was.
    fn forget_traces(self) {
        recent::forget(self);
        texts::forget_untold();
        browser::forget_all_of_tab(PAGE_BEFORE);
    }

    /// Gives the page of an expired session up: the app starts afresh, at the sign-in.
    pub(crate) fn leave(self) {
        self.forget_traces();
        browser::load(&crate::routes::Route::Login.to_string());
    }

    /// Makes a call with an identity token that is good, and once more with a new one if it turns out not to be.
    ///
    /// A session that has ended covers the page until the person signs in again; the call fails with
    /// `unauthenticated`, and what was typed stays.
    pub(crate) fn call<'a, T: 'a>(self, call: impl Fn(SignedIn) -> Answer<T> + 'a) -> Called<'a, T> {
        self.call_boxed(Box::new(call))
    }

    /// Compiled for each kind of answer, not for each call.
    fn call_boxed<'a, T: 'a>(self, call: Box<dyn Fn(SignedIn) -> Answer<T> + 'a>) -> Called<'a, T> {
        Box::pin(async move {
            let mut read = None;
            let mut ask = |signed_in| -> Called<'static, Body> {
                let (receiving, reader) = call(signed_in).into_parts();
                read = Some(reader);
                receiving
            };
            let body = self.with_token(&mut ask).await?;
            read.expect("what was received was asked for")(body)
        })
    }

    /// Compiled once, for answers that are read when they are whole; and once for streams.
    pub(crate) fn with_token<'a, T: 'a>(
        self,
        ask: &'a mut dyn FnMut(SignedIn) -> Called<'static, T>,
    ) -> Called<'a, T> {
        Box::pin(async move {
            let signed_in = self.signed_in().await?;
            let answer = ask(signed_in.clone()).await;
            match &answer {
                Err(error) if is_refusal(error) => ask(self.renew(Some(signed_in.token())).await?).await,
                _ => answer,
            }
        })
    }

    /// The session with a token that is good for at least another [`MARGIN_SECONDS`], as far as the browser can tell.
    pub(crate) async fn signed_in(self) -> Result<SignedIn, Error> {
        let current = self.inner().current.lock().await.clone();
        match current {
            Some(current) if browser::now() < current.renew_at => Ok(current.signed_in),
            _ => self.renew(None).await,
        }
    }

    /// A new token; unless another call got one while this one waited, which is told by the token that failed.
    async fn renew(self, failed: Option<&str>) -> Result<SignedIn, Error> {
        let inner = self.inner();
        let mut current = inner.current.lock().await;
        if let Some(current) = current.as_ref()
            && browser::now() < current.renew_at
            && failed.is_none_or(|failed| failed != current.signed_in.token())
        {
            return Ok(current.signed_in.clone());
        }
        match self.refresh().await {
            Ok(signed_in) => {
                if self.user_id().is_some_and(|known| known != signed_in.user().id) {
                    // Somebody else has signed in, in another tab of this browser.
                    browser::load("/");
                }
                *current = Some(Current::new(signed_in.clone()));
                Ok(signed_in)
            }
            Err(error) => {
                if is_refusal(&error) {
                    *current = None;
                    self.expire();
                }
                Err(error)
            }
        }
    }

    /// Covers the page until the person signs in again.
    fn expire(self) {
        let status =
            if self.me.with_untracked(Option::is_some) { Status::Expired } else { Status::SignedOut };
        self.status.set(status);
    }

    fn inner(self) -> Rc<Inner> {
        self.inner.get_value()
    }
}

/// Whether the portal said that there is no session, rather than nothing at all.
fn is_refusal(error: &Error) -> bool {
    error.code() == Some(ErrorCode::Unauthenticated)
}
