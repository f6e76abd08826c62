//! Sign in.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use portal_client::api_types::{Email, ErrorCode, Password, SignIn as Credentials};

use crate::components::{PublicCard, fail, invalid, query};
use crate::routes::{self, Route};
use crate::session::{Session, Status};
use crate::texts::{explain_code, tr};
use crate::ui::{Alert, Busy, Field, Form, PasswordField, SubmitButton, TextField};

/// The page `/login`; then on to where one wanted to be.
#[component]
pub(crate) fn SignIn() -> impl IntoView {
    let session = Session::get();
    let navigate = use_navigate();
    let next = query("next");
    Effect::new(move |_| {
        if session.status() == Status::SignedIn {
            let next = routes::next_after_login(next.get_untracked());
            navigate(&next, NavigateOptions { replace: true, ..Default::default() });
        }
    });
    view! {
        <PublicCard title=tr!(auth.sign_in)>
            <SignInForm />
            <p class="card-links">
                <a class="link" href=Route::Forgot.to_string()>{tr!(auth.forgot_password)}</a>
                <a class="link" href=Route::Register.to_string()>{tr!(auth.create_account)}</a>
            </p>
        </PublicCard>
    }
}

/// `Email`, `Password`, `Sign in`.
#[component]
pub(crate) fn SignInForm(
    /// Whom it is for, when that is known.
    #[prop(optional, into)]
    email: String,
) -> impl IntoView {
    let session = Session::get();
    let known = !email.is_empty();
    let email = Field::with(email);
    let password = Field::new();
    let message = RwSignal::new(None::<String>);
    let busy = Busy::new();
    let submit = move || {
        message.set(None);
        let typed = password.value();
        if typed.is_empty() {
            password.fail(tr!(auth.password_missing));
        }
        let Some(address) = email.parse(Email::parse, invalid) else { return };
        if typed.is_empty() {
            return;
        }
        let credentials = Credentials { email: address, password: Password::new(typed) };
        busy.run(async move {
            match session.portal().sign_in(&credentials).await {
                Ok(signed_in) => session.begin(signed_in).await,
                Err(error) => {
                    if error.code() == Some(ErrorCode::WrongCredentials) {
                        message.try_set(Some(explain_code(ErrorCode::WrongCredentials).to_owned()));
                    } else {
                        message.try_set(fail(&error, &[("/email", email), ("/password", password)]));
                    }
                }
            }
        });
    };
    view! {
        <Form on_submit=submit>
            <Alert message=message />
            <TextField label=tr!(common.email) field=email kind="email" autocomplete="username" focus=!known />
            <PasswordField label=tr!(common.password) field=password focus=known />
            <SubmitButton busy=busy label=tr!(auth.sign_in) />
        </Form>
    }
}
