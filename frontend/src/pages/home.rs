//! Where one begins: in the account or firm that one was in last.

use leptos::prelude::*;
use portal_client::ListQuery;
use portal_client::api_types::{EmployeeRole, NewAccount};

use crate::address::Address;
use crate::components::{Heading, NameForm};
use crate::live::Live;
use crate::recent;
use crate::routes::{AccountTab, FirmTab, Route};
use crate::session::Session;
use crate::texts::{explain, tr};
use crate::ui::{EmptyState, Field, Loaded, Loader, Show, effect};

/// Leads on to the last account, a firm that one manages, or the first account; who has none of these is told what to
/// do.
#[component]
pub(crate) fn Home() -> impl IntoView {
    let session = Session::get();
    let live = Live::get();
    let start = Loader::new(move || {
        live.access();
        async move { start(session).await.map_err(|error| explain(&error)) }
    });
    let address = Address::get();
    effect(move |_| {
        if let Some(Some(route)) = start.get() {
            address.replace(&route);
        }
    });
    view! {
        <Loaded loader=start lines=3>
            <Show when=move || start.with(Option::is_none) == Some(true)>
                <Heading title=tr!(common.welcome) />
                <Nothing is_employee=!session.firms().is_empty() />
            </Show>
        </Loaded>
    }
}

/// What to do without any account: an employee waits for one, anybody else may have one of their own to open.
#[component]
fn Nothing(is_employee: bool) -> impl IntoView {
    let hint = if is_employee { tr!(firm.no_clients_bookkeeper) } else { tr!(common.no_account_hint) };
    view! {
        <EmptyState icon=icondata_lu::LuBuilding2 title=tr!(common.no_account_yet) hint=hint>
            {(!is_employee).then(|| view! { <OpenAccount /> })}
        </EmptyState>
    }
}

/// The path to begin at, if there is any place.
async fn start(session: Session) -> Result<Option<String>, portal_client::Error> {
    if let Some(id) = recent::last(session) {
        return Ok(Some(Route::Account(id, AccountTab::Overview).to_string()));
    }
    let firms = session.firms();
    if let Some(firm) = firms.iter().find(|firm| firm.role == EmployeeRole::Admin) {
        return Ok(Some(Route::Firm(firm.firm_id.clone(), FirmTab::Employees).to_string()));
    }
    let first = ListQuery { limit: Some(1), ..Default::default() };
    let accounts = session.call(|signed_in| signed_in.list_my_accounts(&first)).await?;
    let account = accounts.items.into_iter().next();
    Ok(account.map(|account| Route::Account(account.id, AccountTab::Overview).to_string()))
}

/// Opens an account that the person owns.
#[component]
pub(crate) fn OpenAccount() -> impl IntoView {
    let session = Session::get();
    let name = Field::new();
    let address = Address::get();
    let open = move |name| async move {
        let account = NewAccount { name };
        let account = session.call(|signed_in| signed_in.open_account(&account)).await?;
        address.go(&Route::Account(account.id, AccountTab::Overview).to_string());
        Ok(())
    };
    view! { <NameForm label=tr!(common.business_name) field=name button=tr!(common.open_account) save=open /> }
}
