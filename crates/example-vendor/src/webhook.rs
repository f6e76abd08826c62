//! What the portal tells us when access changes (Standard Webhooks). It is a hint that comes soon: whoever is refused is refused
//! because the portal is asked again.

use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use portal_client::webhook::{self, Headers, Rejected};

use crate::app::App;
use crate::refusal::Refusal;

/// The most ids that are remembered. A recording is refused after five minutes by its time; until then by its id, unless there
/// were more events than this.
const MAX_SEEN: usize = 10_000;

/// `POST /portal-webhook`: 204 for what is the portal's, whether we know its type or not, and whether it came before or not.
pub async fn receive(
    request: HttpRequest,
    body: web::Bytes,
    app: web::Data<App>,
) -> Result<HttpResponse, Refusal> {
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let headers = Headers {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
    };
    // Of the bytes that came, before anything is read from them.
    match webhook::verify(&app.webhook_secret, &headers, &body, now()) {
        Ok(event) => {
            if app.seen.is_new(headers.id) {
                app.cache.cut(&event.data);
                tracing::info!(id = headers.id, kind = event.event_type, "the portal tells");
            }
            Ok(HttpResponse::NoContent().finish())
        }
        // It is the portal's, but of a form that is not made yet. To refuse it would make the portal send it again and again.
        Err(Rejected::BadBody) => {
            tracing::warn!(id = headers.id, "an event of another version");
            Ok(HttpResponse::NoContent().finish())
        }
        Err(rejected @ (Rejected::BadSecret | Rejected::BadTimestamp | Rejected::BadSignature)) => {
            tracing::warn!(%rejected, "somebody posts what is not the portal's");
            Err(Refusal::NotTheWebhook)
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that asks the machine for the time")]
fn now() -> DateTime<Utc> {
    Utc::now()
}

/// The ids of events that came. Cutting twice would do no harm; what a product does besides (a mail, an entry in a log) might.
#[derive(Debug, Default)]
pub struct Seen(Mutex<(HashSet<String>, VecDeque<String>)>);

impl Seen {
    /// Whether this id comes for the first time.
    pub fn is_new(&self, id: &str) -> bool {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (ids, order) = &mut *seen;
        if !ids.insert(id.to_owned()) {
            return false;
        }
        order.push_back(id.to_owned());
        if order.len() > MAX_SEEN
            && let Some(oldest) = order.pop_front()
        {
            ids.remove(&oldest);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_new_once_and_the_oldest_are_forgotten() {
        let seen = Seen::default();
        assert!(seen.is_new("first") && !seen.is_new("first"));
        for number in 0..MAX_SEEN {
            assert!(seen.is_new(&number.to_string()));
        }
        assert!(!seen.is_new(&(MAX_SEEN - 1).to_string()));
        assert!(seen.is_new("first"), "there is an end to it");
    }
}
