//! Access that there is not, or not any more.

use leptos::prelude::*;

use crate::components::Heading;
use crate::routes::Route;
use crate::session::Session;
use crate::texts::{explain, tr};
use crate::ui::{EmptyState, For, Loaded, Loader, Show};
use portal_client::ListQuery;

use crate::routes::AccountTab;

/// Says so, and offers the other accounts. It never leads to another account by itself.
#[component]
pub(crate) fn AccessEnded(name: Option<String>) -> impl IntoView {
    let session = Session::get();
    let title = match name {
        Some(name) => tr!(account.ended, name = name),
        None => tr!(account.no_access).to_owned(),
    };
    let others = Loader::new(move || async move {
        let query = ListQuery { limit: Some(10), ..Default::default() };
        let page = session.call(async |signed_in| signed_in.list_my_accounts(&query).await).await;
        page.map(|page| page.items).map_err(|error| explain(&error))
    });
    view! {
        <div role="alert">
            <Heading title=title />
        </div>
        <p class="muted">{tr!(account.ended_hint)}</p>
        <Loaded loader=others lines=3>
            <Show
                when=move || others.with(Vec::is_empty) == Some(false)
                fallback=|| {
                    view! {
                        <EmptyState
                            icon=icondata_lu::LuBuilding2
                            title=tr!(common.no_account_yet)
                            hint=tr!(account.ended_none)
                        />
                    }
                }
            >
                <h2>{tr!(account.other_accounts)}</h2>
                <ul class="link-list">
                    <For each=move || others.get().unwrap_or_default() key=|account| account.id.clone() let:account>
                        <li>
                            <a class="link" dir="auto" href=Route::Account(account.id, AccountTab::Overview).to_string()>
                                {account.name.to_string()}
                            </a>
                        </li>
                    </For>
                </ul>
            </Show>
        </Loaded>
    }
}

/// A page that only owners have.
#[component]
pub(crate) fn OwnersOnly() -> impl IntoView {
    view! {
        <Heading title=tr!(account.owners_only) />
        <p class="muted">{tr!(account.owners_only_hint)}</p>
    }
}
