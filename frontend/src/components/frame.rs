//! What stands around every page of somebody who is signed in.

use leptos::prelude::*;
use leptos::task::spawn_local;
use portal_client::api_types::EmployeeRole;

use crate::account::AccountPage;
use crate::address::Address;
use crate::browser;
use crate::components::SignInAgain;
use crate::components::profile::Profile;
use crate::components::switcher::Switcher;
use crate::live::Live;
use crate::routes::{AccountTab, FirmTab, Route};
use crate::session::Session;
use crate::texts::tr;
use crate::ui::{Icon, Memo, Show, effect};

/// The account that the page below is in, for the frame above it.
#[derive(Clone, Copy)]
pub(crate) struct Here(RwSignal<Option<AccountPage>, LocalStorage>);

impl Here {
    pub(crate) fn new() -> Self {
        Self(RwSignal::new_local(None))
    }

    pub(crate) fn get() -> Self {
        expect_context()
    }

    /// The account of the page, if the page is one of an account.
    pub(crate) fn account(self) -> Option<AccountPage> {
        self.0.get()
    }

    /// Says which account the page is in, until the page is left.
    pub(crate) fn enter(self, page: AccountPage) {
        self.0.set(Some(page));
        on_cleanup(move || {
            let left = self.0.try_with_untracked(|here| here.is_some_and(|here| here.is(page)));
            if left == Some(true) {
                self.0.set(None);
            }
        });
    }
}

/// Top bar, side navigation, and the page.
#[component]
pub(crate) fn Frame(children: Children) -> impl IntoView {
    let session = Session::get();
    let live = Live::get();
    effect(move |is_first| {
        live.me();
        if !is_first {
            // Without an answer the page stays as it is; the next call in it tells.
            spawn_local(async move {
                let _ = session.reload_me().await;
            });
        }
    });
    view! {
        <a class="skip-link" href="#main" rel="external" on:click=|event| {
            event.prevent_default();
            browser::focus("main");
        }>{tr!(common.skip_to_content)}</a>
        <header class="top-bar">
            <Switcher />
            <div class="top-bar-end"><Offline /><Profile /></div>
        </header>
        <div class="frame">
            <SideNavigation />
            <main id="main" tabindex="-1" class="main">{children()}</main>
        </div>
        <SignInAgain />
    }
}

/// Says that the browser is offline or the portal away, while it is so.
#[component]
fn Offline() -> impl IntoView {
    let live = Live::get();
    view! {
        <span role="status">
            <Show when=move || !live.is_connected()>
                <span class="mark mark-waiting">
                    <Icon icon=icondata_lu::LuWifiOff />
                    {tr!(common.offline)}
                </span>
            </Show>
        </span>
    }
}

#[derive(Clone, PartialEq)]
struct Entry {
    route: Route,
    words: &'static str,
    icon: icondata_core::Icon,
}

/// The pages of the place that one is in.
#[component]
fn SideNavigation() -> impl IntoView {
    let session = Session::get();
    let here = Here::get();
    let path = Address::get().path();
    let entries = Memo::new(move |_| match path.with(|path| Route::parse(path)) {
        // There is nothing to go to in an account that one may not enter.
        Some(Route::Account(..) | Route::Webhook(..))
            if here.account().is_some_and(AccountPage::is_ended) =>
        {
            Vec::new()
        }
        Some(Route::Account(id, _) | Route::Webhook(id, _)) => {
            let entry =
                |tab: AccountTab, words, icon| Entry { route: Route::Account(id.clone(), tab), words, icon };
            let mut entries =
                vec![entry(AccountTab::Overview, tr!(common.overview), icondata_lu::LuLayoutDashboard)];
            if here.account().is_some_and(AccountPage::is_owner) {
                entries.push(entry(AccountTab::Users, tr!(common.users), icondata_lu::LuUsers));
                entries.push(entry(AccountTab::Activity, tr!(common.activity), icondata_lu::LuHistory));
                entries.push(entry(AccountTab::Settings, tr!(common.settings), icondata_lu::LuSettings));
            }
            entries
        }
        Some(Route::Firm(id, _) | Route::Employee(id, _) | Route::Client(id, _)) => {
            let entry =
                |tab: FirmTab, words, icon| Entry { route: Route::Firm(id.clone(), tab), words, icon };
            let clients = entry(FirmTab::Clients, tr!(common.client_accounts), icondata_lu::LuBuilding2);
            match session.role_in(&id) {
                Some(EmployeeRole::Admin) => vec![
                    entry(FirmTab::Employees, tr!(common.employees), icondata_lu::LuUsers),
                    clients,
                    entry(FirmTab::Assignments, tr!(bulk.assignments), icondata_lu::LuGrid3x3),
                    entry(FirmTab::Activity, tr!(common.activity), icondata_lu::LuHistory),
                    entry(FirmTab::Settings, tr!(common.firm_settings), icondata_lu::LuSettings),
                ],
                Some(EmployeeRole::Bookkeeper) => vec![clients],
                None => Vec::new(),
            }
        }
        _ => Vec::new(),
    });
    // On a phone the links are in a row that is wider than the page.
    effect(move |_| {
        path.track();
        entries.track();
        browser::bring_into_row("nav [aria-current=page]");
    });
    let links = move || {
        let links = entries.get().into_iter().map(|entry| {
            let Entry { route, words, icon } = entry;
            let href = route.to_string();
            let current = {
                let href = href.clone();
                move || path.with(|path| path == &href || path.starts_with(&format!("{href}/")))
            };
            view! {
                <li>
                    <a class="nav-link" href=href aria-current=move || current().then_some("page")>
                        <Icon icon=icon />
                        {words}
                    </a>
                </li>
            }
        });
        links.collect_view()
    };
    view! {
        <Show when=move || !entries.with(Vec::is_empty)>
            <nav class="side-nav" aria-label=tr!(common.pages_of_place)>
                <ul>{links}</ul>
            </nav>
        </Show>
    }
}
