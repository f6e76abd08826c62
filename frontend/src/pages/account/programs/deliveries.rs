//! What was sent to a webhook, and what became of it.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use portal_client::api_types::{
    WebhookAttempt, WebhookDelivery, WebhookDeliveryId, WebhookDeliveryStatus, WebhookId,
};
use portal_client::{Error, PageQuery};

use super::listing::{Action, Cell, Line, Lines, listing};
use crate::account::AccountPage;
use crate::components::query;
use crate::live::Live;
use crate::texts::{explain, tr};
use crate::ui::{Busy, Kept, Loader, Toasts, Tone, effect};
use crate::{browser, format};

/// How long to wait before the log is asked again while something is on its way: this long at first, then twice as
/// long each time. The portal tells of changes of the account, and a delivery is none.
const FIRST_LOOK: Duration = Duration::from_millis(500);
const LONGEST_LOOK: Duration = Duration::from_secs(30);

/// The log of one webhook; a handle that can be copied around.
#[derive(Clone, Copy)]
pub(super) struct Log {
    pub(super) lines: Loader<Lines>,
    /// How many deliveries of the page wait.
    waiting: Kept<usize>,
    /// Counts those who look: a newer one ends the one before.
    turn: RwSignal<u32>,
}

impl Log {
    pub(super) fn new(id: StoredValue<WebhookId>) -> Self {
        let page = AccountPage::get();
        let live = Live::get();
        let cursor = query("cursor");
        let waiting = Kept::new(0);
        let lines = Loader::new(move || {
            live.account(&page.id());
            let (id, query) = (id.get_value(), PageQuery { limit: None, cursor: cursor.get() });
            async move {
                let call = page.call(|account| account.list_webhook_deliveries(&id, &query));
                let found = call.await.map_err(|error| explain(&error))?;
                let pending = |item: &&WebhookDelivery| item.status == WebhookDeliveryStatus::Pending;
                waiting.try_set(found.items.iter().filter(pending).count());
                Ok(Lines { items: found.items.into_iter().map(line).collect(), next: found.next_cursor })
            }
        });
        let log = Self { lines, waiting, turn: RwSignal::new(0) };
        effect(move |_| {
            if log.waiting.get() > 0 {
                log.follow();
            }
        });
        log
    }

    /// Looks again until nothing waits any more, or the page is left.
    fn follow(self) {
        self.turn.update(|turn| *turn = turn.wrapping_add(1));
        let turn = self.turn.get_untracked();
        spawn_local(async move {
            let mut wait = FIRST_LOOK;
            loop {
                browser::sleep(wait).await;
                let is_ours = self.turn.try_get_untracked() == Some(turn);
                if !is_ours || self.waiting.try_with_untracked(|count| *count == 0) != Some(false) {
                    return;
                }
                self.lines.reload();
                wait = (wait * 2).min(LONGEST_LOOK);
            }
        });
    }

    /// The table, with `Redeliver` in each row.
    pub(super) fn draw(self, id: StoredValue<WebhookId>) -> AnyView {
        let heads = vec![tr!(programs.when), tr!(programs.event), tr!(programs.state), tr!(programs.answer)];
        let empty = (icondata_lu::LuSend, tr!(programs.no_delivery), tr!(programs.no_delivery_hint));
        listing(self.lines, heads, empty, Some(self.redeliver(id)))
    }

    fn redeliver(self, id: StoredValue<WebhookId>) -> Action {
        let (page, toasts) = (AccountPage::get(), Toasts::get());
        let act = move |busy: Busy, line: Line| {
            // It is one: the portal has said so.
            let Ok(delivery) = WebhookDeliveryId::parse(&line.id) else { return };
            let id = id.get_value();
            busy.run(async move {
                let sent = page.call(|account| account.redeliver_webhook(&id, &delivery)).await;
                self.sent(toasts, sent);
            });
        };
        (tr!(programs.redeliver), Box::new(act))
    }

    /// Says that something is on its way, and shows it.
    pub(super) fn sent(self, toasts: Toasts, sent: Result<WebhookDelivery, Error>) {
        match sent {
            Ok(_) => {
                toasts.done(tr!(programs.on_its_way));
                self.lines.reload();
            }
            Err(error) => toasts.failed(explain(&error)),
        }
    }
}

fn line(delivery: WebhookDelivery) -> Line {
    let answer = match delivery.attempts.last() {
        Some(last) => {
            let count = tr!(programs.attempts, count = delivery.attempts.len());
            let mut lines: Vec<String> = delivery.attempts.iter().map(attempt).collect();
            lines.extend(delivery.response_excerpt);
            Cell::Fold(format!("{} · {count}", outcome(last)), lines.join("\n"))
        }
        None => Cell::Words("–".to_owned(), String::new()),
    };
    let next_try = delivery.next_attempt_at.filter(|_| !delivery.attempts.is_empty());
    let next_try = next_try.map(|at| tr!(programs.next_try, when = format::relative(at)));
    let cells = vec![
        Cell::Moment(delivery.created_at, String::new()),
        Cell::Words(delivery.event_type.clone(), String::new()),
        status(delivery.status, next_try.unwrap_or_default()),
        answer,
    ];
    Line { id: delivery.id.to_string(), name: delivery.event_type, cells }
}

/// `24 Nov 2026, 08:53:34 UTC · 204 · 84 ms`.
fn attempt(attempt: &WebhookAttempt) -> String {
    let status = attempt.response_status.map(|status| format!("{status} · ")).unwrap_or_default();
    let error = attempt.error.as_ref().map(|error| format!("{error} · ")).unwrap_or_default();
    format!(
        "{} · {status}{error}{} ms",
        format::exact(attempt.at),
        format::number(attempt.duration_ms.into())
    )
}

/// How an attempt ended, in a word.
fn outcome(attempt: &WebhookAttempt) -> String {
    match attempt.response_status {
        Some(status) => format!("HTTP {status}"),
        None => tr!(programs.no_answer).to_owned(),
    }
}

/// What has become of a delivery, and what is to be said below.
pub(super) fn status(status: WebhookDeliveryStatus, below: String) -> Cell {
    let (tone, words) = match status {
        WebhookDeliveryStatus::Pending => (Tone::Waiting, tr!(programs.pending)),
        WebhookDeliveryStatus::Delivered => (Tone::Good, tr!(programs.delivered)),
        WebhookDeliveryStatus::Failed => (Tone::Bad, tr!(programs.failed)),
        WebhookDeliveryStatus::Cancelled => (Tone::Plain, tr!(programs.cancelled)),
    };
    Cell::Mark(tone, words, below)
}
