//! `Show` and `For` as everywhere in Leptos, but compiled once instead of once for each use: where types do not matter
//! to what is drawn, they are not worth their weight in what a first visit loads. For the same reason closures go into
//! a view by [`dynamic`], [`bound`] and [`handler`], and effects are made by [`effect`].

use leptos::children::ViewFn;
use leptos::control_flow;
use leptos::prelude::*;

use super::held::Held;
use super::{Memo, unique_id};

/// What is drawn anew when a signal changes that it reads.
pub(crate) fn dynamic<V: IntoAny>(draw: impl Fn() -> V + Send + 'static) -> AnyView {
    let draw: Box<dyn FnMut() -> AnyView + Send> = Box::new(move || draw().into_any());
    draw.into_any()
}

/// The value of an attribute that follows the signals that it reads.
pub(crate) fn bound<T>(read: impl FnMut() -> T + Send + 'static) -> Box<dyn FnMut() -> T + Send> {
    Box::new(read)
}

/// Does something, and again when a signal changes that it reads. It is told whether this is the first time.
pub(crate) fn effect(act: impl FnMut(bool) + 'static) {
    run(Box::new(act));
}

fn run(mut act: Box<dyn FnMut(bool)>) {
    Effect::new(move |before: Option<()>| act(before.is_none()));
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
    draw: Draw,
}

type Draw = Box<dyn FnOnce() -> AnyView + Send>;

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

/// Draws rows, and each anew only when there was none like it.
#[component]
pub(crate) fn Each<T, V>(
    /// The rows.
    rows: impl Fn() -> Vec<T> + Send + 'static,
    /// Draws one.
    children: impl Fn(T) -> V + Clone + Send + 'static,
) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
    V: IntoAny + 'static,
{
    let draw = move |held: &Held| -> Draw {
        let (row, children) = (held.get::<T>().cloned(), children.clone());
        Box::new(move || row.map(|row| children(row).into_any()).into_any())
    };
    each(Box::new(move || rows().into_iter().map(Held::new).collect()), Box::new(draw))
}

/// Compiled once, not for each kind of rows.
fn each(held: Box<dyn Fn() -> Vec<Held> + Send>, draw: Box<dyn Fn(&Held) -> Draw + Send>) -> AnyView {
    // What is there, and the keys it has got.
    let known = StoredValue::new(Vec::<(Held, String)>::new());
    rows(Box::new(move || {
        let key = |held: &Held| {
            let before = known.with_value(|known| {
                known.iter().find(|(before, _)| before == held).map(|(_, key)| key.clone())
            });
            before.unwrap_or_else(|| unique_id("row"))
        };
        let now: Vec<_> = held().into_iter().map(|held| (key(&held), held)).collect();
        known.set_value(now.iter().map(|(key, held)| (held.clone(), key.clone())).collect());
        now.into_iter().map(|(key, held)| Row { key, draw: draw(&held) }).collect()
    }))
}

fn rows(each: Box<dyn Fn() -> Vec<Row> + Send>) -> AnyView {
    let rows = control_flow::For(control_flow::ForProps {
        each,
        key: |row: &Row| row.key.clone(),
        children: |row: Row| (row.draw)(),
    });
    rows.into_any()
}
