//! Invites an accounting company.

use leptos::prelude::*;
use portal_client::api_types::{AccountUsers, ConnectionStatus, Email, InviteFirm};

use crate::account::AccountPage;
use crate::components::{fail, invalid, typed_name};
use crate::texts::tr;
use crate::ui::{Alert, Busy, Button, Dialog, Field, Form, Loader, SubmitButton, TextField, Toasts};

/// The dialog `Invite an accounting company`.
#[component]
pub(super) fn InviteFirmDialog(open: RwSignal<bool>, users: Loader<AccountUsers>) -> impl IntoView {
    view! {
        <Dialog open=open title=tr!(account.invite_firm)>
            <InviteFirmForm open=open users=users />
        </Dialog>
    }
}

#[component]
fn InviteFirmForm(open: RwSignal<bool>, users: Loader<AccountUsers>) -> impl IntoView {
    let page = AccountPage::get();
    let toasts = Toasts::get();
    let (name, email) = (Field::new(), Field::new());
    let message = RwSignal::new(None::<String>);
    let busy = Busy::new();
    let submit = move || {
        message.set(None);
        let (firm, address) = (name.parse(typed_name, invalid), email.parse(Email::parse, invalid));
        let (Some(firm), Some(address)) = (firm, address) else { return };
        let invitation = InviteFirm { name: firm, email: address };
        busy.run(async move {
            let invited = page.call(|account| account.invite_firm(&invitation)).await;
            match invited {
                Ok(firm) => {
                    let name = firm.name.to_string();
                    toasts.done(match firm.status {
                        ConnectionStatus::Connected => tr!(account.firm_connected, name = name),
                        ConnectionStatus::Invited => {
                            tr!(account.firm_invited, email = invitation.email.display())
                        }
                    });
                    open.try_set(false);
                    users.reload();
                }
                Err(error) => {
                    message.try_set(fail(&error, &[("/name", name), ("/email", email)]));
                }
            }
        });
    };
    view! {
        <Form on_submit=submit>
            <p class="muted">{tr!(account.invite_firm_hint)}</p>
            <Alert message=message />
            <TextField label=tr!(account.company_name) field=name focus=true />
            <TextField
                label=tr!(account.main_email)
                field=email
                kind="email"
                description=tr!(account.main_email_hint)
            />
            <div class="dialog-actions">
                <Button on_click=move |_| open.set(false)>{tr!(common.cancel)}</Button>
                <SubmitButton busy=busy label=tr!(account.send_invitation) />
            </div>
        </Form>
    }
}
