//! A list to choose from that the portal searches: thousands of rows are asked for page by page.

use std::future::Future;
use std::pin::Pin;

use leptos::prelude::*;

use super::search::SearchBox;
use crate::texts::tr;
use crate::ui::{Busy, Button, For, Kept, Loaded, Loader, Memo, Show, bound, dynamic, handler, unique_id};

/// One row to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Choice {
    /// The id of what is chosen.
    pub(crate) id: String,
    /// The checkbox's name.
    pub(crate) name: String,
    /// What tells it from others of the same name.
    pub(crate) detail: Option<String>,
}

/// A page of rows, and where the next one starts.
pub(crate) type Choices = (Vec<Choice>, Option<String>);

/// Asks for the rows of a search, from a cursor on.
type Fetch = Box<dyn Fn(Option<String>, Option<String>) -> Fetching>;
type Fetching = Pin<Box<dyn Future<Output = Result<Choices, String>>>>;

/// Checkboxes with a search above. What is chosen stays chosen and listed, whatever is searched for next.
#[component]
pub(crate) fn Checklist<S, F>(
    /// The accessible name of the whole.
    label: &'static str,
    /// That of its search.
    search: &'static str,
    /// What is said when nothing is found.
    empty: &'static str,
    /// What is chosen.
    chosen: Kept<Vec<Choice>>,
    /// Asks for the rows of a search, from a cursor on.
    fetch: S,
) -> impl IntoView
where
    S: Fn(Option<String>, Option<String>) -> F + 'static,
    F: Future<Output = Result<Choices, String>> + 'static,
{
    checklist(label, search, empty, chosen, Box::new(move |q, cursor| Box::pin(fetch(q, cursor))))
}

/// Compiled once, not for each kind of `fetch`.
fn checklist(
    label: &'static str,
    search: &'static str,
    empty: &'static str,
    chosen: Kept<Vec<Choice>>,
    fetch: Fetch,
) -> AnyView {
    let fetch = StoredValue::new_local(fetch);
    let asked = RwSignal::new(String::new());
    let ask = move |cursor| fetch.with_value(|fetch| fetch(some(asked.get()), cursor));
    let loader = Loader::new(move || ask(None));
    let busy = Busy::new();
    let error = RwSignal::new(None::<String>);
    let more = move |_| {
        let Some(Some(cursor)) = untrack(|| loader.with(|(_, next)| next.clone())) else { return };
        let searched = asked.get_untracked();
        let answer = untrack(|| ask(Some(cursor)));
        busy.run(async move {
            let answer = answer.await;
            if asked.try_get_untracked() != Some(searched) {
                return;
            }
            match answer {
                Ok((items, next)) => loader.patch(|page| {
                    page.0.extend(items);
                    page.1 = next;
                }),
                Err(message) => {
                    error.try_set(Some(message));
                    return;
                }
            }
            error.try_set(None);
        });
    };

    // What was chosen in another search comes first.
    let rows = move || {
        let found = loader.with(|(items, _)| items.clone()).unwrap_or_default();
        let mut rows = chosen.get();
        rows.retain(|choice| !is_among(&found, &choice.id));
        rows.extend(found);
        rows
    };
    let is_empty = move || rows().is_empty();
    let has_more = Memo::new(move |_| loader.with(|(_, next)| next.is_some()) == Some(true));
    let row = move |choice: Choice| {
        let id = choice.id.clone();
        let checked = move || chosen.with(|chosen| is_among(chosen, &id));
        let Choice { name, detail, .. } = choice.clone();
        let on_change = move |on: bool| {
            chosen.update(|chosen| {
                chosen.retain(|known| known.id != choice.id);
                if on {
                    chosen.push(choice.clone());
                }
            });
        };
        view! { <CheckRow name=name detail=detail checked=checked on_change=on_change /> }
    };
    let label_id = unique_id("checklist");
    view! {
        <div class="field" role="group" aria-labelledby=label_id>
            <div class="flex items-baseline justify-between gap-4">
                <span class="field-label" id=label_id.clone()>{label}</span>
                <span class="field-description" role="status">
                    {dynamic(move || {
                        let count = chosen.with(Vec::len);
                        (count > 0).then(|| tr!(firm.chosen, count = count))
                    })}
                </span>
            </div>
            <SearchBox label=search.to_owned() asked=asked on_search=move |text| asked.set(text) />
            <div class="checklist">
                <Loaded loader=loader lines=3>
                    <For each=rows key=|choice| choice.id.clone() children=row />
                    <Show when=is_empty>
                        <p class="muted">{empty}</p>
                    </Show>
                    <p class="field-error" role="alert">{dynamic(move || error.get())}</p>
                    <Show when=move || has_more.get()>
                        <Button busy=busy on_click=more>{tr!(firm.show_more)}</Button>
                    </Show>
                </Loaded>
            </div>
        </div>
    }
    .into_any()
}

/// A checkbox that is named after its row. A hint beside it belongs to its description.
#[component]
pub(crate) fn CheckRow(
    /// The checkbox's name: that of a person or an account.
    #[prop(into)]
    name: String,
    /// What tells it from others of the same name.
    detail: Option<String>,
    /// Whether it is ticked.
    checked: impl Fn() -> bool + Send + 'static,
    /// What a change of it does. The tick follows `checked`, whatever the browser has drawn.
    on_change: impl Fn(bool) + 'static,
    /// Whether its change is on its way; until then another is not taken. It keeps the focus.
    #[prop(optional, into)]
    busy: Signal<bool>,
) -> impl IntoView {
    check_row(name, detail, Box::new(checked), Box::new(on_change), busy)
}

/// Compiled once, not for each kind of `checked` and `on_change`.
fn check_row(
    name: String,
    detail: Option<String>,
    checked: Box<dyn Fn() -> bool + Send>,
    on_change: Box<dyn Fn(bool)>,
    busy: Signal<bool>,
) -> AnyView {
    let id = unique_id("choice");
    let detail_id = format!("{id}-detail");
    let change = move |event: web_sys::Event| {
        let input: web_sys::HtmlInputElement = event_target(&event);
        if busy.get_untracked() {
            input.set_checked(!input.checked());
        } else {
            on_change(input.checked());
        }
    };
    view! {
        <div class="choice">
            <input
                id=id.clone()
                type="checkbox"
                class="checkbox checkbox-sm"
                aria-describedby=detail.as_ref().map(|_| detail_id.clone())
                aria-busy=bound(move || busy.get().then_some("true"))
                prop:checked=checked
                on:change=handler(change)
            />
            <label class="grow cursor-pointer min-w-0 wrap-anywhere" for=id dir="auto">{name}</label>
            <Show when=move || busy.get()>
                <span class="spinner" aria-hidden="true"></span>
            </Show>
            {detail.map(|detail| view! { <span class="field-description truncate" id=detail_id dir="auto">{detail}</span> })}
        </div>
    }
    .into_any()
}

fn is_among(choices: &[Choice], id: &str) -> bool {
    choices.iter().any(|choice| choice.id == id)
}

fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}
