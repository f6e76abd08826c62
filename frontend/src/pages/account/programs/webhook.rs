//! One webhook: what it is, what can be done with it, and what was sent to it.

use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use portal_client::api_types::{NewWebhook, UpdateWebhook, Webhook, WebhookId};

use super::deliveries::Log;
use super::listing::{Cell, draw};
use super::once::Once;
use super::webhook_form::webhook_form;
use super::webhooks::{events, state};
use crate::account::AccountPage;
use crate::address::Address;
use crate::browser;
use crate::components::Heading;
use crate::format;
use crate::live::Live;
use crate::pages::account::settings::settings_pages;
use crate::pages::firm::unless_leaving;
use crate::routes::{AccountTab, Route};
use crate::texts::{explain, tr};
use crate::ui::{Busy, Button, Confirm, Dialog, Kind, Loaded, Loader, Show, Toasts, dynamic};

/// What is done with the webhook; a handle that can be copied around.
#[derive(Clone, Copy)]
struct Actions {
    page: AccountPage,
    id: StoredValue<WebhookId>,
    webhook: Loader<Webhook>,
    log: Log,
    leaving: RwSignal<bool>,
    once: Once,
    confirm: Confirm,
    toasts: Toasts,
}

/// The page of a webhook.
pub(crate) fn webhook(id: WebhookId) -> AnyView {
    let page = AccountPage::get();
    let live = Live::get();
    let leaving = RwSignal::new(false);
    let id = StoredValue::new(id);
    let webhook = Loader::new(move || {
        live.account(&page.id());
        let id = id.get_value();
        async move {
            let answer = page.call(|account| account.read_webhook(&id)).await;
            unless_leaving(leaving, answer.map_err(|error| explain(&error))).await
        }
    });
    let (once, confirm, toasts, log) = (Once::new(), Confirm::get(), Toasts::get(), Log::new(id));
    let actions = Actions { page, id, webhook, log, leaving, once, confirm, toasts };
    let title = Signal::derive(move || {
        let purpose = webhook.with(|webhook| webhook.description.to_string()).unwrap_or_default();
        if purpose.is_empty() { tr!(programs.webhook).to_owned() } else { purpose }
    });
    view! {
        <Heading title=title>
            <Show when=move || webhook.is_ready()>{actions.buttons()}</Show>
        </Heading>
        {settings_pages()}
        <Loaded loader=webhook lines=3>
            <section class="card">{dynamic(move || webhook.get().map(facts))}</section>
        </Loaded>
        <section class="below-card" aria-labelledby="deliveries">
            <h2 id="deliveries">{tr!(programs.deliveries)}</h2>
            {log.draw(id)}
        </section>
        {once.dialog(tr!(programs.rotate), Arc::new(|| ().into_any()))}
    }
    .into_any()
}

fn facts(webhook: Webhook) -> AnyView {
    let words = |words: String| Cell::Words(words, String::new());
    let mut facts = vec![
        (tr!(programs.url), words(webhook.url.clone())),
        (tr!(programs.state), state(&webhook)),
        (tr!(programs.events), words(events(&webhook))),
        (tr!(programs.made), words(format::day(webhook.created_at))),
    ];
    if let Some(until) = webhook.old_secret_until {
        facts.push((tr!(programs.old_secret), words(tr!(programs.signs_until, when = format::exact(until)))));
    }
    let facts = facts.into_iter().map(|(name, cell)| view! { <dt>{name}</dt> <dd>{draw(cell)}</dd> });
    view! { <dl class="facts">{facts.collect_view()}</dl> }.into_any()
}

/// One of the buttons, compiled once.
fn button(kind: Kind, words: Signal<&'static str>, busy: Busy, act: impl Fn() + 'static) -> AnyView {
    boxed_button(kind, words, busy, Box::new(act))
}

fn boxed_button(kind: Kind, words: Signal<&'static str>, busy: Busy, act: Box<dyn Fn()>) -> AnyView {
    view! { <Button kind=kind busy=busy on_click=move |_| act()>{dynamic(move || words.get())}</Button> }
        .into_any()
}

impl Actions {
    fn buttons(self) -> AnyView {
        let (testing, resuming) = (Busy::new(), Busy::new());
        let editing = RwSignal::new(false);
        let is_on = move || self.webhook.with(|webhook| webhook.enabled) == Some(true);
        let turn = move || if untrack(is_on) { self.pause() } else { self.resume(resuming) };
        let turned = Signal::derive(move || if is_on() { tr!(programs.pause) } else { tr!(programs.resume) });
        let address = Address::get();
        let remove = move || {
            let list = Route::Account(self.page.id(), AccountTab::Webhooks).to_string();
            self.remove(move || address.go(&list));
        };
        let idle = Busy::new();
        view! {
            {button(Kind::Primary, tr!(programs.send_test).into(), testing, move || self.test(testing))}
            {button(Kind::Plain, tr!(programs.edit).into(), idle, move || editing.set(true))}
            {button(Kind::Plain, turned, resuming, turn)}
            {button(Kind::Plain, tr!(programs.rotate).into(), idle, move || self.rotate())}
            {button(Kind::Danger, tr!(programs.remove).into(), idle, remove)}
            <Dialog open=editing title=tr!(programs.edit_webhook)>{self.form(editing)}</Dialog>
        }
        .into_any()
    }

    fn test(self, busy: Busy) {
        let id = self.id.get_value();
        busy.run(async move {
            let sent = self.page.call(|account| account.test_webhook(&id)).await;
            self.log.sent(self.toasts, sent);
        });
    }

    fn form(self, open: RwSignal<bool>) -> AnyView {
        let change = move |webhook: NewWebhook| async move {
            let changes = UpdateWebhook {
                url: Some(webhook.url),
                description: Some(webhook.description),
                events: Some(webhook.events),
                enabled: None,
            };
            self.update(changes).await?;
            open.try_set(false);
            self.toasts.done(tr!(programs.webhook_saved));
            Ok(())
        };
        let send = Box::new(move |webhook| Box::pin(change(webhook)) as _);
        webhook_form(open, untrack(|| self.webhook.get()), tr!(common.save), send)
    }

    async fn update(self, changes: UpdateWebhook) -> Result<(), portal_client::Error> {
        let id = self.id.get_value();
        self.page.call(|account| account.update_webhook(&id, &changes)).await?;
        self.webhook.reload();
        self.log.lines.reload();
        Ok(())
    }

    fn pause(self) {
        let title = tr!(programs.pause_title);
        self.confirm.ask(
            title,
            tr!(programs.pause_body),
            Vec::new(),
            tr!(programs.pause),
            move || async move {
                let off = UpdateWebhook { enabled: Some(false), ..UpdateWebhook::default() };
                self.update(off).await.map_err(|error| explain(&error))?;
                self.toasts.done(tr!(programs.paused));
                Ok(())
            },
        );
    }

    fn resume(self, busy: Busy) {
        busy.run(async move {
            let on = UpdateWebhook { enabled: Some(true), ..UpdateWebhook::default() };
            match self.update(on).await {
                Ok(()) => self.toasts.done(tr!(programs.resumed)),
                Err(error) => self.toasts.failed(explain(&error)),
            }
        });
    }

    fn rotate(self) {
        let title = tr!(programs.rotate_title);
        self.confirm.ask(
            title,
            tr!(programs.rotate_body),
            Vec::new(),
            tr!(programs.rotate),
            move || async move {
                let id = self.id.get_value();
                let rotated = self.page.call(|account| account.rotate_webhook_secret(&id)).await;
                let secret = rotated.map_err(|error| explain(&error))?.secret.into();
                // After the question has closed, which gives the focus back first.
                spawn_local(async move {
                    browser::sleep(Duration::ZERO).await;
                    self.once.reveal(vec![(tr!(programs.signing_secret), secret)]);
                });
                self.webhook.reload();
                Ok(())
            },
        );
    }

    fn remove(self, leave: impl Fn() + Clone + 'static) {
        let url = untrack(|| self.webhook.with(|webhook| webhook.url.clone())).unwrap_or_default();
        let body = tr!(programs.remove_body, url = url);
        self.confirm.ask(tr!(programs.remove_title), body, Vec::new(), tr!(programs.remove), move || {
            let leave = leave.clone();
            async move {
                let id = self.id.get_value();
                let call = self.page.call(|account| account.delete_webhook(&id));
                self.leaving.set(true);
                let done = call.await;
                self.leaving.try_set(done.is_ok());
                done.map_err(|error| explain(&error))?;
                self.toasts.done(tr!(programs.removed));
                leave();
                Ok(())
            }
        });
    }
}
