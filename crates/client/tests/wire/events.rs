//! An event stream, as it comes over the wire.

use portal_client::api_types::{Change, ErrorCode};
use portal_client::{Error, PortalEvent};

use crate::listener::Listener;
use crate::signed_in;

#[tokio::test]
async fn events_come_one_by_one_until_the_last() {
    let listener = Listener::start();
    let ben = signed_in(&listener).await;
    let text = "retry: 2000\nevent: ready\ndata: {}\n\n:\n\nevent: change\ndata: {\"kind\":\"me\"}\n\n\
                event: change\ndata: {\"kind\":\"of a newer portal\"}\n\nevent: newer\ndata: ?\n\n\
                event: end\ndata: {}\n\nevent: change\ndata: {\"kind\":\"me\"}\n\n";
    listener.answers(200, "", "text/event-stream; charset=utf-8", text);
    let mut events = ben.events().await.expect("a stream");
    let request = listener.last();
    assert_eq!(request.line, "GET /api/v1/events");
    assert_eq!(request.header("authorization"), Some("Bearer identity-token"));
    assert_eq!(request.header("accept"), Some("text/event-stream"));
    for expected in [
        PortalEvent::Ready,
        PortalEvent::Change(Change::Me),
        PortalEvent::Change(Change::Lagged),
        PortalEvent::End,
    ] {
        assert_eq!(events.next().await.expect("an event").expect("a good one"), expected);
    }
    assert!(events.next().await.is_none(), "nothing comes after the end");
}

#[tokio::test]
async fn what_is_not_an_event_stream_is_an_error() {
    let listener = Listener::start();
    let ben = signed_in(&listener).await;
    listener.answers(200, "", "text/html", "<html>Log in to the wireless network</html>");
    let error = ben.events().await.expect_err("a page");
    assert!(matches!(error, Error::UnexpectedAnswer { status: 200, .. }), "{error:?}");
    listener.answers(200, "", "text/event-stream", "event: change\ndata: {\"kind\":\"account\"}\n\n");
    let mut events = ben.events().await.expect("a stream");
    let error = events.next().await.expect("an event").expect_err("the account's id is missing");
    assert!(matches!(error, Error::UnexpectedAnswer { status: 200, .. }), "{error:?}");
    assert!(events.next().await.is_none());
    let problem = r#"{"type": "urn:accounting-portal:problem:rate_limited", "title": "Too many requests",
        "status": 429, "detail": "16 streams.", "code": "rate_limited", "request_id": "r-1"}"#;
    listener.answers(429, "Retry-After: 15\r\n", "application/problem+json", problem);
    let error = ben.events().await.expect_err("a refusal");
    assert_eq!((error.code(), error.retry_after()), (Some(ErrorCode::RateLimited), Some(15)));
}
