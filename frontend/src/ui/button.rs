//! Buttons, and what keeps an action from running twice.

use std::future::Future;
use std::pin::Pin;

use super::{Show, bound};
use leptos::ev::MouseEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Whether an action is running. It runs once at a time, however often it is asked for.
#[derive(Clone, Copy)]
pub(crate) struct Busy(RwSignal<bool>);

impl Busy {
    pub(crate) fn new() -> Self {
        Self(RwSignal::new(false))
    }

    /// Whether it runs now.
    pub(crate) fn get(self) -> bool {
        self.0.get()
    }

    /// Runs the action, unless it is running already.
    pub(crate) fn run(self, action: impl Future<Output = ()> + 'static) {
        self.run_boxed(Box::pin(action));
    }

    fn run_boxed(self, action: Pin<Box<dyn Future<Output = ()>>>) {
        if self.0.get_untracked() {
            return;
        }
        self.0.set(true);
        spawn_local(async move {
            action.await;
            // The page may have been left in the meantime.
            self.0.try_set(false);
        });
    }
}

/// How much weight a button has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Kind {
    /// The one thing to do here.
    Primary,
    /// Something that can be done here.
    #[default]
    Plain,
    /// Something on the side.
    Quiet,
    /// Something that takes away.
    Danger,
}

impl Kind {
    fn class(self) -> &'static str {
        match self {
            Self::Primary => "btn btn-primary",
            Self::Plain => "btn btn-outline-soft",
            Self::Quiet => "btn btn-ghost",
            Self::Danger => "btn btn-danger",
        }
    }
}

/// A button for an action.
#[component]
pub(crate) fn Button(
    /// Its weight.
    #[prop(optional)]
    kind: Kind,
    /// What it does.
    on_click: impl Fn(MouseEvent) + 'static,
    /// The action that must not run twice.
    #[prop(optional)]
    busy: Option<Busy>,
    /// Why it cannot be used now.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// Its name, where the words in it do not say enough.
    #[prop(optional, into)]
    label: Option<String>,
    /// What is on it.
    children: Children,
) -> impl IntoView {
    button(kind, Box::new(on_click), busy, disabled, label, children)
}

/// Compiled once, not for each kind of `on_click`.
fn button(
    kind: Kind,
    on_click: Box<dyn Fn(MouseEvent)>,
    busy: Option<Busy>,
    disabled: Signal<bool>,
    label: Option<String>,
    children: Children,
) -> AnyView {
    let running = move || busy.is_some_and(Busy::get);
    view! {
        <button
            type="button"
            class=kind.class()
            aria-label=label
            aria-busy=bound(move || running().then_some("true"))
            // Not `disabled` while it runs: that would take the focus away.
            aria-disabled=bound(move || running().then_some("true"))
            disabled=bound(move || disabled.get())
            on:click=move |event| {
                if !untrack(running) {
                    on_click(event);
                }
            }
        >
            <Show when=running>
                <span class="spinner" aria-hidden="true"></span>
            </Show>
            {children()}
        </button>
    }
    .into_any()
}

/// The button that sends a form.
#[component]
pub(crate) fn SubmitButton(
    /// The sending.
    busy: Busy,
    /// Its words.
    #[prop(into)]
    label: String,
    /// Whether it takes something away.
    #[prop(optional)]
    danger: bool,
    /// Why it cannot be used now.
    #[prop(optional, into)]
    disabled: Signal<bool>,
) -> impl IntoView {
    let class = if danger { Kind::Danger.class() } else { Kind::Primary.class() };
    view! {
        <button
            type="submit"
            class=class
            aria-busy=bound(move || busy.get().then_some("true"))
            aria-disabled=bound(move || busy.get().then_some("true"))
            disabled=bound(move || disabled.get())
            on:click=move |event| {
                if untrack(|| busy.get()) {
                    event.prevent_default();
                }
            }
        >
            <Show when=move || busy.get()>
                <span class="spinner" aria-hidden="true"></span>
            </Show>
            {label}
        </button>
    }
}
