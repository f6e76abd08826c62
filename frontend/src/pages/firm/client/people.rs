//! The firm's people who work on a client account.

use leptos::prelude::*;
use portal_client::api_types::{AccountEmployee, AssignmentPair, EmployeeStatus, Via};

use super::details::Client;
use crate::pages::firm::FirmPage;
use crate::pages::firm::employees::{RoleWord, StatusBadge};
use crate::routes::Route;
use crate::texts::{explain, tr};
use crate::ui::{Avatar, Badge, Busy, Button, Each, EmptyState, Loader, Memo, Show, Toasts, Tone, dynamic};

/// Who works on it: those assigned, whether they get in or not, and the admins, who have all accounts.
#[component]
pub(super) fn People(loader: Loader<Client>) -> impl IntoView {
    let people = Memo::new(move |_| loader.with(|client| client.employees.clone()).unwrap_or_default());
    let any = move |fits: fn(&AccountEmployee) -> bool| people.with(|people| people.iter().any(fits));
    view! {
        <div class="stack">
            <Show when=move || !any(|person| person.via == Via::Assignment)>
                <EmptyState
                    icon=icondata_lu::LuUserPlus
                    title=tr!(firm.only_admins)
                    hint=tr!(firm.only_admins_hint)
                />
            </Show>
            <table class="table-list">
                <thead>
                    <tr>
                        <th scope="col">{tr!(common.name)}</th>
                        <th scope="col">{tr!(firm.role)}</th>
                        <th scope="col">{tr!(firm.status)}</th>
                        <th scope="col" class="end">{tr!(firm.access)}</th>
                    </tr>
                </thead>
                <tbody>
                    <Each rows=move || people.get() let:person>
                        <PersonRow person=person loader=loader />
                    </Each>
                </tbody>
            </table>
            {dynamic(move || any(is_kept_out).then(|| view! { <p class="muted">{tr!(firm.kept_out_hint)}</p> }))}
        </div>
    }
}

/// Who could get in, but for the owner.
fn is_kept_out(person: &AccountEmployee) -> bool {
    person.status == EmployeeStatus::Active && !person.has_access
}

#[component]
fn PersonRow(person: AccountEmployee, loader: Loader<Client>) -> impl IntoView {
    let page = FirmPage::get();
    let name = person.name.to_string();
    let href = Route::Employee(page.id(), person.id.clone()).to_string();
    let status = match is_kept_out(&person) {
        true => view! { <Badge tone=Tone::Bad label=tr!(firm.kept_out) /> }.into_any(),
        false => view! { <StatusBadge status=person.status /> }.into_any(),
    };
    let role = person.role;
    let access = match person.via {
        Via::Admin => view! { <Badge tone=Tone::Plain label=tr!(firm.has_all_accounts) /> }.into_any(),
        Via::Assignment => view! { <Unassign person=person loader=loader /> }.into_any(),
    };
    view! {
        <tr>
            <td>
                <div class="who">
                    <Avatar name=name.clone() />
                    <a class="link who-name" href=href dir="auto">{name}</a>
                </div>
            </td>
            <td data-label=tr!(firm.role)><RoleWord role=role /></td>
            <td data-label=tr!(firm.status)>{status}</td>
            <td class="end">{access}</td>
        </tr>
    }
}

/// Acts at once, and can be undone.
#[component]
fn Unassign(person: AccountEmployee, loader: Loader<Client>) -> impl IntoView {
    let page = FirmPage::get();
    let toasts = Toasts::get();
    let busy = Busy::new();
    let unassign = move |_| {
        let Some(account) = untrack(|| loader.with(|client| client.account.clone())) else { return };
        let (employee, name) = (person.id.clone(), person.name.to_string());
        busy.run(async move {
            let call = page.call(|firm| firm.revoke_account(&employee, &account.id));
            match call.await {
                Ok(()) => {
                    loader.reload();
                    let said = tr!(firm.account_revoked, account = account.name.as_str(), name = name);
                    let pair = AssignmentPair { employee_id: employee, account_id: account.id };
                    page.say_changed(toasts, said, vec![pair], false, move || loader.reload());
                }
                Err(error) => toasts.failed(explain(&error)),
            }
        });
    };
    view! { <Button busy=busy on_click=unassign>{tr!(firm.unassign)}</Button> }
}
