//! Refreshing a session: replayed tokens, and tabs that ask at the same moment.

use portal_client::PageQuery;

use crate::app::{PASSWORD, TestApp};

async fn get(app: &TestApp, path: &str, token: &str) -> reqwest::Response {
    reqwest::Client::new().get(app.url(path)).bearer_auth(token).send().await.unwrap()
}

#[tokio::test]
async fn attack_29_a_replayed_refresh_token_ends_the_session() {
    let app = TestApp::start();
    app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let body = serde_json::json!({"email": "olivia@bakery.example", "password": PASSWORD});
    let request = reqwest::Client::new().post(app.url("/api/v1/sessions"));
    let answer = request.header("user-agent", "Browser/1").json(&body).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/api/v1/sessions", "Secure", "Max-Age=2592000"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    let first = Jar::of(&answer);
    let second = first.refresh(&app).await.unwrap();
    let third = second.refresh(&app).await.unwrap();
    assert!(third.opens(&app).await);
    // At once: the second was used, so whoever still has the first has copied it.
    assert!(first.refresh(&app).await.is_none());
    assert!(!third.opens(&app).await, "the session has ended");
    assert!(third.refresh(&app).await.is_none());
    assert!(Jar { cookie: "portal_refresh=made-up".into(), ..third }.refresh(&app).await.is_none());
}

/// What a browser has of a session.
#[derive(Clone, PartialEq, Debug)]
struct Jar {
    cookie: String,
    token: String,
}

impl Jar {
    fn of(answer: &reqwest::Response) -> Self {
        let cookie = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        Self { cookie, token: String::new() }
    }

    async fn sign_in(app: &TestApp) -> Self {
        let body = serde_json::json!({"email": "olivia@bakery.example", "password": PASSWORD});
        let request = reqwest::Client::new().post(app.url("/api/v1/sessions"));
        let answer = request.header("user-agent", "Browser/1").json(&body).send().await.unwrap();
        Self::of(&answer)
    }

    /// What comes after a refresh; none when it was refused.
    async fn refresh(&self, app: &TestApp) -> Option<Self> {
        self.refresh_from(app, "Browser/1", "192.0.2.1").await
    }

    async fn refresh_from(&self, app: &TestApp, agent: &str, ip: &str) -> Option<Self> {
        let request = reqwest::Client::new().post(app.url("/api/v1/sessions/refresh"));
        let request = request.header("cookie", &self.cookie).header("user-agent", agent);
        let answer = request.header("x-forwarded-for", ip).send().await.unwrap();
        if answer.status() != 200 {
            assert_eq!(answer.status(), 401);
            return None;
        }
        let mut jar = Self::of(&answer);
        let body: serde_json::Value = answer.json().await.unwrap();
        body["access_token"].as_str().unwrap().clone_into(&mut jar.token);
        Some(jar)
    }

    async fn opens(&self, app: &TestApp) -> bool {
        get(app, "/api/v1/me", &self.token).await.status() == 200
    }
}

async fn app_behind_a_proxy() -> TestApp {
    let app = TestApp::start_with(|config| {
        config.rate_limit_factor = 1_000;
        config.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
    });
    app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    app
}

#[tokio::test]
async fn attack_29_an_old_refresh_token_after_the_grace_ends_the_session() {
    let app = app_behind_a_proxy().await;
    let first = Jar::sign_in(&app).await;
    let second = first.refresh(&app).await.unwrap();
    app.clock.advance(std::time::Duration::from_secs(10));
    assert!(first.refresh(&app).await.is_none());
    assert!(!second.opens(&app).await);
    assert!(second.refresh(&app).await.is_none());
}

#[tokio::test]
async fn attack_29_an_old_refresh_token_from_another_client_ends_the_session() {
    let app = app_behind_a_proxy().await;
    for (agent, ip) in [("Browser/2", "192.0.2.1"), ("Browser/1", "192.0.2.2"), ("", "192.0.2.1")] {
        let first = Jar::sign_in(&app).await;
        let second = first.refresh(&app).await.unwrap();
        assert!(first.refresh_from(&app, agent, ip).await.is_none(), "{agent} at {ip}");
        assert!(!second.opens(&app).await, "{agent} at {ip}");
        assert!(second.refresh(&app).await.is_none(), "{agent} at {ip}");
    }
    // Being elsewhere with the current token is travelling, and a browser's update is no theft.
    let first = Jar::sign_in(&app).await;
    let second = first.refresh_from(&app, "Browser/2", "198.51.100.7").await.unwrap();
    assert_eq!(first.refresh_from(&app, "Browser/2", "198.51.100.7").await.unwrap().cookie, second.cookie);
}

#[tokio::test]
async fn fifty_tabs_that_refresh_at_once_stay_signed_in_on_one_chain() {
    let app = app_behind_a_proxy().await;
    let other_process = app.start_sharing(|config| {
        config.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
    });
    let mut jar = Jar::sign_in(&app).await;
    for round in 0..3 {
        let tabs = (0..50).map(|tab| jar.refresh(if tab % 2 == 0 { &app } else { &other_process }));
        let answers = futures_util::future::join_all(tabs).await;
        let jars: Vec<Jar> = answers.into_iter().map(|answer| answer.expect("200")).collect();
        assert!(jars.iter().all(|tab| tab.cookie == jars[0].cookie), "one chain, in round {round}");
        assert_ne!(jars[0].cookie, jar.cookie);
        for tab in &jars {
            assert!(tab.opens(&app).await);
        }
        jar = jars[0].clone();
    }
    let me = app.sign_in("olivia@bakery.example").await;
    let sessions = me.list_sessions(&PageQuery::default()).await.unwrap().items;
    assert_eq!(sessions.len(), 3, "signing up, the tabs, and this one");
}

#[tokio::test]
async fn an_answer_that_got_lost_signs_nobody_out() {
    let app = app_behind_a_proxy().await;
    let first = Jar::sign_in(&app).await;
    let lost = first.refresh(&app).await.unwrap();
    let second = first.refresh(&app).await.unwrap();
    assert_eq!(second.cookie, lost.cookie);
    app.clock.advance(std::time::Duration::from_secs(800));
    let third = second.refresh(&app).await.unwrap();
    assert!(third.opens(&app).await);
    third.refresh(&app).await.unwrap();
    // What has ended stays ended, grace or not.
    let first = Jar::sign_in(&app).await;
    let second = first.refresh(&app).await.unwrap();
    let request =
        reqwest::Client::new().delete(app.url("/api/v1/sessions/current")).bearer_auth(&second.token);
    assert_eq!(request.send().await.unwrap().status(), 204);
    assert!(first.refresh(&app).await.is_none());
}
