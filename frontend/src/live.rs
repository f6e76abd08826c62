//! What has changed, as the portal tells it while the app is open. A courtesy: nothing depends on it, and when it is
//! silent a look at the tab brings everything up to date.

use std::collections::HashMap;

use leptos::prelude::*;
use portal_client::api_types::{AccountId, FirmId};

/// Counters that go up when something has changed: whoever reads one in a loader loads again.
#[derive(Clone, Copy)]
pub(crate) struct Live {
    access: RwSignal<u32>,
    me: RwSignal<u32>,
    all: RwSignal<u32>,
    places: StoredValue<HashMap<String, ArcRwSignal<u32>>>,
    online: RwSignal<bool>,
}

impl Live {
    pub(crate) fn new() -> Self {
        let live = Self {
            access: RwSignal::new(0),
            me: RwSignal::new(0),
            all: RwSignal::new(0),
            places: StoredValue::new(HashMap::new()),
            online: RwSignal::new(true),
        };
        window_event_listener(leptos::ev::online, move |_| {
            live.online.set(true);
            live.refresh();
        });
        window_event_listener(leptos::ev::offline, move |_| live.online.set(false));
        live
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

    /// Everything may have changed.
    pub(crate) fn refresh(self) {
        self.all.update(|count| *count += 1);
    }

    fn place(self, id: &str) -> ArcRwSignal<u32> {
        let mut found = None;
        self.places.update_value(|places| {
            found = Some(places.entry(id.to_owned()).or_insert_with(|| ArcRwSignal::new(0)).clone());
        });
        found.unwrap_or_else(|| ArcRwSignal::new(0))
    }
}
