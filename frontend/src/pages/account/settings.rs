//! The settings of an account.

use leptos::prelude::*;
use portal_client::api_types::RenameAccount;

use crate::account::AccountPage;
use crate::components::{Heading, NameForm};
use crate::pages::home::OpenAccount;
use crate::texts::tr;
use crate::ui::{Field, Toasts};

/// The page `Settings`.
#[component]
pub(crate) fn AccountSettings() -> impl IntoView {
    view! {
        <Heading title=tr!(common.settings) />
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

#[component]
fn Rename() -> impl IntoView {
    let page = AccountPage::get();
    let toasts = Toasts::get();
    let name = Field::with(untrack(|| page.name()).map(|name| name.to_string()).unwrap_or_default());
    let save = move |name| async move {
        let rename = RenameAccount { name };
        let account = page.call(async |account| account.rename_account(&rename).await).await?;
        toasts.done(tr!(account.renamed, name = account.name.as_str()));
        page.check();
        Ok(())
    };
    view! { <NameForm label=tr!(account.account_name) field=name save=save /> }
}
