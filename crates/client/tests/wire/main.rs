//! What goes over the wire, seen by a listener that plays the portal.

mod events;
mod listener;
mod operations;

use std::fmt::Debug;

use listener::Listener;
use portal_client::api_types::{Email, ErrorCode, Name, NewAccount, Password, SignIn};
use portal_client::{Error, ListQuery, Portal, SignedIn};

const SESSION: &str = r#"{"access_token": "identity-token", "token_type": "Bearer", "expires_in": 900,
    "user": {"id": "user_01h455vb4pex5vsknk084sn02q", "name": "Ben Ortiz", "email": "ben@apple.example"}}"#;
const COOKIE: &str = "Set-Cookie: refresh=r1; HttpOnly; SameSite=Strict; Path=/api/v1/sessions\r\n";

fn credentials() -> SignIn {
    SignIn {
        email: Email::parse("ben@apple.example").expect("an address"),
        password: Password::new("violet-harbour-41"),
    }
}

async fn signed_in(listener: &Listener) -> SignedIn {
    let portal = Portal::new(listener.url()).expect("the listener's URL");
    listener.answers(201, COOKIE, "application/json", SESSION);
    portal.sign_in(&credentials()).await.expect("the session")
}

#[tokio::test]
async fn the_refresh_token_is_kept_by_its_portal_and_sent_to_the_sessions_only() {
    let listener = Listener::start();
    let ben = signed_in(&listener).await;
    let sign_in = listener.last();
    assert_eq!(sign_in.line, "POST /api/v1/sessions");
    assert_eq!(sign_in.header("authorization"), None);
    assert_eq!(sign_in.body, r#"{"email":"ben@apple.example","password":"violet-harbour-41"}"#);

    listener.answers(200, "", "application/json", SESSION);
    let again = ben.portal().refresh_session().await.expect("the session");
    assert_eq!(listener.last().header("cookie"), Some("refresh=r1"));
    assert_eq!((again.token(), again.expires_in()), ("identity-token", 900));

    listener.answers(200, "", "application/json", r#"{"items": [], "next_cursor": null}"#);
    again.list_my_accounts(&ListQuery::default()).await.expect("the empty page");
    assert_eq!(listener.last().header("cookie"), None);
    assert_eq!(listener.last().header("authorization"), Some("Bearer identity-token"));

    listener.answers(401, "", "text/plain", "");
    let stranger = Portal::new(listener.url()).expect("the listener's URL");
    assert_eq!(stranger.refresh_session().await.expect_err("no session").status(), Some(401));
    assert_eq!(listener.last().header("cookie"), None, "another portal value has another jar");
}

#[tokio::test]
async fn what_was_not_read_as_the_connection_was_being_closed_is_sent_once_more() {
    let listener = Listener::start();
    let ben = signed_in(&listener).await;
    listener.answers(200, "", "application/json", r#"{"items": [], "next_cursor": null}"#);
    let sent = listener.count();
    listener.is_late(1);
    ben.list_my_accounts(&ListQuery::default()).await.expect("the empty page");
    assert_eq!(listener.last().header("authorization"), Some("Bearer identity-token"));
    assert_eq!(listener.count() - sent, 2);
    listener.is_late(2);
    let given_up = ben.list_my_accounts(&ListQuery::default()).await;
    assert_eq!(given_up.expect_err("twice is enough").status(), Some(408));
    assert_eq!(listener.count() - sent, 4);
    // What would be made twice is not sent twice: whoever says 408 may have passed it on before.
    listener.is_late(1);
    let account = NewAccount { name: Name::parse("Blue Bakery").expect("a name") };
    assert_eq!(ben.open_account(&account).await.expect_err("once").status(), Some(408));
    assert_eq!(listener.count() - sent, 5);
    // What the portal itself says of a body that did not arrive is its answer.
    listener.answers(408, "", "application/problem+json", "{}");
    assert_eq!(ben.read_me().await.expect_err("a refusal").status(), Some(408));
    assert_eq!(listener.count() - sent, 6);
}

#[tokio::test]
async fn only_the_expected_status_is_a_success() {
    let listener = Listener::start();
    let ben = signed_in(&listener).await;
    listener.answers(200, "", "text/html", "<html>Log in to the wireless network</html>");
    assert_unexpected(ben.end_current_session().await, 200);
    assert_unexpected(ben.read_me().await, 200);
    assert_unexpected(ben.portal().read_metrics().await, 200);
    listener.answers(307, "Location: /elsewhere\r\n", "text/plain", "");
    assert_unexpected(ben.portal().sign_in(&credentials()).await, 307);
    assert_eq!(listener.last().line, "POST /api/v1/sessions", "a redirect is not followed");
}

fn assert_unexpected<T: Debug>(result: Result<T, Error>, expected: u16) {
    assert!(
        matches!(result, Err(Error::UnexpectedAnswer { status, .. }) if status == expected),
        "{result:?}"
    );
}

#[tokio::test]
async fn a_problem_comes_with_when_to_come_back() {
    let listener = Listener::start();
    let portal = Portal::new(listener.url()).expect("the listener's URL");
    let problem = r#"{"type": "urn:accounting-portal:problem:rate_limited", "title": "Too many requests",
        "status": 429, "detail": "Try again later.", "code": "rate_limited", "request_id": "r-1"}"#;
    listener.answers(429, "Retry-After: 30\r\n", "application/problem+json", problem);
    let error = portal.sign_in(&credentials()).await.expect_err("a refusal");
    assert_eq!((error.code(), error.retry_after()), (Some(ErrorCode::RateLimited), Some(30)));
}

#[tokio::test]
async fn a_portal_that_is_not_there_is_a_transport_error() {
    let nowhere = Listener::closed_port();
    let error = Portal::new(nowhere).expect("a URL").check_health().await.expect_err("nobody listens");
    assert!(matches!(error, Error::Transport(_)), "{error:?}");
    assert_eq!((error.code(), error.status(), error.retry_after()), (None, None, None));
}

#[tokio::test]
async fn no_debug_form_shows_a_token() {
    let listener = Listener::start();
    let ben = signed_in(&listener).await;
    let account = ben.portal().in_account("account-token");
    let firm = ben.firm(&operations::firm_id());
    let operator = ben.portal().operator("operator-token");
    let shown = format!("{ben:?} {account:?} {firm:?} {operator:?}");
    assert!(!shown.contains("-token"), "{shown}");
    assert!(shown.contains("Ben Ortiz") && shown.contains("firm_"), "{shown}");
}

/// Programs spawn calls on the threads of their runtime.
#[tokio::test]
async fn calls_can_be_spawned() {
    fn spawnable<T: Send + 'static>(_: T) {}
    let portal = Portal::new("http://portal.example").expect("a URL");
    let account = portal.in_account("account-token");
    spawnable(async move { account.read_account().await });
    spawnable(async move { portal.sign_in(&credentials()).await });
}
