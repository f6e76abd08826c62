//! The pages of an account.

mod activity;
mod ended;
mod overview;
mod programs;
mod settings;
mod users;

use leptos::prelude::*;
use portal_client::api_types::{AccountId, WebhookId};

use crate::account::{AccountPage, Entry};
use crate::components::Here;
use crate::live::Live;
use crate::routes::{AccountTab, Route};
use crate::session::Session;
use crate::texts::tr;
use crate::ui::{Button, Icon, Memo, Skeleton, effect};

/// Enters the account and shows its page; or says that there is no access, at the very moment when it ends.
#[component]
pub(crate) fn AccountPlace(id: AccountId, route: Memo<Option<Route>>) -> impl IntoView {
    let page = AccountPage::enter(Session::get(), id);
    provide_context(page);
    Here::get().enter(page);
    let live = Live::get();
    effect(move |is_first| {
        live.access();
        if !is_first {
            page.check();
        }
    });

    let stage = Memo::new(move |_| match page.entry() {
        Entry::Entering => Stage::Entering,
        Entry::Open(_) => Stage::Open,
        Entry::Ended { name } => Stage::Ended(name),
        Entry::Failed(message) => Stage::Failed(message),
    });
    let tab = Memo::new(move |before: Option<&Shown>| match route.get() {
        Some(Route::Account(_, tab)) => Shown::Tab(tab),
        Some(Route::Webhook(_, id)) => Shown::Webhook(id),
        // On the way out.
        _ => before.cloned().unwrap_or(Shown::Tab(AccountTab::Overview)),
    });
    let owner = Memo::new(move |_| page.is_owner());
    let shown = move || match (tab.get(), owner.get()) {
        (Shown::Tab(AccountTab::Overview), _) => view! { <overview::Overview /> }.into_any(),
        (Shown::Tab(AccountTab::Users), _) => view! { <users::Users /> }.into_any(),
        (Shown::Tab(AccountTab::Activity), true) => view! { <activity::AccountActivity /> }.into_any(),
        (Shown::Tab(AccountTab::Settings), true) => view! { <settings::AccountSettings /> }.into_any(),
        (Shown::Tab(AccountTab::ApiKeys), true) => untrack(programs::api_keys),
        (Shown::Tab(AccountTab::Webhooks), true) => untrack(programs::webhooks),
        (Shown::Webhook(id), true) => untrack(|| programs::webhook(id)),
        (_, false) => view! { <ended::OwnersOnly /> }.into_any(),
    };
    move || match stage.get() {
        Stage::Entering => view! { <Skeleton lines=6 /> }.into_any(),
        Stage::Open => shown().into_any(),
        Stage::Ended(name) => view! { <ended::AccessEnded name=name /> }.into_any(),
        Stage::Failed(message) => view! {
            <div class="error-state" role="alert">
                <Icon icon=icondata_lu::LuCircleAlert />
                <p>{message}</p>
                <Button on_click=move |_| page.check()>{tr!(common.try_again)}</Button>
            </div>
        }
        .into_any(),
    }
}

/// Which page is shown.
#[derive(Debug, Clone, PartialEq)]
enum Shown {
    Tab(AccountTab),
    Webhook(WebhookId),
}

/// What is drawn; a renamed account or another role does not draw the page anew.
#[derive(Debug, Clone, PartialEq)]
enum Stage {
    Entering,
    Open,
    Ended(Option<String>),
    Failed(String),
}
