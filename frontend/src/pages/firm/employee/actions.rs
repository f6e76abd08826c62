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
use crate::ui::{Busy, Button, Confirm, Kind, Toasts};

/// The buttons beside the employee's name.
#[component]
pub(super) fn Actions(detail: EmployeeDetail) -> impl IntoView {
    let page = FirmPage::get();
    let toasts = Toasts::get();
    let busy = Busy::new();
    let employee = detail.employee.clone();
    let invited = employee.status == EmployeeStatus::Invited;
    let again = invited.then(|| {
        let employee = employee.clone();
        view! {
            <Button busy=busy on_click=move |_| resend(page, toasts, busy, employee.clone())>
                {tr!(firm.resend_invitation)}
            </Button>
        }
    });
    view! {
        {again}
        <RoleButton detail=detail.clone() />
        {(!invited).then(|| view! { <StatusButton detail=detail.clone() /> })}
        <RemoveButton detail=detail.clone() />
    }
}

#[component]
fn RoleButton(detail: EmployeeDetail) -> impl IntoView {
    let page = FirmPage::get();
    let live = Live::get();
    let (confirm, toasts) = (Confirm::get(), Toasts::get());
    let to_admin = detail.employee.role != EmployeeRole::Admin;
    let words = if to_admin { tr!(firm.make_admin) } else { tr!(firm.remove_admin) };
    let ask = move |_| {
        let Employee { id, name, .. } = detail.employee.clone();
        let name = name.to_string();
        let (title, body, done, role, ends) = if to_admin {
            (
                tr!(firm.make_admin_title, name = name.as_str()),
                tr!(firm.make_admin_body, name = name.as_str()),
                tr!(firm.made_admin, name = name.as_str()),
                EmployeeRole::Admin,
                Vec::new(),
            )
        } else {
            (
                tr!(firm.remove_admin_title, name = name.as_str()),
                tr!(firm.remove_admin_body, name = name.as_str()),
                tr!(firm.removed_admin, name = name.as_str()),
                EmployeeRole::Bookkeeper,
                invitations(&detail),
            )
        };
        let changes = UpdateEmployee { role: Some(role), ..Default::default() };
        confirm.ask(title, body, ends, words, move || {
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
fn StatusButton(detail: EmployeeDetail) -> impl IntoView {
    let page = FirmPage::get();
    let live = Live::get();
    let (confirm, toasts) = (Confirm::get(), Toasts::get());
    let busy = Busy::new();
    let Employee { id, name, account_count, status, .. } = detail.employee.clone();
    let name = name.to_string();
    let to = |status| UpdateEmployee { status: Some(status), ..Default::default() };
    if status == EmployeeStatus::Deactivated {
        let reactivate = move |_| {
            let (id, name) = (id.clone(), name.clone());
            busy.run(async move {
                match update(page, live, id, to(EmployeeStatus::Active)).await {
                    Ok(()) => toasts.done(tr!(firm.was_reactivated, name = name)),
                    Err(message) => toasts.failed(message),
                }
            });
        };
        return view! { <Button busy=busy on_click=reactivate>{tr!(firm.reactivate)}</Button> }.into_any();
    }
    let ask = move |_| {
        let (id, name) = (id.clone(), name.clone());
        let count = format::number(account_count);
        let title = tr!(firm.deactivate_title, name = name.as_str());
        let body = tr!(firm.deactivate_body, name = name.as_str(), count = count);
        confirm.ask(title, body, invitations(&detail), tr!(firm.deactivate), move || {
            let (id, name) = (id.clone(), name.clone());
            async move {
                update(page, live, id, to(EmployeeStatus::Deactivated)).await?;
                toasts.done(tr!(firm.was_deactivated, name = name));
                Ok(())
            }
        });
    };
    view! { <Button on_click=ask>{tr!(firm.deactivate)}</Button> }.into_any()
}

#[component]
fn RemoveButton(detail: EmployeeDetail) -> impl IntoView {
    let page = FirmPage::get();
    let (confirm, toasts) = (Confirm::get(), Toasts::get());
    let navigate = use_navigate();
    let ask = move |_| {
        let Employee { id, name, account_count, .. } = detail.employee.clone();
        let (name, navigate) = (name.to_string(), navigate.clone());
        let list = Route::Firm(page.id(), FirmTab::Employees).to_string();
        let title = tr!(firm.remove_title, name = name.as_str());
        let body = tr!(firm.remove_body, name = name.as_str(), count = format::number(account_count));
        confirm.ask(title, body, invitations(&detail), tr!(firm.remove), move || {
            let (id, name, navigate, list) = (id.clone(), name.clone(), navigate.clone(), list.clone());
            async move {
                let call = page.call(async |firm| firm.remove_employee(&id).await);
                call.await.map_err(|error| explain(&error))?;
                toasts.done(tr!(firm.was_removed, name = name));
                navigate(&list, Default::default());
                Ok(())
            }
        });
    };
    view! { <Button kind=Kind::Danger on_click=ask>{tr!(firm.remove)}</Button> }
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
