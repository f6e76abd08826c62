//! Secrets never reach the log, however much is logged.

use portal_api_types::EmployeeRole;

use crate::app::{PASSWORD, TestApp, acceptance, address, named};
use crate::processes::Process;

#[tokio::test]
async fn no_secret_is_in_the_log_at_its_most_talkative() {
    for format in ["text", "json"] {
        let app = TestApp::start();
        let log = app.directory().join("server.log");
        let server = Process::serve_logging(&app, "trace", format, &log);
        let portal = server.portal();
        let wish = portal_api_types::Registration {
            name: named("Olivia"),
            email: address("olivia@bakery.example"),
            account_name: named("Bakery"),
            locale: None,
        };
        portal.register(&wish).await.unwrap();
        let mut secrets = vec![PASSWORD.to_owned(), "a-wrong-password-77".to_owned()];
        let token = app.token_mailed_to("olivia@bakery.example", 1).await;
        secrets.push(token.reveal().to_owned());
        let confirmation =
            portal_api_types::ConfirmRegistration { token, password: PASSWORD.parse().unwrap() };
        let olivia = portal.confirm_registration(&confirmation).await.unwrap();
        secrets.push(olivia.token().to_owned());
        let account = olivia.list_my_accounts(&Default::default()).await.unwrap().items.remove(0).id;
        let inside = olivia.enter(&account).await.unwrap();
        secrets.push(inside.token().to_owned());
        let invitation =
            portal_api_types::InviteFirm { name: named("Apple"), email: address("office@apple.example") };
        inside.invite_firm(&invitation).await.unwrap();
        let token = app.token_mailed_to("office@apple.example", 1).await;
        secrets.push(token.reveal().to_owned());
        let admin = server.portal().accept_invitation(&acceptance(token)).await.unwrap();
        let wrong = portal_api_types::SignIn {
            email: address("olivia@bakery.example"),
            password: portal_api_types::Password::new("a-wrong-password-77"),
        };
        portal.sign_in(&wrong).await.err().unwrap();
        let answer = portal
            .http()
            .post(format!("{}/api/v1/sessions", server.base_url))
            .json(&serde_json::json!({"email": "olivia@bakery.example", "password": PASSWORD}))
            .send()
            .await
            .unwrap();
        let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
        secrets.push(cookie.split(['=', ';']).nth(1).unwrap().to_owned());
        let firm = admin.read_me().await.unwrap().firms.remove(0);
        let employee = portal_api_types::InviteEmployee {
            name: named("Ben"),
            email: address("ben@apple.example"),
            role: EmployeeRole::Admin,
            account_ids: Vec::new(),
        };
        admin.firm(&firm.firm_id).invite_employee(&employee).await.unwrap();
        secrets.push(app.token_mailed_to("ben@apple.example", 1).await.reveal().to_owned());
        let operator_key = app.operator_key().await;
        portal.operator(&operator_key).list_accounts(&Default::default()).await.unwrap();
        secrets.push(operator_key);
        let key = portal_api_types::NewApiKey {
            name: named("Sync"),
            scopes: portal_api_types::Scopes::all(),
            expires_at: None,
        };
        let made = inside.create_api_key(&key).await.unwrap();
        let (id, secret) = (&made.key.id, &made.secret);
        let program = portal.client_credentials(id, secret, None).await.unwrap();
        portal.introspect_token(id, secret, program.token()).await.unwrap();
        portal.revoke_token_of_key(id, secret, program.token()).await.unwrap();
        let basic = portal.http().post(portal.url("/oauth/token")).basic_auth(id, Some(secret.reveal()));
        let basic = basic.build().unwrap().headers()["authorization"].to_str().unwrap().to_owned();
        secrets.extend([secret.reveal().to_owned(), program.token().to_owned(), basic[6..].to_owned()]);
        drop(server);
        let logged = std::fs::read_to_string(&log).unwrap();
        assert!(logged.contains("/api/v1/sessions") && logged.contains("request_id"), "requests are logged");
        if format == "json" {
            let line = logged.lines().find(|line| line.contains("\"served\"")).unwrap();
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            for field in ["request_id", "route", "status", "millis", "method"] {
                assert!(!line[field].is_null(), "{field} in {line}");
            }
        }
        for secret in secrets {
            assert!(!logged.contains(&secret), "a secret is in the {format} log: {secret}");
        }
    }
}

#[tokio::test]
async fn what_went_wrong_is_in_the_log_under_the_request_id() {
    use diesel::connection::SimpleConnection;
    let app = TestApp::start();
    app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let log = app.directory().join("server.log");
    let server = Process::serve_logging(&app, "info", "json", &log);
    let broken =
        app.app.services.db.write(|conn| Ok(conn.batch_execute("ALTER TABLE users RENAME TO lost")?));
    broken.await.unwrap();
    let asked = server.portal().http().post(format!("{}/api/v1/sessions", server.base_url));
    let body = serde_json::json!({"email": "olivia@bakery.example", "password": PASSWORD});
    let answer = asked.json(&body).send().await.unwrap();
    assert_eq!(answer.status(), 500);
    let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
    let logged = std::fs::read_to_string(&log).unwrap();
    let line = logged.lines().find(|line| line.contains("a statement failed")).expect("the reason");
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    assert_eq!(line["request_id"], id.as_str());
    assert!(line["error"].as_str().unwrap().contains("users"), "{line}");
}
