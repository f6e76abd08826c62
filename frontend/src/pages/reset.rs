//! Choose a new password by a mailed link.

use leptos::prelude::*;
use portal_client::api_types::{CheckLink, ConfirmPasswordReset, ErrorCode, NewPassword, Secret};

use super::mailed::{BackToSignIn, DeadLink, ToItsPage, Token, check};
use crate::address::Address;
use crate::app::Language;
use crate::components::{PublicCard, fail, invalid};
use crate::routes::Route;
use crate::session::Session;
use crate::texts::tr;
use crate::ui::{Alert, Busy, Field, Form, PasswordField, SubmitButton, Toasts, dynamic};

/// The page `/reset#token=…`.
#[component]
pub(crate) fn Reset() -> impl IntoView {
    let language = Language::get();
    let token = Token::of_page();
    move || match token.get() {
        Token::Reset(token) => view! { <ChooseNew token=token /> }.into_any(),
        Token::Missing => dynamic(move || {
            language.track();
            view! {
                <DeadLink
                    reason=tr!(auth.link_incomplete)
                    advice=tr!(auth.link_incomplete_reset)
                    again=(Route::Forgot, tr!(auth.ask_new_link))
                />
            }
        }),
        other => view! { <ToItsPage token=other /> }.into_any(),
    }
}

#[component]
fn ChooseNew(token: String) -> impl IntoView {
    let language = Language::get();
    let dead = RwSignal::new(false);
    let (portal, link) = (Session::get().portal(), CheckLink { token: Secret::new(token.clone()) });
    check(dead, async move { portal.check_password_reset(&link).await });
    let password = Field::new();
    move || {
        language.track();
        if dead.get() {
            view! {
                <DeadLink
                    reason=tr!(auth.dead_reset)
                    advice=tr!(auth.dead_reset_advice)
                    again=(Route::Forgot, tr!(auth.ask_new_link))
                />
            }
            .into_any()
        } else {
            view! { <ResetForm token=token.clone() password=password dead=dead /> }.into_any()
        }
    }
}

#[component]
fn ResetForm(token: String, password: Field, dead: RwSignal<bool>) -> impl IntoView {
    let session = Session::get();
    let toasts = Toasts::get();
    let address = Address::get();
    password.forget_error();
    let message = RwSignal::new(None::<String>);
    let busy = Busy::new();
    let submit = move || {
        message.set(None);
        let Some(chosen) = password.parse(NewPassword::parse, invalid) else { return };
        let confirmation = ConfirmPasswordReset { token: Secret::new(token.clone()), password: chosen };
        busy.run(async move {
            match session.portal().confirm_password_reset(&confirmation).await {
                Ok(()) => {
                    forget_ended(session).await;
                    toasts.done(tr!(auth.password_saved));
                    address.replace(&Route::Login.to_string());
                }
                Err(error) if error.code() == Some(ErrorCode::InvitationGone) => {
                    dead.try_set(true);
                }
                Err(error) => {
                    message.try_set(fail(&error, &[("/password", password)]));
                }
            }
        });
    };
    view! {
        <PublicCard title=tr!(auth.choose_new_password)>
            <p class="muted">{tr!(auth.choose_new_password_hint)}</p>
            <Form on_submit=submit>
                <Alert message=message />
                <PasswordField label=tr!(auth.new_password) field=password new=true focus=true />
                <SubmitButton busy=busy label=tr!(auth.save_password) />
            </Form>
            <BackToSignIn />
        </PublicCard>
    }
}

/// All sessions of the person have ended. If this browser had one of them, it is signed out here too; if somebody
/// else is signed in, they stay.
async fn forget_ended(session: Session) {
    if session.user_id().is_none() {
        return;
    }
    let known = session.reload_me().await;
    if known.is_err_and(|error| error.code() == Some(ErrorCode::Unauthenticated)) {
        // Nothing is left to end at the portal, which is as good as ended.
        let _ = session.sign_out().await;
    }
}
