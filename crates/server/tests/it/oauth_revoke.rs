//! Revoking tokens one by one (RFC 7009).

use std::time::{Duration, Instant};

use diesel::prelude::*;
use portal_api_types::{ApiKeySecret, Change, Introspection, OAuthErrorCode, Scope, UpdateMe};
use portal_client::{Error, PortalEvent};
use serde_json::{Value, json};

use crate::app::{TestApp, named, status};
use crate::events::{PROMPTLY, Tab};
use crate::oauth::{is, refused};
use crate::programs::{enter, key};

#[tokio::test]
async fn attack_12_a_revoked_token_opens_nothing_and_the_others_go_on() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let portal = app.portal();
    let second = owner.me.enter(&owner.account_id).await.unwrap();
    portal.revoke_token(owner.inside.token()).await.unwrap();
    assert_eq!(status(owner.inside.read_account().await), 401);
    second.read_account().await.unwrap();
    assert_eq!(second.introspect_token(owner.inside.token()).await.unwrap(), Introspection::default());
    portal.revoke_token(owner.inside.token()).await.unwrap();
    portal.revoke_token("never was a token").await.unwrap();

    let elsewhere = app.sign_in("olivia@bakery.example").await;
    let fresh = elsewhere.portal().refresh_session().await.unwrap();
    let mut tab = Tab::open("elsewhere", &elsewhere).await;
    let mut other = Tab::open("by another token of the session", &fresh).await;
    portal.revoke_token(elsewhere.token()).await.unwrap();
    // What the token had opened ends at once, and not at the next heartbeat.
    let revoked = Instant::now();
    tab.ends_with(Some(PortalEvent::End)).await;
    assert!(revoked.elapsed() < PROMPTLY, "{:?}", revoked.elapsed());
    assert_eq!(status(elsewhere.read_me().await), 401);
    assert_eq!(status(elsewhere.enter(&owner.account_id).await), 401);
    let exchange = portal.exchange_token(elsewhere.token(), &owner.account_id).await;
    assert!(matches!(exchange, Err(Error::OAuth { status: 400, .. })), "{exchange:?}");
    // The session is alive: its other token goes on, and so does what that has opened.
    fresh.update_me(&UpdateMe { name: Some(named("O")), locale: None }).await.unwrap();
    other.hears([Change::Me, Change::Account { account_id: owner.account_id.clone() }]).await;
}

#[tokio::test]
async fn a_programs_token_is_revoked_by_its_own_key() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let (made, other) = (key(&owner, Scope::ALL).await, key(&owner, Scope::ALL).await);
    let (inside, second) = (enter(&app, &made).await, enter(&app, &made).await);
    let error = |refused: Result<(), Error>| match refused {
        Err(Error::OAuth { error, .. }) => error.error,
        other => panic!("{other:?}"),
    };
    let portal = app.portal();
    let by = async |key: &ApiKeySecret, token: &str| {
        app.portal().revoke_token_of_key(&key.key.id, &key.secret, token).await
    };
    assert_eq!(error(portal.revoke_token(inside.token()).await), OAuthErrorCode::InvalidClient);
    assert_eq!(error(by(&other, inside.token()).await), OAuthErrorCode::UnauthorizedClient);
    for of_a_person in [owner.inside.token(), owner.me.token()] {
        assert_eq!(error(by(&made, of_a_person).await), OAuthErrorCode::UnauthorizedClient);
    }
    inside.read_account().await.unwrap();
    by(&made, inside.token()).await.unwrap();
    assert_eq!(status(inside.read_account().await), 401);
    second.read_account().await.unwrap();
    by(&made, "never was a token").await.unwrap();
    assert_eq!(refused(&app, "/oauth/revoke", None, "").await, is(400, "invalid_request"));
}

#[tokio::test]
async fn with_a_refresh_token_its_session_is_revoked() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let body = json!({"email": "olivia@bakery.example", "password": crate::app::PASSWORD});
    let answer = reqwest::Client::new().post(app.url("/api/v1/sessions")).json(&body).send().await.unwrap();
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
    let refresh = cookie.split(['=', ';']).nth(1).unwrap().to_owned();
    let identity = answer.json::<Value>().await.unwrap()["access_token"].as_str().unwrap().to_owned();
    let me = async || {
        let request = reqwest::Client::new().get(app.url("/api/v1/me")).bearer_auth(&identity);
        request.send().await.unwrap().status().as_u16()
    };
    let made = key(&owner, Scope::ALL).await;
    assert!(app.portal().revoke_token_of_key(&made.key.id, &made.secret, &refresh).await.is_err());
    assert_eq!(me().await, 200);
    app.portal().revoke_token(&refresh).await.unwrap();
    assert_eq!(me().await, 401);
    owner.me.read_me().await.unwrap();
    app.portal().revoke_token(&refresh).await.unwrap();
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    count: i64,
}

#[tokio::test]
async fn revoked_tokens_are_forgotten_when_they_would_have_expired() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    app.portal().revoke_token(owner.inside.token()).await.unwrap();
    let kept = async || {
        let db = &app.app.services.db;
        portal_server::jobs::sweep::sweep(db, app.clock.now()).await.unwrap();
        let counted = db.read(|conn| {
            Ok(diesel::sql_query("SELECT COUNT(*) AS count FROM revoked_tokens")
                .get_result::<Count>(conn)?
                .count)
        });
        counted.await.unwrap()
    };
    assert_eq!(kept().await, 1);
    app.clock.advance(Duration::from_secs(901));
    assert_eq!(kept().await, 0);
    assert_eq!(status(owner.inside.read_account().await), 401);
}
