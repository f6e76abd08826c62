//! The settings of an account.

use leptos::prelude::*;
use portal_client::api_types::RenameAccount;

use crate::account::AccountPage;
use crate::address::Address;
use crate::components::{Heading, NameForm};
use crate::pages::home::OpenAccount;
use crate::routes::{AccountTab, Route};
use crate::texts::tr;
use crate::ui::{Field, Toasts, bound};

/// The page `Settings`.
#[component]
pub(crate) fn AccountSettings() -> impl IntoView {
    view! {
        <Heading title=tr!(common.settings) />
        {settings_pages()}
        <section class="card">
            <h2>{tr!(account.name_section)}</h2>
            <Rename />
        </section>
        <section class="card">
            <h2>{tr!(account.open_another)}</h2>
            <p class="muted">{tr!(account.open_another_hint)}</p>
            <OpenAccount />
        </section>
    }
}

/// The pages that the settings have: the account itself, and what programs may do with it.
pub(super) fn settings_pages() -> AnyView {
    let page = AccountPage::get();
    let here = Address::get().path();
    let pages = [
        (AccountTab::Settings, tr!(programs.general)),
        (AccountTab::ApiKeys, tr!(programs.api_keys)),
        (AccountTab::Webhooks, tr!(programs.webhooks)),
    ];
    let links = pages.map(|(tab, words)| {
        let href = Route::Account(page.id(), tab).to_string();
        let path = href.clone();
        let current = move || {
            let is = here.with(|here| match here.strip_prefix(&path) {
                Some("") => true,
                Some(rest) => tab == AccountTab::Webhooks && rest.starts_with('/'),
                None => false,
            });
            is.then_some("page")
        };
        view! { <a class="nav-link" href=href aria-current=bound(current)>{words}</a> }
    });
    view! {
        <nav class="tabs" aria-label=tr!(common.settings)>
            {links.into_iter().collect_view()}
        </nav>
    }
    .into_any()
}

#[component]
fn Rename() -> impl IntoView {
    let page = AccountPage::get();
    let toasts = Toasts::get();
    let name = Field::with(untrack(|| page.name()).map(|name| name.to_string()).unwrap_or_default());
    let save = move |name| async move {
        let rename = RenameAccount { name };
        let account = page.call(|account| account.rename_account(&rename)).await?;
        toasts.done(tr!(account.renamed, name = account.name.as_str()));
        page.check();
        Ok(())
    };
    view! { <NameForm label=tr!(account.account_name) field=name save=save /> }
}
