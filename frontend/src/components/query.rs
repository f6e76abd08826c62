//! What a list is narrowed to lives in the page's URL: it survives a reload, and the Back button.

use leptos::prelude::*;

use super::search::SearchBox;
use crate::address::Address;
use crate::browser;
use crate::texts::tr;
use crate::ui::{Memo, Show, bound, dynamic, effect, unique_id};

/// A parameter of the page's URL; an empty one is none.
pub(crate) fn query(name: &'static str) -> Memo<Option<String>> {
    let address = Address::get();
    Memo::new(move |_| address.parameter(name))
}

/// Changes parameters of the page's URL. Other filters are kept; the page of the list is not. The Back button takes a
/// choice back; what is typed letter by letter is one step of the history (`in_place`).
pub(crate) fn set_query(in_place: bool) -> impl Fn(&[(&'static str, Option<String>)]) + Copy + 'static {
    let address = Address::get();
    move |changes| {
        let mut all = vec![("cursor", None)];
        all.extend_from_slice(changes);
        address.set_parameters(&all, in_place);
    }
}

/// A field to search a list; what is typed is in the URL after a moment.
#[component]
pub(crate) fn SearchField(
    /// Its accessible name.
    #[prop(into)]
    label: String,
    /// The parameter of the URL.
    #[prop(default = "q")]
    name: &'static str,
) -> impl IntoView {
    let current = query(name);
    let set = set_query(true);
    view! {
        <SearchBox
            label=label
            asked=Signal::derive(move || current.get().unwrap_or_default())
            on_search=move |text| set(&[(name, Some(text))])
        />
    }
}

/// A choice that narrows a list.
#[component]
pub(crate) fn FilterSelect(
    /// Its accessible name.
    #[prop(into)]
    label: String,
    /// The parameter of the URL.
    name: &'static str,
    /// Values and their words; the first one, which is empty, means all.
    options: Vec<(&'static str, String)>,
) -> impl IntoView {
    let id = unique_id("filter");
    let current = query(name);
    let set = set_query(false);
    let options: Vec<_> = options
        .into_iter()
        .map(|(value, words)| {
            let selected = move || current.get().as_deref().unwrap_or_default() == value;
            view! { <option value=value selected=selected>{words}</option> }
        })
        .collect();
    view! {
        <div class="filter">
            <label class="sr-only" for=id.clone()>{label}</label>
            <select
                id=id
                class="select"
                prop:value=bound(move || current.get().unwrap_or_default())
                on:change:target=move |event| set(&[(name, Some(event.target().value()))])
            >
                {options}
            </select>
        </div>
    }
}

/// Links to the first, the previous and the next page of a list, where there is more than one. A page is known by where
/// it starts, so that this tab remembers which one came before it.
#[component]
pub(crate) fn Pager(
    /// Where the next page starts.
    #[prop(into)]
    next: Signal<Option<String>>,
) -> impl IntoView {
    let address = Address::get();
    let cursor = query("cursor");
    let href = move |cursor| address.with_parameters(&[("cursor", cursor)]);
    effect(move |is_first| {
        cursor.track();
        // Another page of the list, for who reads on, and for a screen reader.
        if !is_first {
            browser::focus_heading();
        }
    });
    effect(move |_| {
        let here = cursor.get_untracked();
        // While this page is on its way, its start is still what comes next.
        if let Some(next) = next.get().filter(|next| Some(next) != here.as_ref()) {
            browser::remember(&page_before(&next), &here.unwrap_or_default());
        }
    });
    let links = move || {
        let cursor = cursor.get();
        let before = cursor.as_deref().and_then(|cursor| browser::remembered(&page_before(cursor)));
        [
            (cursor.as_ref().map(|_| href(None)), tr!(common.first_page)),
            (
                before.map(|before| href(Some(before).filter(|before| !before.is_empty()))),
                tr!(common.previous_page),
            ),
            (next.get().map(|next| href(Some(next))), tr!(common.next_page)),
        ]
    };
    view! {
        <Show when=move || cursor.with(Option::is_some) || next.with(Option::is_some)>
            <nav class="pager" aria-label=tr!(common.pages)>
                {dynamic(move || {
                    let link = |(href, words): (Option<String>, &'static str)| {
                        href.map(|href| view! { <a class="btn btn-outline-soft" href=href>{words}</a> })
                    };
                    links().map(link).into_iter().collect_view()
                })}
            </nav>
        </Show>
    }
}

/// Where this tab keeps which page of a list leads to which.
pub(crate) const PAGE_BEFORE: &str = "portal.before.";

fn page_before(cursor: &str) -> String {
    format!("{PAGE_BEFORE}{cursor}")
}
