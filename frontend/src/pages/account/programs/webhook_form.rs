//! What a webhook is made of: where it leads, what it is for, what it wants.

use std::future::Future;
use std::pin::Pin;

use leptos::prelude::*;
use portal_client::Error;
use portal_client::api_types::{NewWebhook, Webhook, WebhookDescription, WebhookEventType};

use super::explain_at;
use super::ticks::ticks;
use crate::components::{fail, invalid};
use crate::texts::tr;
use crate::ui::{Alert, Busy, Button, Field, Form, Kept, Show, SubmitButton, Switch, TextField};

/// Makes or changes a webhook by what was typed.
pub(super) type Send = Box<dyn Fn(NewWebhook) -> Pin<Box<dyn Future<Output = Result<(), Error>>>>>;

/// The form, with what the webhook is so far.
pub(super) fn webhook_form(
    open: RwSignal<bool>,
    before: Option<Webhook>,
    button: &'static str,
    send: Send,
) -> AnyView {
    let (typed_url, typed_for, wanted) = match before {
        Some(Webhook { url, description, events, .. }) => (url, description.to_string(), events),
        None => Default::default(),
    };
    let (url, description) = (Field::with(typed_url), Field::with(typed_for));
    let all = RwSignal::new(wanted.is_empty());
    let chosen = Kept::new(wanted.into_iter().map(WebhookEventType::as_str).collect::<Vec<_>>());
    let message = RwSignal::new(None::<String>);
    let busy = Busy::new();
    let submit = move || {
        message.set(None);
        let events: Vec<WebhookEventType> = match all.get_untracked() {
            true => Vec::new(),
            false => {
                chosen.with_untracked(|chosen| chosen.iter().filter_map(|word| word.parse().ok()).collect())
            }
        };
        let nothing = events.is_empty() && !all.get_untracked();
        if nothing {
            message.set(Some(tr!(programs.no_event).to_owned()));
        }
        let typed = url.value().trim().to_owned();
        if typed.is_empty() {
            url.fail(tr!(errors.missing_field));
        }
        let Some(description_typed) = description.parse(WebhookDescription::parse, invalid) else { return };
        if nothing || typed.is_empty() {
            return;
        }
        let sent = send(NewWebhook { url: typed, description: description_typed, events, enabled: true });
        busy.run(async move {
            if let Err(error) = sent.await {
                message.try_set(fail(&error, &[("/url", url), ("/description", description)]));
                explain_at(&error, "/url", url, tr!(programs.url_refused));
            }
        });
    };
    let events = move || {
        let events = WebhookEventType::ALL.iter().filter(|event| !event.is_operators()).filter_map(|event| {
            let hint = words(*event)?;
            Some((event.as_str(), event.as_str(), hint))
        });
        ticks(tr!(programs.events), events.collect(), chosen)
    };
    view! {
        <Form on_submit=submit>
            <Alert message=message />
            <TextField label=tr!(programs.url) field=url description=tr!(programs.url_hint) focus=true />
            <TextField label=tr!(programs.purpose) field=description />
            <Switch label=tr!(programs.all_events) description=tr!(programs.all_events_hint) on=all />
            <Show when=move || !all.get()>{events()}</Show>
            <div class="dialog-actions">
                <Button on_click=move |_| open.set(false)>{tr!(common.cancel)}</Button>
                <SubmitButton busy=busy label=button />
            </div>
        </Form>
    }
    .into_any()
}

/// What an event of the account tells of; nothing for those that nobody chooses.
fn words(event: WebhookEventType) -> Option<&'static str> {
    Some(match event {
        WebhookEventType::AccessGranted => tr!(programs.access_granted),
        WebhookEventType::AccessRevoked => tr!(programs.access_revoked),
        WebhookEventType::FirmInvited => tr!(programs.firm_invited),
        WebhookEventType::FirmConnected => tr!(programs.firm_connected),
        WebhookEventType::FirmDisconnected => tr!(programs.firm_disconnected),
        WebhookEventType::MemberInvited => tr!(programs.member_invited),
        WebhookEventType::MemberAdded => tr!(programs.member_added),
        WebhookEventType::MemberRemoved => tr!(programs.member_removed),
        WebhookEventType::AccountRenamed => tr!(programs.account_renamed),
        WebhookEventType::AccountSuspended => tr!(programs.account_suspended),
        WebhookEventType::AccountResumed => tr!(programs.account_resumed),
        WebhookEventType::AccountClosed => tr!(programs.account_closed),
        WebhookEventType::FirmSuspended => tr!(programs.firm_suspended),
        WebhookEventType::FirmResumed => tr!(programs.firm_resumed),
        // Sent by hand, to every webhook.
        WebhookEventType::WebhookTest
        // The operator's.
        | WebhookEventType::AccountOpened
        | WebhookEventType::EmployeeDeactivated
        | WebhookEventType::EmployeeReactivated => return None,
    })
}
