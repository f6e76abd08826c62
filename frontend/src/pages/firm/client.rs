//! A client account: who of the firm works on it.

mod assign;
mod details;
mod people;

use leptos::prelude::*;
use portal_client::api_types::AccountId;

use super::FirmPage;
use crate::address::Address;
use crate::components::Heading;
use crate::format;
use crate::routes::{AccountTab, FirmTab, Route};
use crate::texts::{explain, tr};
use crate::ui::{Button, Confirm, Day, Kind, Loaded, Loader, Show, Toasts, dynamic, effect};
use details::Client;

/// The page of a client.
#[component]
pub(crate) fn ClientPage(id: AccountId) -> impl IntoView {
    let page = FirmPage::get();
    let assigning = RwSignal::new(false);
    let key = StoredValue::new(id.clone());
    let leaving = RwSignal::new(false);
    let loader = Loader::new(move || {
        page.track();
        let id = key.get_value();
        async move { super::unless_leaving(leaving, details::fetch(page, id).await).await }
    });
    // Nobody can be assigned to what has gone.
    effect(move |_| {
        if !loader.is_ready() {
            assigning.set(false);
        }
    });
    let title = Signal::derive(move || {
        let name = loader.with(|client| client.account.name.to_string());
        name.unwrap_or_else(|| tr!(firm.client).to_owned())
    });
    let account = StoredValue::new(Route::Account(id, AccountTab::Overview).to_string());
    view! {
        <a class="link" href=Route::Firm(page.id(), FirmTab::Clients).to_string()>
            {tr!(firm.back_to_clients)}
        </a>
        <Heading title=title>
            <Show when=move || loader.is_ready()>
                <Button kind=Kind::Primary on_click=move |_| assigning.set(true)>
                    {tr!(firm.assign_employee)}
                </Button>
                <OpenAccount href=account.get_value() />
                <Disconnect loader=loader leaving=leaving />
            </Show>
        </Heading>
        <Loaded loader=loader>
            <section class="card">
                <h2>{tr!(firm.details)}</h2>
                {dynamic(move || loader.get().map(|client| view! { <Facts client=client /> }))}
            </section>
            <section class="card">
                <h2>{tr!(firm.who_works)}</h2>
                <people::People loader=loader />
            </section>
        </Loaded>
        <assign::AssignDialog open=assigning loader=loader />
    }
}

/// A button, for it leaves the firm's pages.
#[component]
fn OpenAccount(href: String) -> impl IntoView {
    let address = Address::get();
    view! { <Button on_click=move |_| address.go(&href)>{tr!(firm.open_this_account)}</Button> }
}

#[component]
fn Facts(client: Client) -> impl IntoView {
    view! {
        <dl class="facts">
            <dt>{tr!(firm.owner)}</dt>
            <dd dir="auto">{client.account.owner_name.to_string()}</dd>
            <dt>{tr!(firm.connected_since)}</dt>
            <dd><Day at=client.account.connected_at /></dd>
            <dt>{tr!(firm.employees_assigned)}</dt>
            <dd class="number">{format::number(client.account.employee_count)}</dd>
        </dl>
    }
}

#[component]
fn Disconnect(loader: Loader<Client>, leaving: RwSignal<bool>) -> impl IntoView {
    let page = FirmPage::get();
    let (confirm, toasts) = (Confirm::get(), Toasts::get());
    let address = Address::get();
    let ask = move |_| {
        let Some(client) = untrack(|| loader.get()) else { return };
        let id = client.account.id.clone();
        let name = client.account.name.to_string();
        let list = Route::Firm(page.id(), FirmTab::Clients).to_string();
        let losing = client.employees.iter().filter(|employee| employee.has_access).count();
        let people = (losing > 0).then(|| tr!(firm.disconnect_people, count = losing));
        let title = tr!(firm.disconnect_title, account = name.as_str());
        let body = tr!(firm.disconnect_body, owner = client.account.owner_name.as_str());
        confirm.ask(title, body, people.into_iter().collect(), tr!(firm.disconnect), move || {
            let (id, name, list) = (id.clone(), name.clone(), list.clone());
            async move {
                let call = page.call(|firm| firm.disconnect_account(&id));
                leaving.set(true);
                let done = call.await;
                leaving.try_set(done.is_ok());
                done.map_err(|error| explain(&error))?;
                toasts.done(tr!(firm.disconnected, account = name));
                address.go(&list);
                Ok(())
            }
        });
    };
    view! { <Button kind=Kind::Danger on_click=ask>{tr!(firm.disconnect)}</Button> }
}
