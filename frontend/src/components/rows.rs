//! The body of a table whose rows stay what they are while what they show changes.

use std::collections::HashMap;

use leptos::prelude::*;
use web_sys::Element;

use crate::browser;
use crate::ui::{For, Memo};

/// Rows that are drawn once for what they stand for and follow its changes: an open menu and the focus stay where they
/// are. When the row with the focus goes, the focus goes to the page's heading.
#[component]
pub(crate) fn Rows<T, V>(
    /// What the rows stand for, in their order.
    each: impl Fn() -> Vec<T> + Send + Sync + 'static,
    /// What stays the same about one of them.
    key: fn(&T) -> String,
    /// Draws one.
    row: impl Fn(Memo<T>) -> V + Clone + Send + 'static,
) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let all = Memo::new(move |_| each());
    let now = Memo::new(move |_| {
        all.with(|all| all.iter().map(|item| (key(item), item.clone())).collect::<HashMap<String, T>>())
    });
    let draw = move |first: T| {
        let key = key(&first);
        // One that has just gone is shown as it was last, until its row goes too.
        row(Memo::new(move |before: Option<&T>| {
            let known = now.with(|now| now.get(&key).cloned());
            known.or_else(|| before.cloned()).unwrap_or_else(|| first.clone())
        }))
    };
    let focused = StoredValue::new_local(None::<Element>);
    let rescue = move || {
        if let Some(Some(element)) = focused.try_get_value() {
            browser::rescue_focus(Some(element));
        }
    };
    Effect::new(move |_| {
        all.track();
        rescue();
    });
    on_cleanup(rescue);
    view! {
        <tbody on:focusin=move |event| focused.set_value(Some(event_target(&event)))>
            <For each=move || all.get() key=move |item| key(item) children=draw />
        </tbody>
    }
}
