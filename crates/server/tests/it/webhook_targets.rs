//! Where webhooks may lead: nobody reaches through the portal what only the portal's own machine can reach.

use std::time::{Duration, Instant};

use diesel::prelude::*;
use portal_api_types::{ErrorCode, UpdateWebhook, WebhookDelivery, WebhookId};
use portal_client::{InAccount, PageQuery};
use portal_server::outbound::{Poster, Targets};
use portal_server::schema::webhooks;

use crate::app::{TestApp, code};
use crate::receiver::{Receiver, start, webhook};

async fn test_event(inside: &InAccount, id: &WebhookId) -> WebhookDelivery {
    let sent = inside.test_webhook(id).await.unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let log = inside.list_webhook_deliveries(id, &PageQuery::default()).await.unwrap().items;
        let found = log.into_iter().find(|one| one.id == sent.id).unwrap();
        if !found.attempts.is_empty() {
            return found;
        }
        assert!(Instant::now() < deadline, "it is tried");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Gives a webhook a URL that the portal would not take: as if a name had come to mean something else meanwhile.
async fn smuggle(app: &TestApp, id: &WebhookId, url: &str) {
    let (id, url) = (id.to_string(), url.to_owned());
    app.app
        .services
        .db
        .write(move |conn| {
            diesel::update(webhooks::table.find(id.as_str()))
                .set(webhooks::url.eq(url.as_str()))
                .execute(conn)?;
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_url_that_leads_inside_is_refused_when_it_is_typed_and_when_it_is_spoken_to() {
    let (app, receiver) = (TestApp::start(), Receiver::start().await);
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let good = webhook("https://hooks.example.com/portal", &[]);
    let made = owner.inside.create_webhook(&good).await.unwrap().webhook;
    let port = receiver.address.port();
    let inside = [
        format!("http://127.0.0.1:{port}/"),
        format!("https://127.0.0.1:{port}/"),
        format!("https://127.1:{port}/"),
        format!("https://2130706433:{port}/"),
        format!("https://0x7f000001:{port}/"),
        format!("https://0177.0.0.1:{port}/"),
        format!("https://0.0.0.0:{port}/"),
        format!("https://[::1]:{port}/"),
        format!("https://[::]:{port}/"),
        format!("https://[::ffff:127.0.0.1]:{port}/"),
        format!("https://[::127.0.0.1]:{port}/"),
        format!("https://[64:ff9b::7f00:1]:{port}/"),
        format!("https://[2002:7f00:1::1]:{port}/"),
        format!("https://[fe80::1]:{port}/"),
        format!("https://[fc00::1]:{port}/"),
        format!("https://[ff02::1]:{port}/"),
        "https://10.0.0.1/".to_owned(),
        "https://172.16.0.1/".to_owned(),
        "https://192.168.0.1/".to_owned(),
        "https://100.64.0.1/".to_owned(),
        "https://169.254.169.254/latest/meta-data/".to_owned(),
        "https://192.0.2.1/".to_owned(),
        "https://224.0.0.1/".to_owned(),
        "https://255.255.255.255/".to_owned(),
    ];
    for url in &inside {
        assert_eq!(
            code(owner.inside.create_webhook(&webhook(url, &[])).await),
            ErrorCode::InvalidValue,
            "{url}"
        );
        let change = UpdateWebhook { url: Some(url.clone()), ..UpdateWebhook::default() };
        assert_eq!(
            code(owner.inside.update_webhook(&made.id, &change).await),
            ErrorCode::InvalidValue,
            "{url}"
        );
        smuggle(&app, &made.id, url).await;
        let tried = test_event(&owner.inside, &made.id).await;
        let error = tried.attempts[0].error.as_deref().unwrap();
        assert_eq!(error, "the portal does not speak to this address", "{url}");
        assert!(tried.attempts[0].duration_ms < 1_000, "{url}");
    }
    // Names that mean this machine, by the resolver's answer.
    for url in [format!("https://localhost:{port}/"), format!("http://localhost:{port}/")] {
        smuggle(&app, &made.id, &url).await;
        let tried = test_event(&owner.inside, &made.id).await;
        let error = tried.attempts[0].error.as_deref().unwrap();
        assert_eq!(error, "the name has no address that the portal speaks to", "{url}");
    }
    assert!(receiver.messages().is_empty(), "{:#?}", receiver.messages());
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_an_answer_is_read_to_a_limit() {
    let (app, receiver, inner) = (start(), Receiver::start().await, Receiver::start().await);
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let made = owner.inside.create_webhook(&webhook(&receiver.url("/"), &[])).await.unwrap().webhook;
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"] {
        receiver.answers_raw(&format!(
            "{status}\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n",
            inner.url("/secret")
        ));
        let tried = test_event(&owner.inside, &made.id).await;
        let error = tried.attempts[0].error.as_deref().unwrap();
        assert!(error.contains("redirects are not followed"), "{error}");
    }
    assert!(inner.messages().is_empty(), "{:#?}", inner.messages());
    // Much more than is read, and never ended.
    let long = format!("200 OK\r\ncontent-length: 90000000\r\n\r\n{}", "x".repeat(100_000));
    receiver.answers_raw(&long);
    let tried = test_event(&owner.inside, &made.id).await;
    assert_eq!((tried.attempts[0].response_status, tried.attempts[0].error.as_deref()), (Some(200), None));
    assert_eq!(tried.response_excerpt.unwrap().len(), 1_000);
    receiver.answers_raw("nonsense\r\n\r\n");
    let tried = test_event(&owner.inside, &made.id).await;
    assert_eq!(tried.attempts[0].response_status, None);
    assert!(tried.attempts[0].error.is_some());
}

#[tokio::test]
async fn without_tls_only_the_operators_ranges_are_spoken_to() {
    let receiver = Receiver::start().await;
    let other = Targets::new(&["10.0.0.0/8".parse().unwrap()]);
    let poster = Poster::new(other.clone()).unwrap();
    for url in [receiver.url("/"), format!("http://localhost:{}/", receiver.address.port())] {
        let answer = poster.post(&url, &[], "{}".to_owned()).await;
        assert_eq!(answer.status, None, "{url}");
        assert!(answer.error.unwrap().contains("the portal"), "{url}");
    }
    assert!(
        other.check("http://hooks.example.com/").is_ok(),
        "what the name means is asked at each delivery"
    );
    let poster = Poster::new(Targets::new(&["127.0.0.0/8".parse().unwrap()])).unwrap();
    for url in [receiver.url("/"), format!("http://localhost:{}/", receiver.address.port())] {
        assert_eq!(poster.post(&url, &[], "{}".to_owned()).await.status, Some(204), "{url}");
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_has_signed_is_refused() {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![made.cert.der().clone()],
            rustls::pki_types::PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into()),
        )
        .unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://localhost:{}/", listener.local_addr().unwrap().port());
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut tls = rustls::ServerConnection::new(std::sync::Arc::new(config)).unwrap();
        while tls.complete_io(&mut stream).is_ok() {}
    });
    let poster = Poster::new(Targets::new(&["127.0.0.0/8".parse().unwrap()])).unwrap();
    let answer = poster.post(&url, &[], "{}".to_owned()).await;
    assert_eq!(answer.status, None);
    assert!(answer.error.as_deref().unwrap().starts_with("TLS: "), "{answer:?}");
}

#[tokio::test]
async fn a_receiver_that_says_nothing_is_given_up_in_time() {
    let receiver = Receiver::start().await;
    receiver.takes(Duration::from_secs(60));
    let poster = Poster::new(Targets::new(&["127.0.0.0/8".parse().unwrap()])).unwrap();
    let began = Instant::now();
    let answer = poster.post(&receiver.url("/"), &[], "{}".to_owned()).await;
    assert_eq!(answer.error.as_deref(), Some("the answer took too long"));
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
}
