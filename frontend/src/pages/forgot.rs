//! Ask for a link to choose a new password: the mailed link then leads to [`super::reset`].

use leptos::prelude::*;
use portal_client::api_types::{Email, RequestPasswordReset};

use super::mailed::{BackToSignIn, CheckInbox};
use super::sign_in::TypedEmail;
use crate::app::Language;
use crate::components::{PublicCard, fail, invalid};
use crate::session::Session;
use crate::texts::tr;
use crate::ui::{Alert, Busy, Field, Form, SubmitButton, TextField};

/// The page `/forgot`.
#[component]
pub(crate) fn Forgot() -> impl IntoView {
    let language = Language::get();
    let email = Field::with(TypedEmail::get().value());
    let sent = RwSignal::new(None::<Email>);
    move || {
        language.track();
        match sent.get() {
            Some(address) => view! {
                <CheckInbox
                    address=address.display()
                    about=tr!(auth.check_inbox_forgot)
                    on_correct=move || sent.set(None)
                />
            }
            .into_any(),
            None => view! { <ForgotForm email=email sent=sent /> }.into_any(),
        }
    }
}

#[component]
fn ForgotForm(email: Field, sent: RwSignal<Option<Email>>) -> impl IntoView {
    let session = Session::get();
    email.forget_error();
    let message = RwSignal::new(None::<String>);
    let busy = Busy::new();
    let submit = move || {
        message.set(None);
        let Some(address) = email.parse(Email::parse, invalid) else { return };
        let request = RequestPasswordReset { email: address.clone() };
        busy.run(async move {
            match session.portal().request_password_reset(&request).await {
                Ok(()) => {
                    sent.try_set(Some(address));
                }
                Err(error) => {
                    message.try_set(fail(&error, &[("/email", email)]));
                }
            }
        });
    };
    view! {
        <PublicCard title=tr!(auth.forgot_password)>
            <p class="muted">{tr!(auth.forgot_hint)}</p>
            <Form on_submit=submit>
                <Alert message=message />
                <TextField label=tr!(common.email) field=email kind="email" autocomplete="username" focus=true />
                <SubmitButton busy=busy label=tr!(auth.send_link) />
            </Form>
            <BackToSignIn />
        </PublicCard>
    }
}
