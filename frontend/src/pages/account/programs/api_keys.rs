//! The keys by which programs act in the account.

use std::sync::Arc;

use leptos::prelude::*;
use portal_client::PageQuery;
use portal_client::api_types::{ApiKey, ApiKeyId, Page, Scope};

use super::listing::{Action, Cell, Line, Lines, listing};
use super::new_key::new_key;
use super::once::Once;
use super::top;
use crate::account::AccountPage;
use crate::components::query;
use crate::format;
use crate::live::Live;
use crate::texts::{explain, tr};
use crate::ui::{Confirm, Loader, Toasts};

/// The page `API keys`.
pub(crate) fn api_keys() -> AnyView {
    let page = AccountPage::get();
    let live = Live::get();
    let cursor = query("cursor");
    let keys = Loader::new(move || {
        live.account(&page.id());
        let query = PageQuery { limit: None, cursor: cursor.get() };
        async move {
            let keys = page.call(|account| account.list_api_keys(&query)).await;
            keys.map(lines).map_err(|error| explain(&error))
        }
    });
    let once = Once::new();
    let heads = vec![
        tr!(common.name),
        tr!(programs.may),
        tr!(programs.made),
        tr!(programs.ends),
        tr!(programs.last_used),
    ];
    let empty = (icondata_lu::LuKeyRound, tr!(programs.no_key), tr!(programs.no_key_hint));
    view! {
        {top(tr!(programs.api_keys), tr!(programs.keys_hint), tr!(programs.new_key), once)}
        {listing(keys, heads, empty, Some(revoke(keys)))}
        {once.dialog(tr!(programs.new_key), Arc::new(move || new_key(once, keys)))}
    }
    .into_any()
}

fn lines(keys: Page<ApiKey>) -> Lines {
    Lines { items: keys.items.into_iter().map(line).collect(), next: keys.next_cursor }
}

fn line(key: ApiKey) -> Line {
    let name = key.name.to_string();
    let may: Vec<&str> = key.scopes.as_slice().iter().map(|scope| words(*scope).0).collect();
    let ends = key.expires_at.map_or_else(|| tr!(programs.never).to_owned(), format::day);
    let used = match key.last_used_at {
        Some(at) => Cell::Moment(at, key.last_used_ip.unwrap_or_default()),
        None => Cell::Words(tr!(programs.never).to_owned(), String::new()),
    };
    let below = match key.active {
        true => key.id.to_string(),
        false => format!("{} · {}", tr!(programs.key_dead), key.id),
    };
    let cells = vec![
        Cell::Words(name.clone(), below),
        Cell::Words(may.join(", "), String::new()),
        Cell::Moment(key.created_at, key.created_by.name),
        Cell::Words(ends, String::new()),
        used,
    ];
    Line { id: key.id.to_string(), name, cells }
}

/// What a scope is called, and what it opens.
pub(super) fn words(scope: Scope) -> (&'static str, &'static str) {
    match scope {
        Scope::AccountRead => (tr!(programs.account_read), tr!(programs.account_read_hint)),
        Scope::UsersRead => (tr!(programs.users_read), tr!(programs.users_read_hint)),
        Scope::ActivityRead => (tr!(programs.activity_read), tr!(programs.activity_read_hint)),
        Scope::FirmsManage => (tr!(programs.firms_manage), tr!(programs.firms_manage_hint)),
    }
}

fn revoke(keys: Loader<Lines>) -> Action {
    let page = AccountPage::get();
    let (confirm, toasts) = (Confirm::get(), Toasts::get());
    let ask = move |_, line: Line| {
        let title = tr!(programs.revoke_title, name = line.name.as_str());
        let body = tr!(programs.revoke_body);
        confirm.ask(title, body, Vec::new(), tr!(programs.revoke), move || {
            let Line { id, name, .. } = line.clone();
            async move {
                // It is one: the portal has said so.
                if let Ok(id) = ApiKeyId::parse(&id) {
                    let revoked = page.call(|account| account.revoke_api_key(&id)).await;
                    revoked.map_err(|error| explain(&error))?;
                }
                toasts.done(tr!(programs.revoked, name = name));
                keys.reload();
                Ok(())
            }
        });
    };
    (tr!(programs.revoke), Box::new(ask))
}
