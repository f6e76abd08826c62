//! What an admin can do with an employee as a whole. What takes away says first who loses what.

use leptos::prelude::*;
use portal_client::api_types::{
    Employee, EmployeeDetail, EmployeeId, EmployeeRole, EmployeeStatus, UpdateEmployee,
};

use super::leave::LeaveDialog;
use crate::format;
use crate::live::Live;
use crate::pages::firm::FirmPage;
use crate::pages::firm::employees::resend;
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
            <StatusButton loader=loader leaving=leaving />
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
fn StatusButton(loader: Loader<EmployeeDetail>, leaving: RwSignal<bool>) -> impl IntoView {
    let page = FirmPage::get();
    let live = Live::get();
    let toasts = Toasts::get();
    let busy = Busy::new();
    let asking = RwSignal::new(false);
    let is_out = move || status(loader) == Some(EmployeeStatus::Deactivated);
    let turn = move |_| {
        if !untrack(is_out) {
            asking.set(true);
            return;
        }
        let Some(Employee { id, name, .. }) = untrack(|| loader.with(|detail| detail.employee.clone()))
        else {
            return;
        };
        let changes = UpdateEmployee { status: Some(EmployeeStatus::Active), ..Default::default() };
        busy.run(async move {
            match update(page, live, id, changes).await {
                Ok(()) => toasts.done(tr!(firm.was_reactivated, name = name.as_str())),
                Err(message) => toasts.failed(message),
            }
        });
    };
    view! {
        <Button busy=busy on_click=turn>
            {dynamic(move || if is_out() { tr!(firm.reactivate) } else { tr!(firm.deactivate) })}
        </Button>
        <LeaveDialog open=asking remove=false loader=loader leaving=leaving />
    }
}

#[component]
fn RemoveButton(loader: Loader<EmployeeDetail>, leaving: RwSignal<bool>) -> impl IntoView {
    let asking = RwSignal::new(false);
    view! {
        <Button kind=Kind::Danger on_click=move |_| asking.set(true)>{tr!(firm.remove)}</Button>
        <LeaveDialog open=asking remove=true loader=loader leaving=leaving />
    }
}

/// What somebody loses access to, in words.
pub(super) fn access(accounts: i64) -> String {
    match accounts {
        0 => tr!(firm.access_firm).to_owned(),
        1 => tr!(firm.access_one).to_owned(),
        count => tr!(firm.access_many, count = format::number(count)),
    }
}

async fn update(page: FirmPage, live: Live, id: EmployeeId, changes: UpdateEmployee) -> Result<(), String> {
    let call = page.call(|firm| firm.update_employee(&id, &changes));
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
