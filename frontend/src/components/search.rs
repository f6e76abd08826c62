//! The field that every search is typed in.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::browser;
use crate::ui::{Icon, bound, effect, unique_id};

/// How long typing has to rest before a search is asked.
pub(crate) const DEBOUNCE: Duration = Duration::from_millis(150);

/// A field to search by; what is typed is asked for once typing rests.
#[component]
pub(crate) fn SearchBox(
    /// Its accessible name.
    label: String,
    /// What is asked for; where that changes by itself (Back, Forward), the field follows.
    #[prop(into)]
    asked: Signal<String>,
    /// Asks for something else.
    on_search: impl Fn(String) + Clone + 'static,
) -> impl IntoView {
    let id = unique_id("search");
    let typed = RwSignal::new(asked.get_untracked());
    effect(move |_| {
        let asked = asked.get();
        if typed.with_untracked(|typed| typed.trim() != asked) {
            typed.set(asked);
        }
    });
    let on_input = move |value: String| {
        typed.set(value.clone());
        let on_search = on_search.clone();
        spawn_local(async move {
            browser::sleep(DEBOUNCE).await;
            if typed.try_with_untracked(|typed| *typed == value) == Some(true) {
                on_search(value.trim().to_owned());
            }
        });
    };
    view! {
        <div class="search-field">
            <label class="sr-only" for=id.clone()>{label.clone()}</label>
            <Icon icon=icondata_lu::LuSearch />
            <input
                id=id
                class="input"
                type="search"
                autocomplete="off"
                placeholder=label
                prop:value=bound(move || typed.get())
                on:input:target=move |event| on_input(event.target().value())
                // Enter searches; it does not send the form around a list.
                on:keydown=move |event| {
                    if event.key() == "Enter" {
                        event.prevent_default();
                    }
                }
            />
        </div>
    }
}
