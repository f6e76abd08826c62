//! `Show` and `For` as everywhere in Leptos, but compiled once instead of once for each use: where types do not matter
//! to what is drawn, they are not worth their weight in what a first visit loads. For the same reason closures go into
//! a view by [`dynamic`], [`bound`] and [`handler`].

use leptos::children::ViewFn;
use leptos::control_flow;
use leptos::prelude::*;

use super::Memo;

/// What is drawn anew when a signal changes that it reads.
pub(crate) fn dynamic<V: IntoAny>(draw: impl Fn() -> V + Send + 'static) -> AnyView {
    let draw: Box<dyn FnMut() -> AnyView + Send> = Box::new(move || draw().into_any());
    draw.into_any()
}

/// The value of an attribute that follows the signals that it reads.
pub(crate) fn bound<T>(read: impl FnMut() -> T + Send + 'static) -> Box<dyn FnMut() -> T + Send> {
    Box::new(read)
}

/// What is done at an event.
pub(crate) fn handler<E>(act: impl FnMut(E) + 'static) -> Box<dyn FnMut(E)> {
    Box::new(act)
}

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
