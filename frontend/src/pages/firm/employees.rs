//! The firm's people: who they are, and who is invited.

mod invite;
mod row;

use leptos::prelude::*;
use portal_client::EmployeeQuery;
use portal_client::api_types::{EmployeeStatus, ImportKind};

use super::{FirmPage, import};
use crate::components::{FilterSelect, Heading, Pager, SearchField, query};
use crate::texts::{explain, tr};
use crate::ui::{Button, Each, EmptyState, Icon, Kind, Loaded, Loader, Memo, Show};

pub(super) use row::{RoleWord, StatusBadge, resend};

/// `Employees`: the list, and `Invite employee`.
#[component]
pub(crate) fn Employees() -> impl IntoView {
    let page = FirmPage::get();
    let inviting = RwSignal::new(false);
    let (search, status, cursor) = (query("q"), query("status"), query("cursor"));
    let loader = Loader::new(move || {
        page.track();
        let status = status.get().and_then(|word| word.parse::<EmployeeStatus>().ok());
        let query = EmployeeQuery { q: search.get(), status, cursor: cursor.get(), ..Default::default() };
        async move {
            let call = page.call(|firm| firm.list_employees(&query));
            call.await.map_err(|error| explain(&error))
        }
    });
    let is_empty = Memo::new(move |_| loader.with(|page| page.items.is_empty()) == Some(true));
    let narrowed = move || search.get().is_some() || status.get().is_some();
    view! {
        <Heading title=tr!(common.employees)>
            <import::Buttons kind=ImportKind::Employees />
            <Button kind=Kind::Primary on_click=move |_| inviting.set(true)>
                <Icon icon=icondata_lu::LuUserPlus />
                {tr!(firm.invite_employee)}
            </Button>
        </Heading>
        <div class="toolbar">
            <SearchField label=tr!(firm.search_employees) />
            <StatusFilter />
        </div>
        <Loaded loader=loader>
            <Show when=move || !is_empty.get() fallback=move || view! { <NoEmployees narrowed=narrowed() /> }>
                <div class="table-wrap">
                    <table class="table-list">
                        <thead>
                            <tr>
                                <th scope="col">{tr!(common.name)} ", " {tr!(common.email)}</th>
                                <th scope="col">{tr!(firm.role)}</th>
                                <th scope="col">{tr!(firm.status)}</th>
                                <th scope="col" class="end">{tr!(firm.accounts)}</th>
                                <th scope="col">{tr!(firm.last_active)}</th>
                                <th scope="col"><span class="sr-only">{tr!(firm.actions)}</span></th>
                            </tr>
                        </thead>
                        <tbody>
                            <Each rows=move || loader.with(|page| page.items.clone()).unwrap_or_default() let:employee>
                                <row::EmployeeRow employee=employee />
                            </Each>
                        </tbody>
                    </table>
                </div>
            </Show>
            <Pager next=Signal::derive(move || loader.with(|page| page.next_cursor.clone()).flatten()) />
        </Loaded>
        <invite::InviteEmployeeDialog open=inviting />
    }
}

/// Narrows the list to a status.
#[component]
pub(super) fn StatusFilter() -> impl IntoView {
    let statuses = vec![
        ("", tr!(firm.any_status).to_owned()),
        (EmployeeStatus::Invited.as_str(), tr!(firm.invited).to_owned()),
        (EmployeeStatus::Active.as_str(), tr!(firm.active).to_owned()),
        (EmployeeStatus::Deactivated.as_str(), tr!(firm.deactivated).to_owned()),
    ];
    view! { <FilterSelect label=tr!(firm.status) name="status" options=statuses /> }
}

#[component]
fn NoEmployees(narrowed: bool) -> impl IntoView {
    let (title, hint) = if narrowed {
        (tr!(firm.nobody_found), tr!(firm.employees_hint_search))
    } else {
        (tr!(firm.nobody_yet), tr!(firm.nobody_yet_hint))
    };
    view! { <EmptyState icon=icondata_lu::LuUsers title=title hint=hint /> }
}
