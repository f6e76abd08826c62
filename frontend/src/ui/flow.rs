//! `Show` and `For` as everywhere in Leptos, but compiled once instead of once for each use: where types do not matter
//! to what is drawn, they are not worth their weight in what a first visit loads.

use leptos::children::ViewFn;
use leptos::control_flow;
use leptos::prelude::*;

/// Shows its children while a condition holds.
#[component]
pub(crate) fn Show(
    /// The condition.
    when: impl Fn() -> bool + Send + Sync + 'static,
    /// What is shown instead.
    #[prop(optional, into)]
    fallback: ViewFn,
    /// What is shown.
    children: ChildrenFn,
) -> impl IntoView {
    show(Memo::new(move |_| when()), fallback, children)
}

fn show(when: Memo<bool>, fallback: ViewFn, children: ChildrenFn) -> AnyView {
    (move || if when.get() { children() } else { fallback.run() }).into_any()
}

/// A row that is still to be drawn.
struct Row {
    key: String,
    draw: Box<dyn FnOnce() -> AnyView + Send>,
}

/// Draws rows, and each anew only when its key is new.
#[component]
pub(crate) fn For<T, K, V>(
    /// The rows.
    each: impl Fn() -> Vec<T> + Send + 'static,
    /// What a row is known by.
    key: impl Fn(&T) -> K + Send + 'static,
    /// Draws one.
    children: impl Fn(T) -> V + Clone + Send + 'static,
) -> impl IntoView
where
    T: Send + 'static,
    K: ToString,
    V: IntoAny,
{
    let row = move |item: T| {
        let (key, children) = (key(&item).to_string(), children.clone());
        Row { key, draw: Box::new(move || children(item).into_any()) }
    };
    rows(Box::new(move || each().into_iter().map(&row).collect()))
}

fn rows(each: Box<dyn Fn() -> Vec<Row> + Send>) -> AnyView {
    let rows = control_flow::For(control_flow::ForProps {
        each,
        key: |row: &Row| row.key.clone(),
        children: |row: Row| (row.draw)(),
    });
    rows.into_any()
}
