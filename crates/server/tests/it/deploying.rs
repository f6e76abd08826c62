//! What `deploy/` has is true: settings and metrics that are named exist, and two portals behind the proxy's configuration
//! serve on while one of them is replaced.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use clap::Args;
use portal_server::config::Config;
use portal_server::telemetry::MEASURED;

use crate::app::{PASSWORD, TestApp};
use crate::integrating::path;
use crate::processes::Process;

const OPERATIONS: &str = include_str!("../../../../docs/OPERATIONS.md");

fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn read(file: &str) -> String {
    std::fs::read_to_string(root().join(file)).expect("a committed file")
}

/// The words of a text that are made of these characters and begin like this.
fn words<'a>(text: &'a str, of: impl Fn(char) -> bool + 'a, begin: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(move |c| !of(c)).filter(move |word| word.starts_with(begin))
}

#[test]
fn every_setting_that_is_named_is_one() {
    let command = Config::augment_args(clap::Command::new("portal"));
    let settings: Vec<&str> =
        command.get_arguments().filter_map(|argument| argument.get_env()?.to_str()).collect();
    assert!(settings.len() > 15);
    for file in [
        "Containerfile",
        "compose.yaml",
        "deploy/nginx/portal.inc",
        "deploy/prometheus/alerts.yaml",
        "deploy/systemd/portal@.service",
        "deploy/systemd/portal-backup.service",
        "deploy/systemd/portal.env",
        "docs/OPERATIONS.md",
    ] {
        for word in words(&read(file), |c| c.is_ascii_uppercase() || c == '_', "PORTAL_") {
            let test = word.starts_with("PORTAL_TEST_");
            assert!(test || settings.contains(&word), "{file} names {word}, which is no setting");
        }
    }
}

#[tokio::test]
async fn every_metric_that_is_named_is_served_and_explained() {
    let app = TestApp::start();
    app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let served = app.portal().read_metrics().await.unwrap();
    for (kind, name, _) in MEASURED {
        assert!(served.contains(&format!("# TYPE {name} {kind}\n")), "{name} in {served}");
        assert!(served.contains(&format!("# HELP {name} ")), "{name} in {served}");
        assert!(OPERATIONS.contains(&format!("`{name}`")), "docs/OPERATIONS.md explains {name}");
    }
    assert!(served.contains("\nportal_database_reachable 1\n"), "{served}");
    assert!(served.contains("\nportal_database_refused_total{reason=\"full\"} 0\n"), "{served}");
    for file in ["deploy/grafana/dashboard.json", "deploy/prometheus/alerts.yaml"] {
        let (text, mut count) = (read(file), 0);
        let is_name = |c: char| c.is_ascii_lowercase() || c == '_';
        for word in words(&text, is_name, "portal_").chain(words(&text, is_name, "http_")) {
            let name = ["_bucket", "_sum", "_count"].iter().find_map(|end| word.strip_suffix(end));
            let name = name.unwrap_or(word);
            assert!(MEASURED.iter().any(|(_, known, _)| *known == name), "{file} names {word}");
            count += 1;
        }
        assert!(count > 10, "{file} names metrics");
    }
    for alert in read("deploy/prometheus/alerts.yaml").lines().filter_map(|line| line.split_once("alert: ")) {
        assert!(
            OPERATIONS.contains(&format!("`{}`", alert.1)),
            "docs/OPERATIONS.md says what to do at {}",
            alert.1
        );
    }
    let dashboard: serde_json::Value = serde_json::from_str(&read("deploy/grafana/dashboard.json")).unwrap();
    assert!(dashboard["panels"].as_array().unwrap().len() > 10);
}

/// A program that an operator has, wherever the distribution keeps it.
fn program(name: &str) -> Option<PathBuf> {
    let folders: Vec<PathBuf> = std::env::split_paths(&path(&[])).collect();
    let folders = folders.into_iter().chain(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from));
    folders.map(|folder| folder.join(name)).find(|file| file.is_file())
}

struct Proxy {
    child: Child,
    http: SocketAddr,
    https: SocketAddr,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

impl Proxy {
    /// nginx by the committed files, with other addresses.
    fn start(nginx: &Path, folder: &Path, portals: [&Process; 2]) -> Self {
        let (http, https) = (free_address(), free_address());
        let certificate = rcgen::generate_simple_self_signed(["portal.test".to_owned()]).unwrap();
        std::fs::create_dir(folder).unwrap();
        std::fs::write(folder.join("portal.crt"), certificate.cert.pem()).unwrap();
        std::fs::write(folder.join("portal.key"), certificate.signing_key.serialize_pem()).unwrap();
        std::fs::copy(root().join("deploy/nginx/portal.inc"), folder.join("portal.inc")).unwrap();
        let mut site = read("deploy/nginx/portal.conf");
        let place = folder.display().to_string();
        for (from, to) in [
            ("127.0.0.1:8081", portals[0].base_url.trim_start_matches("http://").to_owned()),
            ("127.0.0.1:8082", portals[1].base_url.trim_start_matches("http://").to_owned()),
            ("listen 80;", format!("listen {http};")),
            ("listen 443 ", format!("listen {https} ")),
            ("/etc/nginx/tls", place.clone()),
            ("/etc/nginx/portal.inc", format!("{place}/portal.inc")),
        ] {
            assert!(site.contains(from), "portal.conf has {from}");
            site = site.replace(from, &to);
        }
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|what| format!("{what}_temp_path {place}/{what};\n"))
            .concat();
        let config = format!(
            "daemon off; master_process off; pid {place}/nginx.pid; error_log stderr;\n\
             events {{ worker_connections 256; }}\nhttp {{ access_log off;\n{temporary}{site} }}\n"
        );
        std::fs::write(folder.join("nginx.conf"), config).unwrap();
        let log = folder.join("nginx.log");
        let child = Command::new(nginx)
            .args(["-p", &place, "-e", "stderr", "-c"])
            .arg(folder.join("nginx.conf"))
            .stdin(Stdio::null())
            .stderr(std::fs::File::create(&log).unwrap())
            .spawn()
            .expect("nginx starts");
        let proxy = Self { child, http, https };
        let deadline = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect(https).is_err() {
            assert!(Instant::now() < deadline, "{}", std::fs::read_to_string(&log).unwrap_or_default());
            std::thread::sleep(Duration::from_millis(20));
        }
        proxy
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_portals_behind_the_proxy_are_one_that_is_replaced_without_a_pause() {
    let Some(nginx) = program("nginx") else {
        eprintln!("nginx is not installed: deploy/nginx was not tried");
        return;
    };
    let app = TestApp::start();
    app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let logs = ["one.log", "two.log"].map(|name| app.directory().join(name));
    let [mut one, two] = logs.each_ref().map(|log| Process::serve_logging(&app, "info", "json", log));
    let proxy = Proxy::start(&nginx, &app.directory().join("nginx"), [&one, &two]);
    let client = reqwest::Client::builder()
        .danger_accept_invalid_certs(true)
        .resolve("portal.test", proxy.https)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let url = |path: &str| format!("https://portal.test:{}{path}", proxy.https.port());

    let plain = client.get(format!("http://{}/sign-in", proxy.http)).send().await.unwrap();
    assert_eq!(plain.status(), 301);
    assert_eq!(plain.headers()["location"], "https://127.0.0.1/sign-in");
    assert_eq!(client.get(url("/metrics")).send().await.unwrap().status(), 404, "for nobody outside");

    // Who calls is who calls the proxy, whatever the caller says.
    let sign_in = || async {
        let body = serde_json::json!({"email": "olivia@bakery.example", "password": PASSWORD});
        let asked =
            client.post(url("/api/v1/sessions")).header("x-forwarded-for", "203.0.113.66").json(&body);
        let answer = asked.send().await.unwrap();
        assert_eq!(answer.status(), 201);
        assert!(answer.headers().contains_key("strict-transport-security"));
        let session: serde_json::Value = answer.json().await.unwrap();
        session["access_token"].as_str().unwrap().to_owned()
    };
    let token = sign_in().await;
    let sessions = client.get(url("/api/v1/sessions")).bearer_auth(&token).send().await.unwrap();
    let sessions = sessions.text().await.unwrap();
    assert!(sessions.contains("127.0.0.1") && !sessions.contains("203.0.113.66"), "{sessions}");

    // A stream is heard at once, not when a buffer is full.
    let mut stream = client.get(url("/api/v1/events")).bearer_auth(&token).send().await.unwrap();
    let first = tokio::time::timeout(Duration::from_secs(2), stream.chunk()).await.expect("at once").unwrap();
    assert!(String::from_utf8_lossy(&first.unwrap()).contains("ready"));
    drop(stream);

    for _ in 0..20 {
        assert_eq!(client.get(url("/readyz")).send().await.unwrap().status(), 200);
    }
    for log in &logs {
        assert!(std::fs::read_to_string(log).unwrap().contains("/readyz"), "both serve");
    }

    // One is stopped under load: who reads and who signs in meets no error.
    let me = url("/api/v1/me");
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let (client, me, token) = (client.clone(), me.clone(), token.clone());
            tokio::spawn(async move {
                let until = Instant::now() + Duration::from_secs(3);
                let mut served = 0;
                while Instant::now() < until {
                    let answer = client.get(&me).bearer_auth(&token).send().await.unwrap();
                    assert_eq!(answer.status(), 200, "after {served}");
                    served += 1;
                }
                served
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(500)).await;
    one.terminate();
    assert!(tokio::task::block_in_place(|| one.wait()).success());
    sign_in().await;
    for reader in readers {
        assert!(reader.await.unwrap() > 10);
    }
}
