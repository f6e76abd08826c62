//! How event streams begin and end, and how many there may be.

use std::time::{Duration, Instant};

use diesel::prelude::*;
use portal_api_types::{
    Change, ChangePassword, ConfirmPasswordReset, ErrorCode, Password, RequestPasswordReset,
};
use portal_client::PortalEvent;

use crate::app::{PASSWORD, TestApp, address, code};
use crate::events::{Tab, access, firm};
use crate::processes::Process;

const OLIVIA: &str = "olivia@bakery.example";

async fn run(app: &TestApp, statement: &'static str) {
    let done = app.app.services.db.write(move |conn| {
        diesel::sql_query(statement).execute(conn)?;
        Ok(())
    });
    done.await.unwrap();
}

#[tokio::test]
async fn attack_14_a_stream_ends_with_its_session_however_that_ends() {
    let app = TestApp::start();
    let here = app.owner("Olivia", OLIVIA, "Bakery").await.me;
    let mut tab = Tab::open("here", &here).await;

    let elsewhere = app.sign_in(OLIVIA).await;
    tab.hears([Change::Me]).await;
    let mut other = Tab::open("elsewhere", &elsewhere).await;
    let sessions = here.list_sessions(&portal_client::PageQuery::default()).await.unwrap().items;
    let theirs = sessions.iter().find(|session| !session.current).unwrap();
    here.end_session(&theirs.id).await.unwrap();
    other.ends_with(Some(PortalEvent::End)).await;
    tab.hears([Change::Me]).await;
    assert_eq!(code(elsewhere.events().await), ErrorCode::Unauthenticated);

    let third = app.sign_in(OLIVIA).await;
    let mut other = Tab::open("third", &third).await;
    let change = ChangePassword {
        current_password: Password::new(PASSWORD),
        new_password: "quiet-meadow-77-candle".parse().unwrap(),
    };
    here.change_password(&change).await.unwrap();
    other.ends_with(Some(PortalEvent::End)).await;
    tab.hears([Change::Me]).await;

    app.portal().request_password_reset(&RequestPasswordReset { email: address(OLIVIA) }).await.unwrap();
    let token = app.token_mailed_to(OLIVIA, 2).await;
    let reset = ConfirmPasswordReset { token, password: PASSWORD.parse().unwrap() };
    app.portal().confirm_password_reset(&reset).await.unwrap();
    tab.ends_with(Some(PortalEvent::End)).await;

    let again = app.sign_in(OLIVIA).await;
    let mut tab = Tab::open("again", &again).await;
    run(&app, "UPDATE users SET status = 'suspended'").await;
    tab.ends_with(Some(PortalEvent::End)).await;
}

#[tokio::test]
async fn a_stream_is_closed_when_its_token_expires_and_another_goes_on() {
    let app = TestApp::start_with(|config| config.event_heartbeat = 1);
    let me = app.owner("Olivia", OLIVIA, "Bakery").await.me;
    let mut tab = Tab::open("Olivia", &me).await;
    app.clock.advance(Duration::from_secs(14 * 60));
    tab.hears([]).await;
    app.clock.advance(Duration::from_secs(61));
    tab.ends_with(None).await;
    assert_eq!(code(me.events().await), ErrorCode::Unauthenticated);
    let fresh = app.sign_in(OLIVIA).await;
    let mut tab = Tab::open("fresh", &fresh).await;
    // A session that runs out is noticed too, by nothing but asking.
    run(&app, "UPDATE sessions SET expires_at = created_at").await;
    tab.ends_with(Some(PortalEvent::End)).await;
}

#[tokio::test]
async fn a_session_has_sixteen_streams_and_a_process_as_many_as_it_is_told() {
    let app = TestApp::start_with(|config| config.event_streams = 20);
    let me = app.owner("Olivia", OLIVIA, "Bakery").await.me;
    let mut streams = Vec::new();
    for _ in 0..16 {
        streams.push(me.events().await.unwrap());
    }
    let refused = me.events().await.expect_err("one too many");
    assert_eq!((refused.code(), refused.retry_after()), (Some(ErrorCode::RateLimited), Some(3)));
    assert!(app.portal().read_metrics().await.unwrap().contains("portal_event_streams 16"));
    // Another session is not concerned, until the process has enough.
    let second = app.sign_in(OLIVIA).await;
    for _ in 0..4 {
        streams.push(second.events().await.unwrap());
    }
    let refused = second.events().await.expect_err("the process has twenty");
    assert_eq!((refused.status(), refused.code()), (Some(503), Some(ErrorCode::Unavailable)));
    // Streams that were left make room, long before a heartbeat, when another is asked for.
    streams.clear();
    assert_eq!(code(me.events().await), ErrorCode::RateLimited, "not noticed yet");
    let deadline = Instant::now() + Duration::from_secs(8);
    while let Err(error) = me.events().await {
        assert!(Instant::now() < deadline, "{error:?}: {} streams are left open", app.app.events.count());
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

#[tokio::test]
async fn an_event_stream_has_its_headers_and_none_is_opened_for_them() {
    let app = TestApp::start_with(|config| config.event_heartbeat = 1);
    let me = app.owner("Olivia", OLIVIA, "Bakery").await.me;
    let http = reqwest::Client::new();
    let url = app.url("/api/v1/events");
    let answer = http.head(&url).bearer_auth(me.token()).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(app.app.events.count(), 0);
    let mut answer = http.get(&url).bearer_auth(me.token()).send().await.unwrap();
    for headers in [http.head(&url).bearer_auth(me.token()).send().await.unwrap().headers(), answer.headers()]
    {
        assert_eq!(headers["content-type"], "text/event-stream");
        assert_eq!(headers["cache-control"], "no-store");
        assert_eq!(headers["x-accel-buffering"], "no");
        assert!(headers.contains_key("x-request-id"));
    }
    let first = answer.chunk().await.unwrap().unwrap();
    assert_eq!(first, "retry: 2000\nevent: ready\ndata: {}\n\n");
    assert_eq!(answer.chunk().await.unwrap().unwrap(), ":\n\n", "a heartbeat");
    for token in ["", "nonsense"] {
        let answer = http.get(&url).bearer_auth(token).send().await.unwrap();
        assert_eq!(answer.status(), 401);
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_closes_the_streams_and_does_not_wait_for_them() {
    let app = TestApp::start();
    let mut other = Process::serve(&app);
    let me = app.owner("Olivia", OLIVIA, "Bakery").await.me;
    let session = serde_json::from_value(serde_json::json!({
        "access_token": me.token(), "token_type": "Bearer", "expires_in": 900, "user": me.user(),
    }));
    let there = portal_client::SignedIn::from_session(other.portal(), session.unwrap());
    let mut tab = Tab::open("Olivia", &there).await;
    let started = Instant::now();
    other.terminate();
    tab.ends_with(None).await;
    let status = other.wait();
    assert!(status.success(), "{status}");
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
}

#[tokio::test]
async fn who_may_have_missed_something_is_told() {
    let app = TestApp::start();
    if app.database_url().starts_with("sqlite") {
        // Only a connection to a server can be lost.
        return;
    }
    let owner = app.owner("Olivia", OLIVIA, "Bakery").await;
    let apple = app.firm(&owner, "Apple", "office@apple.example").await;
    let mut anna = Tab::open("Anna", &apple.me).await;
    run(
        &app,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE datname = current_database() AND query IN ('LISTEN portal_changes', 'SELECT 1') AND pid <> pg_backend_pid()",
    )
    .await;
    anna.hears([Change::Lagged]).await;
    owner.inside.disconnect_firm(&apple.firm_id).await.unwrap();
    anna.hears([access(&owner.account_id), firm(&apple.firm_id)]).await;
}
