//! The endpoints of OAuth keep to their standards.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use portal_api_types::{AccountRole, ApiKeySecret, EmployeeRole, Introspection, Scope, TOKEN_EXCHANGE};
use serde_json::{Value, json};

use crate::app::{PUBLIC_URL, TestApp};
use crate::programs::{enter, key};

const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// Sends a form as it is written, with this `Authorization`.
async fn send(app: &TestApp, path: &str, authorization: Option<&str>, body: &str) -> reqwest::Response {
    let mut request = reqwest::Client::new()
        .post(app.url(path))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.to_owned());
    if let Some(authorization) = authorization {
        request = request.header("authorization", authorization);
    }
    request.send().await.unwrap()
}

/// What a refused form is told: status and error.
pub async fn refused(app: &TestApp, path: &str, authorization: Option<&str>, body: &str) -> (u16, String) {
    let answer = send(app, path, authorization, body).await;
    let status = answer.status().as_u16();
    let headers = answer.headers().clone();
    assert_eq!(headers["content-type"], "application/json", "{body}");
    assert_eq!(headers["cache-control"], "no-store", "{body}");
    assert_eq!(headers.contains_key("www-authenticate"), status == 401, "{body}");
    let said: Value = answer.json().await.unwrap();
    assert!(said["error_description"].as_str().is_some_and(|why| why.len() > 10), "{said}");
    (status, said["error"].as_str().unwrap().to_owned())
}

fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

pub fn is(status: u16, error: &str) -> (u16, String) {
    (status, error.to_owned())
}

fn parts(key: &ApiKeySecret) -> (&str, &str) {
    (key.key.id.as_str(), key.secret.reveal())
}

#[tokio::test]
async fn discovery_names_what_tokens_say_and_what_there_is() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let told = app.portal().read_authorization_server().await.unwrap();
    assert_eq!(told.issuer, PUBLIC_URL);
    assert_eq!(Value::from(told.issuer.as_str()), claims(owner.me.token())["iss"]);
    assert_eq!(told.scopes_supported, Scope::ALL);
    assert_eq!(told.response_types_supported, ["none"], "required, and libraries refuse an empty list");
    let http = reqwest::Client::new();
    for (endpoint, status) in [
        (&told.token_endpoint, 405),
        (&told.introspection_endpoint, 405),
        (&told.revocation_endpoint, 405),
        (&told.jwks_uri, 200),
    ] {
        let path = endpoint.strip_prefix(PUBLIC_URL).expect("below the issuer");
        assert_eq!(http.get(app.url(path)).send().await.unwrap().status(), status, "{endpoint}");
    }
    for path in ["/.well-known/oauth-authorization-server", "/.well-known/jwks.json"] {
        let answer = http.get(app.url(path)).header("origin", "https://any.example").send().await.unwrap();
        assert_eq!(answer.headers()["access-control-allow-origin"], "*", "{path}");
        assert!(answer.headers()["cache-control"].to_str().unwrap().starts_with("public, max-age="));
    }
}

#[tokio::test]
async fn a_programs_token_says_so() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let made = key(&owner, &[Scope::UsersRead, Scope::AccountRead]).await;
    let (id, secret) = parts(&made);
    let answer = send(&app, "/oauth/token", Some(&basic(id, secret)), "grant_type=client_credentials").await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let token: Value = answer.json().await.unwrap();
    assert_eq!((&token["token_type"], &token["expires_in"]), (&json!("Bearer"), &json!(900)));
    assert_eq!(token["scope"], "account:read users:read");
    let said = claims(token["access_token"].as_str().unwrap());
    assert_eq!((&said["sub"], &said["client_id"]), (&json!(id), &json!(id)));
    assert_eq!((&said["role"], &said["scope"]), (&json!("integration"), &token["scope"]));
    assert_eq!(said["account_id"], owner.account_id.as_str());
    assert_eq!(said["aud"], claims(owner.inside.token())["aud"]);
    assert_eq!(said["exp"].as_i64().unwrap() - said["iat"].as_i64().unwrap(), 900);
    assert!(said.get("sid").is_none() && said["jti"].is_string(), "{said}");
}

#[tokio::test]
async fn the_form_of_a_request_is_held_to() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let made = key(&owner, &[Scope::AccountRead, Scope::UsersRead]).await;
    let (id, secret) = parts(&made);
    let good = basic(id, secret);
    let post = format!("client_id={id}&client_secret={secret}");
    let encode_all = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();

    // What is taken.
    for (authorization, body) in [
        (Some(good.clone()), "grant_type=client_credentials".to_owned()),
        (Some(good.replace("Basic", "bAsIc")), "grant_type=client_credentials".to_owned()),
        (Some(basic(&encode_all(id), &encode_all(secret))), "grant_type=client_credentials".to_owned()),
        (Some(good.clone()), format!("grant_type=client_credentials&client_id={id}")),
        (Some(good.clone()), "grant_type=client_credentials&scope=&unknown=1&client_secret=".to_owned()),
        (Some(good.clone()), "grant_type=client_credentials&scope=users%3Aread+account:read".to_owned()),
        (Some(good.clone()), "grant_type=client_credentials&unknown=1&unknown=2&token=x&token=y".to_owned()),
        (None, format!("grant_type=client_credentials&{post}")),
    ] {
        let answer = send(&app, "/oauth/token", authorization.as_deref(), &body).await;
        assert_eq!(answer.status(), 200, "{authorization:?} {body}");
    }

    // What is not well-formed.
    let grant = "grant_type=client_credentials";
    for (authorization, body) in [
        (Some(&good), String::new()),
        (Some(&good), "grant_type=".to_owned()),
        (Some(&good), format!("{grant}&{grant}")),
        (Some(&good), format!("{grant}&scope=users:read&scope=users:read")),
        (Some(&good), format!("{grant}&{post}")),
        (Some(&good), format!("{grant}&client_secret={secret}")),
        (Some(&good), format!("{grant}&client_id=akey_7zzzzzzzzzzzzzzzzzzzzzzzzz")),
        (None, format!("{grant}&client_secret={secret}")),
    ] {
        let found = refused(&app, "/oauth/token", authorization.map(String::as_str), &body).await;
        assert_eq!(found, is(400, "invalid_request"), "{body}");
    }
    // For its own account and no other (RFC 8707 section 2).
    let (here, there) = (&owner.account_id, "acct_7zzzzzzzzzzzzzzzzzzzzzzzzz");
    for (target, expected) in [
        (format!("audience={here}"), 200),
        (format!("resource={PUBLIC_URL}/api/v1/account"), 200),
        (format!("resource={PUBLIC_URL}/api/v1/accounts/{here}"), 200),
        (format!("audience={there}"), 400),
        (format!("resource={PUBLIC_URL}/api/v1/account&audience={there}"), 400),
        ("resource=https://evil.example".to_owned(), 400),
    ] {
        let answer = send(&app, "/oauth/token", Some(&good), &format!("{grant}&{target}")).await;
        assert_eq!(answer.status(), expected, "{target}");
        let answer: Value = answer.json().await.unwrap();
        assert_eq!(answer["error"] == "invalid_target", expected == 400, "{answer}");
    }
    let json = reqwest::Client::new().post(app.url("/oauth/token")).header("authorization", &good);
    let answer = json.json(&json!({"grant_type": "client_credentials"})).send().await.unwrap();
    assert_eq!(answer.status(), 400);
    assert_eq!(answer.json::<Value>().await.unwrap()["error"], "invalid_request");
    let twice = reqwest::Client::new()
        .post(app.url("/oauth/token"))
        .header("authorization", &good)
        .header("authorization", &good)
        .form(&[("grant_type", "client_credentials")]);
    assert_eq!(twice.send().await.unwrap().status(), 400);

    // Grants and scopes that there are not.
    let found = refused(&app, "/oauth/token", Some(&good), "grant_type=password").await;
    assert_eq!(found, is(400, "unsupported_grant_type"));
    for scope in ["firms:manage", "account:read+firms:manage", "openid", "account:read,users:read", "%00"] {
        let found = refused(&app, "/oauth/token", Some(&good), &format!("{grant}&scope={scope}")).await;
        assert_eq!(found, is(400, "invalid_scope"), "{scope}");
    }
}

#[tokio::test]
async fn attack_21_who_is_no_client_is_told_the_same_whatever_is_wrong() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let made = key(&owner, Scope::ALL).await;
    let (id, secret) = parts(&made);
    let revoked = key(&owner, Scope::ALL).await;
    owner.inside.revoke_api_key(&revoked.key.id).await.unwrap();
    let mut said = Vec::new();
    for (id, secret) in [
        (id, "wrong"),
        (id, &secret[..secret.len() - 1]),
        ("akey_7zzzzzzzzzzzzzzzzzzzzzzzzz", secret),
        ("portal", secret),
        ("", ""),
        ("%00", "%00"),
        parts(&revoked),
    ] {
        let authorization = basic(id, secret);
        let answer = send(&app, "/oauth/token", Some(&authorization), "grant_type=client_credentials").await;
        assert_eq!(answer.status(), 401, "{id}");
        assert!(answer.headers()["www-authenticate"].to_str().unwrap().starts_with("Basic "));
        said.push(answer.text().await.unwrap());
    }
    said.dedup();
    assert_eq!(said.len(), 1, "{said:?}");
    for authorization in ["Basic", "Basic ", "Basic ####", "Basic aWQ=", "Digest abc", "nonsense"] {
        let found = refused(&app, "/oauth/token", Some(authorization), "grant_type=client_credentials").await;
        assert_eq!(found, is(401, "invalid_client"), "{authorization}");
    }
    let found = refused(&app, "/oauth/token", None, "grant_type=client_credentials").await;
    assert_eq!(found, is(401, "invalid_client"));
}

#[tokio::test]
async fn an_exchange_gives_what_switching_gives() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let other = app.owner("Marco", "marco@cycles.example", "Cycles").await;
    let firm = app.firm(&owner, "Apple", "office@apple.example").await;
    let account = std::slice::from_ref(&owner.account_id);
    let ben = firm.hire(&app, "Ben", "ben@apple.example", EmployeeRole::Bookkeeper, account).await;
    let switched = ben.me.enter_account(&owner.account_id).await.unwrap();
    let exchanged = app.portal().exchange_token(ben.me.token(), &owner.account_id).await.unwrap();
    assert_eq!(exchanged.issued_token_type.as_deref(), Some(ACCESS_TOKEN));
    assert_eq!((exchanged.expires_in, &exchanged.scope), (switched.expires_in, &None));
    let same = |token: &str| {
        let mut claims = claims(token);
        for own in ["jti", "iat", "exp"] {
            assert!(claims.as_object_mut().unwrap().remove(own).is_some());
        }
        claims
    };
    assert_eq!(same(exchanged.access_token.reveal()), same(switched.access_token.reveal()));
    let inside = app.portal().in_account(exchanged.access_token.reveal());
    assert_eq!(inside.read_account().await.unwrap().role, AccountRole::Bookkeeper);

    let made = key(&owner, Scope::ALL).await;
    let subject = format!("subject_token={}&subject_token_type={ACCESS_TOKEN}", ben.me.token());
    let grant = format!("grant_type={TOKEN_EXCHANGE}");
    let (here, there) = (&owner.account_id, &other.account_id);
    let resource = |id: &str| format!("resource={PUBLIC_URL}/api/v1/accounts/{id}");
    for target in [
        resource(here.as_str()),
        format!("audience={here}&{}", resource(here.as_str())),
        format!("audience={here}&requested_token_type={ACCESS_TOKEN}&client_id=portal"),
    ] {
        let answer = send(&app, "/oauth/token", None, &format!("{grant}&{subject}&{target}")).await;
        assert_eq!(answer.status(), 200, "{target}");
    }
    let program = enter(&app, &made).await;
    for (body, error) in [
        (format!("{subject}&audience={there}"), "invalid_target"),
        (format!("{subject}&audience=acct_7zzzzzzzzzzzzzzzzzzzzzzzzz"), "invalid_target"),
        (format!("{subject}&audience=Bakery"), "invalid_target"),
        (format!("{subject}&resource=https://evil.example/api/v1/accounts/{here}"), "invalid_target"),
        (format!("{subject}&audience={here}&audience={there}"), "invalid_target"),
        (format!("{subject}&audience={here}&{}", resource(there.as_str())), "invalid_target"),
        (subject.clone(), "invalid_request"),
        (format!("audience={here}&subject_token_type={ACCESS_TOKEN}"), "invalid_request"),
        (format!("audience={here}&subject_token={}", ben.me.token()), "invalid_request"),
        (format!("{subject}&audience={here}&requested_token_type=x"), "invalid_request"),
        (format!("{subject}&audience={here}&actor_token=x"), "invalid_request"),
        (format!("{subject}&audience={here}&actor_token_type={ACCESS_TOKEN}"), "invalid_request"),
        (format!("{subject}&audience={here}&scope=account:read"), "invalid_scope"),
        (
            format!("audience={here}&subject_token={}&subject_token_type={ACCESS_TOKEN}", program.token()),
            "invalid_request",
        ),
        (
            format!(
                "{subject}&audience={here}&client_id={}&client_secret={}",
                parts(&made).0,
                parts(&made).1
            ),
            "unauthorized_client",
        ),
    ] {
        let found = refused(&app, "/oauth/token", None, &format!("{grant}&{body}")).await;
        assert_eq!(found, is(400, error), "{body}");
    }
    for stranger in ["foo", parts(&made).0] {
        let body = format!("{grant}&{subject}&audience={here}&client_id={stranger}");
        assert_eq!(refused(&app, "/oauth/token", None, &body).await, is(401, "invalid_client"));
    }
    firm.firm.remove_employee(&ben.id).await.unwrap();
    let gone = format!("{grant}&{subject}&audience={here}");
    assert_eq!(refused(&app, "/oauth/token", None, &gone).await, is(400, "invalid_target"));
    ben.me.end_current_session().await.unwrap();
    assert_eq!(refused(&app, "/oauth/token", None, &gone).await, is(400, "invalid_request"));
}

#[tokio::test]
async fn attack_12_introspection_says_what_is_so_at_this_moment() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let firm = app.firm(&owner, "Apple", "office@apple.example").await;
    let account = std::slice::from_ref(&owner.account_id);
    let ben = firm.hire(&app, "Ben", "ben@apple.example", EmployeeRole::Bookkeeper, account).await;
    let token = ben.me.enter(&owner.account_id).await.unwrap().token().to_owned();
    let made = key(&owner, &[Scope::AccountRead]).await;
    let ask =
        async |token: &str| app.portal().introspect_token(&made.key.id, &made.secret, token).await.unwrap();
    let told = ask(&token).await;
    let said = claims(&token);
    assert!(told.active);
    assert_eq!((told.role, told.firm_id.as_ref()), (Some(AccountRole::Bookkeeper), Some(&firm.firm_id)));
    assert_eq!(told.account_id.as_ref(), Some(&owner.account_id));
    let strings = [
        ("sub", &told.sub),
        ("iss", &told.iss),
        ("aud", &told.aud),
        ("jti", &told.jti),
        ("client_id", &told.client_id),
    ];
    for (name, value) in strings {
        assert_eq!(value.as_deref(), said[name].as_str(), "{name}");
    }
    assert_eq!((told.exp, told.iat, &told.scope), (said["exp"].as_i64(), said["iat"].as_i64(), &None));
    assert_eq!(owner.inside.introspect_token(&token).await.unwrap(), told, "by a person's token too");
    let program = enter(&app, &made).await;
    assert_eq!(ask(program.token()).await.scope.as_deref(), Some("account:read"));

    // The role is today's, not the token's.
    let promote = portal_api_types::UpdateEmployee {
        role: Some(EmployeeRole::Admin),
        ..portal_api_types::UpdateEmployee::default()
    };
    firm.firm.update_employee(&ben.id, &promote).await.unwrap();
    assert_eq!(ask(&token).await.role, Some(AccountRole::FirmAdmin));
    owner.inside.block_person(&firm.firm_id, &ben.id).await.unwrap();
    assert_eq!(ask(&token).await, Introspection::default());
    owner.inside.unblock_person(&firm.firm_id, &ben.id).await.unwrap();
    assert!(ask(&token).await.active);
    ben.me.end_current_session().await.unwrap();
    assert_eq!(ask(&token).await, Introspection::default());
    for nothing in [owner.me.token(), "nonsense", "a.b.c", made.secret.reveal()] {
        assert_eq!(ask(nothing).await, Introspection::default());
    }
    app.clock.advance(Duration::from_secs(901));
    assert_eq!(ask(program.token()).await, Introspection::default());
}

#[tokio::test]
async fn attack_20_only_who_is_in_an_account_is_told_of_its_tokens() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let other = app.owner("Marco", "marco@cycles.example", "Cycles").await;
    let theirs = key(&other, Scope::ALL).await;
    let token = owner.inside.token();
    let told = app.portal().introspect_token(&theirs.key.id, &theirs.secret, token).await.unwrap();
    assert_eq!(told, Introspection::default());
    assert_eq!(other.inside.introspect_token(token).await.unwrap(), Introspection::default());

    let path = "/oauth/introspect";
    let asked = format!("token={token}");
    let bearer = |token: &str| format!("Bearer {token}");
    assert_eq!(refused(&app, path, None, &asked).await, is(401, "invalid_client"));
    assert_eq!(refused(&app, path, Some(&basic("x", "y")), &asked).await, is(401, "invalid_client"));
    for nobody in [owner.me.token(), "nonsense"] {
        let answer = send(&app, path, Some(&bearer(nobody)), &asked).await;
        assert_eq!(answer.status(), 401);
        assert_eq!(answer.headers()["www-authenticate"], "Bearer error=\"invalid_token\"");
    }
    assert_eq!(refused(&app, path, Some(&bearer(token)), "").await, is(400, "invalid_request"));
    let twice = format!("{asked}&{asked}");
    assert_eq!(refused(&app, path, Some(&bearer(token)), &twice).await, is(400, "invalid_request"));
    // Who is out is told nothing any more.
    other.me.end_current_session().await.unwrap();
    assert_eq!(refused(&app, path, Some(&bearer(other.inside.token())), &asked).await.0, 401);
}
