//! Change the password, by somebody who knows it.

use leptos::prelude::*;
use portal_client::api_types::{ChangePassword, ErrorCode, NewPassword, Password};

use crate::components::{fail, invalid};
use crate::pages::mailed::UserNameHint;
use crate::session::Session;
use crate::texts::tr;
use crate::ui::{Alert, Busy, Field, Form, PasswordField, SubmitButton, Toasts};

/// `Current password`, `New password`, `Change password`.
#[component]
pub(super) fn ChangePasswordForm(
    /// Other sessions have ended by it.
    on_changed: impl Fn() + Copy + Send + 'static,
) -> impl IntoView {
    let session = Session::get();
    let toasts = Toasts::get();
    let (current, new) = (Field::new(), Field::new());
    let message = RwSignal::new(None::<String>);
    let busy = Busy::new();
    let email = move || session.me().map(|me| me.email.display().to_owned()).unwrap_or_default();
    let submit = move || {
        message.set(None);
        let current_typed = current.value();
        if current_typed.is_empty() {
            current.fail(tr!(auth.password_missing));
        }
        let Some(new_password) = new.parse(NewPassword::parse, invalid) else { return };
        if current_typed.is_empty() {
            return;
        }
        let change = ChangePassword { current_password: Password::new(current_typed), new_password };
        busy.run(async move {
            let changed = session.call(|signed_in| signed_in.change_password(&change)).await;
            match changed {
                Ok(()) => {
                    toasts.done(tr!(security.password_changed));
                    for field in [current, new] {
                        field.set("");
                    }
                    on_changed();
                }
                Err(error) if error.code() == Some(ErrorCode::WrongCredentials) => {
                    current.fail(tr!(security.wrong_current));
                }
                Err(error) => {
                    let fields = [("/current_password", current), ("/new_password", new)];
                    message.try_set(fail(&error, &fields));
                }
            }
        });
    };
    view! {
        <Form on_submit=submit>
            <Alert message=message />
            <UserNameHint email=Signal::derive(email) />
            <PasswordField label=tr!(security.current_password) field=current />
            <PasswordField label=tr!(auth.new_password) field=new new=true />
            <div class="row-actions">
                <SubmitButton busy=busy label=tr!(security.change_password) />
            </div>
        </Form>
    }
}
