//! Attacks on tokens and sessions, and abuse.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use portal_api_types::{ErrorCode, InviteFirm, Password, RequestPasswordReset, SessionId, SignIn};
use portal_client::{ActivityQuery, PageQuery};

use crate::app::{PASSWORD, TestApp, address, code, named, status};

async fn get(app: &TestApp, path: &str, token: &str) -> reqwest::Response {
    reqwest::Client::new().get(app.url(path)).bearer_auth(token).send().await.unwrap()
}

fn part(token: &str, index: usize) -> serde_json::Value {
    let part = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// A token by the portal's own key, whatever it says (RFC 7515 section 7.1).
pub(crate) fn signed_by(app: &TestApp, header: &Header, claims: &serde_json::Value) -> String {
    let header = URL_SAFE_NO_PAD.encode(serde_json::to_string(header).unwrap());
    let message = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
    let signature = app.app.tokens.keys().ring().signing().sign(message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

#[tokio::test]
async fn attack_28_bad_tokens_are_all_refused() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let good = owner.me.token().to_owned();
    let (header, claims) = (part(&good, 0), part(&good, 1));
    assert_eq!((header["typ"].as_str(), header["alg"].as_str()), (Some("at+jwt"), Some("EdDSA")));
    let pieces: Vec<&str> = good.split('.').collect();
    let raw = |header: &serde_json::Value, claims: &serde_json::Value, signature: &str| {
        let encode = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.{signature}", encode(header), encode(claims))
    };
    let with = |value: &serde_json::Value, key: &str, new: serde_json::Value| {
        let mut value = value.clone();
        value[key] = new;
        value
    };
    let jwks: serde_json::Value = app.portal().read_jwks().await.unwrap();
    let public = jwks["keys"][0]["x"].as_str().unwrap().to_owned();
    let kid = header["kid"].as_str().unwrap().to_owned();
    let hs256 =
        Header { typ: Some("at+jwt".into()), kid: Some(kid.clone()), ..Header::new(Algorithm::HS256) };
    let by_public_key = |bytes: &[u8]| encode(&hs256, &claims, &EncodingKey::from_secret(bytes)).unwrap();
    // A key of our own making, under the portal's key id and under its own.
    let random = aws_lc_rs::rand::SystemRandom::new();
    let foreign = aws_lc_rs::signature::Ed25519KeyPair::generate_pkcs8v1(&random).unwrap();
    let foreign = EncodingKey::from_ed_der(foreign.as_ref());
    let by_foreign_key = |kid: &str, claims: &serde_json::Value| {
        let header =
            Header { typ: Some("at+jwt".into()), kid: Some(kid.into()), ..Header::new(Algorithm::EdDSA) };
        encode(&header, claims, &foreign).unwrap()
    };
    // Signed by the right key, but saying something else.
    let signed = |header: Header, claims: &serde_json::Value| signed_by(&app, &header, claims);
    let ours =
        || Header { typ: Some("at+jwt".into()), kid: Some(kid.clone()), ..Header::new(Algorithm::EdDSA) };
    let now = claims["iat"].as_i64().unwrap();
    let mut bad = vec![
        String::new(),
        ".".into(),
        "..".into(),
        "a.b.c".into(),
        good[..good.len() - 1].to_owned(),
        format!("{good}A"),
        format!("{good}.{good}"),
        format!("{good}{good}"),
        pieces[..2].join("."),
        format!("{}.{}.", pieces[0], pieces[1]),
        raw(&with(&header, "alg", "none".into()), &claims, ""),
        raw(&with(&header, "alg", "None".into()), &claims, pieces[2]),
        raw(&with(&header, "alg", "HS256".into()), &claims, pieces[2]),
        raw(&with(&header, "kid", "foreign".into()), &claims, pieces[2]),
        raw(&with(&header, "kid", "../../etc/passwd".into()), &claims, pieces[2]),
        raw(&header, &with(&claims, "exp", (now + 99_999).into()), pieces[2]),
        by_public_key(public.as_bytes()),
        by_public_key(&URL_SAFE_NO_PAD.decode(&public).unwrap()),
        by_foreign_key(&kid, &claims),
        by_foreign_key("mine", &claims),
        signed(Header { typ: Some("JWT".into()), ..ours() }, &claims),
        signed(Header { typ: None, ..ours() }, &claims),
        signed(Header { kid: None, ..ours() }, &claims),
        owner.inside.token().to_owned(),
    ];
    for (key, value) in [
        ("exp", serde_json::json!(now - 1)),
        ("exp", serde_json::json!(-1)),
        ("exp", serde_json::json!("soon")),
        ("iat", serde_json::json!(now + 3_600)),
        ("nbf", serde_json::json!(now + 3_600)),
        ("iss", "https://evil.example".into()),
        ("aud", "https://evil.example/api/v1".into()),
        ("aud", serde_json::json!([])),
        ("sub", "user_01h455vb4pex5vsknk084sn02q".into()),
        ("sub", "x".into()),
        ("sub", serde_json::Value::Null),
        ("sid", "sess_01h455vb4pex5vsknk084sn02q".into()),
        ("sid", serde_json::Value::Null),
    ] {
        bad.push(signed(ours(), &with(&claims, key, value)));
    }
    for key in ["exp", "iss", "aud", "sub", "sid"] {
        let mut claims = claims.clone();
        claims.as_object_mut().unwrap().remove(key);
        bad.push(signed(ours(), &claims));
    }
    for token in &bad {
        let answer = get(&app, "/api/v1/me", token).await;
        assert_eq!(answer.status(), 401, "{token}");
        // Nothing at all behind `Bearer` is no token.
        let error = if token.trim().is_empty() { "" } else { " error=\"invalid_token\"" };
        assert_eq!(answer.headers()["www-authenticate"], format!("Bearer{error}"), "{token:?}");
        assert_eq!(
            get(&app, "/api/v1/account", token).await.status().as_u16(),
            if token == owner.inside.token() { 200 } else { 401 }
        );
    }
    assert_eq!(get(&app, "/api/v1/account", &good).await.status(), 401, "an identity token opens no account");
    assert_eq!(get(&app, "/api/v1/me", &good).await.status(), 200);
    for scheme in ["Basic", "Token", "bearer:"] {
        let request = reqwest::Client::new()
            .get(app.url("/api/v1/me"))
            .header("authorization", format!("{scheme} {good}"));
        assert_eq!(request.send().await.unwrap().status(), 401);
    }
    app.clock.advance(std::time::Duration::from_secs(901));
    assert_eq!(get(&app, "/api/v1/me", &good).await.status(), 401, "fifteen minutes later");
}

#[tokio::test]
async fn attack_30_somebody_elses_session_is_not_found() {
    let app = TestApp::start();
    let olivia = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let marco = app.owner("Marco", "marco@cycles.example", "Cycles").await;
    let theirs = olivia.me.list_sessions(&PageQuery::default()).await.unwrap().items;
    assert_eq!(theirs.len(), 1);
    assert!(theirs[0].current);
    assert_eq!(status(marco.me.end_session(&theirs[0].id).await), 404);
    let nowhere = SessionId::from_uuid(uuid::Uuid::from_u128(7));
    assert_eq!(status(marco.me.end_session(&nowhere).await), 404);
    let again = app.sign_in("olivia@bakery.example").await;
    assert_eq!(olivia.me.list_sessions(&PageQuery::default()).await.unwrap().items.len(), 2);
    again.end_session(&theirs[0].id).await.unwrap();
    assert_eq!(status(olivia.me.read_me().await), 401);
    again.end_current_session().await.unwrap();
    assert_eq!(status(again.read_me().await), 401);
}

#[tokio::test]
async fn attack_31_guessing_is_limited_per_account_and_a_reset_still_works() {
    let app = TestApp::start_with(|_| {});
    app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let sign_in = |email: &str, password: &str| {
        let (portal, sign_in) =
            (app.portal(), SignIn { email: address(email), password: Password::new(password) });
        async move { portal.sign_in(&sign_in).await }
    };
    for email in ["olivia@bakery.example", "nobody@bakery.example"] {
        for _ in 0..10 {
            assert_eq!(code(sign_in(email, "guess-guess-guess").await), ErrorCode::WrongCredentials);
        }
        let limited = sign_in(email, "guess-guess-guess").await.err().unwrap();
        assert_eq!(limited.status(), Some(429));
        assert!((1..=901).contains(&limited.retry_after().unwrap()));
    }
    assert_eq!(status(sign_in("olivia@bakery.example", PASSWORD).await), 429);
    let request = RequestPasswordReset { email: address("olivia@bakery.example") };
    app.portal().request_password_reset(&request).await.unwrap();
    let token = app.token_mailed_to("olivia@bakery.example", 2).await;
    let reset = portal_api_types::ConfirmPasswordReset { token, password: PASSWORD.parse().unwrap() };
    app.portal().confirm_password_reset(&reset).await.unwrap();
    sign_in("olivia@bakery.example", PASSWORD).await.unwrap();
    // The window passes.
    app.clock.advance(std::time::Duration::from_secs(901));
    assert_eq!(code(sign_in("nobody@bakery.example", "x").await), ErrorCode::WrongCredentials);
}

#[tokio::test]
async fn attack_31_of_parallel_guesses_no_more_than_ten_tell() {
    let app = TestApp::start();
    app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let sign_in = |password: &str| {
        let (portal, password) = (app.portal(), Password::new(password.to_owned()));
        tokio::spawn(async move {
            portal.sign_in(&SignIn { email: address("olivia@bakery.example"), password }).await
        })
    };
    // All of them wrong: a right one begins a new count, and which of parallel requests comes first is not ours to say.
    let guesses = (0..40).map(|index| sign_in(&format!("guess-number-{index}")));
    let mut told = 0;
    for result in futures_util::future::join_all(guesses).await {
        match result.unwrap().unwrap_err().status() {
            Some(401) => told += 1,
            status => assert_eq!(status, Some(429)),
        }
    }
    assert_eq!(told, 10, "guesses that were told to be wrong");
    let right = sign_in(PASSWORD).await.unwrap();
    assert_eq!(code(right), ErrorCode::RateLimited, "the right one is not told either");
}

#[tokio::test]
async fn attack_31_guessing_is_limited_per_network_whatever_a_header_says() {
    let app = TestApp::start_with(|_| {});
    let http = reqwest::Client::new();
    let mut limited = 0;
    for index in 0..104 {
        let body =
            serde_json::json!({"email": format!("user{index}@x.example"), "password": "guess-guess-guess"});
        let request = http
            .post(app.url("/api/v1/sessions"))
            .header("x-forwarded-for", format!("203.0.113.{index}"))
            .json(&body);
        let answer = request.send().await.unwrap();
        limited += usize::from(answer.status() == 429);
    }
    assert_eq!(limited, 4, "100 failures from one network, forged headers or not");
}

#[tokio::test]
async fn attack_32_mails_to_one_address_and_registrations_are_limited() {
    let app = TestApp::start_with(|_| {});
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let id = owner.invite("Victim", "victim@x.example").await.invitation_id.unwrap();
    for _ in 0..4 {
        owner.inside.resend_invitation(&id).await.unwrap();
    }
    let limited = owner.inside.resend_invitation(&id).await.err().unwrap();
    assert_eq!(limited.code(), Some(ErrorCode::RateLimited));
    assert!(limited.retry_after().is_some_and(|seconds| seconds <= 3_601));
    let again = InviteFirm { name: named("Other"), email: address("other@x.example") };
    owner.inside.invite_firm(&again).await.unwrap();
    let http = reqwest::Client::new();
    let mut statuses = Vec::new();
    for index in 0..21 {
        let body =
            serde_json::json!({"name": "X", "email": format!("new{index}@x.example"), "account_name": "Y"});
        statuses.push(
            http.post(app.url("/api/v1/registrations")).json(&body).send().await.unwrap().status().as_u16(),
        );
    }
    assert_eq!(
        statuses.iter().filter(|status| **status == 202).count(),
        19,
        "20 an hour, one was used: {statuses:?}"
    );
    for index in 0..6 {
        let request = RequestPasswordReset { email: address("nobody@x.example") };
        let answered = app.portal().request_password_reset(&request).await;
        assert_eq!(answered.is_ok(), index < 5, "five resets an hour, known or not");
    }
}

#[tokio::test]
async fn attack_33_markup_and_line_breaks_are_refused_or_escaped() {
    let app = TestApp::start();
    let name = "<img src=x onerror=alert(1)> & \"Sons\"";
    let owner = app.owner(name, "olivia@bakery.example", "<script>alert(1)</script>").await;
    owner.invite("{{ 7*7 }} </mj-text>", "office@apple.example").await;
    let mail = app.mail("office@apple.example", 1).await;
    assert!(!mail.html.contains("<script>alert") && !mail.html.contains("<img src=x"), "{}", mail.html);
    assert!(!mail.subject.contains(['\r', '\n']));
    for bad in ["a\r\nBcc: x@y.example", "a\u{202E}b", "a\u{0}b"] {
        let body = serde_json::json!({"name": bad, "email": "x@apple.example"});
        let request =
            reqwest::Client::new().post(app.url("/api/v1/account/firms")).bearer_auth(owner.inside.token());
        assert_eq!(request.json(&body).send().await.unwrap().status(), 422, "{bad:?}");
    }
    let answer = get(&app, "/dev/mail", "").await;
    assert_eq!(answer.status(), 200);
    let page = answer.text().await.unwrap();
    assert!(!page.contains("<script>alert") && page.contains("#token="), "{page}");
}

#[tokio::test]
async fn attack_34_exported_cells_do_not_run() {
    let app = TestApp::start();
    let owner = app.owner("=cmd|' /C calc'!A0", "olivia@bakery.example", "@SUM(1+1)").await;
    let csv = owner.inside.export_account_activity(&ActivityQuery::default()).await.unwrap();
    assert!(csv.contains("'=cmd") && csv.contains("'@SUM"), "{csv}");
    assert!(!csv.contains(",=cmd") && !csv.contains(",@SUM"), "{csv}");
}

#[tokio::test]
async fn attack_35_another_sites_page_cannot_use_the_cookie() {
    let app = TestApp::start();
    let me = app.owner("Olivia", "olivia@bakery.example", "Bakery").await.me;
    let request = |origin: &str| {
        let http = me.portal().http().clone();
        http.post(app.url("/api/v1/sessions/refresh")).header("origin", origin).send()
    };
    assert_eq!(request("https://evil.example").await.unwrap().status(), 403);
    assert_eq!(request("null").await.unwrap().status(), 403);
    let answer = request("https://portal.test").await.unwrap();
    assert_ne!(answer.status(), 403);
    assert!(!answer.headers().contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn attack_36_bad_bodies_get_a_clear_answer() {
    let app = TestApp::start();
    let http = reqwest::Client::new();
    let send = |kind: &str, body: Vec<u8>| {
        let request =
            http.post(app.url("/api/v1/sessions")).header("content-type", kind.to_owned()).body(body);
        async move {
            let answer = request.send().await.unwrap();
            let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
            assert_eq!(kind, "application/problem+json");
            let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
            let status = answer.status().as_u16();
            let problem: serde_json::Value = answer.json().await.unwrap();
            assert_eq!(problem["request_id"].as_str(), Some(id.as_str()));
            (status, problem["code"].as_str().unwrap().to_owned())
        }
    };
    let json = "application/json";
    let is = |status: u16, code: &str| (status, code.to_owned());
    assert_eq!(send(json, b"{".to_vec()).await, is(400, "malformed_json"));
    assert_eq!(send(json, Vec::new()).await, is(400, "malformed_json"));
    assert_eq!(send(json, b"\xff\xfe\x00".to_vec()).await, is(400, "malformed_json"));
    assert_eq!(send(json, "[".repeat(60_000).into_bytes()).await, is(400, "malformed_json"));
    assert_eq!(send(json, b"[]".to_vec()).await, is(422, "invalid_type"));
    assert_eq!(send(json, vec![b' '; 70_000]).await, is(413, "payload_too_large"));
    assert_eq!(
        send(json, br#"{"email": "a@b.example", "email": "c@b.example"}"#.to_vec()).await,
        is(400, "malformed_json")
    );
    assert_eq!(send("text/plain", b"{}".to_vec()).await, is(415, "unsupported_media_type"));
    assert_eq!(send(json, br#"{"email": "a@b.example"}"#.to_vec()).await, is(422, "missing_field"));
    let answer = http.get(app.url("/api/v1/nowhere")).send().await.unwrap();
    assert_eq!(answer.status(), 404);
    assert_eq!(answer.json::<serde_json::Value>().await.unwrap()["code"], "not_found");
    let answer = http.put(app.url("/api/v1/sessions")).send().await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), answer.headers()["allow"].to_str().unwrap()),
        (405, "POST, GET, HEAD")
    );
}

#[tokio::test]
async fn attack_36_a_body_that_does_not_come_is_not_waited_for() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let app = TestApp::start();
    let ask = |length: u64| {
        let head = format!(
            "POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{{"
        );
        let address = app.address;
        async move {
            let started = std::time::Instant::now();
            let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
            socket.write_all(head.as_bytes()).await.unwrap();
            let mut answer = vec![0; 4_096];
            let read = socket.read(&mut answer).await.unwrap();
            let answer = String::from_utf8_lossy(&answer[..read]).into_owned();
            (answer.split(' ').nth(1).unwrap_or_default().to_owned(), started.elapsed())
        }
    };
    let ((huge, at_once), (slow, waited)) = tokio::join!(ask(99_999_999_999), ask(100));
    assert_eq!(huge, "413");
    assert!(at_once < std::time::Duration::from_secs(5), "by its announced length");
    assert_eq!(slow, "408");
    assert!(waited < std::time::Duration::from_secs(20));
}
