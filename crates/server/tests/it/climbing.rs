//! Attacks that climb: more power than one has, or a rule that holds on one path only.

use portal_api_types::{
    AddMember, EmployeeRole, EmployeeStatus, ErrorCode, MemberRole, Scope, UpdateEmployee,
};
use reqwest::Method;

use crate::app::{TestApp, address, code, named, status};
use crate::programs;

const OFFICE: &str = "office@apple.example";

#[tokio::test]
async fn attack_24_an_invited_or_deactivated_admin_is_no_admin() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let firm = app.firm(&owner, "Apple", OFFICE).await;
    // Somebody with a login, invited as an admin elsewhere, has nothing before accepting.
    let other = app.owner("Marco", "marco@cycles.example", "Cycles").await;
    firm.invite("Marco", "marco@cycles.example", EmployeeRole::Admin, &[]).await;
    assert_eq!(status(other.me.firm(&firm.firm_id).read_firm().await), 404);
    assert_eq!(status(other.me.enter(&owner.account_id).await), 404);
    let marco = app.join("marco@cycles.example", 2).await;
    marco.firm(&firm.firm_id).read_firm().await.unwrap();
    let row = marco.read_me().await.unwrap().firms[0].employee_id.clone();
    let deactivate =
        UpdateEmployee { status: Some(EmployeeStatus::Deactivated), ..UpdateEmployee::default() };
    firm.firm.update_employee(&row, &deactivate).await.unwrap();
    assert_eq!(status(marco.firm(&firm.firm_id).read_firm().await), 404);
    assert_eq!(status(marco.enter(&owner.account_id).await), 404);
    assert!(marco.read_me().await.unwrap().firms.is_empty());
}

#[tokio::test]
async fn attack_25_extra_fields_and_odd_roles_are_refused() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let firm = app.firm(&owner, "Apple", OFFICE).await;
    let http = reqwest::Client::new();
    let post = |path: String, token: String, body: serde_json::Value| {
        let request = http.post(app.url(&path)).bearer_auth(token).json(&body);
        async move {
            let answer = request.send().await.unwrap();
            (answer.status().as_u16(), answer.json::<serde_json::Value>().await.unwrap())
        }
    };
    let employees = format!("/api/v1/firms/{}/employees", firm.firm_id);
    for (role, extra, expected) in [
        ("admin,owner", None, "invalid_value"),
        ("owner", None, "invalid_value"),
        ("Admin", None, "invalid_value"),
        ("bookkeeper", Some("firm_id"), "unknown_field"),
        ("bookkeeper", Some("status"), "unknown_field"),
    ] {
        let mut body = serde_json::json!({"name": "X", "email": "x@apple.example", "role": role});
        if let Some(extra) = extra {
            body[extra] = "active".into();
        }
        let (status, problem) = post(employees.clone(), firm.me.token().to_owned(), body).await;
        assert_eq!((status, problem["code"].as_str()), (422, Some(expected)), "{problem}");
    }
    let body = serde_json::json!({"name": "X", "email": "x@x.example", "role": "member", "user_id": "me"});
    let (status, problem) =
        post("/api/v1/account/members".into(), owner.inside.token().to_owned(), body).await;
    assert_eq!((status, problem["errors"][0]["pointer"].as_str()), (422, Some("/user_id")), "{problem}");
}

#[tokio::test]
async fn attack_26_two_admins_who_demote_each_other_leave_one() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let firm = app.firm(&owner, "Apple", OFFICE).await;
    let demote = UpdateEmployee { role: Some(EmployeeRole::Bookkeeper), ..UpdateEmployee::default() };
    let promote = UpdateEmployee { role: Some(EmployeeRole::Admin), ..UpdateEmployee::default() };
    let dana = firm.hire(&app, "Dana", "dana@apple.example", EmployeeRole::Admin, &[]).await;
    let in_firm = dana.me.firm(&firm.firm_id);
    for _ in 0..10 {
        let (first, second) = tokio::join!(
            firm.firm.update_employee(&dana.id, &demote),
            in_firm.update_employee(&firm.employee_id, &demote)
        );
        let lost = match (first, second) {
            (Ok(_), Err(error)) | (Err(error), Ok(_)) => error,
            both => panic!("exactly one may pass: {both:?}"),
        };
        // Whoever came second: too late by the rule, or already without the power to ask.
        assert!(matches!(lost.status(), Some(409 | 403)), "{lost:?}");
        let still =
            if firm.firm.update_employee(&dana.id, &promote).await.is_ok() { &firm.firm } else { &in_firm };
        still.update_employee(&dana.id, &promote).await.unwrap();
        still.update_employee(&firm.employee_id, &promote).await.unwrap();
    }
}

#[tokio::test]
async fn attack_26_two_owners_who_remove_each_other_leave_one() {
    let app = TestApp::start();
    for round in 0..5 {
        let owner = app.owner("Olivia", &format!("olivia{round}@bakery.example"), "Bakery").await;
        let email = format!("kim{round}@x.example");
        let add = AddMember { name: named("Kim"), email: address(&email), role: MemberRole::Owner };
        owner.inside.add_member(&add).await.unwrap();
        let kim = app.join(&email, 1).await;
        let by_kim = kim.enter(&owner.account_id).await.unwrap();
        let (kim_id, olivia_id) = (kim.user().id.clone(), owner.me.user().id.clone());
        let (first, second) =
            tokio::join!(owner.inside.remove_member(&kim_id), by_kim.remove_member(&olivia_id));
        let lost = match (first, second) {
            (Ok(()), Err(error)) | (Err(error), Ok(())) => error,
            both => panic!("exactly one may pass: {both:?}"),
        };
        assert!(matches!(lost.status(), Some(409 | 401)), "{lost:?}");
    }
}

#[tokio::test]
async fn attack_27_the_last_owner_and_the_last_admin_stay_on_every_path() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let firm = app.firm(&owner, "Apple", OFFICE).await;
    assert_eq!(code(owner.inside.remove_member(&owner.me.user().id).await), ErrorCode::LastOwner);
    let demote = UpdateEmployee { role: Some(EmployeeRole::Bookkeeper), ..UpdateEmployee::default() };
    let deactivate =
        UpdateEmployee { status: Some(EmployeeStatus::Deactivated), ..UpdateEmployee::default() };
    assert_eq!(code(firm.firm.update_employee(&firm.employee_id, &demote).await), ErrorCode::LastAdmin);
    assert_eq!(code(firm.firm.update_employee(&firm.employee_id, &deactivate).await), ErrorCode::LastAdmin);
    assert_eq!(code(firm.firm.remove_employee(&firm.employee_id).await), ErrorCode::LastAdmin);
    // An invited admin does not count as one.
    let invited = firm.invite("Dana", "dana@apple.example", EmployeeRole::Admin, &[]).await;
    assert_eq!(code(firm.firm.remove_employee(&firm.employee_id).await), ErrorCode::LastAdmin);
    let activate = UpdateEmployee { status: Some(EmployeeStatus::Active), ..UpdateEmployee::default() };
    assert_eq!(code(firm.firm.update_employee(&invited.id, &activate).await), ErrorCode::EmployeeInvited);
    assert_eq!(
        code(firm.firm.resend_employee_invitation(&firm.employee_id).await),
        ErrorCode::EmployeeJoined
    );
}

/// A path or a query is refused faster than a database answers; again and again, since it was a race.
#[tokio::test]
async fn attack_21_who_may_not_ask_learns_nothing_of_what_was_wrong_in_the_question() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let firm = app.firm(&owner, "Apple", OFFICE).await;
    let ben = firm.hire(&app, "Ben", "ben@apple.example", EmployeeRole::Bookkeeper, &[]).await;
    let marco = app.owner("Marco", "marco@cycles.example", "Cycles").await;
    let program = programs::enter(&app, &programs::key(&owner, &[Scope::AccountRead]).await).await;
    let in_firm = |path: &str| format!("/api/v1/firms/{}{path}", firm.firm_id);
    let http = reqwest::Client::new();
    for (method, path, token, expected) in [
        (Method::DELETE, "/api/v1/account/firms/nonsense".to_owned(), program.token(), 403),
        (Method::GET, "/api/v1/account/activity?from=yesterday".to_owned(), program.token(), 403),
        (Method::GET, in_firm("/employees?status=gone"), ben.me.token(), 403),
        (Method::GET, in_firm("/employees/nonsense"), ben.me.token(), 403),
        (Method::GET, in_firm("/employees/nonsense"), marco.me.token(), 404),
        (Method::GET, in_firm("/employees/nonsense"), program.token(), 401),
        (Method::GET, "/api/v1/firms/nonsense".to_owned(), program.token(), 401),
        (Method::GET, "/api/v1/operator/accounts/nonsense".to_owned(), marco.me.token(), 401),
    ] {
        for _ in 0..10 {
            let request = http.request(method.clone(), app.url(&path)).bearer_auth(token);
            assert_eq!(request.send().await.unwrap().status(), expected, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn attack_28_of_two_authorization_headers_none_counts() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let marco = app.owner("Marco", "marco@cycles.example", "Cycles").await;
    for other in [marco.inside.token(), "nonsense", owner.inside.token()] {
        let request = reqwest::Client::new().get(app.url("/api/v1/account"));
        let request = request.bearer_auth(owner.inside.token()).bearer_auth(other);
        assert_eq!(request.send().await.unwrap().status(), 401);
    }
}
