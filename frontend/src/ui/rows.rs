//! The body of a table whose rows stay what they are while what they show changes.

use std::sync::Arc;

use leptos::prelude::{self, *};
use web_sys::Element;

use super::held::Held;
use super::{For, Memo, effect};
use crate::browser;

/// Rows that are drawn once for what they stand for and follow its changes: an open menu and the focus stay where they
/// are. When the row with the focus goes, the focus goes to the page's heading.
#[component]
pub(crate) fn Rows<T, V>(
    /// What the rows stand for, in their order.
    each: impl Fn() -> Vec<T> + Send + Sync + 'static,
    /// What stays the same about one of them.
    key: fn(&T) -> String,
    /// Draws one.
    row: impl Fn(Memo<T>) -> V + Send + Sync + 'static,
) -> impl IntoView
where
    T: PartialEq + Send + Sync + 'static,
    V: IntoAny + 'static,
{
    let each = move || each().into_iter().map(|item| (key(&item), Held::new(item))).collect();
    rows(Box::new(each), Arc::new(move |held| row(Memo::of(held)).into_any()))
}

type Each = Box<dyn Fn() -> Vec<(String, Held)> + Send + Sync>;
type Draw = Arc<dyn Fn(prelude::Memo<Held>) -> AnyView + Send + Sync>;

/// Compiled once, not for each kind of rows.
fn rows(each: Each, row: Draw) -> AnyView {
    let all = Memo::new(move |_| each());
    let draw = move |(key, first): (String, Held)| {
        // One that has just gone is shown as it was last, until its row goes too.
        row(prelude::Memo::new(move |before: Option<&Held>| {
            let now = all.with(|all| all.iter().find(|(of, _)| *of == key).map(|(_, held)| held.clone()));
            now.or_else(|| before.cloned()).unwrap_or_else(|| first.clone())
        }))
    };
    let focused = StoredValue::new_local(None::<Element>);
    let rescue = move || {
        if let Some(Some(element)) = focused.try_get_value() {
            browser::rescue_focus(Some(element));
        }
    };
    effect(move |_| {
        all.track();
        rescue();
    });
    on_cleanup(rescue);
    view! {
        <tbody on:focusin=move |event| focused.set_value(Some(event_target(&event)))>
            <For each=move || all.get() key=|(key, _)| key.clone() children=draw />
        </tbody>
    }
    .into_any()
}
