//! Access that there is not, or not any more.

use leptos::prelude::*;
use portal_client::ListQuery;
use portal_client::api_types::{MyAccount, MyFirm};

use crate::components::{Heading, how};
use crate::routes::{AccountTab, FirmTab, Route};
use crate::session::Session;
use crate::texts::{explain, tr};
use crate::ui::{Avatar, EmptyState, For, Icon, Loaded, Loader, Show};

/// Says so, and offers the other accounts. It never leads to another account by itself.
#[component]
pub(crate) fn AccessEnded(name: Option<String>) -> impl IntoView {
    let session = Session::get();
    let (title, hint) = match name {
        Some(name) => (tr!(account.ended, name = name), tr!(account.ended_hint)),
        None => (tr!(account.no_access).to_owned(), tr!(account.no_access_hint)),
    };
    let others = Loader::new(move || async move {
        let query = ListQuery { limit: Some(10), ..Default::default() };
        let page = session.call(|signed_in| signed_in.list_my_accounts(&query)).await;
        page.map(|page| page.items).map_err(|error| explain(&error))
    });
    view! {
        <div class="ended">
            <div class="ended-words" role="alert">
                <span class="ended-icon">
                    <Icon icon=icondata_lu::LuLock />
                </span>
                <Heading title=title />
                <p class="muted">{hint}</p>
            </div>
            <Loaded loader=others lines=3>
                <Show
                    when=move || others.with(Vec::is_empty) == Some(false)
                    fallback=move || {
                        view! {
                            <EmptyState
                                icon=icondata_lu::LuBuilding2
                                title=tr!(account.ended_no_other)
                                hint=tr!(account.ended_none)
                            >
                                {session.firms().into_iter().map(firm).collect_view()}
                            </EmptyState>
                        }
                    }
                >
                    <section class="card">
                        <h2>{tr!(account.other_accounts)}</h2>
                        <ul class="places">
                            <For each=move || others.get().unwrap_or_default() key=|account| account.id.clone() let:account>
                                <li>{place(account)}</li>
                            </For>
                        </ul>
                    </section>
                </Show>
            </Loaded>
        </div>
    }
}

/// All of it can be pressed; the link has the account's name and nothing else.
fn place(account: MyAccount) -> AnyView {
    let (below, name) = (how(&account), account.name.to_string());
    view! {
        <div class="place">
            <Avatar name=name.clone() square=true />
            <div class="who-words">
                <a class="who-name" dir="auto" href=Route::Account(account.id, AccountTab::Overview).to_string()>
                    {name}
                </a>
                <span class="muted" dir="auto">{below}</span>
            </div>
            <Icon icon=icondata_lu::LuChevronRight />
        </div>
    }
    .into_any()
}

/// Where else somebody can go on who works for a firm.
fn firm(firm: MyFirm) -> AnyView {
    let href = Route::Firm(firm.firm_id, FirmTab::first_for(firm.role)).to_string();
    view! { <a class="btn btn-outline-soft" dir="auto" href=href>{firm.firm_name.to_string()}</a> }.into_any()
}

/// A page that only owners have.
#[component]
pub(crate) fn OwnersOnly() -> impl IntoView {
    view! {
        <Heading title=tr!(account.owners_only) />
        <p class="muted">{tr!(account.owners_only_hint)}</p>
    }
}
