//! Create an account: the mailed link then leads to [`super::join`].

use leptos::prelude::*;
use portal_client::api_types::{Email, Registration};

use super::mailed::{BackToSignIn, CheckInbox};
use crate::app::Language;
use crate::components::{PublicCard, fail, invalid, typed_name};
use crate::session::Session;
use crate::texts::{self, tr};
use crate::ui::{Alert, Busy, Field, Form, SubmitButton, TextField};

/// What is typed; it outlives the wait for the mail.
#[derive(Clone, Copy)]
struct Typed {
    name: Field,
    email: Field,
    business: Field,
}

/// The page `/register`.
#[component]
pub(crate) fn Register() -> impl IntoView {
    let typed = Typed { name: Field::new(), email: Field::new(), business: Field::new() };
    let sent = RwSignal::new(None::<Email>);
    let correct = RwSignal::new(false);
    let language = Language::get();
    move || {
        language.track();
        match sent.get() {
            Some(address) => {
                let back = move || {
                    correct.set(true);
                    sent.set(None);
                };
                view! {
                    <CheckInbox
                        address=address.display()
                        about=tr!(auth.check_inbox_register)
                        on_correct=back
                    />
                }
                .into_any()
            }
            None => {
                view! { <RegisterForm typed=typed sent=sent correct=correct.get_untracked() /> }.into_any()
            }
        }
    }
}

#[component]
fn RegisterForm(typed: Typed, sent: RwSignal<Option<Email>>, correct: bool) -> impl IntoView {
    let session = Session::get();
    let Typed { name, email, business } = typed;
    [name, email, business].into_iter().for_each(Field::forget_error);
    let message = RwSignal::new(None::<String>);
    let busy = Busy::new();
    let submit = move || {
        message.set(None);
        // All of them are read, so that everything wrong is said at once.
        let read = (
            name.parse(typed_name, invalid),
            email.parse(Email::parse, invalid),
            business.parse(typed_name, invalid),
        );
        let (Some(name_typed), Some(address), Some(account_name)) = read else { return };
        let registration = Registration {
            name: name_typed,
            email: address.clone(),
            account_name,
            locale: Some(texts::locale()),
        };
        busy.run(async move {
            match session.portal().register(&registration).await {
                Ok(()) => {
                    sent.try_set(Some(address));
                }
                Err(error) => {
                    let fields = [("/name", name), ("/email", email), ("/account_name", business)];
                    message.try_set(fail(&error, &fields));
                }
            }
        });
    };
    view! {
        <PublicCard title=tr!(auth.create_account)>
            <p class="muted">{tr!(auth.register_hint)}</p>
            <Form on_submit=submit>
                <Alert message=message />
                <TextField label=tr!(auth.your_name) field=name autocomplete="name" focus=!correct />
                <TextField label=tr!(common.email) field=email kind="email" autocomplete="email" focus=correct />
                <TextField label=tr!(common.business_name) field=business autocomplete="organization" />
                <SubmitButton busy=busy label=tr!(auth.register) />
            </Form>
            <BackToSignIn />
        </PublicCard>
    }
}
