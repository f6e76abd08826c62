//! One employee in the list, and what can be done with an invitation.

use leptos::prelude::*;
use portal_client::api_types::{Employee, EmployeeRole, EmployeeStatus};

use crate::components::LinkRow;
use crate::format;
use crate::live::Live;
use crate::pages::firm::FirmPage;
use crate::routes::Route;
use crate::texts::{explain, tr};
use crate::ui::{Avatar, Badge, Busy, Button, Confirm, Kind, Time, Toasts, Tone};

/// A row of the list.
#[component]
pub(super) fn EmployeeRow(employee: Employee) -> impl IntoView {
    let page = FirmPage::get();
    let (confirm, toasts) = (Confirm::get(), Toasts::get());
    let live = Live::get();
    let busy = Busy::new();
    let route = Route::Employee(page.id(), employee.id.clone());
    let (href, name) = (route.to_string(), employee.name.to_string());
    let invited = employee.status == EmployeeStatus::Invited;
    let last_active = match employee.last_active_at {
        Some(at) => view! { <Time at=at /> }.into_any(),
        None => view! { <span class="muted">{tr!(firm.never)}</span> }.into_any(),
    };
    let (count, email) = (format::number(employee.account_count), employee.email.display().to_owned());
    let (role, status) = (employee.role, employee.status);
    let actions = invited.then(|| {
        let again = employee.clone();
        view! {
            <div class="row-actions">
                <Button kind=Kind::Quiet busy=busy on_click=move |_| resend(page, toasts, busy, again.clone())>
                    {tr!(firm.resend_invitation)}
                </Button>
                <Button
                    kind=Kind::Quiet
                    on_click=move |_| ask_to_cancel(page, confirm, toasts, employee.clone(), move || live.refresh())
                >
                    {tr!(firm.cancel_invitation)}
                </Button>
            </div>
        }
    });
    view! {
        <LinkRow route=route>
            <td>
                <div class="who">
                    <Avatar name=name.clone() />
                    <div class="who-words">
                        <a class="link who-name" href=href dir="auto">{name}</a>
                        <span class="muted">{email}</span>
                    </div>
                </div>
            </td>
            <td data-label=tr!(firm.role)><RoleWord role=role /></td>
            <td data-label=tr!(firm.status)><StatusBadge status=status /></td>
            <td data-label=tr!(firm.accounts) class="end number">{count}</td>
            <td data-label=tr!(firm.last_active)>{last_active}</td>
            <td class="end">{actions}</td>
        </LinkRow>
    }
}

/// The role in a word.
#[component]
pub(in crate::pages::firm) fn RoleWord(role: EmployeeRole) -> impl IntoView {
    match role {
        EmployeeRole::Admin => tr!(firm.admin),
        EmployeeRole::Bookkeeper => tr!(firm.bookkeeper),
    }
}

/// The status in a mark.
#[component]
pub(in crate::pages::firm) fn StatusBadge(status: EmployeeStatus) -> impl IntoView {
    let (tone, label) = match status {
        EmployeeStatus::Invited => (Tone::Waiting, tr!(firm.invited)),
        EmployeeStatus::Active => (Tone::Good, tr!(firm.active)),
        EmployeeStatus::Deactivated => (Tone::Bad, tr!(firm.deactivated)),
    };
    view! { <Badge tone=tone label=label /> }
}

/// Sends an invitation again.
pub(in crate::pages::firm) fn resend(page: FirmPage, toasts: Toasts, busy: Busy, employee: Employee) {
    busy.run(async move {
        let id = employee.id;
        let call = page.call(|firm| firm.resend_employee_invitation(&id));
        match call.await {
            Ok(()) => toasts.done(tr!(firm.invitation_sent, email = employee.email.display())),
            Err(error) => toasts.failed(explain(&error)),
        }
    });
}

/// Asks whether an invitation shall be cancelled; `done` follows when it is.
pub(in crate::pages::firm) fn ask_to_cancel(
    page: FirmPage,
    confirm: Confirm,
    toasts: Toasts,
    employee: Employee,
    done: impl Fn() + Clone + 'static,
) {
    let name = employee.name.to_string();
    let email = employee.email.display();
    let body = match employee.account_count {
        0 => tr!(firm.cancel_body, name = name.as_str(), email = email),
        1 => tr!(firm.cancel_body_one, name = name.as_str(), email = email),
        count => {
            tr!(firm.cancel_body_many, name = name.as_str(), email = email, count = format::number(count))
        }
    };
    let button = tr!(firm.cancel_invitation);
    confirm.ask(button, body, Vec::new(), button, move || {
        let (id, name, done) = (employee.id.clone(), name.clone(), done.clone());
        async move {
            let call = page.call(|firm| firm.remove_employee(&id));
            call.await.map_err(|error| explain(&error))?;
            toasts.done(tr!(firm.invitation_cancelled, name = name));
            done();
            Ok(())
        }
    });
}
