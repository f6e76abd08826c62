//! The address bar: where in the app one is, and how links and the browser's own buttons lead around in it. Which page an
//! address has is said by [`Route`](crate::routes::Route).

use leptos::ev::{self, MouseEvent};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlAnchorElement, UrlSearchParams};

use crate::browser;

/// The address of this tab; a handle that can be copied around. Each part is a signal, which changes when the part does.
#[derive(Clone, Copy)]
pub(crate) struct Address {
    path: RwSignal<String>,
    /// With its question mark, if there is anything behind it.
    query: RwSignal<String>,
    /// With its `#`, if there is anything behind it.
    fragment: RwSignal<String>,
}

/// Changes of parameters, each to a value or to none.
pub(crate) type Changes<'a> = &'a [(&'static str, Option<String>)];

impl Address {
    /// Reads the address, and follows it from now on.
    pub(crate) fn open() -> Self {
        let new = || RwSignal::new(String::new());
        let address = Self { path: new(), query: new(), fragment: new() };
        address.read();
        window_event_listener(ev::popstate, move |_| address.read());
        window_event_listener(ev::click, move |event| address.click(&event));
        address
    }

    /// The address, from anywhere in the app.
    pub(crate) fn get() -> Self {
        expect_context()
    }

    /// Such as `/login`.
    pub(crate) fn path(self) -> RwSignal<String> {
        self.path
    }

    /// Such as `#token=inv_...`.
    pub(crate) fn fragment(self) -> String {
        self.fragment.get()
    }

    /// A parameter; an empty one is none.
    pub(crate) fn parameter(self, name: &str) -> Option<String> {
        self.query.with(|query| parameters(query)?.get(name)).filter(|value| !value.is_empty())
    }

    /// The same path with other parameters. Those that are not named stay.
    pub(crate) fn with_parameters(self, changes: Changes) -> String {
        let path = self.path.get();
        let Some(all) = self.query.with(|query| parameters(query)) else { return path };
        for (name, value) in changes {
            match value.as_deref().filter(|value| !value.is_empty()) {
                Some(value) => all.set(name, value),
                None => all.delete(name),
            }
        }
        let query = String::from(all.to_string());
        if query.is_empty() { path } else { format!("{path}?{query}") }
    }

    /// Goes to a page of the app, from which the Back button leads here.
    pub(crate) fn go(self, to: &str) {
        self.change(to, to == browser::address().concat());
        browser::scroll_to_top();
    }

    /// Goes to a page of the app that takes this one's place in the history.
    pub(crate) fn replace(self, to: &str) {
        self.change(to, true);
        browser::scroll_to_top();
    }

    /// Changes parameters of the page, which stays where it is. What changes letter by letter is one step of the history
    /// (`in_place`).
    pub(crate) fn set_parameters(self, changes: Changes, in_place: bool) {
        self.change(&untrack(|| self.with_parameters(changes)), in_place);
    }

    fn change(self, to: &str, in_place: bool) {
        browser::set_address(to, in_place);
        self.read();
    }

    fn read(self) {
        for (part, now) in [self.path, self.query, self.fragment].into_iter().zip(browser::address()) {
            if part.with_untracked(|before| *before != now) {
                part.set(now);
            }
        }
    }

    /// A click on a link to a page of the app goes there without loading the app anew.
    fn click(self, event: &MouseEvent) {
        // Anything else than a plain click is the browser's: a new tab, a menu, a download.
        let is_plain = event.button() == 0
            && !(event.meta_key() || event.ctrl_key() || event.shift_key() || event.alt_key());
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let link = target.and_then(|target| target.closest("a[href]").ok().flatten());
        let link = link.and_then(|link| link.dyn_into::<HtmlAnchorElement>().ok());
        let Some(link) = link.filter(|_| is_plain && !event.default_prevented()) else { return };
        let is_elsewhere = link.origin() != browser::origin() || !link.target().is_empty();
        if is_elsewhere || link.has_attribute("download") || link.rel() == "external" {
            return;
        }
        event.prevent_default();
        self.go(&[link.pathname(), link.search(), link.hash()].concat());
    }
}

/// It is only none where the browser is none.
fn parameters(query: &str) -> Option<UrlSearchParams> {
    UrlSearchParams::new_with_str(query).ok()
}
