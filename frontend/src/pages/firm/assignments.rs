//! `Assignments`: who works on what, as a matrix of all employees and all client accounts. What is chosen in it is
//! looked at first, and then applied as one batch.

mod gone;
mod grid;
mod matrix;
mod review;
mod undo;

use leptos::prelude::*;
use portal_client::api_types::{EmployeeRole, ImportKind, MAX_ASSIGNMENT_PAIRS};

use super::clients::UnassignedFilter;
use super::employees::StatusFilter;
use super::{FirmPage, import};
use crate::components::{FilterSelect, Heading, SearchField, query};
use crate::texts::tr;
use crate::ui::{Button, EmptyState, Kind, Loaded, Loader, Memo, Show, dynamic, effect, failure};
use crate::{browser, format};
use grid::MatrixGrid;
pub(super) use matrix::Matrix;
use matrix::{Filter, Side};
use undo::{Undo, UndoNotice};

/// The page.
#[component]
pub(crate) fn Assignments() -> impl IntoView {
    let (page, matrix) = (FirmPage::get(), Matrix::get());
    matrix.open();
    let (q, role, status) = (query("q"), query("role"), query("status"));
    let (account, unassigned) = (query("account"), query("unassigned"));
    let only_unassigned = Memo::new(move |_| unassigned.get().as_deref() == Some("true"));
    let filter = move |side| match side {
        Side::Employees => Filter {
            q: q.get(),
            role: role.get().and_then(|word| word.parse().ok()),
            status: status.get().and_then(|word| word.parse().ok()),
            unassigned: None,
        },
        Side::Accounts => Filter {
            q: account.get(),
            unassigned: only_unassigned.get().then_some(true),
            ..Filter::default()
        },
    };
    let [employees, accounts] = [Side::Employees, Side::Accounts].map(|side| {
        Loader::new(move || {
            page.track();
            matrix.load(side, filter(side))
        })
    });
    effect(move |is_first| {
        page.track();
        if !is_first {
            matrix.ask_again();
        }
    });
    let nothing = Memo::new(move |_| {
        matrix.track();
        let is_empty = |side| matrix.known().borrow().shown(side).0.is_empty();
        (is_empty(Side::Employees), is_empty(Side::Accounts))
    });
    let empty = move || {
        let (icon, title, hint) = if nothing.get().0 {
            (icondata_lu::LuUsers, tr!(firm.nobody_found), tr!(firm.employees_hint_search))
        } else if only_unassigned.get() && account.get().is_none() {
            (icondata_lu::LuCircleCheck, tr!(firm.all_assigned), tr!(firm.all_assigned_hint))
        } else {
            (icondata_lu::LuBuilding2, tr!(firm.no_client_found), tr!(firm.no_client_fits))
        };
        view! { <EmptyState icon=icon title=title hint=hint /> }
    };
    let roles = vec![
        ("", tr!(bulk.any_role).to_owned()),
        (EmployeeRole::Bookkeeper.as_str(), tr!(firm.bookkeeper).to_owned()),
        (EmployeeRole::Admin.as_str(), tr!(firm.admin).to_owned()),
    ];
    let undo = Undo::new(page);
    view! {
        <Heading title=tr!(bulk.assignments)>
            <import::Buttons kind=ImportKind::Assignments />
        </Heading>
        <div class="toolbar">
            <SearchField label=tr!(firm.search_employees) />
            <FilterSelect label=tr!(firm.role) name="role" options=roles />
            <StatusFilter />
        </div>
        <div class="toolbar">
            <SearchField label=tr!(firm.search_clients) name="account" />
            <UnassignedFilter on=only_unassigned />
        </div>
        <UndoNotice undo=undo />
        <Changes undo=undo />
        {failure(matrix.error(), move || matrix.ask_again())}
        <Loaded loader=employees>
            <Loaded loader=accounts>
                <Show when=move || nothing.get() == (false, false) fallback=empty>
                    <MatrixGrid />
                </Show>
            </Loaded>
        </Loaded>
    }
}

/// What is wanted so far, and what can be done with it.
#[component]
fn Changes(undo: Undo) -> impl IntoView {
    let matrix = Matrix::get();
    let reviewing = RwSignal::new(false);
    let counts = Memo::new(move |_| matrix.counts());
    let none = Signal::derive(move || counts.get() == (0, 0));
    let too_many = move || {
        let (granted, revoked) = counts.get();
        (granted + revoked).checked_sub(MAX_ASSIGNMENT_PAIRS).filter(|more| *more > 0)
    };
    let not_now = Signal::derive(move || none.get() || too_many().is_some());
    let discard = move |_| {
        matrix.discard();
        // The button has nothing to do any more, and cannot keep the focus.
        browser::focus_heading();
    };
    view! {
        <div class="matrix-bar">
            <p role="status">
                {dynamic(move || match counts.get() {
                    (0, 0) => tr!(bulk.hint).to_owned(),
                    (granted, revoked) => tr!(bulk.would_change, granted = granted, revoked = revoked),
                })}
                {dynamic(move || {
                    let most = format::number(i64::try_from(MAX_ASSIGNMENT_PAIRS).unwrap_or(i64::MAX));
                    too_many().map(|more| format!(" {}", tr!(bulk.too_many, most = most, more = more)))
                })}
            </p>
            <Button kind=Kind::Quiet disabled=none on_click=discard>{tr!(bulk.discard)}</Button>
            <Button kind=Kind::Primary disabled=not_now on_click=move |_| reviewing.set(true)>
                {tr!(bulk.review)}
            </Button>
        </div>
        <review::ReviewDialog open=reviewing undo=undo />
    }
}
