//! One webhook: what it is, what can be done with it, and what was sent to it.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_navigate;
use portal_client::api_types::{NewWebhook, UpdateWebhook, Webhook, WebhookId};

use super::deliveries::Log;
use super::listing::draw;
use super::once::Once;
use super::webhook_form::webhook_form;
use super::webhooks::{events, state};
use crate::account::AccountPage;
use crate::browser;
use crate::components::Heading;
use crate::format;
use crate::live::Live;
use crate::pages::account::settings::SettingsPages;
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
#[component]
pub(crate) fn WebhookPage(id: WebhookId) -> impl IntoView {
    let page = AccountPage::get();
    let live = Live::get();
    let leaving = RwSignal::new(false);
    let id = StoredValue::new(id);
    let webhook = Loader::new(move || {
        live.account(&page.id());
        let id = id.get_value();
        async move {
            let answer = page.call(async |account| account.read_webhook(&id).await).await;
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
        <SettingsPages />
        <Heading title=title>
            <Show when=move || webhook.is_ready()>{actions.buttons()}</Show>
        </Heading>
        <Loaded loader=webhook lines=3>
            <section class="card">{dynamic(move || webhook.get().map(facts))}</section>
        </Loaded>
        <section class="below-card" aria-labelledby="deliveries">
            <h2 id="deliveries">{tr!(programs.deliveries)}</h2>
            {log.draw(id)}
        </section>
        {once.dialog(tr!(programs.rotate), ToChildren::to_children(|| ()))}
    }
}

fn facts(webhook: Webhook) -> AnyView {
    let old = webhook.old_secret_until.map(|until| {
        view! {
            <dt>{tr!(programs.old_secret)}</dt>
            <dd>{tr!(programs.signs_until, when = format::exact(until))}</dd>
        }
    });
    view! {
        <dl class="facts">
            <dt>{tr!(programs.url)}</dt>
            <dd>{webhook.url.clone()}</dd>
            <dt>{tr!(programs.state)}</dt>
            <dd>{draw(state(&webhook))}</dd>
            <dt>{tr!(programs.events)}</dt>
            <dd>{events(&webhook)}</dd>
            <dt>{tr!(programs.made)}</dt>
            <dd>{format::day(webhook.created_at)}</dd>
            {old}
        </dl>
    }
    .into_any()
}

impl Actions {
    fn buttons(self) -> AnyView {
        let (testing, resuming) = (Busy::new(), Busy::new());
        let editing = RwSignal::new(false);
        let is_on = move || self.webhook.with(|webhook| webhook.enabled) == Some(true);
        let turn = move |_| if untrack(is_on) { self.pause() } else { self.resume(resuming) };
        let navigate = StoredValue::new_local(use_navigate());
        let remove = move |_| {
            let list = Route::Account(self.page.id(), AccountTab::Webhooks).to_string();
            self.remove(move || {
                navigate.try_with_value(|navigate| navigate(&list, Default::default()));
            });
        };
        view! {
            <Button kind=Kind::Primary busy=testing on_click=move |_| self.test(testing)>
                {tr!(programs.send_test)}
            </Button>
            <Button on_click=move |_| editing.set(true)>{tr!(programs.edit)}</Button>
            <Button busy=resuming on_click=turn>
                {dynamic(move || if is_on() { tr!(programs.pause) } else { tr!(programs.resume) })}
            </Button>
            <Button on_click=move |_| self.rotate()>{tr!(programs.rotate)}</Button>
            <Button kind=Kind::Danger on_click=remove>{tr!(programs.remove)}</Button>
            <Dialog open=editing title=tr!(programs.edit_webhook)>{self.form(editing)}</Dialog>
        }
        .into_any()
    }

    fn test(self, busy: Busy) {
        let id = self.id.get_value();
        busy.run(async move {
            let sent = self.page.call(async |account| account.test_webhook(&id).await).await;
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
        self.page.call(async |account| account.update_webhook(&id, &changes).await).await?;
        self.webhook.reload();
        self.log.lines.reload();
        Ok(())
    }

    fn pause(self) {
        let title = tr!(programs.pause_title);
        self.confirm.ask(title, tr!(programs.pause_body), Vec::new(), tr!(programs.pause), move || async move {
            let off = UpdateWebhook { enabled: Some(false), ..UpdateWebhook::default() };
            self.update(off).await.map_err(|error| explain(&error))?;
            self.toasts.done(tr!(programs.paused));
            Ok(())
        });
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
        self.confirm.ask(title, tr!(programs.rotate_body), Vec::new(), tr!(programs.rotate), move || async move {
            let id = self.id.get_value();
            let made = self.page.call(async |account| account.rotate_webhook_secret(&id).await).await;
            let made = made.map_err(|error| explain(&error))?;
            self.webhook.reload();
            // After the question has closed, which gives the focus back first.
            spawn_local(async move {
                browser::sleep(Duration::ZERO).await;
                self.once.reveal(vec![(tr!(programs.signing_secret), made.secret.into())]);
            });
            Ok(())
        });
    }

    fn remove(self, leave: impl Fn() + Clone + 'static) {
        let url = untrack(|| self.webhook.with(|webhook| webhook.url.clone())).unwrap_or_default();
        let body = tr!(programs.remove_body, url = url);
        self.confirm.ask(tr!(programs.remove_title), body, Vec::new(), tr!(programs.remove), move || {
            let leave = leave.clone();
            async move {
                let id = self.id.get_value();
                let call = self.page.call(async |account| account.delete_webhook(&id).await);
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
