//! The pages of a firm.

mod activity;
mod assignment;
mod assignments;
mod client;
mod clients;
mod employee;
mod employees;
mod import;
mod settings;

use leptos::prelude::*;
use portal_client::api_types::{AccountId, EmployeeId, EmployeeRole, FirmId};
use portal_client::{Answer, InFirm};

use crate::components::Heading;
use crate::live::Live;
use crate::routes::{FirmTab, Route};
use crate::session::{Called, Session};
use crate::texts::tr;
use crate::ui::Memo;

/// The firm of the page; a handle that can be copied around.
#[derive(Clone, Copy)]
pub(crate) struct FirmPage {
    session: Session,
    id: StoredValue<FirmId>,
}

impl FirmPage {
    /// The firm, below a page of it.
    pub(crate) fn get() -> Self {
        expect_context()
    }

    /// The firm's id.
    pub(crate) fn id(self) -> FirmId {
        self.id.get_value()
    }

    /// The firm's name, as the person's own list of firms has it; nothing when the firm's pages were left.
    pub(crate) fn name(self) -> Option<String> {
        let firms = self.session.firms();
        let firm = self.id.try_with_value(|id| firms.into_iter().find(|firm| firm.firm_id == *id));
        firm.flatten().map(|firm| firm.firm_name.to_string())
    }

    /// Whether the person manages it.
    pub(crate) fn is_admin(self) -> bool {
        self.id.with_value(|id| self.session.role_in(id)) == Some(EmployeeRole::Admin)
    }

    /// Tracks that something in the firm has changed: for loaders.
    pub(crate) fn track(self) {
        let live = Live::get();
        self.id.with_value(|id| live.firm(id));
    }

    /// Makes a call in the firm.
    pub(crate) fn call<'a, T: 'a>(self, call: impl Fn(InFirm) -> Answer<T> + 'a) -> Called<'a, T> {
        let Some(id) = self.id.try_get_value() else {
            // The page was left before the call was made: nobody waits for an answer.
            return Box::pin(std::future::pending());
        };
        self.session.call(move |signed_in| call(signed_in.firm(&id)))
    }
}

/// The answer of a page's loader, unless the page is on its way out: what it shows is being taken away, and that it
/// cannot be found any more is no news.
pub(crate) async fn unless_leaving<T>(
    leaving: RwSignal<bool>,
    answer: Result<T, String>,
) -> Result<T, String> {
    if answer.is_err() && leaving.try_get_untracked() != Some(false) {
        return std::future::pending().await;
    }
    answer
}

/// What is drawn.
#[derive(Debug, Clone, PartialEq)]
enum Shown {
    Tab(FirmTab),
    Employee(EmployeeId),
    Client(AccountId),
    AdminsOnly,
    NoAccess,
}

/// Shows a page of the firm to somebody who works there.
#[component]
pub(crate) fn FirmPlace(id: FirmId, route: Memo<Option<Route>>) -> impl IntoView {
    let session = Session::get();
    let page = FirmPage { session, id: StoredValue::new(id) };
    provide_context(page);
    provide_context(assignments::Matrix::new(page));
    let shown = Memo::new(move |before: Option<&Shown>| {
        let role = page.id.with_value(|id| session.role_in(id));
        let admin = role == Some(EmployeeRole::Admin);
        match route.get() {
            _ if role.is_none() => Shown::NoAccess,
            Some(Route::Firm(_, FirmTab::Clients)) => Shown::Tab(FirmTab::Clients),
            Some(Route::Firm(..) | Route::Employee(..) | Route::Client(..)) if !admin => Shown::AdminsOnly,
            Some(Route::Firm(_, tab)) => Shown::Tab(tab),
            Some(Route::Employee(_, id)) => Shown::Employee(id),
            Some(Route::Client(_, id)) => Shown::Client(id),
            // On the way out.
            _ => before.cloned().unwrap_or(Shown::NoAccess),
        }
    });
    move || match shown.get() {
        Shown::Tab(FirmTab::Employees) => view! { <employees::Employees /> }.into_any(),
        Shown::Tab(FirmTab::Clients) => view! { <clients::Clients /> }.into_any(),
        Shown::Tab(FirmTab::Assignments) => view! { <assignments::Assignments /> }.into_any(),
        Shown::Tab(FirmTab::Activity) => view! { <activity::FirmActivity /> }.into_any(),
        Shown::Tab(FirmTab::Settings) => view! { <settings::FirmSettings /> }.into_any(),
        Shown::Employee(id) => view! { <employee::EmployeePage id=id /> }.into_any(),
        Shown::Client(id) => view! { <client::ClientPage id=id /> }.into_any(),
        Shown::AdminsOnly => view! {
            <Heading title=tr!(firm.admins_only) />
            <p class="muted">{tr!(firm.admins_only_hint)}</p>
        }
        .into_any(),
        Shown::NoAccess => view! {
            <Heading title=tr!(firm.no_access) />
            <p class="muted">{tr!(firm.no_access_hint)}</p>
        }
        .into_any(),
    }
}
