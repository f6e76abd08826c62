//! The link of a sign-up: with a password the person and their first account come to be.

use leptos::prelude::*;
use portal_client::api_types::{CheckLink, ConfirmRegistration, ErrorCode, NewPassword, Secret};

use crate::address::Address;
use crate::app::Language;
use crate::components::{PublicCard, fail, invalid};
use crate::pages::mailed::{DeadLink, SomebodyElseHere, check};
use crate::routes::Route;
use crate::session::Session;
use crate::texts::tr;
use crate::ui::{Alert, Busy, Field, Form, PasswordField, SubmitButton, Toasts};

/// Asks for the password.
#[component]
pub(super) fn ConfirmSignUp(token: String) -> impl IntoView {
    let language = Language::get();
    let dead = RwSignal::new(false);
    let (portal, link) = (Session::get().portal(), CheckLink { token: Secret::new(token.clone()) });
    check(dead, async move { portal.check_registration(&link).await });
    let password = Field::new();
    move || {
        language.track();
        if dead.get() {
            view! {
                <DeadLink
                    reason=tr!(auth.dead_registration)
                    advice=tr!(auth.dead_registration_advice)
                    again=(Route::Register, tr!(auth.create_account))
                />
            }
            .into_any()
        } else {
            view! { <ChoosePassword token=token.clone() password=password dead=dead /> }.into_any()
        }
    }
}

#[component]
fn ChoosePassword(token: String, password: Field, dead: RwSignal<bool>) -> impl IntoView {
    let session = Session::get();
    let toasts = Toasts::get();
    let address = Address::get();
    password.forget_error();
    let message = RwSignal::new(None::<String>);
    let busy = Busy::new();
    let submit = move || {
        message.set(None);
        let Some(chosen) = password.parse(NewPassword::parse, invalid) else { return };
        let confirmation = ConfirmRegistration { token: Secret::new(token.clone()), password: chosen };
        busy.run(async move {
            match session.portal().confirm_registration(&confirmation).await {
                Ok(signed_in) => {
                    let (id, name) = (signed_in.user().id.clone(), signed_in.user().name.to_string());
                    session.begin(signed_in).await;
                    let welcome = tr!(auth.welcome_person, name = name);
                    if session.user_id().is_none_or(|known| known == id) {
                        toasts.done(welcome);
                        address.replace(&Route::Home.to_string());
                    } else {
                        // The app is being loaded anew, in the place of somebody else.
                        Toasts::done_before(&welcome);
                    }
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
        <PublicCard title=tr!(auth.choose_password)>
            <p class="muted">{tr!(auth.choose_password_hint)}</p>
            <SomebodyElseHere />
            <Form on_submit=submit>
                <Alert message=message />
                <PasswordField label=tr!(common.password) field=password new=true focus=true />
                <SubmitButton busy=busy label=tr!(auth.choose_password) />
            </Form>
        </PublicCard>
    }
}
