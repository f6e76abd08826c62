//! Invites a person without a firm.

use leptos::prelude::*;
use portal_client::api_types::{AccountUsers, AddMember, Email, MemberRole};

use super::rows::member_role;
use crate::account::AccountPage;
use crate::components::{fail, invalid, typed_name};
use crate::texts::tr;
use crate::ui::{
    Alert, Busy, Button, Dialog, Field, Form, Loader, SubmitButton, TextField, Toasts, bound, handler,
};

/// The dialog `Invite a team member`.
#[component]
pub(super) fn InviteMemberDialog(open: RwSignal<bool>, users: Loader<AccountUsers>) -> impl IntoView {
    view! {
        <Dialog open=open title=tr!(account.invite_member)>
            <InviteMemberForm open=open users=users />
        </Dialog>
    }
}

#[component]
fn InviteMemberForm(open: RwSignal<bool>, users: Loader<AccountUsers>) -> impl IntoView {
    let page = AccountPage::get();
    let toasts = Toasts::get();
    let (name, email) = (Field::new(), Field::new());
    let role = RwSignal::new(MemberRole::Member);
    let message = RwSignal::new(None::<String>);
    let busy = Busy::new();
    let submit = move || {
        message.set(None);
        let (person, address) = (name.parse(typed_name, invalid), email.parse(Email::parse, invalid));
        let (Some(person), Some(address)) = (person, address) else { return };
        let member = AddMember { name: person, email: address, role: role.get_untracked() };
        busy.run(async move {
            let invited = page.call(|account| account.add_member(&member)).await;
            match invited {
                Ok(member) => {
                    toasts.done(tr!(account.firm_invited, email = member.email.display()));
                    open.try_set(false);
                    users.reload();
                }
                Err(error) => {
                    message.try_set(fail(&error, &[("/name", name), ("/email", email)]));
                }
            }
        });
    };
    let roles =
        [(MemberRole::Member, tr!(account.member_hint)), (MemberRole::Owner, tr!(account.owner_hint))];
    let choices = roles.map(|(choice, hint)| {
        view! {
            <label class="choice">
                <input
                    type="radio"
                    name="role"
                    class="radio"
                    prop:checked=bound(move || role.get() == choice)
                    on:change=handler(move |_| role.set(choice))
                />
                <span class="who-words">
                    <span class="who-name">{member_role(choice)}</span>
                    <span class="muted">{hint}</span>
                </span>
            </label>
        }
    });
    view! {
        <Form on_submit=submit>
            <Alert message=message />
            <TextField label=tr!(common.name) field=name focus=true />
            <TextField label=tr!(common.email) field=email kind="email" />
            <fieldset class="choices">
                <legend>{tr!(account.role)}</legend>
                {choices.into_iter().collect_view()}
            </fieldset>
            <div class="dialog-actions">
                <Button on_click=move |_| open.set(false)>{tr!(common.cancel)}</Button>
                <SubmitButton busy=busy label=tr!(account.send_invitation) />
            </div>
        </Form>
    }
}
