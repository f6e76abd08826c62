//! `Idempotency-Key`: the same request again gets the first answer, and nothing happens twice.

use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use portal_api_types::{
    AddMember, AssignmentBatch, AssignmentPair, CreateAccount, EmployeeRole, ErrorCode, IdempotencyKey,
    InviteEmployee, InviteFirm, MemberRole, NewAccount, NewApiKey, NewOwner, Scope, Scopes,
};
use portal_client::{ListQuery, OperatorAccountQuery, PageQuery};
use portal_server::jobs::sweep::sweep;
use serde_json::json;

use crate::app::{TestApp, address, code, named, status};
use crate::receiver::webhook;

fn key(text: &str) -> IdempotencyKey {
    text.parse().expect("a key")
}

/// A day, and a little more.
const DAY: Duration = Duration::from_secs(24 * 60 * 60 + 1);

#[tokio::test]
async fn the_same_request_gets_the_first_answer_and_another_one_is_refused() {
    let app = TestApp::start();
    let olivia = app.owner("Olivia", "olivia@bakery.example", "Bakery").await.me;
    let once = olivia.with_idempotency_key(key("k-1"));
    let cafe = NewAccount { name: named("Café") };
    let first = once.open_account(&cafe).await.unwrap();
    assert_eq!(once.open_account(&cafe).await.unwrap(), first);
    let other = once.open_account(&NewAccount { name: named("Bar") }).await;
    assert_eq!(code(other), ErrorCode::IdempotencyKeyReused);
    let count = async || olivia.list_my_accounts(&ListQuery::default()).await.unwrap().items.len();
    assert_eq!(count().await, 2);
    assert_ne!(olivia.open_account(&cafe).await.unwrap().id, first.id, "without a key it is another request");
    assert_ne!(olivia.with_idempotency_key(key("k-2")).open_account(&cafe).await.unwrap().id, first.id);
    assert_eq!(count().await, 4);
}

#[tokio::test]
async fn twenty_at_once_make_one() {
    let app = TestApp::start();
    let olivia = app.owner("Olivia", "olivia@bakery.example", "Bakery").await.me;
    let once = olivia.with_idempotency_key(key("k-1"));
    let calls: Vec<_> = (0..20)
        .map(|_| {
            let once = once.clone();
            tokio::spawn(async move { once.open_account(&NewAccount { name: named("Café") }).await })
        })
        .collect();
    let mut ids = std::collections::HashSet::new();
    for call in calls {
        ids.insert(call.await.unwrap().unwrap().id);
    }
    assert_eq!(ids.len(), 1);
    assert_eq!(olivia.list_my_accounts(&ListQuery::default()).await.unwrap().items.len(), 2);
}

#[tokio::test]
async fn nobody_gets_an_answer_that_was_another_s() {
    let app = TestApp::start();
    let olivia = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let marco = app.owner("Marco", "marco@cycles.example", "Cycles").await;
    let cafe = NewAccount { name: named("Café") };
    let hers = olivia.me.with_idempotency_key(key("k-1")).open_account(&cafe).await.unwrap();
    let his = marco.me.with_idempotency_key(key("k-1")).open_account(&cafe).await.unwrap();
    assert_ne!(hers.id, his.id);
    // The same person in two accounts: the path is the same, the account is not.
    let invitation = InviteFirm { name: named("Apple"), email: address("office@apple.example") };
    let second = olivia.me.enter(&hers.id).await.unwrap();
    let here = olivia.inside.with_idempotency_key(key("k-2")).invite_firm(&invitation).await.unwrap();
    let there = second.with_idempotency_key(key("k-2")).invite_firm(&invitation).await.unwrap();
    assert_ne!(here.invitation_id, there.invitation_id);
    // Two keys of the operator.
    let body = CreateAccount { name: named("Made"), external_id: None, owner: None };
    let (one, other) = (app.operator().await, app.operator().await);
    let made = one.with_idempotency_key(key("k-3")).create_account(&body).await.unwrap();
    assert_eq!(one.with_idempotency_key(key("k-3")).create_account(&body).await.unwrap(), made);
    assert_ne!(other.with_idempotency_key(key("k-3")).create_account(&body).await.unwrap(), made);
    assert_eq!(one.list_accounts(&OperatorAccountQuery::default()).await.unwrap().items.len(), 6);
    // Who may not do it any more is told so, whatever was answered before.
    olivia.me.end_current_session().await.unwrap();
    assert_eq!(status(olivia.me.with_idempotency_key(key("k-1")).open_account(&cafe).await), 401);
}

#[tokio::test]
async fn every_operation_that_creates_takes_part() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let firm = app.firm(&owner, "Apple", "office@apple.example").await;
    let inside = owner.inside.with_idempotency_key(key("k"));
    let member = AddMember { name: named("Kim"), email: address("kim@x.example"), role: MemberRole::Member };
    let row = inside.add_member(&member).await.unwrap();
    assert_eq!(inside.add_member(&member).await.unwrap(), row);
    let in_firm = firm.firm.with_idempotency_key(key("k"));
    let ben = InviteEmployee {
        name: named("Ben"),
        email: address("ben@apple.example"),
        role: EmployeeRole::Bookkeeper,
        account_ids: Vec::new(),
    };
    let employee = in_firm.invite_employee(&ben).await.unwrap();
    assert_eq!(in_firm.invite_employee(&ben).await.unwrap(), employee);
    let pair = AssignmentPair { employee_id: employee.id, account_id: owner.account_id.clone() };
    let batch = AssignmentBatch { grant: vec![pair], ..AssignmentBatch::default() };
    for _ in 0..2 {
        assert_eq!(in_firm.assign_accounts(&batch).await.unwrap().granted, 1);
    }
    let operator = app.operator().await.with_idempotency_key(key("k"));
    let new_owner = NewOwner { name: named("Zoe"), email: address("zoe@x.example"), locale: None };
    let row = operator.add_owner(&owner.account_id, &new_owner).await.unwrap();
    assert_eq!(operator.add_owner(&owner.account_id, &new_owner).await.unwrap(), row);
    app.mail("zoe@x.example", 1).await;
    app.mail("ben@apple.example", 1).await;
    app.mail("kim@x.example", 1).await;
    for person in ["zoe@x.example", "ben@apple.example", "kim@x.example"] {
        assert_eq!(app.mails_to(person).len(), 1, "{person}");
    }
    let document = app.portal().read_openapi().await.unwrap();
    let mut taking: Vec<&str> = Vec::new();
    for item in document["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            let parameters = operation["parameters"].as_array();
            if parameters.into_iter().flatten().any(|parameter| parameter["name"] == "Idempotency-Key") {
                taking.push(operation["operationId"].as_str().unwrap());
                assert!(operation["responses"]["422"].to_string().contains("idempotency_key_reused"));
            }
        }
    }
    taking.sort_unstable();
    assert_eq!(
        taking,
        [
            "add_member",
            "add_owner",
            "assign_accounts",
            "create_account",
            "create_api_key",
            "create_operator_webhook",
            "create_webhook",
            "hand_over_accounts",
            "import_csv",
            "invite_employee",
            "invite_firm",
            "open_account"
        ]
    );
}

#[tokio::test]
async fn a_refusal_is_not_kept_and_a_repetition_is_no_abuse() {
    let app = TestApp::start_with(|config| config.rate_limit_factor = 1);
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let once = owner.inside.with_idempotency_key(key("k-1"));
    let kim = AddMember { name: named("Kim"), email: address("kim@x.example"), role: MemberRole::Member };
    let row = once.add_member(&kim).await.unwrap();
    for _ in 0..10 {
        assert_eq!(once.add_member(&kim).await.unwrap(), row, "more often than the address may get mails");
    }
    let other = owner.inside.with_idempotency_key(key("k-2"));
    assert_eq!(code(other.add_member(&kim).await), ErrorCode::AlreadyInvited);
    owner.inside.cancel_invitation(&row.invitation_id.unwrap()).await.unwrap();
    other.add_member(&kim).await.unwrap();
}

#[tokio::test]
async fn an_answer_is_kept_for_a_day_and_then_swept() {
    let app = TestApp::start();
    let olivia = app.owner("Olivia", "olivia@bakery.example", "Bakery").await.me;
    let cafe = NewAccount { name: named("Café") };
    let first = olivia.with_idempotency_key(key("k-1")).open_account(&cafe).await.unwrap();
    olivia.with_idempotency_key(key("k-2")).open_account(&cafe).await.unwrap();
    app.clock.advance(DAY);
    let olivia = olivia.portal().refresh_session().await.unwrap();
    let again = olivia.with_idempotency_key(key("k-1")).open_account(&cafe).await.unwrap();
    assert_ne!(again.id, first.id, "a day later it is another request");
    assert_eq!(kept(&app).await.len(), 2);
    assert!(sweep(&app.app.services.db, app.clock.now()).await.unwrap().rows >= 1);
    assert_eq!(kept(&app).await.len(), 1);
    assert_eq!(olivia.with_idempotency_key(key("k-1")).open_account(&cafe).await.unwrap(), again);
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Nullable<Text>)]
    answer: Option<String>,
    #[diesel(sql_type = BigInt)]
    body_hash_length: i64,
}

async fn kept(app: &TestApp) -> Vec<Row> {
    let rows =
        "SELECT id, answer, CAST(length(body_hash) AS BIGINT) AS body_hash_length FROM idempotency_keys";
    app.app.services.db.read(move |conn| Ok(diesel::sql_query(rows).load(conn)?)).await.unwrap()
}

#[tokio::test]
async fn what_is_kept_holds_no_key_and_no_secret() {
    let app = TestApp::start();
    let olivia = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let invitation = InviteFirm { name: named("Apple"), email: address("office@apple.example") };
    olivia.inside.with_idempotency_key(key("k-secret")).invite_firm(&invitation).await.unwrap();
    let token = app.token_mailed_to("office@apple.example", 1).await;
    let rows = kept(&app).await;
    assert_eq!((rows.len(), rows[0].body_hash_length, rows[0].id.len()), (1, 64, 64));
    let answer = rows[0].answer.as_deref().unwrap();
    assert!(
        answer.contains("Apple") && !answer.contains(token.reveal()) && !answer.contains("k-secret"),
        "{answer}"
    );
}

#[tokio::test]
async fn what_answers_with_a_secret_happens_once_and_its_answer_is_kept_nowhere() {
    let app = crate::receiver::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let inside = owner.inside.with_idempotency_key(key("k"));
    let scopes = Scopes::new(&[Scope::AccountRead]).unwrap();
    let sync = NewApiKey { name: named("Sync"), scopes, expires_at: None };
    let made = futures_util::future::join_all((0..8).map(|_| inside.create_api_key(&sync))).await;
    let (secrets, others): (Vec<_>, Vec<_>) = made.into_iter().partition(Result::is_ok);
    assert_eq!(secrets.len(), 1);
    assert!(others.into_iter().all(|other| code(other) == ErrorCode::AnswerNotKept));
    assert_eq!(owner.inside.list_api_keys(&PageQuery::default()).await.unwrap().items.len(), 1);
    let other = NewApiKey { name: named("Other"), ..sync };
    assert_eq!(code(inside.create_api_key(&other).await), ErrorCode::IdempotencyKeyReused);

    let wrong = webhook("https://10.0.0.1/hook", &[]);
    assert_eq!(status(inside.create_webhook(&wrong).await), 422);
    let right = webhook("https://hooks.bakery.example/portal", &[]);
    inside.create_webhook(&right).await.expect("a refusal is not kept");
    assert_eq!(code(inside.create_webhook(&right).await), ErrorCode::AnswerNotKept);
    let operator = app.operator().await;
    let once = operator.with_idempotency_key(key("k"));
    once.create_operator_webhook(&right).await.unwrap();
    assert_eq!(code(once.create_operator_webhook(&right).await), ErrorCode::AnswerNotKept);
    assert_eq!(operator.list_operator_webhooks().await.unwrap().items.len(), 1);
    assert!(kept(&app).await.iter().all(|row| row.answer.is_none()), "neither secrets nor what they are of");
}

#[tokio::test]
async fn a_key_is_checked_and_does_not_matter_where_nothing_is_created() {
    let app = TestApp::start();
    let olivia = app.owner("Olivia", "olivia@bakery.example", "Bakery").await.me;
    let open = async |header: &[u8], body: &str, token: &str| {
        let request = reqwest::Client::new()
            .post(app.url("/api/v1/me/accounts"))
            .bearer_auth(token)
            .header("idempotency-key", reqwest::header::HeaderValue::from_bytes(header).unwrap())
            .header("content-type", "application/json")
            .body(body.to_owned());
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json::<serde_json::Value>().await.unwrap())
    };
    let body = json!({"name": "Café"}).to_string();
    for bad in [&b""[..], b"a b", b"\xff\xfe", &[b'x'; 256]] {
        let (status, problem) = open(bad, &body, olivia.token()).await;
        assert_eq!((status, problem["code"].as_str()), (400, Some("malformed_parameter")), "{bad:?}");
    }
    assert_eq!(open(b"a b", &body, "nobody").await.0, 401, "the caller is asked for first");
    let (status, first) = open(&[b'x'; 255], &body, olivia.token()).await;
    assert_eq!(status, 201);
    assert_eq!(open(&[b'x'; 255], &body, olivia.token()).await, (201, first));
    let (status, problem) = open(&[b'x'; 255], &format!("{body} "), olivia.token()).await;
    assert_eq!((status, problem["code"].as_str()), (422, Some("idempotency_key_reused")));
    assert_eq!(olivia.list_my_accounts(&ListQuery::default()).await.unwrap().items.len(), 2);
}
