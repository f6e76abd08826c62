//! The firm's people who get into a client account.

use leptos::prelude::*;
use portal_client::api_types::{AssignmentPair, FirmPerson, Via};

use super::details::Client;
use crate::pages::firm::FirmPage;
use crate::pages::firm::employees::RoleWord;
use crate::routes::Route;
use crate::texts::{explain, tr};
use crate::ui::{Avatar, Badge, Busy, Button, Each, EmptyState, Loader, Memo, Show, Toasts, Tone, dynamic};

/// Who works on it: those assigned, and the admins, who have all accounts.
#[component]
pub(super) fn People(loader: Loader<Client>) -> impl IntoView {
    let people = Memo::new(move |_| loader.with(|client| client.people.clone()).flatten());
    let assigned = Memo::new(move |_| {
        people.get().unwrap_or_default().iter().filter(|person| person.via == Via::Assignment).count()
    });
    // Counted as assigned, and yet not among those who get in.
    let waiting = Memo::new(move |_| {
        let counted = loader.with(|client| client.account.employee_count).unwrap_or(0);
        let waiting = counted - i64::try_from(assigned.get()).unwrap_or(0);
        (people.with(Option::is_some) && waiting > 0).then_some(waiting)
    });
    let kept_out = move || people.with(Option::is_none);
    view! {
        <div class="stack">
            <Show when=kept_out>
                <p class="notice-box">{tr!(firm.kept_out)}</p>
            </Show>
            <Show when=move || !kept_out() && assigned.get() == 0 && waiting.get().is_none()>
                <EmptyState
                    icon=icondata_lu::LuUserPlus
                    title=tr!(firm.only_admins)
                    hint=tr!(firm.only_admins_hint)
                />
            </Show>
            <Show when=move || people.with(|people| people.as_ref().is_some_and(|all| !all.is_empty()))>
                <table class="table-list">
                    <thead>
                        <tr>
                            <th scope="col">{tr!(common.name)}</th>
                            <th scope="col">{tr!(firm.role)}</th>
                            <th scope="col" class="end">{tr!(firm.access)}</th>
                        </tr>
                    </thead>
                    <tbody>
                        <Each rows=move || people.get().unwrap_or_default() let:person>
                            <PersonRow person=person loader=loader />
                        </Each>
                    </tbody>
                </table>
            </Show>
            {dynamic(move || {
                waiting.get().map(|count| view! { <p class="muted">{tr!(firm.more_waiting, count = count)}</p> })
            })}
        </div>
    }
}

#[component]
fn PersonRow(person: FirmPerson, loader: Loader<Client>) -> impl IntoView {
    let page = FirmPage::get();
    let name = person.name.to_string();
    let href = Route::Employee(page.id(), person.employee_id.clone()).to_string();
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
            <td class="end">{access}</td>
        </tr>
    }
}

/// Acts at once, and can be undone.
#[component]
fn Unassign(person: FirmPerson, loader: Loader<Client>) -> impl IntoView {
    let page = FirmPage::get();
    let toasts = Toasts::get();
    let busy = Busy::new();
    let unassign = move |_| {
        let Some(account) = untrack(|| loader.with(|client| client.account.clone())) else { return };
        let (employee, name) = (person.employee_id.clone(), person.name.to_string());
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
