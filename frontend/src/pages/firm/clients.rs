//! The firm's client accounts: all for an admin, the assigned ones for a bookkeeper.

use leptos::prelude::*;
use portal_client::FirmAccountQuery;
use portal_client::api_types::ClientAccount;

use super::FirmPage;
use crate::components::{Heading, LinkRow, Pager, SearchField, query, set_query};
use crate::format;
use crate::routes::{AccountTab, Route};
use crate::texts::{explain, tr};
use crate::ui::{Avatar, Badge, Day, Each, EmptyState, Loaded, Loader, Memo, Show, Tone, bound, dynamic};

/// `Client accounts`.
#[component]
pub(crate) fn Clients() -> impl IntoView {
    let page = FirmPage::get();
    let admin = Memo::new(move |_| page.is_admin());
    let (search, unassigned, cursor) = (query("q"), query("unassigned"), query("cursor"));
    // Bookkeepers have no such filter, even where a link brings it along.
    let only_unassigned = Memo::new(move |_| admin.get() && unassigned.get().as_deref() == Some("true"));
    let loader = Loader::new(move || {
        page.track();
        let unassigned = only_unassigned.get().then_some(true);
        let query = FirmAccountQuery { q: search.get(), unassigned, cursor: cursor.get(), limit: None };
        async move {
            let call = page.call(|firm| firm.list_firm_accounts(&query));
            call.await.map_err(|error| explain(&error))
        }
    });
    let is_empty = Memo::new(move |_| loader.with(|page| page.items.is_empty()) == Some(true));
    view! {
        <Heading title=tr!(common.client_accounts) />
        <div class="toolbar">
            <SearchField label=tr!(firm.search_clients) />
            <Show when=move || admin.get()>
                <UnassignedFilter on=only_unassigned />
            </Show>
        </div>
        <Loaded loader=loader>
            <Show
                when=move || !is_empty.get()
                fallback=move || {
                    view! { <NoClients searched=search.get().is_some() unassigned=only_unassigned.get() /> }
                }
            >
                <div class="table-wrap">
                    <table class="table-list">
                        <thead>
                            <tr>
                                <th scope="col">{tr!(firm.account)}</th>
                                <th scope="col">{tr!(firm.owner)}</th>
                                <th scope="col">{tr!(firm.connected_since)}</th>
                                <th scope="col" class="end">{tr!(firm.employees_assigned)}</th>
                            </tr>
                        </thead>
                        <tbody>
                            <Each rows=move || loader.with(|page| page.items.clone()).unwrap_or_default() let:client>
                                <ClientRow client=client />
                            </Each>
                        </tbody>
                    </table>
                </div>
            </Show>
            <Pager next=Signal::derive(move || loader.with(|page| page.next_cursor.clone()).flatten()) />
        </Loaded>
    }
}

/// Narrows the list to the clients that nobody works on.
#[component]
pub(super) fn UnassignedFilter(on: Memo<bool>) -> impl IntoView {
    let set = set_query(false);
    view! {
        <label class="choice">
            <input
                type="checkbox"
                class="checkbox checkbox-sm"
                prop:checked=bound(move || on.get())
                on:change:target=move |event| {
                    set(&[("unassigned", event.target().checked().then(|| "true".to_owned()))]);
                }
            />
            {tr!(firm.unassigned)}
        </label>
    }
}

/// An admin goes to who works for the client; a bookkeeper, who cannot change that, to the account itself.
#[component]
fn ClientRow(client: ClientAccount) -> impl IntoView {
    let page = FirmPage::get();
    let route = if untrack(|| page.is_admin()) {
        Route::Client(page.id(), client.id)
    } else {
        Route::Account(client.id, AccountTab::Overview)
    };
    let (href, name) = (route.to_string(), client.name.to_string());
    let employees = if client.employee_count == 0 {
        view! { <Badge tone=Tone::Waiting label=tr!(firm.unassigned) /> }.into_any()
    } else {
        format::number(client.employee_count).into_any()
    };
    view! {
        <LinkRow route=route>
            <td>
                <div class="who">
                    <Avatar name=name.clone() square=true />
                    <a class="link who-name" href=href dir="auto">{name}</a>
                </div>
            </td>
            <td data-label=tr!(firm.owner)><span dir="auto">{client.owner_name.to_string()}</span></td>
            <td data-label=tr!(firm.connected_since)><Day at=client.connected_at /></td>
            <td data-label=tr!(firm.employees_assigned) class="end number">{employees}</td>
        </LinkRow>
    }
}

#[component]
fn NoClients(searched: bool, unassigned: bool) -> impl IntoView {
    let page = FirmPage::get();
    if searched {
        return view! {
            <EmptyState icon=icondata_lu::LuSearch title=tr!(firm.no_client_found) hint=tr!(firm.no_client_fits) />
        }
        .into_any();
    }
    if unassigned {
        return view! {
            <EmptyState icon=icondata_lu::LuCircleCheck title=tr!(firm.all_assigned) hint=tr!(firm.all_assigned_hint) />
        }
        .into_any();
    }
    if !untrack(|| page.is_admin()) {
        return view! {
            <EmptyState
                icon=icondata_lu::LuBuilding2
                title=tr!(firm.no_clients)
                hint=tr!(firm.no_clients_bookkeeper)
            />
        }
        .into_any();
    }
    // The address is what clients need: the firm is known by it.
    let firm = Loader::new(move || async move {
        page.call(|firm| firm.read_firm()).await.map_err(|error| explain(&error))
    });
    view! {
        <Loaded loader=firm lines=2>
            {dynamic(move || {
                let email = firm.with(|firm| firm.email.display().to_owned()).unwrap_or_default();
                view! {
                    <EmptyState
                        icon=icondata_lu::LuBuilding2
                        title=tr!(firm.no_clients)
                        hint=tr!(firm.no_clients_hint, email = email)
                    />
                }
            })}
        </Loaded>
    }
    .into_any()
}
