//! The conventions of the API: pages, parameters, headers, health.

use portal_api_types::{
    AssignmentBatch, AssignmentPair, EmployeeRole, EmployeeStatus, ErrorCode, NewAccount, UpdateMe,
};
use portal_client::{ActivityQuery, EmployeeQuery, FirmAccountQuery, ListQuery, PageQuery};
use serde_json::Value;

use crate::app::{TestApp, code, named};

async fn get(app: &TestApp, path: &str, token: &str) -> (u16, Value) {
    let answer = reqwest::Client::new().get(app.url(path)).bearer_auth(token).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap_or_default())
}

#[tokio::test]
async fn a_list_is_the_same_in_pages_of_any_size_and_under_inserts() {
    let app = TestApp::start();
    let olivia = app.owner("Olivia", "olivia@bakery.example", "account 00").await.me;
    // Equal names, upper case and letters beyond ASCII are put in order too.
    let names =
        ["Account 05", "account 05", "ACCOUNT 03", "ÄPFEL", "zebra", "account 05", "50% off", "under_score"];
    for name in names {
        olivia.open_account(&NewAccount { name: named(name) }).await.unwrap();
    }
    let all = olivia.list_my_accounts(&ListQuery { limit: Some(200), ..ListQuery::default() }).await.unwrap();
    assert_eq!((all.items.len(), all.next_cursor.as_ref()), (9, None));
    for size in 1..=9 {
        let mut query = ListQuery { limit: Some(size), ..ListQuery::default() };
        let mut found = Vec::new();
        loop {
            let page = olivia.list_my_accounts(&query).await.unwrap();
            assert!(page.items.len() <= usize::from(size));
            found.extend(page.items.clone());
            match query.after(&page) {
                Some(next) => query = next,
                None => break,
            }
        }
        assert_eq!(found, all.items, "in pages of {size}");
    }
    let first = olivia.list_my_accounts(&ListQuery { limit: Some(3), ..ListQuery::default() }).await.unwrap();
    olivia.open_account(&NewAccount { name: named("AAA") }).await.unwrap();
    let second = ListQuery { limit: Some(200), ..ListQuery::default() }.after(&first).unwrap();
    let rest = olivia.list_my_accounts(&second).await.unwrap();
    assert_eq!(
        [first.items, rest.items].concat(),
        all.items,
        "what was inserted before does not move the rest"
    );
}

#[tokio::test]
async fn a_search_ignores_case_and_takes_no_wildcards() {
    let app = TestApp::start();
    let olivia = app.owner("Olivia", "olivia@bakery.example", "Blue Bakery").await.me;
    for name in ["ÄPFEL und Birnen", "50% off", "500 off", "under_score", "underXscore", "back\\slash"] {
        olivia.open_account(&NewAccount { name: named(name) }).await.unwrap();
    }
    for (q, expected) in [
        ("BAKERY", 1),
        ("äpfel", 1),
        ("50%", 1),
        ("r_s", 1),
        ("k\\s", 1),
        ("%", 1),
        ("  ", 7),
        ("nothing like it", 0),
    ] {
        let query = ListQuery { q: Some(q.into()), ..ListQuery::default() };
        assert_eq!(olivia.list_my_accounts(&query).await.unwrap().items.len(), expected, "{q:?}");
    }
}

#[tokio::test]
async fn malformed_parameters_are_named() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let firm = app.firm(&owner, "Apple", "office@apple.example").await;
    let (me, inside) = (firm.me.token(), owner.inside.token());
    let in_firm = |path: &str| format!("/api/v1/firms/{}{path}", firm.firm_id);
    for (path, token) in [
        ("/api/v1/me/accounts?limit=0".to_owned(), me),
        ("/api/v1/me/accounts?limit=201".to_owned(), me),
        ("/api/v1/me/accounts?limit=many".to_owned(), me),
        ("/api/v1/me/accounts?limit=-1".to_owned(), me),
        ("/api/v1/me/accounts?cursor=nonsense".to_owned(), me),
        ("/api/v1/me/accounts?cursor=%00".to_owned(), me),
        ("/api/v1/me/accounts?cursor=WyJhXHUwMDAwIiwiYSJd".to_owned(), me),
        ("/api/v1/me/accounts?q=%00".to_owned(), me),
        (format!("/api/v1/me/accounts?q={}", "x".repeat(201)), me),
        ("/api/v1/me/accounts?q=%09bakery".to_owned(), me),
        ("/api/v1/sessions?cursor=WyJhIiwiYSJd".to_owned(), me),
        (format!("/api/v1/sessions?cursor=0A.{}", owner.account_id), me),
        (format!("/api/v1/sessions?cursor={}", owner.account_id), me),
        (in_firm("/employees?status=gone"), me),
        (in_firm("/accounts?unassigned=perhaps"), me),
        (in_firm("/employees/empl_x"), me),
        (in_firm("/employees/acct_01h455vb4pex5vsknk084sn02q"), me),
        ("/api/v1/firms/firm_x".to_owned(), me),
        ("/api/v1/account/activity?from=yesterday".to_owned(), inside),
        ("/api/v1/account/activity?actor=somebody".to_owned(), inside),
        ("/api/v1/account/activity?action=%00".to_owned(), inside),
        ("/api/v1/account/activity?format=xml".to_owned(), inside),
    ] {
        let (status, problem) = get(&app, &path, token).await;
        assert_eq!(
            (status, problem["code"].as_str()),
            (400, Some("malformed_parameter")),
            "{path}: {problem}"
        );
        assert!(problem["detail"].as_str().is_some_and(|detail| detail.len() > 10), "{problem}");
    }
    // The sentence is whole, also where it has a colon.
    let operator = app.operator_key().await;
    let path = "/api/v1/operator/accounts/by-external-id/a%20b";
    let request = reqwest::Client::new().put(app.url(path)).bearer_auth(&operator);
    let problem: Value =
        request.json(&serde_json::json!({"name": "N"})).send().await.unwrap().json().await.unwrap();
    let sentence = "An external id has 1 to 200 characters of visible ASCII: no blanks, and not dots alone.";
    assert_eq!(
        (problem["code"].as_str(), problem["detail"].as_str()),
        (Some("malformed_parameter"), Some(sentence))
    );
    let request = reqwest::Client::new().post(app.url("/api/v1/accounts/nonsense/token")).bearer_auth(me);
    assert_eq!(request.send().await.unwrap().status(), 400);
}

#[tokio::test]
async fn a_cursor_is_a_place_whether_or_not_an_item_is_there() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let firm = app.firm(&owner, "Apple", "office@apple.example").await;
    let operator = app.operator_key().await;
    let (me, inside) = (firm.me.token(), owner.inside.token());
    let in_firm = |path: &str| format!("/api/v1/firms/{}{path}", firm.firm_id);
    for (path, token) in [
        ("/api/v1/me/accounts".to_owned(), me),
        ("/api/v1/sessions".to_owned(), me),
        (in_firm("/employees"), me),
        (in_firm("/accounts"), me),
        (in_firm("/activity"), me),
        (in_firm(&format!("/employees/{}/accounts", firm.employee_id)), me),
        ("/api/v1/account/activity".to_owned(), inside),
        ("/api/v1/account/api-keys".to_owned(), inside),
        ("/api/v1/operator/accounts".to_owned(), &operator),
        ("/api/v1/operator/firms".to_owned(), &operator),
        ("/api/v1/operator/users".to_owned(), &operator),
        ("/api/v1/operator/activity".to_owned(), &operator),
    ] {
        // A text, a time and a number of the last; none; more than a number holds, and no UTF-8.
        for key in ["", "00", "7a", "ffffffffffffffff", "7fffffffffffffffff", "c3a4f09d92b3"] {
            let (status, page) = get(&app, &format!("{path}?cursor={key}.{}", owner.account_id), token).await;
            assert_eq!((status, page["items"].is_array()), (200, true), "{path} {key}: {page}");
        }
    }
}

#[tokio::test]
async fn filters_of_lists_and_trails_filter() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let second = app.owner("Marco", "marco@cycles.example", "Cycles").await;
    let firm = app.firm(&owner, "Apple", "office@apple.example").await;
    second.invite("Apple", "office@apple.example").await;
    let ben = firm
        .hire(
            &app,
            "Ben Ortiz",
            "ben@apple.example",
            EmployeeRole::Bookkeeper,
            std::slice::from_ref(&owner.account_id),
        )
        .await;
    firm.invite("Carla", "carla@apple.example", EmployeeRole::Bookkeeper, &[]).await;
    let employees = |query: EmployeeQuery| {
        let firm = &firm.firm;
        async move { firm.list_employees(&query).await.unwrap().items }
    };
    assert_eq!(employees(EmployeeQuery::default()).await.len(), 3);
    let invited = EmployeeQuery { status: Some(EmployeeStatus::Invited), ..EmployeeQuery::default() };
    assert_eq!(employees(invited).await[0].name.as_str(), "Carla");
    let searched = EmployeeQuery { q: Some("ORTIZ".into()), ..EmployeeQuery::default() };
    assert_eq!(employees(searched).await[0].id, ben.id);
    let by_mail = EmployeeQuery { q: Some("carla@".into()), ..EmployeeQuery::default() };
    assert_eq!(employees(by_mail).await.len(), 1);
    let unassigned = FirmAccountQuery { unassigned: Some(true), ..FirmAccountQuery::default() };
    let found = firm.firm.list_firm_accounts(&unassigned).await.unwrap().items;
    assert_eq!((found.len(), found[0].name.as_str()), (1, "Cycles"));
    assert_eq!(
        firm.firm.list_employee_accounts(&ben.id, &PageQuery::default()).await.unwrap().items.len(),
        1
    );
    assert_eq!(
        firm.firm.list_employee_accounts(&firm.employee_id, &PageQuery::default()).await.unwrap().items.len(),
        2
    );
    let counts = firm.firm.read_firm().await.unwrap();
    assert_eq!((counts.employee_count, counts.account_count), (3, 2));
    let trail = |query: ActivityQuery| {
        let firm = &firm.firm;
        async move { firm.list_firm_activity(&query).await.unwrap().items }
    };
    let by_action = ActivityQuery { action: Some("employee.invited".into()), ..ActivityQuery::default() };
    assert_eq!(trail(by_action).await.len(), 2);
    let by_actor = ActivityQuery { actor: Some(ben.me.user().id.clone()), ..ActivityQuery::default() };
    assert_eq!(trail(by_actor).await.len(), 1, "Ben has joined");
    let all = trail(ActivityQuery::default()).await;
    let before_all = ActivityQuery { to: Some(all.last().unwrap().at), ..ActivityQuery::default() };
    assert!(trail(before_all).await.is_empty());
    let from_first = ActivityQuery { from: Some(all.last().unwrap().at), ..ActivityQuery::default() };
    assert_eq!(trail(from_first).await.len(), all.len());
    assert!(all.windows(2).all(|pair| pair[0].at >= pair[1].at), "newest first");
    // A new name reaches the firm.
    ben.me.update_me(&UpdateMe { name: Some(named("Benjamin")), locale: None }).await.unwrap();
    assert_eq!(firm.firm.read_employee(&ben.id).await.unwrap().employee.name.as_str(), "Benjamin");
}

#[tokio::test]
async fn a_batch_of_ten_thousand_pairs_is_all_or_nothing() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let firm = app.firm(&owner, "Apple", "office@apple.example").await;
    let pair = AssignmentPair { employee_id: firm.employee_id.clone(), account_id: owner.account_id.clone() };
    let batch = AssignmentBatch { grant: vec![pair.clone(); 10_000], ..AssignmentBatch::default() };
    let result = firm.firm.assign_accounts(&batch).await.unwrap();
    assert_eq!((result.granted, result.unchanged), (1, 9_999));
    let batch = AssignmentBatch { grant: vec![pair.clone(); 10_001], ..AssignmentBatch::default() };
    assert_eq!(code(firm.firm.assign_accounts(&batch).await), ErrorCode::TooManyItems);
    let batch =
        AssignmentBatch { grant: vec![pair.clone()], revoke: vec![pair], ..AssignmentBatch::default() };
    assert_eq!(code(firm.firm.assign_accounts(&batch).await), ErrorCode::InvalidValue);
    assert_eq!(firm.firm.assign_accounts(&AssignmentBatch::default()).await.unwrap().granted, 0);
}

#[tokio::test]
async fn every_answer_has_its_request_id_and_security_headers() {
    let app = TestApp::start();
    let http = reqwest::Client::new();
    for path in [
        "/healthz",
        "/readyz",
        "/api/v1/me",
        "/nowhere",
        "/.well-known/jwks.json",
        "/api/v1/sessions/refresh",
    ] {
        let answer = http.get(app.url(path)).header("x-request-id", "mine-1.2_3").send().await.unwrap();
        let headers = answer.headers();
        assert_eq!(headers["x-request-id"], "mine-1.2_3", "{path}");
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(headers["referrer-policy"], "no-referrer", "{path}");
        assert_eq!(headers["x-frame-options"], "DENY", "{path}");
        assert!(
            headers["content-security-policy"].to_str().unwrap().contains("default-src 'none'"),
            "{path}"
        );
        assert!(headers.contains_key("strict-transport-security"), "{path}: the public URL is https");
    }
    for insane in ["", "a b", "<script>", &"x".repeat(65)] {
        let answer = http.get(app.url("/healthz")).header("x-request-id", insane).send().await.unwrap();
        let id = answer.headers()["x-request-id"].to_str().unwrap();
        assert!(id != insane && id.len() >= 26, "{id}");
    }
}

#[tokio::test]
async fn health_and_metrics_tell_what_goes_on() {
    let app = TestApp::start();
    app.portal().check_health().await.unwrap();
    app.portal().check_readiness().await.unwrap();
    app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let metrics = app.portal().read_metrics().await.unwrap();
    for line in [
        "http_request_duration_seconds_bucket{method=\"POST\",route=\"/api/v1/registrations\",status=\"202\",le=\"0.1\"}",
        "portal_outbox_pending",
        "portal_database_queue",
        "portal_database_connections",
        "portal_mails_total{outcome=\"sent\"} 1",
    ] {
        assert!(metrics.contains(line), "{line} in {metrics}");
    }
}

#[tokio::test]
async fn a_named_origin_may_call_with_credentials_and_another_may_not() {
    let app = TestApp::start_with(|config| config.cors_origins = vec!["https://app.example".to_owned()]);
    let preflight = |origin: &str| {
        let request = reqwest::Client::new().request(reqwest::Method::OPTIONS, app.url("/api/v1/sessions"));
        request
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "content-type,authorization,idempotency-key")
            .send()
    };
    let answer = preflight("https://app.example").await.unwrap();
    assert_eq!(answer.headers()["access-control-allow-origin"], "https://app.example");
    assert_eq!(answer.headers()["access-control-allow-credentials"], "true");
    let answer = preflight("https://evil.example").await.unwrap();
    assert!(!answer.headers().contains_key("access-control-allow-origin"));
    assert!(answer.headers().contains_key("x-request-id"), "a refused preflight is an answer like any other");
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
}

#[tokio::test]
async fn what_can_be_read_can_be_asked_for_without_its_body() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let http = reqwest::Client::new();
    for (path, token) in
        [("/healthz", ""), ("/api/v1/me", owner.me.token()), ("/api/v1/account", owner.inside.token())]
    {
        let answer = http.head(app.url(path)).bearer_auth(token).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        assert!(answer.bytes().await.unwrap().is_empty(), "{path}");
    }
    assert_eq!(http.head(app.url("/api/v1/me")).send().await.unwrap().status(), 401);
    let answer = http.post(app.url("/healthz")).send().await.unwrap();
    assert_eq!(answer.status(), 405);
    assert!(answer.headers()["allow"].to_str().unwrap().contains("GET"));
}

#[tokio::test]
async fn the_trail_of_one_transaction_is_in_the_order_of_its_making() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let firm = app.firm(&owner, "Apple", "office@apple.example").await;
    firm.invite(
        "Ben",
        "ben@apple.example",
        EmployeeRole::Bookkeeper,
        std::slice::from_ref(&owner.account_id),
    )
    .await;
    let trail = firm.firm.list_firm_activity(&ActivityQuery::default()).await.unwrap().items;
    let actions: Vec<&str> = trail.iter().rev().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["firm.founded", "firm.connected", "employee.invited", "assignment.granted"]);
}
