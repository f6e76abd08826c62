//! Sign in.

use leptos::prelude::*;
use portal_client::api_types::{Email, ErrorCode, Password, SignIn as Credentials};

use crate::address::Address;
use crate::app::Language;
use crate::components::{PublicCard, fail, invalid, query};
use crate::routes::{self, Route};
use crate::session::{Session, Status};
use crate::texts::{explain_code, tr};
use crate::ui::{Alert, Busy, Field, Form, PasswordField, SubmitButton, TextField, effect};

/// The address that somebody has begun to sign in with: who has forgotten the password need not type it again.
#[derive(Clone, Copy)]
pub(crate) struct TypedEmail(Field);

impl TypedEmail {
    /// Nothing is typed yet.
    pub(crate) fn new() -> Self {
        Self(Field::new())
    }

    pub(crate) fn get() -> Self {
        expect_context()
    }

    /// What is typed.
    pub(crate) fn value(self) -> String {
        self.0.value()
    }

    /// Takes over what is known from elsewhere.
    pub(crate) fn set(self, email: &str) {
        self.0.set(email);
    }
}

/// What is typed to sign in.
#[derive(Clone, Copy)]
pub(crate) struct Typed {
    email: Field,
    password: Field,
}

impl Typed {
    pub(crate) fn new(email: Field) -> Self {
        Self { email, password: Field::new() }
    }
}

/// The page `/login`; then on to where one wanted to be.
#[component]
pub(crate) fn SignIn() -> impl IntoView {
    let session = Session::get();
    let address = Address::get();
    let next = query("next");
    let language = Language::get();
    let email = TypedEmail::get();
    let typed = Typed::new(email.0);
    effect(move |_| {
        if session.status() == Status::SignedIn {
            email.set("");
            address.replace(&routes::next_after_login(next.get_untracked()));
        }
    });
    move || {
        language.track();
        view! {
            <PublicCard title=tr!(auth.sign_in)>
                <SignInForm typed=typed />
                <p class="card-links">
                    <a class="link" href=Route::Forgot.to_string()>{tr!(auth.forgot_password)}</a>
                    <a class="link" href=Route::Register.to_string()>{tr!(auth.create_account)}</a>
                </p>
            </PublicCard>
        }
    }
}

/// `Email`, `Password`, `Sign in`.
#[component]
pub(crate) fn SignInForm(
    /// What is typed; an address when it is known.
    typed: Typed,
) -> impl IntoView {
    let session = Session::get();
    let Typed { email, password } = typed;
    let known = !email.value().is_empty();
    [email, password].into_iter().for_each(Field::forget_error);
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
