//! A session that has ended while its page was open: the page waits, out of sight, until its person is back.

use leptos::html;
use leptos::prelude::*;

use crate::pages::sign_in::SignInForm;
use crate::session::{Session, Status};
use crate::texts::tr;
use crate::ui::Kind;
use crate::ui::{Button, Show};

/// Covers the page while the session is expired. What was typed stays below; somebody else starts afresh.
#[component]
pub(crate) fn SignInAgain() -> impl IntoView {
    let session = Session::get();
    let expired = Memo::new(move |_| session.status() == Status::Expired);
    let element = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = element.get() else { return };
        match (expired.get(), dialog.open()) {
            // It can only fail while the dialog is not in the page.
            (true, false) => {
                let _ = dialog.show_modal();
            }
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    let email = move || session.me().map(|me| me.email.display().to_owned()).unwrap_or_default();
    view! {
        <dialog
            node_ref=element
            class="cover"
            aria-labelledby="cover-title"
            // It does not go away by Escape: what is below is for nobody who is not signed in.
            on:cancel=|event: leptos::ev::Event| event.prevent_default()
        >
            <Show when=move || expired.get()>
                <div class="page-centred">
                    <p class="brand">{tr!(common.product)}</p>
                    <div class="card-public">
                        <h1 id="cover-title">{tr!(auth.session_ended)}</h1>
                        <p class="muted">{tr!(auth.session_ended_hint)}</p>
                        <SignInForm email=email() />
                        <Button kind=Kind::Quiet on_click=move |_| session.leave()>
                            {tr!(auth.somebody_else)}
                        </Button>
                    </div>
                </div>
            </Show>
        </dialog>
    }
}
