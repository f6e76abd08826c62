//! The app as a whole: what everything shares, and which page is shown.

use leptos::prelude::*;
use leptos::task::spawn_local;
use portal_client::Portal;
use portal_client::api_types::{AccountId, FirmId, Me};

use crate::address::Address;
use crate::browser;
use crate::components::{Frame, Here, PublicCard};
use crate::live::Live;
use crate::pages;
use crate::routes::{self, Route};
use crate::session::{Session, Status};
use crate::texts::{self, Locale, tr};
use crate::ui::{
    Button, Confirm, ConfirmDialog, Kept, Kind, Memo, Skeleton, Toaster, Toasts, dynamic, effect,
};

/// The language that the app is drawn in: a change draws it anew.
#[derive(Clone, Copy)]
pub(crate) struct Language {
    drawn: Kept<Locale>,
    session: Session,
}

impl Language {
    /// Starts with what was chosen for this browser.
    fn new(session: Session) -> Self {
        Self { drawn: Kept::new(texts::locale()), session }
    }

    pub(crate) fn get() -> Self {
        expect_context()
    }

    /// For what is drawn anew in another language.
    pub(crate) fn track(self) {
        self.drawn.track();
    }

    /// Where none was chosen, the language of the person's mails goes before that of the browser; unless it is the one
    /// that everybody starts with, which nobody may have chosen. The session has loaded it.
    fn follow(self, me: &Me) {
        let locale = me.locale;
        if !texts::is_chosen()
            && locale != Locale::default()
            && self.drawn.get_untracked() != locale
            && texts::use_locale(locale)
        {
            self.drawn.set(locale);
        }
    }

    /// Keeps the choice in this browser, draws the app in it, and has mails written in it.
    pub(crate) fn choose(self, locale: Locale, toasts: Toasts) {
        spawn_local(async move {
            if !texts::load(locale).await || !texts::use_locale(locale) {
                toasts.failed(tr!(errors.unreachable).to_owned());
                return;
            }
            texts::store_locale(locale);
            self.session.tell_locale();
            self.drawn.set(locale);
        });
    }
}

/// The app.
#[component]
pub(crate) fn App() -> impl IntoView {
    // Of the page's own origin, unless the app was built for a portal that is elsewhere. Either is a URL.
    let api = option_env!("PORTAL_API_URL").map_or_else(browser::origin, str::to_owned);
    let Ok(portal) = Portal::new(api) else { return ().into_any() };
    let session = Session::open(portal);
    let language = Language::new(session);
    provide_context(session);
    provide_context(language);
    provide_context(Live::new(session));
    provide_context(pages::sign_in::TypedEmail::new());
    provide_context(Address::open());
    view! { <Screen /> }.into_any()
}

/// Which of the app's faces is shown.
#[derive(Debug, Clone, PartialEq)]
enum Face {
    Waiting,
    Unreachable,
    Public(Route),
    SignIn,
    Inside,
    Nowhere,
}

#[component]
fn Screen() -> impl IntoView {
    let session = Session::get();
    let path = Address::get().path();
    let route = Memo::new(move |_| path.with(|path| Route::parse(path)));
    let toasts = Toasts::new();
    let confirm = Confirm::new();
    provide_context(toasts);
    provide_context(confirm);
    provide_context(Here::new());
    effect(move |_| {
        path.track();
        confirm.close();
    });
    let face = Memo::new(move |_| match (route.get(), session.status()) {
        (Some(route), _) if route.is_public() => Face::Public(route),
        (_, Status::Starting) => Face::Waiting,
        (_, Status::Unreachable) => Face::Unreachable,
        (None, Status::SignedOut) => Face::Nowhere,
        (Some(_), Status::SignedOut) => Face::SignIn,
        (_, Status::SignedIn | Status::Expired) => Face::Inside,
    });
    let language = Language::get();
    effect(move |_| {
        if let (Face::Inside, Some(me)) = (face.get(), session.me()) {
            language.follow(&me);
        }
    });
    let draw = move || {
        let face = face.get();
        // These keep what was typed, and draw themselves.
        if !matches!(face, Face::Public(_)) {
            language.track();
        }
        face_view(&face, route)
    };
    view! {
        {draw}
        {dynamic(move || {
            language.track();
            view! {
                <ConfirmDialog confirm=confirm />
                <Toaster toasts=toasts />
            }
        })}
    }
}

fn face_view(face: &Face, route: Memo<Option<Route>>) -> AnyView {
    match face {
        Face::Waiting => view! { <Waiting /> }.into_any(),
        Face::Unreachable => view! { <Unreachable /> }.into_any(),
        Face::Public(route) => public(route),
        Face::SignIn => view! { <ToSignIn /> }.into_any(),
        Face::Inside => view! { <Inside route=route /> }.into_any(),
        Face::Nowhere => view! {
            <main class="page-centred" id="main">
                <pages::not_found::NotFound />
            </main>
        }
        .into_any(),
    }
}

fn public(route: &Route) -> AnyView {
    match route {
        Route::Register => view! { <pages::register::Register /> }.into_any(),
        Route::Forgot => view! { <pages::forgot::Forgot /> }.into_any(),
        Route::Join => view! { <pages::join::Join /> }.into_any(),
        Route::Reset => view! { <pages::reset::Reset /> }.into_any(),
        _ => view! { <pages::sign_in::SignIn /> }.into_any(),
    }
}

/// Until it is known who is signed in.
#[component]
fn Waiting() -> impl IntoView {
    view! {
        <main class="page-centred" id="main" aria-busy="true">
            <p class="brand">{tr!(common.product)}</p>
            <Skeleton lines=3 />
        </main>
    }
}

#[component]
fn Unreachable() -> impl IntoView {
    let session = Session::get();
    let live = Live::get();
    let mut was_online = true;
    effect(move |_| {
        let is_online = live.online().get();
        if is_online && !was_online {
            session.restore();
        }
        was_online = is_online;
    });
    view! {
        <PublicCard title=tr!(common.unreachable)>
            <p>{tr!(errors.unreachable)}</p>
            <Button kind=Kind::Primary on_click=move |_| session.restore()>{tr!(common.try_again)}</Button>
        </PublicCard>
    }
}

/// Off to the sign-in, and back afterwards.
#[component]
fn ToSignIn() -> impl IntoView {
    let address = Address::get();
    effect(move |_| {
        let [path, query, _] = browser::address();
        address.replace(&routes::login_then(&(path + &query)));
    });
}

/// The place that a page belongs to: what is shared by its pages is made once for it.
#[derive(Debug, Clone, PartialEq)]
enum Place {
    Home,
    Security,
    Account(AccountId),
    Firm(FirmId),
    Nowhere,
}

#[component]
fn Inside(route: Memo<Option<Route>>) -> impl IntoView {
    let place = Memo::new(move |_| match route.get() {
        Some(Route::Account(id, _) | Route::Webhook(id, _)) => Place::Account(id),
        Some(Route::Firm(id, _) | Route::Employee(id, _) | Route::Client(id, _)) => Place::Firm(id),
        Some(Route::Security) => Place::Security,
        Some(_) => Place::Home,
        None => Place::Nowhere,
    });
    let draw = move || match place.get() {
        Place::Home => view! { <pages::home::Home /> }.into_any(),
        Place::Security => view! { <pages::security::Security /> }.into_any(),
        Place::Account(id) => view! { <pages::account::AccountPlace id=id route=route /> }.into_any(),
        Place::Firm(id) => view! { <pages::firm::FirmPlace id=id route=route /> }.into_any(),
        Place::Nowhere => view! { <pages::not_found::NotFound /> }.into_any(),
    };
    view! { <Frame>{draw}</Frame> }
}
