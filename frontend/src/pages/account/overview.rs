//! An account at a glance: who I am here, who has access, and what happened last.

use leptos::prelude::*;
use portal_client::api_types::AccountUsers;

use super::users::INVITE;
use super::users::rows::firm_role;
use crate::account::{AccountPage, Entry};
use crate::components::{Heading, LatestActivity, Trail, Who, account_role};
use crate::live::Live;
use crate::routes::{AccountTab, Route};
use crate::texts::tr;
use crate::ui::{EmptyState, For, Loaded, Loader, Show};

/// The page `Overview`; its heading is the account's name.
#[component]
pub(crate) fn Overview() -> impl IntoView {
    let page = AccountPage::get();
    let live = Live::get();
    let name = Signal::derive(move || page.name().map(|name| name.to_string()).unwrap_or_default());
    let users = Loader::new(move || {
        live.account(&page.id());
        async move { page.call(|account| account.list_account_users()).await }
    });
    let me_here = move || match page.entry() {
        Entry::Open(account) => {
            let role = account_role(account.role);
            match account.firm {
                Some(firm) => tr!(account.me_through, role = role, firm = firm.name.as_str()),
                None => tr!(account.me_here, role = role),
            }
        }
        _ => String::new(),
    };
    view! {
        <Heading title=name />
        <p class="muted lead" dir="auto">{me_here}</p>
        <section class="card">
            <h2>{tr!(account.who_has_access)}</h2>
            <Loaded loader=users lines=3>
                <People users=users />
            </Loaded>
        </section>
        // After what is above it, which would push it down.
        <Show when=move || page.is_owner() && users.is_ready()>
            <section class="card">
                <h2>{tr!(account.latest)}</h2>
                <LatestActivity trail=Trail::of_account() />
                <p class="after-table">
                    <a class="link" href=Route::Account(page.id(), AccountTab::Activity).to_string()>
                        {tr!(account.all_activity)}
                    </a>
                </p>
            </section>
        </Show>
    }
}

#[component]
fn People(users: Loader<AccountUsers>) -> impl IntoView {
    let page = AccountPage::get();
    let people = move || {
        let Some(users) = users.get() else { return Vec::new() };
        let owners = users.owners.iter().map(|person| (person, tr!(common.role_owner)));
        let members = users.members.iter().map(|person| (person, tr!(common.role_member)));
        let direct = owners.chain(members).map(|(person, role)| (person.name.to_string(), role.to_owned()));
        let firms = users.firms.iter().flat_map(|firm| {
            let people = firm.people.iter();
            people.map(|person| {
                let role = firm_role(person.role);
                (person.name.to_string(), tr!(account.of_firm, role = role, firm = firm.name.as_str()))
            })
        });
        direct.chain(firms).collect()
    };
    let no_firm = move || users.with(|users| users.firms.is_empty()) == Some(true) && page.is_owner();
    let invite = move || format!("{}?{INVITE}=firm", Route::Account(page.id(), AccountTab::Users));
    view! {
        <ul class="people">
            <For each=people key=|(name, role)| format!("{name}, {role}") let((name, role))>
                <li><Who name=name below=role /></li>
            </For>
        </ul>
        <Show when=no_firm>
            <EmptyState
                icon=icondata_lu::LuBriefcase
                title=tr!(account.no_firm)
                hint=tr!(account.no_firm_hint)
            >
                <a class="btn btn-primary" href=invite()>{tr!(account.to_users)}</a>
            </EmptyState>
        </Show>
    }
}
