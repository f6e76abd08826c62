//! The browser app, served by the portal.

use std::path::Path;

use reqwest::header::HeaderMap;
use reqwest::{Client, Method, StatusCode};

use crate::app::TestApp;

const SCRIPT: &str = "import init from '/app-7ac38cf1a6bb0e29.js'; await init();";

/// What a build leaves behind, as far as serving it is concerned.
fn build(folder: &Path) {
    let page = format!(
        "<!doctype html><html lang=\"en\"><head><title>Portal</title>\
         <link rel=\"stylesheet\" href=\"/input-90dbd24bf0c4d0f2.css\"></head>\
         <body><script type=\"module\">{SCRIPT}</script></body></html>"
    );
    let files: [(&str, &[u8]); 11] = [
        ("index.html", page.as_bytes()),
        ("index.html.gz", b"the page, packed"),
        ("app-7ac38cf1a6bb0e29.js", b"export default () => {};"),
        ("app-7ac38cf1a6bb0e29.js.br", b"the script in brotli"),
        ("app-7ac38cf1a6bb0e29.js.gz", b"the script in gzip"),
        ("app-7ac38cf1a6bb0e29_bg.wasm", b"\0asm\x01\0\0\0"),
        ("input-90dbd24bf0c4d0f2.css", b"body {}"),
        ("manifest.webmanifest", b"{}"),
        ("icons/icon.svg", b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>"),
        ("icons/icon 20261124.png", b"png"),
        (".env", b"PORTAL_SMTP_URL=secret"),
    ];
    for (name, content) in files {
        let path = folder.join("dist").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    std::fs::write(folder.join("secret.txt"), "beside the app, not in it").unwrap();
}

struct Served {
    app: TestApp,
}

fn serve() -> Served {
    let folder = tempfile::tempdir().unwrap();
    build(folder.path());
    let app = TestApp::start_with(|config| config.frontend_dir = Some(folder.path().join("dist")));
    // The folder goes now: it was read once, and is not needed again.
    Served { app }
}

impl Served {
    async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
    ) -> (StatusCode, HeaderMap, Vec<u8>) {
        let mut request = Client::new().request(method, self.app.url(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status(), answer.headers().clone());
        (status, headers, answer.bytes().await.unwrap().to_vec())
    }

    async fn get(&self, path: &str) -> (StatusCode, HeaderMap, Vec<u8>) {
        self.ask(Method::GET, path, &[]).await
    }
}

#[tokio::test]
async fn every_route_of_the_app_survives_a_reload() {
    let served = serve();
    let account = "/accounts/acct_01h455vb4pex5vsknk084sn02q/users";
    for path in
        ["/", "/index.html", "/login", "/join", account, "/firms/x/employees?q=a.b", "/apis", "/security/"]
    {
        let (status, headers, body) = served.get(path).await;
        assert_eq!(
            (status.as_u16(), &headers["content-type"]),
            (200, &"text/html; charset=utf-8".parse().unwrap())
        );
        assert!(body.starts_with(b"<!doctype html>"), "{path}");
        assert_eq!(headers["cache-control"], "no-cache", "{path}");
    }
    for path in ["/app-old.js", "/icons/gone.svg", "/icons/.env", "/.env", "/app-7ac38cf1a6bb0e29.js.map"] {
        let (status, headers, _) = served.get(path).await;
        assert_eq!(status, 404, "{path}");
        assert_eq!(headers["content-type"], "application/problem+json", "{path}");
    }
}

#[tokio::test]
async fn the_api_and_its_neighbours_stay_what_they_are() {
    let served = serve();
    for path in [
        "/api",
        "/api/",
        "/api/v1/nowhere",
        "/api/v2/me",
        "/healthz/x",
        "/metrics/x",
        "/readyz/x",
        "/dev/nothing",
        "/swagger-ui/nothing",
        "/.well-known/security",
    ] {
        let (status, headers, body) = served.get(path).await;
        assert_eq!(status, 404, "{path}");
        assert_eq!(headers["content-type"], "application/problem+json", "{path}");
        assert_eq!(
            serde_json::from_slice::<serde_json::Value>(&body).unwrap()["code"],
            "not_found",
            "{path}"
        );
    }
    assert_eq!(served.get("/healthz").await.0, 200);
    assert_eq!(served.get("/api/v1/me").await.0, 401);
    assert_eq!(served.ask(Method::DELETE, "/api/v1/registrations", &[]).await.0, 405);
    for path in ["/login", "/", "/app-7ac38cf1a6bb0e29.js"] {
        let (status, headers, _) = served.ask(Method::POST, path, &[]).await;
        assert_eq!((status.as_u16(), headers["allow"].to_str().unwrap()), (405, "GET, HEAD"), "{path}");
    }
    let bare = TestApp::start();
    assert_eq!(Client::new().get(bare.url("/login")).send().await.unwrap().status(), 404, "without the app");
}

#[tokio::test]
async fn files_have_their_kind_and_are_kept_as_long_as_their_names_allow() {
    let served = serve();
    let forever = "public, max-age=31536000, immutable";
    for (path, kind, cache) in [
        ("/app-7ac38cf1a6bb0e29.js", "text/javascript; charset=utf-8", forever),
        ("/app-7ac38cf1a6bb0e29_bg.wasm", "application/wasm", forever),
        ("/input-90dbd24bf0c4d0f2.css", "text/css; charset=utf-8", forever),
        ("/manifest.webmanifest", "application/manifest+json", "no-cache"),
        ("/icons/icon.svg", "image/svg+xml", "no-cache"),
        ("/icons/icon%2020261124.png", "image/png", "no-cache"),
    ] {
        let (status, headers, body) = served.get(path).await;
        assert_eq!(status, 200, "{path}");
        assert_eq!(
            (&headers["content-type"], &headers["cache-control"]),
            (&kind.parse().unwrap(), &cache.parse().unwrap())
        );
        assert_eq!(headers["content-length"], body.len().to_string().as_str(), "{path}");
        let (status, head, nothing) = served.ask(Method::HEAD, path, &[]).await;
        assert_eq!((status.as_u16(), nothing.len()), (200, 0), "{path}");
        for name in ["content-type", "content-length", "etag", "cache-control", "vary"] {
            assert_eq!(head[name], headers[name], "{path}: {name}");
        }
    }
}

#[tokio::test]
async fn a_browser_gets_the_form_it_likes_best() {
    let served = serve();
    let path = "/app-7ac38cf1a6bb0e29.js";
    let (plain, brotli, gzip) = ("export default () => {};", "the script in brotli", "the script in gzip");
    let mut etags = std::collections::HashSet::new();
    for (accepted, expected, encoding) in [
        ("gzip, deflate, br, zstd", brotli, Some("br")),
        ("gzip", gzip, Some("gzip")),
        ("br;q=0.5, gzip;q=0.8", gzip, Some("gzip")),
        ("br;q=0, gzip;q=0.1", gzip, Some("gzip")),
        ("identity, br;q=0.5", plain, None),
        ("identity", plain, None),
        ("*;q=0", plain, None),
        ("zstd", plain, None),
        ("", plain, None),
        ("q=nonsense;;", plain, None),
    ] {
        let (status, headers, body) = served.ask(Method::GET, path, &[("accept-encoding", accepted)]).await;
        assert_eq!(
            (status.as_u16(), String::from_utf8(body).unwrap().as_str()),
            (200, expected),
            "{accepted}"
        );
        assert_eq!(
            headers.get("content-encoding").map(|value| value.to_str().unwrap()),
            encoding,
            "{accepted}"
        );
        assert_eq!(headers["vary"], "accept-encoding", "{accepted}");
        assert_eq!(headers["content-type"], "text/javascript; charset=utf-8", "{accepted}");
        etags.insert(headers["etag"].to_str().unwrap().to_owned());
    }
    assert_eq!(etags.len(), 3, "each form has its own: {etags:?}");
    assert!(etags.iter().all(|etag| etag.starts_with('"')), "strong ones: {etags:?}");
    let (_, headers, body) = served.ask(Method::GET, "/login", &[("accept-encoding", "br, gzip")]).await;
    assert_eq!(
        (headers["content-encoding"].to_str().unwrap(), body.as_slice()),
        ("gzip", &b"the page, packed"[..])
    );
}

#[tokio::test]
async fn what_a_browser_has_is_not_sent_again_and_keeps_its_policy() {
    let served = serve();
    let (_, page, _) = served.get("/login").await;
    let etag = page["etag"].to_str().unwrap();
    for known in [etag.to_owned(), format!("\"other\", W/{etag}"), "*".to_owned()] {
        let (status, headers, body) = served.ask(Method::GET, "/", &[("if-none-match", &known)]).await;
        assert_eq!((status.as_u16(), body.len()), (304, 0), "{known}");
        // Browsers take these over: the policy of an API answer would stop the app.
        for name in ["content-security-policy", "cache-control", "vary", "etag", "referrer-policy"] {
            assert_eq!(headers[name], page[name], "{name}");
        }
    }
    let headers = [("if-none-match", etag), ("accept-encoding", "gzip")];
    assert_eq!(served.ask(Method::GET, "/", &headers).await.0, 200, "the packed form is another one");
    assert_eq!(served.ask(Method::GET, "/", &[("if-none-match", "\"other\"")]).await.0, 200);
}

#[tokio::test]
async fn the_page_runs_its_own_script_and_nothing_else() {
    use base64::Engine;
    let served = serve();
    let (_, headers, _) = served.get("/firms/x/employees").await;
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, SCRIPT.as_bytes());
    let hash = base64::engine::general_purpose::STANDARD.encode(digest.as_ref());
    let policy = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval' 'sha256-{hash}'; style-src 'self'; img-src 'self' \
         data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    );
    assert_eq!(headers["content-security-policy"].to_str().unwrap(), policy);
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
    ] {
        assert_eq!(headers[name], value);
    }
    let (_, headers, _) = served.get("/icons/icon.svg").await;
    let policy = headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; frame-ancestors"), "a picture runs nothing: {policy}");
}

#[tokio::test]
async fn no_path_leads_out_of_the_folder() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let served = serve();
    // By hand: clients put such paths in order before they send them.
    for path in [
        "/../secret.txt",
        "/icons/../../secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e/secret.txt",
        "/.%2e%5csecret.txt",
        "//secret.txt",
        "/%00/../secret.txt",
        "/icons/%2e%2e%2f%2e%2e%2fsecret.txt",
        "/%ff/secret.txt",
    ] {
        let mut socket = tokio::net::TcpStream::connect(served.app.address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        socket.read_to_end(&mut answer).await.unwrap();
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.starts_with("HTTP/1.1 404") || answer.starts_with("HTTP/1.1 400"), "{path}: {answer}");
        assert!(!answer.contains("beside the app"), "{path}: {answer}");
    }
}

#[tokio::test]
async fn pages_are_measured_under_one_name() {
    let served = serve();
    for path in ["/login", "/accounts/a/users", "/app-gone.js"] {
        served.get(path).await;
    }
    let metrics = served.app.portal().read_metrics().await.unwrap();
    assert!(metrics.contains("route=\"/{path:.*}\""), "{metrics}");
    for path in ["/login", "/accounts/a/users", "/app-gone.js"] {
        assert!(!metrics.contains(path), "{path}");
    }
}
