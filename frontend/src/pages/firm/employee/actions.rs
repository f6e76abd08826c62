//! What an admin can do with an employee as a whole. What takes away says first who loses what.

use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use portal_client::api_types::{
    Employee, EmployeeDetail, EmployeeId, EmployeeRole, EmployeeStatus, UpdateEmployee,
};

use crate::format;
use crate::live::Live;
use crate::pages::firm::FirmPage;
use crate::pages::firm::employees::resend;
use crate::routes::{FirmTab, Route};
use crate::texts::{explain, tr};
use crate::ui::{Busy, Button, Confirm, Kind, Loader, Memo, Show, Toasts, dynamic};

/// The buttons beside the employee's name. They stay while what they do changes; each reads the rest when it is
/// pressed.
#[component]
pub(super) fn Actions(loader: Loader<EmployeeDetail>, leaving: RwSignal<bool>) -> impl IntoView {
    let page = FirmPage::get();
    let toasts = Toasts::get();
    let busy = Busy::new();
    let invited = Memo::new(move |_| status(loader) == Some(EmployeeStatus::Invited));
    let again = move |_| {
        if let Some(detail) = untrack(|| loader.get()) {
            resend(page, toasts, busy, detail.employee);
        }
    };
    view! {
        <Show when=move || invited.get()>
            <Button busy=busy on_click=again>{tr!(firm.resend_invitation)}</Button>
        </Show>
        <RoleButton loader=loader />
        <Show when=move || !invited.get()>
            <StatusButton loader=loader />
        </Show>
        <RemoveButton loader=loader leaving=leaving />
    }
}

fn status(loader: Loader<EmployeeDetail>) -> Option<EmployeeStatus> {
    loader.with(|detail| detail.employee.status)
}

#[component]
fn RoleButton(loader: Loader<EmployeeDetail>) -> impl IntoView {
    let page = FirmPage::get();
    let live = Live::get();
    let (confirm, toasts) = (Confirm::get(), Toasts::get());
    let is_admin = move || loader.with(|detail| detail.employee.role) == Some(EmployeeRole::Admin);
    let words = move || if is_admin() { tr!(firm.remove_admin) } else { tr!(firm.make_admin) };
    let ask = move |_| {
        let Some(detail) = untrack(|| loader.get()) else { return };
        let Employee { id, name, role, .. } = detail.employee.clone();
        let name = name.to_string();
        let (title, body, done, role, ends) = if role == EmployeeRole::Admin {
            (
                tr!(firm.remove_admin_title, name = name.as_str()),
                tr!(firm.remove_admin_body, name = name.as_str()),
                tr!(firm.removed_admin, name = name.as_str()),
                EmployeeRole::Bookkeeper,
                invitations(&detail),
            )
        } else {
            (
                tr!(firm.make_admin_title, name = name.as_str()),
                tr!(firm.make_admin_body, name = name.as_str()),
                tr!(firm.made_admin, name = name.as_str()),
                EmployeeRole::Admin,
                Vec::new(),
            )
        };
        let changes = UpdateEmployee { role: Some(role), ..Default::default() };
        confirm.ask(title, body, ends, untrack(words), move || {
            let (id, changes, done) = (id.clone(), changes.clone(), done.clone());
            async move {
                update(page, live, id, changes).await?;
                toasts.done(done);
                Ok(())
            }
        });
    };
    view! { <Button on_click=ask>{words}</Button> }
}

/// Letting somebody back in asks nothing, for it can be undone; keeping them out does.
#[component]
fn StatusButton(loader: Loader<EmployeeDetail>) -> impl IntoView {
    let page = FirmPage::get();
    let live = Live::get();
    let (confirm, toasts) = (Confirm::get(), Toasts::get());
    let busy = Busy::new();
    let is_out = move || status(loader) == Some(EmployeeStatus::Deactivated);
    let to = |status| UpdateEmployee { status: Some(status), ..Default::default() };
    let turn = move |_| {
        let Some(detail) = untrack(|| loader.get()) else { return };
        let Employee { id, name, account_count, status, .. } = detail.employee.clone();
        let name = name.to_string();
        if status == EmployeeStatus::Deactivated {
            busy.run(async move {
                match update(page, live, id, to(EmployeeStatus::Active)).await {
                    Ok(()) => toasts.done(tr!(firm.was_reactivated, name = name)),
                    Err(message) => toasts.failed(message),
                }
            });
            return;
        }
        let title = tr!(firm.deactivate_title, name = name.as_str());
        let body = tr!(firm.deactivate_body, name = name.as_str(), access = access(account_count));
        confirm.ask(title, body, invitations(&detail), tr!(firm.deactivate), move || {
            let (id, name) = (id.clone(), name.clone());
            async move {
                update(page, live, id, to(EmployeeStatus::Deactivated)).await?;
                toasts.done(tr!(firm.was_deactivated, name = name));
                Ok(())
            }
        });
    };
    view! {
        <Button busy=busy on_click=turn>
            {dynamic(move || if is_out() { tr!(firm.reactivate) } else { tr!(firm.deactivate) })}
        </Button>
    }
}

#[component]
fn RemoveButton(loader: Loader<EmployeeDetail>, leaving: RwSignal<bool>) -> impl IntoView {
    let page = FirmPage::get();
    let (confirm, toasts) = (Confirm::get(), Toasts::get());
    let navigate = use_navigate();
    let ask = move |_| {
        let Some(detail) = untrack(|| loader.get()) else { return };
        let Employee { id, name, account_count, .. } = detail.employee.clone();
        let (name, navigate) = (name.to_string(), navigate.clone());
        let list = Route::Firm(page.id(), FirmTab::Employees).to_string();
        let title = tr!(firm.remove_title, name = name.as_str());
        let body = tr!(firm.remove_body, name = name.as_str(), access = access(account_count));
        confirm.ask(title, body, invitations(&detail), tr!(firm.remove), move || {
            let (id, name, navigate, list) = (id.clone(), name.clone(), navigate.clone(), list.clone());
            async move {
                leaving.set(true);
                let done = page.call(async |firm| firm.remove_employee(&id).await).await;
                leaving.try_set(done.is_ok());
                done.map_err(|error| explain(&error))?;
                toasts.done(tr!(firm.was_removed, name = name));
                navigate(&list, Default::default());
                Ok(())
            }
        });
    };
    view! { <Button kind=Kind::Danger on_click=ask>{tr!(firm.remove)}</Button> }
}

/// What somebody loses access to, in words.
pub(in crate::pages::firm) fn access(accounts: i64) -> String {
    match accounts {
        0 => tr!(firm.access_firm).to_owned(),
        1 => tr!(firm.access_one).to_owned(),
        count => tr!(firm.access_many, count = format::number(count)),
    }
}

async fn update(page: FirmPage, live: Live, id: EmployeeId, changes: UpdateEmployee) -> Result<(), String> {
    let call = page.call(async |firm| firm.update_employee(&id, &changes).await);
    call.await.map_err(|error| explain(&error))?;
    // The page's own loader brings the new state.
    live.refresh();
    Ok(())
}

/// The open invitations that end together with the employee's power.
fn invitations(detail: &EmployeeDetail) -> Vec<String> {
    let ends = detail
        .open_invitations
        .iter()
        .map(|open| tr!(firm.invitation_ends, name = open.name.as_str(), email = open.email.display()));
    ends.collect()
}
