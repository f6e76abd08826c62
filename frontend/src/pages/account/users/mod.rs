//! Everyone who can get into the account, and who is invited.

mod actions;
mod invite_firm;
mod invite_member;
pub(super) mod rows;

use leptos::prelude::*;
use portal_client::api_types::AccountUsers;

use crate::account::AccountPage;
use crate::components::{Heading, query, set_query};
use crate::live::Live;
use crate::texts::tr;
use crate::ui::{Button, EmptyState, Icon, Kind, Loaded, Loader, Menu, MenuItem, Rows, Show, effect};
use actions::Actions;
use invite_firm::InviteFirmDialog;
use invite_member::InviteMemberDialog;
use rows::{Row, draw, rows};

/// The parameter of the URL by which the page begins with the invitation of a company.
pub(super) const INVITE: &str = "invite";

/// The list, and what an owner does with it.
#[component]
pub(crate) fn Users() -> impl IntoView {
    let page = AccountPage::get();
    let live = Live::get();
    let users = Loader::new(move || {
        live.account(&page.id());
        async move { page.call(|account| account.list_account_users()).await }
    });
    let inviting_firm = RwSignal::new(false);
    // A link to do just that.
    let invites = query(INVITE);
    let set = StoredValue::new_local(set_query(true));
    effect(move |_| {
        if invites.get().is_some() {
            inviting_firm.set(page.is_owner());
            set.with_value(|set| set(&[(INVITE, None)]));
        }
    });
    let inviting_member = RwSignal::new(false);
    let button = || {
        view! {
            <Icon icon=icondata_lu::LuUserPlus />
            {tr!(account.add_user)}
        }
    };
    let add_user = move || {
        view! {
            <Menu label=tr!(account.add_user) class="btn btn-primary" button=button.into()>
                <MenuItem on_select=move || inviting_firm.set(true)>
                    <Icon icon=icondata_lu::LuBriefcase />
                    {tr!(account.accounting_company)}
                </MenuItem>
                <MenuItem on_select=move || inviting_member.set(true)>
                    <Icon icon=icondata_lu::LuUser />
                    {tr!(account.team_member)}
                </MenuItem>
            </Menu>
        }
    };
    let no_firm = move || users.with(|users| users.firms.is_empty()) == Some(true);
    view! {
        <Heading title=tr!(common.users)>
            <Show when=move || page.is_owner()>{add_user()}</Show>
        </Heading>
        <Loaded loader=users>
            <UsersTable users=users />
            <Show when=move || page.is_owner() && no_firm()>
                <div class="after-table">
                    <EmptyState
                        icon=icondata_lu::LuBriefcase
                        title=tr!(account.no_firm)
                        hint=tr!(account.no_firm_hint)
                    >
                        <Button kind=Kind::Primary on_click=move |_| inviting_firm.set(true)>
                            {tr!(account.to_users)}
                        </Button>
                    </EmptyState>
                </div>
            </Show>
        </Loaded>
        <InviteFirmDialog open=inviting_firm users=users />
        <InviteMemberDialog open=inviting_member users=users />
    }
}

#[component]
fn UsersTable(users: Loader<AccountUsers>) -> impl IntoView {
    let actions = Actions::new(users);
    let list = move || users.with(rows).unwrap_or_default();
    view! {
        <div class="table-wrap">
            <table class="table-list">
                <thead>
                    <tr>
                        <th scope="col">{tr!(common.name)}</th>
                        <th scope="col">{tr!(account.role)}</th>
                        <th scope="col">{tr!(account.status)}</th>
                        <th scope="col" class="end">
                            <span class="sr-only">{tr!(account.actions)}</span>
                        </th>
                    </tr>
                </thead>
                <Rows each=list key=Row::key row=move |row| draw(row, actions) />
            </table>
        </div>
    }
}
