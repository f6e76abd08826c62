//! What somebody may bring to the example of a vendor's product, and it must not take.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use portal_server::auth::keys::Keys;
use serde_json::{Value, json};

use crate::app::TestApp;
use crate::receiver;
use crate::vendor::{LONG, Story, Vendor};

fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

fn with(value: &Value, key: &str, new: Value) -> Value {
    let mut value = value.clone();
    value[key] = new;
    value
}

/// The token's claims under another header or with other claims, signed by nobody or as before.
fn raw(header: &Value, claims: &Value, signature: &str) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{signature}", encode(header), encode(claims))
}

#[tokio::test]
async fn vendor_takes_no_token_that_is_not_the_portals_for_accounts() {
    let app = receiver::start();
    let vendor = Vendor::start(&app, LONG).await;
    let story = Story::play(&app).await;
    let good = story.token();
    let (header, claims) = (part(good, 0), part(good, 1));
    let pieces: Vec<&str> = good.split('.').collect();
    let kid = header["kid"].as_str().unwrap().to_owned();
    let head =
        |algorithm| Header { typ: Some("at+jwt".into()), kid: Some(kid.clone()), ..Header::new(algorithm) };
    let signed = |header: Header, claims: &Value| crate::tokens::signed_by(&app, &header, claims);
    let public = part(&raw(&app.portal().read_jwks().await.unwrap()["keys"][0], &json!({}), ""), 0);
    let public = URL_SAFE_NO_PAD.decode(public["x"].as_str().unwrap()).unwrap();
    let random = aws_lc_rs::rand::SystemRandom::new();
    let foreign = aws_lc_rs::signature::Ed25519KeyPair::generate_pkcs8v1(&random).unwrap();
    let foreign = EncodingKey::from_ed_der(foreign.as_ref());
    // Another portal of the same public URL, whose keys are other ones; and its account is another one, too.
    let elsewhere = TestApp::start();
    let stranger = elsewhere.owner("Mallory", "mallory@x.example", "Cellar").await;
    let now = claims["iat"].as_i64().unwrap();

    let mut bad = vec![
        "a.b.c".into(),
        format!("{good}A"),
        pieces[..2].join("."),
        raw(&with(&header, "alg", "none".into()), &claims, ""),
        raw(&with(&header, "alg", "HS256".into()), &claims, pieces[2]),
        raw(&with(&header, "kid", "../../etc/passwd".into()), &claims, pieces[2]),
        raw(&header, &with(&claims, "role", "owner".into()), pieces[2]),
        raw(&header, &with(&claims, "external_id", "shop-502".into()), pieces[2]),
        encode(&head(Algorithm::HS256), &claims, &EncodingKey::from_secret(&public)).unwrap(),
        encode(&head(Algorithm::EdDSA), &claims, &foreign).unwrap(),
        signed(Header { typ: Some("JWT".into()), ..head(Algorithm::EdDSA) }, &claims),
        signed(Header { typ: None, ..head(Algorithm::EdDSA) }, &claims),
        signed(Header { kid: None, ..head(Algorithm::EdDSA) }, &claims),
        signed(Header { crit: Some(vec!["b64".into()]), ..head(Algorithm::EdDSA) }, &claims),
        story.ben.me.token().to_owned(),
        stranger.inside.token().to_owned(),
        vendor.secret.reveal().to_owned(),
    ];
    for (key, value) in [
        ("exp", json!(now - 60)),
        ("exp", json!("soon")),
        ("nbf", json!(now + 3_600)),
        ("iss", json!("https://evil.example")),
        ("aud", json!("https://evil.example/api/v1/account")),
        ("aud", json!([])),
        ("sub", Value::Null),
        ("jti", json!(7)),
    ] {
        bad.push(signed(head(Algorithm::EdDSA), &with(&claims, key, value)));
    }
    for key in ["exp", "iss", "aud", "sub", "client_id", "iat", "jti"] {
        let mut claims = claims.clone();
        claims.as_object_mut().unwrap().remove(key);
        bad.push(signed(head(Algorithm::EdDSA), &claims));
    }
    for token in &bad {
        let refused = vendor.invoices(token).await;
        assert_eq!((refused.status, refused.body["code"].as_str()), (401, Some("invalid_token")), "{token}");
        assert!(refused.challenge.contains("error=\"invalid_token\""), "{token}");
    }
    for nothing in [None, Some("Basic YTpi"), Some("Bearer"), Some(good)] {
        let refused = vendor.get(nothing).await;
        assert_eq!((refused.status, refused.challenge.as_str()), (401, "Bearer realm=\"example-vendor\""));
    }
    let url = format!("http://{}/invoices?access_token={good}", vendor.address);
    assert_eq!(reqwest::get(url).await.unwrap().status(), 401, "URLs are logged");
    // What is signed by the right key and says what is not so is refused by the portal.
    let lie = signed(
        head(Algorithm::EdDSA),
        &with(&with(&claims, "account_id", json!("acct_01h455vb4pex5vsknk084sn02q")), "jti", json!("x")),
    );
    assert_eq!(vendor.invoices(&lie).await.body["code"], "access_ended");
    assert_eq!(vendor.get(Some(&format!("bEARER {good}"))).await.status, 200);
}

#[tokio::test]
async fn vendor_takes_tokens_of_a_new_key_without_a_restart() {
    let app = receiver::start();
    let vendor = Vendor::start(&app, LONG).await;
    let story = Story::play(&app).await;
    assert_eq!(vendor.invoices(story.token()).await.status, 200);
    let kid = Keys::rotate(&app.app.config.keys_dir, app.clock.now()).unwrap();
    // A made-up key id makes the vendor look at the wrong moment, just when the key has become public.
    let header = with(&part(story.token(), 0), "kid", json!("made-up"));
    let nonsense = raw(&header, &part(story.token(), 1), "AAAA");
    assert_eq!(vendor.invoices(&nonsense).await.status, 401);
    tokio::time::sleep(Duration::from_millis(6_500)).await;
    let anew = story.ben.me.enter(story.account()).await.unwrap();
    assert_eq!(part(anew.token(), 0)["kid"], json!(kid));
    assert_eq!(vendor.invoices(anew.token()).await.status, 200);
    assert_eq!(vendor.invoices(story.token()).await.status, 200);
}

/// Posts an event to the vendor, signed as the specification's own library signs.
async fn post(vendor: &Vendor, secret: &str, id: &str, seconds_ago: i64, body: &Value) -> u16 {
    let body = body.to_string();
    let timestamp = portal_server::clock::Clock::default().now().and_utc().timestamp() - seconds_ago;
    let signature =
        standardwebhooks::Webhook::new(secret).unwrap().sign(id, timestamp, body.as_bytes()).unwrap();
    let request = reqwest::Client::new()
        .post(format!("http://{}/portal-webhook", vendor.address))
        .header("webhook-id", id)
        .header("webhook-timestamp", timestamp)
        .header("webhook-signature", signature)
        .body(body);
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn vendor_forgets_only_when_the_portal_says_so_and_once() {
    let app = receiver::start();
    let vendor = Vendor::start(&app, LONG).await;
    let story = Story::play(&app).await;
    // From here on, the only webhooks are those of this test.
    app.pause_webhooks();
    // One of the portal's that is already on its way may still come.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let now = async || vendor.invoices(story.token()).await.status;
    let event = json!({
        "type": "access.revoked",
        "version": 1,
        "timestamp": "2026-11-24T09:30:00Z",
        "data": {
            "account": {"id": story.account(), "name": "Any", "external_id": null},
            "firm": null, "person": null, "invitation": null, "reason": null, "old_name": null, "actor": null, "api_key": null,
        },
    });
    let secret = vendor.secret.reveal();
    let (unassign, assign) = (
        async || story.firm.firm.revoke_account(&story.ben.id, story.account()).await.unwrap(),
        async || story.firm.firm.grant_account(&story.ben.id, story.account()).await.unwrap(),
    );
    assert_eq!(now().await, 200);
    unassign().await;
    let other = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    assert_eq!(post(&vendor, other, "evnt_forged", 0, &event).await, 400);
    assert_eq!(post(&vendor, secret, "evnt_old", 301, &event).await, 400);
    assert_eq!(post(&vendor, secret, "evnt_early", -301, &event).await, 400);
    let unsigned = reqwest::Client::new().post(format!("http://{}/portal-webhook", vendor.address));
    assert_eq!(unsigned.body(event.to_string()).send().await.unwrap().status(), 400);
    assert_eq!(now().await, 200, "nothing was forgotten");
    assert_eq!(post(&vendor, secret, "evnt_1", 0, &event).await, 204);
    assert_eq!(now().await, 401);

    assign().await;
    assert_eq!(
        post(&vendor, secret, "evnt_2", 0, &with(&event, "type", json!("of.a.newer.portal"))).await,
        204
    );
    assert_eq!(now().await, 200);
    unassign().await;
    for again in ["evnt_1", "evnt_2"] {
        assert_eq!(post(&vendor, secret, again, 0, &event).await, 204, "it has it already");
    }
    assert_eq!(now().await, 200, "a replay cuts nothing");
    assert_eq!(post(&vendor, secret, "evnt_3", 0, &json!({"version": 2})).await, 204);
    assert_eq!(now().await, 200);
    assert_eq!(post(&vendor, secret, "evnt_4", 0, &event).await, 204);
    assert_eq!(now().await, 401);
}
