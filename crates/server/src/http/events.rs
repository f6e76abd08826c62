//! The event stream: server-sent events, as the HTML standard has them.

use std::fmt::Write;

use actix_web::http::{Method, header};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use utoipa::openapi::{Object, ObjectBuilder, Ref, Type};

use crate::app::App;
use crate::auth::actor::SignedIn;
use crate::domain::event::follow::{Said, follow};
use crate::error::ApiError;

/// One event of the stream, for its description.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes what `encode` writes")]
pub struct StreamEvent {
    /// What it is.
    event: StreamEventKind,
    #[schema(schema_with = change_as_text)]
    data: String,
    /// After how many milliseconds to open another stream when this one has ended.
    #[schema(nullable = false, example = 2_000)]
    retry: Option<u32>,
}

/// What an event of the stream is.
#[derive(utoipa::ToSchema)]
#[schema(rename_all = "lowercase")]
pub enum StreamEventKind {
    /// From here on changes are told.
    Ready,
    /// Something has changed.
    Change,
    /// The last one.
    End,
}

/// A text that is JSON, by a keyword that utoipa has no word for (JSON Schema 2020-12, section 8.5 of Validation).
fn change_as_text() -> Object {
    let mut text = ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some("JSON: of a `change` one `Change`, else `{}`."))
        .content_media_type("application/json")
        .build();
    let schema = serde_json::json!({"anyOf": [Ref::from_schema_name("Change"), {"type": "object", "maxProperties": 0}]});
    text.extensions.get_or_insert_default().insert("contentSchema".to_owned(), schema);
    text
}

/// Follow what changes
///
/// For anyone who is signed in. A stream of server-sent events that says what has changed in what you may reach, while it
/// happens, through whichever process of the portal: `access` when you may enter other accounts than before, `account`,
/// `firm` and `me` when something that you can see has changed. An event says what to ask for again, and nothing else.
/// Read it with `fetch` and the `Authorization` header; no token belongs into a URL.
///
/// - `event: ready`, `data: {}` comes first: from here on changes are told. Refresh what you show after a reconnect.
/// - `event: change`, `data:` a `Change`. Those of a tenth of a second come together.
/// - `event: end`, `data: {}` comes last when the session has ended, or the token that opened the stream was revoked: sign
///   in again.
/// - A comment comes every 15 seconds when nothing else does.
///
/// Before each of them it is asked anew whether your session is alive and what you may reach, so nothing is said after the
/// right to know it has ended. Without `end`, the stream is closed when the token that opened it expires (open another
/// with a fresh one), and when the server stops or is too slow for it (try again after a second or two).
///
/// The stream is a courtesy: an access that has ended is refused at the next request, whether or not an event came.
#[utoipa::path(
    get,
    path = "/api/v1/events",
    tag = "Events",
    responses(
        (
            status = 200,
            description = "The stream, described by one of its events.",
            content((
                StreamEvent = "text/event-stream",
                example = json!({
                    "event": "change",
                    "data": r#"{"kind":"access","account_id":"acct_01h455vb4pex5vsknk084sn02q"}"#
                })
            ))
        ),
        (status = 429, description = "`rate_limited`: this session has 16 streams open already.")
    ),
    security(("identity_token" = []))
)]
pub async fn stream_events(
    me: SignedIn,
    app: web::Data<App>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let mut answer = answer();
    if request.method() == Method::HEAD {
        return Ok(answer.finish());
    }
    let follower = follow(&app.events, me.person, me.token_expires_at).await?;
    let stream = futures_util::stream::unfold(follower, |mut follower| async {
        let said = follower.next().await?;
        Some((Ok::<_, ApiError>(encode(&said)), follower))
    });
    Ok(answer.streaming(stream))
}

fn answer() -> HttpResponseBuilder {
    let mut answer = HttpResponse::Ok();
    answer
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // nginx would keep events back until it has a few kilobytes of them.
        .insert_header(("x-accel-buffering", "no"))
        // Where the stream ends, the connection does: a stop of the server need not wait for an idle one.
        .force_close();
    answer
}

/// What is said at once goes out at once: no part of it waits for a slow reader until it is not true any more.
fn encode(said: &Said) -> Bytes {
    let mut text = String::new();
    match said {
        // After how many milliseconds a browser's own reader would try again.
        Said::Ready => text.push_str("retry: 2000\nevent: ready\ndata: {}\n\n"),
        Said::Changes(changes) => {
            for change in changes {
                // A change is texts only: it always serialises, and has no line breaks.
                let json = serde_json::to_string(change).unwrap_or_default();
                let _ = write!(text, "event: change\ndata: {json}\n\n");
            }
        }
        Said::Heartbeat => text.push_str(":\n\n"),
        Said::End => text.push_str("event: end\ndata: {}\n\n"),
    }
    text.into()
}

#[cfg(test)]
mod tests {
    use portal_api_types::Change;

    use super::*;

    #[test]
    fn each_event_is_one_message() {
        let changes = Said::Changes(vec![Change::Me, Change::Access { account_id: None }]);
        assert_eq!(
            encode(&changes),
            "event: change\ndata: {\"kind\":\"me\"}\n\nevent: change\ndata: {\"kind\":\"access\",\"account_id\":null}\n\n"
        );
        assert_eq!(encode(&Said::Heartbeat), ":\n\n");
    }
}
