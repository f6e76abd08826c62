//! Short messages of what has happened, read out as they come; some can be undone.

use std::rc::Rc;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{For, Icon, Kept, handler};
use crate::browser;
use crate::texts::tr;

/// Where a message waits while the app is loaded anew.
const WAITING: &str = "portal.message";

/// How long a message stays.
const STAYS: Duration = Duration::from_secs(7);

type Undo = Rc<dyn Fn()>;

#[derive(Clone)]
struct Toast {
    number: u32,
    message: String,
    failed: bool,
    can_undo: bool,
    /// What it is about: a later message about the same takes its place.
    about: Option<String>,
}

/// The messages; a handle that can be copied around.
#[derive(Clone, Copy)]
pub(crate) struct Toasts {
    list: Kept<Vec<Toast>>,
    undo: StoredValue<Vec<(u32, Undo)>, LocalStorage>,
    next: StoredValue<u32>,
}

impl Toasts {
    pub(crate) fn new() -> Self {
        let toasts = Self {
            list: Kept::new(Vec::new()),
            undo: StoredValue::new_local(Vec::new()),
            next: StoredValue::new(0),
        };
        if let Some(message) = browser::take_over(WAITING) {
            toasts.done(message);
        }
        toasts
    }

    /// The messages, from anywhere in the app.
    pub(crate) fn get() -> Self {
        expect_context()
    }

    /// Says what has happened.
    pub(crate) fn done(self, message: impl Into<String>) {
        self.push(message.into(), false, None, None);
    }

    /// Says what has happened once the app has been loaded anew, which is about to be.
    pub(crate) fn done_before(message: &str) {
        browser::remember(WAITING, message);
    }

    /// Says what has happened, and offers to take it back: until something else happens to what it is `about`.
    pub(crate) fn done_undo(self, about: String, message: impl Into<String>, undo: impl Fn() + 'static) {
        self.push(message.into(), false, Some(Rc::new(undo)), Some(about));
    }

    /// Says what did not work, where there is no form to say it in.
    pub(crate) fn failed(self, message: impl Into<String>) {
        self.push(message.into(), true, None, None);
    }

    fn push(self, message: String, failed: bool, undo: Option<Undo>, about: Option<String>) {
        self.next.update_value(|next| *next = next.wrapping_add(1));
        let number = self.next.get_value();
        let can_undo = undo.is_some();
        if let Some(undo) = undo {
            self.undo.update_value(|all| all.push((number, undo)));
        }
        self.list.update(|list| {
            list.retain(|toast| toast.about.is_none() || toast.about != about);
            list.push(Toast { number, message, failed, can_undo, about });
            let extra = list.len().saturating_sub(3);
            list.drain(..extra);
        });
        spawn_local(async move {
            browser::sleep(STAYS).await;
            self.dismiss(number);
        });
    }

    fn dismiss(self, number: u32) {
        self.list.update(|list| list.retain(|toast| toast.number != number));
        self.undo.try_update_value(|all| all.retain(|(of, _)| *of != number));
    }

    fn take_back(self, number: u32) {
        let undo = self.undo.get_value().into_iter().find(|(of, _)| *of == number);
        self.dismiss(number);
        if let Some((_, undo)) = undo {
            undo();
        }
    }
}

/// Draws the messages; once in the app.
#[component]
pub(crate) fn Toaster(toasts: Toasts) -> impl IntoView {
    view! {
        <div class="toasts" role="status" aria-live="polite" aria-atomic="false">
            <For each=move || toasts.list.get() key=|toast| toast.number let:toast>
                <div class="toast-message" class:toast-failed=toast.failed>
                    <Icon icon=if toast.failed { icondata_lu::LuCircleAlert } else { icondata_lu::LuCircleCheck } />
                    <p>{toast.message.clone()}</p>
                    {toast.can_undo.then(|| {
                        view! {
                            <button
                                type="button"
                                class="btn btn-ghost btn-sm"
                                on:click=handler(move |_| toasts.take_back(toast.number))
                            >
                                {tr!(common.undo)}
                            </button>
                        }
                    })}
                    <button
                        type="button"
                        class="btn btn-ghost btn-icon btn-sm"
                        aria-label=tr!(common.dismiss)
                        on:click=handler(move |_| toasts.dismiss(toast.number))
                    >
                        <Icon icon=icondata_lu::LuX />
                    </button>
                </div>
            </For>
        </div>
    }
}
