//! One employee: what they are in the firm, and which client accounts they have.

mod accounts;
mod actions;
mod leave;
mod name;

use leptos::prelude::*;
use portal_client::api_types::{EmployeeDetail, EmployeeId, EmployeeRole, EmployeeStatus};

use super::FirmPage;
use super::employees::{RoleWord, StatusBadge};
use crate::components::Heading;
use crate::format;
use crate::routes::{FirmTab, Route};
use crate::texts::{explain, tr};
use crate::ui::{Loaded, Loader, Memo, Show, Time, dynamic};

/// The page of an employee.
#[component]
pub(crate) fn EmployeePage(id: EmployeeId) -> impl IntoView {
    let page = FirmPage::get();
    let key = StoredValue::new(id);
    let leaving = RwSignal::new(false);
    let loader = Loader::new(move || {
        page.track();
        let id = key.get_value();
        async move {
            let answer = page.call(|firm| firm.read_employee(&id)).await;
            super::unless_leaving(leaving, answer.map_err(|error| explain(&error))).await
        }
    });
    let title = Signal::derive(move || {
        let name = loader.with(|detail| detail.employee.name.to_string());
        name.unwrap_or_else(|| tr!(firm.employee).to_owned())
    });
    let role = Memo::new(move |_| loader.with(|detail| detail.employee.role));
    let status = Memo::new(move |_| loader.with(|detail| detail.employee.status));
    let note = move || match status.get() {
        Some(EmployeeStatus::Invited) => Some(tr!(firm.waits_invited)),
        Some(EmployeeStatus::Deactivated) => Some(tr!(firm.waits_deactivated)),
        _ => None,
    };
    view! {
        <a class="link" href=Route::Firm(page.id(), FirmTab::Employees).to_string()>
            {tr!(firm.back_to_employees)}
        </a>
        <Heading title=title>
            <Show when=move || loader.is_ready()>
                <actions::Actions loader=loader leaving=leaving />
            </Show>
        </Heading>
        <Loaded loader=loader>
            <section class="card">
                <h2>{tr!(firm.details)}</h2>
                {dynamic(move || loader.get().map(|detail| view! { <Facts detail=detail /> }))}
                <name::Rename loader=loader />
            </section>
            <section class="card">
                <h2>{tr!(common.client_accounts)}</h2>
                {dynamic(move || note().map(|note| view! { <p class="muted">{note}</p> }))}
                {dynamic(move || match role.get() {
                    Some(EmployeeRole::Bookkeeper) => {
                        view! { <accounts::Accounts id=key.get_value() name=title /> }.into_any()
                    }
                    Some(EmployeeRole::Admin) => {
                        view! { <p>{dynamic(move || tr!(firm.has_all, name = title.get()))}</p> }.into_any()
                    }
                    None => ().into_any(),
                })}
            </section>
        </Loaded>
    }
}

#[component]
fn Facts(detail: EmployeeDetail) -> impl IntoView {
    let employee = detail.employee;
    let last_active = match employee.last_active_at {
        Some(at) => view! { <Time at=at /> }.into_any(),
        None => tr!(firm.never).into_any(),
    };
    view! {
        <dl class="facts">
            <dt>{tr!(common.email)}</dt>
            <dd>{employee.email.display().to_owned()}</dd>
            <dt>{tr!(firm.role)}</dt>
            <dd><RoleWord role=employee.role /></dd>
            <dt>{tr!(firm.status)}</dt>
            <dd><StatusBadge status=employee.status /></dd>
            <dt>{tr!(firm.accounts)}</dt>
            <dd class="number">{format::number(employee.account_count)}</dd>
            <dt>{tr!(firm.last_active)}</dt>
            <dd>{last_active}</dd>
        </dl>
    }
}
