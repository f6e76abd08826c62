//! Dialogs on the browser's own `<dialog>`: it keeps the focus inside, closes with Escape, and gives the focus back.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use leptos::ev::{Event, KeyboardEvent};
use leptos::html;
use leptos::prelude::*;

use super::{Alert, Busy, Button, Form, Icon, Kind, Show, SubmitButton, dynamic, effect, unique_id};
use crate::browser;
use crate::texts::tr;

/// A dialog; what is in it is drawn anew each time it opens.
#[component]
pub(crate) fn Dialog(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// Its heading and accessible name.
    #[prop(into)]
    title: Signal<String>,
    /// A wide one that stands at the side, for the details of a row.
    #[prop(optional)]
    side: bool,
    /// Whether Escape leaves it open, as what is in it will not be seen again.
    #[prop(optional, into)]
    stays: Signal<bool>,
    /// What is in it.
    children: ChildrenFn,
) -> impl IntoView {
    let element = NodeRef::<html::Dialog>::new();
    let title_id = StoredValue::new(unique_id("dialog"));
    effect(move |_| {
        let Some(dialog) = element.get() else { return };
        match (open.get(), dialog.open()) {
            // It can only fail while the dialog is not in the page.
            (true, false) => {
                let _ = dialog.show_modal();
            }
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    let children = StoredValue::new(children);
    view! {
        <dialog
            node_ref=element
            class=if side { "dialog dialog-side" } else { "dialog" }
            aria-labelledby=title_id.get_value()
            // Both: a browser lets a page refuse to be cancelled only so often.
            on:cancel=move |event: Event| {
                if stays.get_untracked() {
                    event.prevent_default();
                }
            }
            on:keydown=move |event: KeyboardEvent| {
                if stays.get_untracked() && event.key() == "Escape" {
                    event.prevent_default();
                }
            }
            on:close=move |event: Event| {
                // Not that of a dialog inside this one, and not a late one: it may be open again by now.
                let is_closed = element.get_untracked().is_none_or(|dialog| !dialog.open());
                if event.target() == event.current_target() && is_closed {
                    open.set(false);
                    // What it was opened by may be gone by what was done in it.
                    browser::rescue_focus(None);
                }
            }
        >
            <Show when=move || open.get()>
                <div class="dialog-header">
                    <h2 id=title_id.get_value()>{dynamic(move || title.get())}</h2>
                    <Button kind=Kind::Quiet label=tr!(common.close) on_click=move |_| open.set(false)>
                        <Icon icon=icondata_lu::LuX />
                    </Button>
                </div>
                <div class="dialog-body">{children.with_value(|children| children())}</div>
            </Show>
        </dialog>
    }
}

type Confirmed = Rc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<(), String>>>>>;

#[derive(Clone)]
struct Question {
    title: String,
    body: String,
    consequences: Vec<String>,
    button: String,
    action: Confirmed,
}

/// The one dialog that asks before something is taken away.
#[derive(Clone, Copy)]
pub(crate) struct Confirm {
    open: RwSignal<bool>,
    question: RwSignal<Option<Question>, LocalStorage>,
}

impl Confirm {
    pub(crate) fn new() -> Self {
        Self { open: RwSignal::new(false), question: RwSignal::new_local(None) }
    }

    /// The dialog, from anywhere in the app.
    pub(crate) fn get() -> Self {
        expect_context()
    }

    /// Asks no more: what it was about is not in sight any more.
    pub(crate) fn close(self) {
        self.open.set(false);
    }

    /// Asks. `body` says who loses what, `consequences` lists it where it is more than a sentence; `button` is the
    /// word for doing it. An error of the action stays in the dialog, to try again.
    pub(crate) fn ask<F>(
        self,
        title: impl Into<String>,
        body: impl Into<String>,
        consequences: Vec<String>,
        button: impl Into<String>,
        action: impl Fn() -> F + 'static,
    ) where
        F: Future<Output = Result<(), String>> + 'static,
    {
        self.question.set(Some(Question {
            title: title.into(),
            body: body.into(),
            consequences,
            button: button.into(),
            action: Rc::new(move || Box::pin(action())),
        }));
        self.open.set(true);
    }
}

/// Draws what [`Confirm`] asks; once in the app.
#[component]
pub(crate) fn ConfirmDialog(confirm: Confirm) -> impl IntoView {
    let Confirm { open, question } = confirm;
    let title = Signal::derive(move || {
        question.with(|question| question.as_ref().map(|question| question.title.clone()).unwrap_or_default())
    });
    view! {
        <Dialog open=open title=title>
            {dynamic(move || question.get().map(|question| view! { <Ask open=open question=question /> }))}
        </Dialog>
    }
}

#[component]
fn Ask(open: RwSignal<bool>, question: Question) -> impl IntoView {
    let busy = Busy::new();
    let error = RwSignal::new(None::<String>);
    let action = question.action;
    let confirm = move || {
        let action = Rc::clone(&action);
        busy.run(async move {
            match action().await {
                Ok(()) => {
                    open.try_set(false);
                }
                Err(message) => {
                    error.try_set(Some(message));
                }
            }
        });
    };
    let consequences = question.consequences;
    view! {
        <Form on_submit=confirm>
            <p>{question.body}</p>
            {(!consequences.is_empty()).then(|| {
                let items = consequences.into_iter().map(|item| view! { <li>{item}</li> }).collect_view();
                view! { <ul class="consequences">{items}</ul> }
            })}
            <Alert message=error />
            <div class="dialog-actions">
                <Button on_click=move |_| open.set(false)>{tr!(common.cancel)}</Button>
                <SubmitButton busy=busy label=question.button danger=true />
            </div>
        </Form>
    }
}
