//! The dialog that invites an employee.

use leptos::prelude::*;
use portal_client::FirmAccountQuery;
use portal_client::api_types::{AccountId, Email, EmployeeRole, InviteEmployee};

use crate::components::{Checklist, Choice, fail, invalid, typed_name};
use crate::live::Live;
use crate::pages::firm::FirmPage;
use crate::texts::{explain, tr};
use crate::ui::{
    Alert, Busy, Button, Dialog, Field, Form, Kept, Show, SubmitButton, Switch, TextField, Toasts,
};

/// `Invite employee`: name, e-mail, and what the person works on from the first moment.
#[component]
pub(super) fn InviteEmployeeDialog(open: RwSignal<bool>) -> impl IntoView {
    view! {
        <Dialog open=open title=tr!(firm.invite_employee).to_owned()>
            <InviteForm open=open />
        </Dialog>
    }
}

#[component]
fn InviteForm(open: RwSignal<bool>) -> impl IntoView {
    let page = FirmPage::get();
    let (toasts, live) = (Toasts::get(), Live::get());
    let (name, email) = (Field::new(), Field::new());
    let admin = RwSignal::new(false);
    let chosen = Kept::new(Vec::<Choice>::new());
    let message = RwSignal::new(None::<String>);
    let busy = Busy::new();
    let submit = move || {
        message.set(None);
        let parsed = (name.parse(typed_name, invalid), email.parse(Email::parse, invalid));
        let (Some(called), Some(address)) = parsed else { return };
        let invitation = if admin.get_untracked() {
            InviteEmployee {
                name: called,
                email: address,
                role: EmployeeRole::Admin,
                account_ids: Vec::new(),
            }
        } else {
            // Each is an id: the portal has said so.
            let id = |choice: &Choice| AccountId::parse(&choice.id).ok();
            let account_ids = chosen.with_untracked(|chosen| chosen.iter().filter_map(id).collect());
            InviteEmployee { name: called, email: address, role: EmployeeRole::Bookkeeper, account_ids }
        };
        busy.run(async move {
            let call = page.call(|firm| firm.invite_employee(&invitation));
            match call.await {
                Ok(employee) => {
                    open.try_set(false);
                    live.refresh();
                    toasts.done(tr!(firm.invitation_sent, email = employee.email.display()));
                }
                Err(error) => {
                    message.try_set(fail(&error, &[("/name", name), ("/email", email)]));
                }
            }
        });
    };
    view! {
        <Form on_submit=submit>
            <Alert message=message />
            <TextField label=tr!(common.name) field=name focus=true />
            <TextField label=tr!(common.email) field=email kind="email" />
            <Switch label=tr!(firm.admin) description=tr!(firm.admin_hint) on=admin />
            // What was chosen outlives a switch to and fro: the choice is kept outside of the list.
            <Show
                when=move || !admin.get()
                fallback=|| {
                    view! {
                        <div class="field" role="group" aria-label=tr!(common.client_accounts) aria-disabled="true">
                            <p class="field-label">{tr!(common.client_accounts)}</p>
                            <p class="field-description">{tr!(firm.admin_has_all)}</p>
                        </div>
                    }
                }
            >
                <Checklist
                    label=tr!(common.client_accounts)
                    search=tr!(firm.search_clients)
                    empty=tr!(firm.no_client_fits)
                    chosen=chosen
                    fetch=move |q, cursor| async move {
                        let query = FirmAccountQuery { q, cursor, ..Default::default() };
                        let call = page.call(|firm| firm.list_firm_accounts(&query));
                        let found = call.await.map_err(|error| explain(&error))?;
                        let choices = found.items.into_iter().map(|account| Choice {
                            id: account.id.to_string(),
                            name: account.name.to_string(),
                            detail: Some(account.owner_name.to_string()),
                        });
                        Ok((choices.collect(), found.next_cursor))
                    }
                />
            </Show>
            <div class="dialog-actions">
                <Button on_click=move |_| open.set(false)>{tr!(common.cancel)}</Button>
                <SubmitButton busy=busy label=tr!(firm.send_invitation) />
            </div>
        </Form>
    }
}
