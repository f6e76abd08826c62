//! The webhooks of the account.

use std::sync::Arc;

use leptos::prelude::*;
use portal_client::api_types::{NewWebhook, Webhook, WebhookDisabledReason, WebhookEventType};
use portal_client::{Error, PageQuery};

use super::deliveries;
use super::listing::{Cell, Line, Lines, listing};
use super::once::Once;
use super::top;
use super::webhook_form::webhook_form;
use crate::account::AccountPage;
use crate::format;
use crate::live::Live;
use crate::routes::Route;
use crate::texts::{explain, tr};
use crate::ui::{Loader, Tone};

/// The page `Webhooks`.
pub(crate) fn webhooks() -> AnyView {
    let page = AccountPage::get();
    let live = Live::get();
    let webhooks = Loader::new(move || {
        live.account(&page.id());
        async move { list(page).await.map_err(|error| explain(&error)) }
    });
    let once = Once::new();
    let heads =
        vec![tr!(programs.url), tr!(programs.events), tr!(programs.state), tr!(programs.last_delivery)];
    let empty = (icondata_lu::LuWebhook, tr!(programs.no_webhook), tr!(programs.no_webhook_hint));
    let form = move || {
        let make = move |webhook: NewWebhook| async move {
            let made = page.call(|account| account.create_webhook(&webhook)).await?;
            once.reveal(vec![(tr!(programs.signing_secret), made.secret.into())]);
            webhooks.reload();
            Ok(())
        };
        let send = Box::new(move |webhook| Box::pin(make(webhook)) as _);
        webhook_form(once.open, None, tr!(programs.make_webhook), send)
    };
    view! {
        {top(tr!(programs.webhooks), tr!(programs.webhooks_hint), tr!(programs.new_webhook), once)}
        {listing(webhooks, heads, empty, None)}
        {once.dialog(tr!(programs.new_webhook), Arc::new(form))}
    }
    .into_any()
}

/// All of them, there are only a few; each with what was sent last.
async fn list(page: AccountPage) -> Result<Lines, Error> {
    let latest = PageQuery { limit: Some(1), cursor: None };
    let mut items = Vec::new();
    for webhook in page.call(|account| account.list_webhooks()).await?.items {
        let sent = page.call(|account| account.list_webhook_deliveries(&webhook.id, &latest)).await?;
        let last = match sent.items.into_iter().next() {
            Some(last) => deliveries::status(last.status, format::relative(last.created_at)),
            None => Cell::Words(tr!(programs.never).to_owned(), String::new()),
        };
        let path = Route::Webhook(page.id(), webhook.id.clone()).to_string();
        let name = webhook.url.clone();
        let cells = vec![
            Cell::Link(name.clone(), path, webhook.description.to_string()),
            Cell::Words(events(&webhook), String::new()),
            state(&webhook),
            last,
        ];
        items.push(Line { id: webhook.id.to_string(), name, cells });
    }
    Ok(Lines { items, next: None })
}

/// What a webhook wants, by the words that its receiver knows.
pub(super) fn events(webhook: &Webhook) -> String {
    if webhook.events.is_empty() {
        return tr!(programs.all_events).to_owned();
    }
    let words: Vec<&str> = webhook.events.iter().copied().map(WebhookEventType::as_str).collect();
    words.join(", ")
}

/// Whether it works, and if not, why.
pub(super) fn state(webhook: &Webhook) -> Cell {
    match (webhook.disabled_reason, webhook.failing_since) {
        (Some(reason), _) => {
            let why = match reason {
                WebhookDisabledReason::ByHand => tr!(programs.off_by_hand),
                WebhookDisabledReason::Failing => tr!(programs.off_failing),
                WebhookDisabledReason::Gone => tr!(programs.off_gone),
                WebhookDisabledReason::OwnerLeft => tr!(programs.off_owner_left),
            };
            Cell::Mark(Tone::Bad, tr!(programs.off), why.to_owned())
        }
        (None, Some(since)) => Cell::Mark(Tone::Waiting, tr!(programs.failing), format::relative(since)),
        (None, None) => Cell::Mark(Tone::Good, tr!(programs.active), String::new()),
    }
}
