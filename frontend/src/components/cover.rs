//! A session that has ended while its page was open: the page waits, out of sight, until its person is back.

use leptos::html;
use leptos::prelude::*;
use web_sys::HtmlDialogElement;

use crate::browser;
use crate::pages::sign_in::{SignInForm, Typed, TypedEmail};
use crate::routes::Route;
use crate::session::{Session, Status};
use crate::texts::tr;
use crate::ui::{Button, Field, Kind, Memo, Show, effect, handler};

/// Covers the page while the session is expired. What was typed stays below; somebody else starts afresh.
#[component]
pub(crate) fn SignInAgain() -> impl IntoView {
    let session = Session::get();
    let expired = Memo::new(move |_| session.status() == Status::Expired);
    let element = NodeRef::<html::Dialog>::new();
    effect(move |_| {
        let Some(dialog) = element.get() else { return };
        // What is below is out of sight whatever becomes of the dialog, and what is open above the page, too.
        browser::set_root_attribute("data-covered", expired.get().then_some(""));
        match (expired.get(), dialog.open()) {
            (true, false) => show(&dialog),
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    // The key is not the cover's, nor that of what is open below it and waits.
    let escape = window_event_listener(leptos::ev::keydown, move |event| {
        if expired.get_untracked() && event.key() == "Escape" {
            event.prevent_default();
        }
    });
    on_cleanup(move || escape.remove());
    on_cleanup(|| browser::set_root_attribute("data-covered", None));
    // Another way of closing it, such as a gesture: a browser lets a page refuse that only so often.
    let on_close = move |_| {
        if let Some(dialog) = element.get_untracked().filter(|_| expired.get_untracked()) {
            show(&dialog);
        }
    };
    let typed = move || {
        Typed::new(Field::with(session.me().map(|me| me.email.display().to_owned()).unwrap_or_default()))
    };
    let typed_email = TypedEmail::get();
    let forgotten = move || {
        if let Some(me) = untrack(|| session.me()) {
            typed_email.set(me.email.display());
        }
    };
    view! {
        <dialog
            node_ref=element
            class="cover"
            aria-labelledby="cover-title"
            // It does not go away: what is below is for nobody who is not signed in.
            on:cancel=|event: leptos::ev::Event| event.prevent_default()
            on:close=on_close
        >
            <Show when=move || expired.get()>
                <div class="page-centred">
                    <p class="brand">{tr!(common.product)}</p>
                    <div class="card-public">
                        <h1 id="cover-title">{tr!(auth.session_ended)}</h1>
                        <p class="muted">{tr!(auth.session_ended_hint)}</p>
                        <SignInForm typed=typed() />
                        <p class="card-links">
                            <a class="link" href=Route::Forgot.to_string() on:click=handler(move |_| forgotten())>
                                {tr!(auth.forgot_password)}
                            </a>
                        </p>
                        <Button kind=Kind::Quiet on_click=move |_| session.leave()>
                            {tr!(auth.somebody_else)}
                        </Button>
                    </div>
                </div>
            </Show>
        </dialog>
    }
}

fn show(dialog: &HtmlDialogElement) {
    // It can only fail while the dialog is not in the page, or open already.
    let _ = dialog.show_modal();
}
