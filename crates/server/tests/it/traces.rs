//! Traces reach a collector: a request with what it did in the database, and a mail that was sent.

use std::sync::{Arc, Mutex};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};

use crate::app::{PASSWORD, TestApp};
use crate::processes::Process;

/// A trace as a caller names it (W3C Trace Context), and its id in bytes.
const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const TRACE_ID: [u8; 16] = 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c_u128.to_be_bytes();

type Collected = Arc<Mutex<Vec<u8>>>;

/// Keeps what is sent to `/v1/traces`.
async fn collect(request: HttpRequest, kept: web::Data<Collected>, body: web::Bytes) -> HttpResponse {
    assert_eq!(request.headers().get("content-type").unwrap(), "application/x-protobuf");
    kept.lock().unwrap().extend_from_slice(&body);
    HttpResponse::Ok().finish()
}

fn collector() -> (String, Collected) {
    let collected = Collected::default();
    let kept = web::Data::new(Arc::clone(&collected));
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let app = move || App::new().app_data(kept.clone()).route("/v1/traces", web::post().to(collect));
        let server = HttpServer::new(app).workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
        sender.send(server.addrs()[0]).unwrap();
        actix_web::rt::System::new().block_on(server.run())
    });
    (format!("http://{}", receiver.recv().unwrap()), collected)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_and_its_statements_are_one_trace_without_secrets() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    // The other process is to send the mail.
    app.pause_mail();
    let (url, collected) = collector();
    let log = app.directory().join("traced.log");
    let mut traced = Process::serve_with(&app, &[("PORTAL_OTLP_URL", &url)], &log);
    let portal = traced.portal();
    let asked = portal.http().get(format!("{}/api/v1/account", traced.base_url));
    let answer =
        asked.bearer_auth(owner.inside.token()).header("traceparent", TRACEPARENT).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let body = serde_json::json!({"email": "olivia@bakery.example", "password": PASSWORD});
    portal.http().post(format!("{}/api/v1/sessions", traced.base_url)).json(&body).send().await.unwrap();
    owner.invite("Apple", "office@apple.example").await;
    app.mail("office@apple.example", 1).await;
    traced.terminate();
    assert!(tokio::task::block_in_place(|| traced.wait()).success());

    let sent = collected.lock().unwrap().clone();
    let has = |wanted: &[u8]| sent.windows(wanted.len()).filter(|part| *part == wanted).count();
    for name in ["accounting-portal", "GET /api/v1/account", "POST /api/v1/sessions", "database", "mail"] {
        assert!(has(name.as_bytes()) > 0, "{name}: {}", std::fs::read_to_string(&log).unwrap());
    }
    assert!(has(&TRACE_ID) >= 2, "the request and its statement are of the caller's trace");
    for secret in [PASSWORD, owner.inside.token(), "olivia@bakery.example", "office@apple.example"] {
        assert_eq!(has(secret.as_bytes()), 0, "{secret}");
    }
    let logged = std::fs::read_to_string(&log).unwrap();
    assert!(!logged.contains("request{"), "spans are for the collector: {logged}");
}
