//! Attacks that reach across tenants.

use portal_api_types::{
    AssignmentBatch, AssignmentPair, EmployeeRole, ErrorCode, Password, RequestPasswordReset, SignIn,
    UpdateEmployee,
};
use portal_client::{ActivityQuery, FirmAccountQuery, ListQuery, PageQuery};

use crate::app::{FirmAdmin, Owner, TestApp, address, code, status};

/// Two tenants that have nothing to do with each other.
async fn two_tenants(app: &TestApp) -> ((Owner, FirmAdmin), (Owner, FirmAdmin)) {
    let a = app.owner("Olivia", "olivia@a.example", "Bakery A").await;
    let firm_a = app.firm(&a, "Firm A", "office@firm-a.example").await;
    let b = app.owner("Marco", "marco@b.example", "Cycles B").await;
    let firm_b = app.firm(&b, "Firm B", "office@firm-b.example").await;
    ((a, firm_a), (b, firm_b))
}

#[tokio::test]
async fn attack_17_ids_of_another_tenant_are_not_found_on_every_nested_route() {
    let app = TestApp::start();
    let ((owner_a, firm_a), (owner_b, firm_b)) = two_tenants(&app).await;
    let theirs = firm_a.employee_id.clone();
    let b = &firm_b.firm;
    assert_eq!(status(b.read_employee(&theirs).await), 404);
    assert_eq!(status(b.update_employee(&theirs, &UpdateEmployee::default()).await), 404);
    assert_eq!(status(b.remove_employee(&theirs).await), 404);
    assert_eq!(status(b.resend_employee_invitation(&theirs).await), 404);
    assert_eq!(status(b.list_employee_accounts(&theirs, &PageQuery::default()).await), 404);
    assert_eq!(status(b.grant_account(&theirs, &owner_b.account_id).await), 404);
    assert_eq!(status(b.revoke_account(&theirs, &owner_b.account_id).await), 404);
    assert_eq!(status(b.grant_account(&firm_b.employee_id, &owner_a.account_id).await), 404);
    assert_eq!(status(b.read_firm_account(&owner_a.account_id).await), 404);
    assert_eq!(status(b.list_account_employees(&owner_a.account_id, &PageQuery::default()).await), 404);
    assert_eq!(status(b.disconnect_account(&owner_a.account_id).await), 404);
    let other = firm_b.me.firm(&firm_a.firm_id);
    assert_eq!(status(other.read_firm().await), 404);
    assert_eq!(status(other.list_firm_activity(&ActivityQuery::default()).await), 404);
    assert_eq!(status(firm_b.me.enter(&owner_a.account_id).await), 404);
    let inside = &owner_b.inside;
    assert_eq!(status(inside.disconnect_firm(&firm_a.firm_id).await), 404);
    assert_eq!(status(inside.block_person(&firm_a.firm_id, &theirs).await), 404);
    assert_eq!(status(inside.block_person(&firm_b.firm_id, &theirs).await), 404);
    assert_eq!(status(inside.remove_member(&owner_a.me.user().id).await), 404);
    let id = owner_a.invite("Pear", "office@pear.example").await.invitation_id.unwrap();
    assert_eq!(status(inside.cancel_invitation(&id).await), 404);
    assert_eq!(status(inside.resend_invitation(&id).await), 404);
}

#[tokio::test]
async fn attack_17_the_schema_refuses_an_assignment_across_firms() {
    use diesel::prelude::*;
    use portal_server::schema::assignments;
    let app = TestApp::start();
    let ((owner_a, firm_a), (owner_b, firm_b)) = two_tenants(&app).await;
    for (firm, employee, account) in [
        (&firm_b.firm_id, &firm_a.employee_id, &owner_b.account_id),
        (&firm_a.firm_id, &firm_a.employee_id, &owner_b.account_id),
        (&firm_b.firm_id, &firm_b.employee_id, &owner_a.account_id),
    ] {
        let row = (firm.to_string(), employee.to_string(), account.to_string());
        let now = app.clock.now();
        let written = app
            .app
            .services
            .db
            .write(move |conn| {
                diesel::insert_into(assignments::table)
                    .values((
                        assignments::firm_id.eq(row.0.clone()),
                        assignments::employee_id.eq(row.1.clone()),
                        assignments::account_id.eq(row.2.clone()),
                        assignments::created_at.eq(now),
                    ))
                    .execute(conn)?;
                Ok(())
            })
            .await;
        assert!(written.is_err());
    }
}

#[tokio::test]
async fn attack_18_one_foreign_id_refuses_the_whole_batch() {
    let app = TestApp::start();
    let ((owner_a, firm_a), (owner_b, firm_b)) = two_tenants(&app).await;
    let ben = firm_b.hire(&app, "Ben", "ben@firm-b.example", EmployeeRole::Bookkeeper, &[]).await;
    let good = AssignmentPair { employee_id: ben.id.clone(), account_id: owner_b.account_id.clone() };
    let foreign = [
        AssignmentPair { employee_id: ben.id.clone(), account_id: owner_a.account_id.clone() },
        AssignmentPair { employee_id: firm_a.employee_id.clone(), account_id: owner_b.account_id.clone() },
    ];
    for bad in foreign {
        let batch = AssignmentBatch { grant: vec![good.clone(), bad.clone()], ..AssignmentBatch::default() };
        assert_eq!(code(firm_b.firm.assign_accounts(&batch).await), ErrorCode::NotFound);
        let batch =
            AssignmentBatch { grant: vec![good.clone()], revoke: vec![bad], ..AssignmentBatch::default() };
        assert_eq!(code(firm_b.firm.assign_accounts(&batch).await), ErrorCode::NotFound);
    }
    assert_eq!(status(ben.me.enter(&owner_b.account_id).await), 404, "nothing was granted");
    let batch = AssignmentBatch { grant: vec![good.clone(), good.clone()], ..AssignmentBatch::default() };
    let result = firm_b.firm.assign_accounts(&batch).await.unwrap();
    assert_eq!((result.granted, result.revoked, result.unchanged), (1, 0, 1));
    let batch = AssignmentBatch { revoke: vec![good], ..AssignmentBatch::default() };
    assert_eq!(firm_b.firm.assign_accounts(&batch).await.unwrap().revoked, 1);
}

#[tokio::test]
async fn attack_19_roles_count_only_in_their_own_firm() {
    let app = TestApp::start();
    let ((owner_a, firm_a), (owner_b, firm_b)) = two_tenants(&app).await;
    // The admin of A is a bookkeeper in B.
    let row = firm_b.invite("A's admin", "office@firm-a.example", EmployeeRole::Bookkeeper, &[]).await;
    let both = app.join("office@firm-a.example", 2).await;
    let in_b = both.firm(&firm_b.firm_id);
    assert_eq!(
        status(
            in_b.invite_employee(&portal_api_types::InviteEmployee {
                name: "X".parse().unwrap(),
                email: address("x@firm-b.example"),
                role: EmployeeRole::Admin,
                account_ids: Vec::new(),
            })
            .await
        ),
        403
    );
    let promote = UpdateEmployee { role: Some(EmployeeRole::Admin), ..UpdateEmployee::default() };
    assert_eq!(status(in_b.update_employee(&row.id, &promote).await), 403);
    assert_eq!(status(both.enter(&owner_b.account_id).await), 404);
    both.enter(&owner_a.account_id).await.unwrap();
    both.firm(&firm_a.firm_id)
        .rename_firm(&portal_api_types::RenameFirm { name: "A!".parse().unwrap() })
        .await
        .unwrap();
}

#[tokio::test]
async fn attack_20_lists_searches_and_trails_are_filtered_by_the_same_rule() {
    let app = TestApp::start();
    let ((owner_a, firm_a), (owner_b, firm_b)) = two_tenants(&app).await;
    let ben = firm_a.hire(&app, "Ben", "ben@firm-a.example", EmployeeRole::Bookkeeper, &[]).await;
    let in_a = ben.me.firm(&firm_a.firm_id);
    assert!(in_a.list_firm_accounts(&FirmAccountQuery::default()).await.unwrap().items.is_empty());
    let search = FirmAccountQuery { q: Some("bakery".into()), ..FirmAccountQuery::default() };
    assert!(in_a.list_firm_accounts(&search).await.unwrap().items.is_empty());
    assert_eq!(firm_a.firm.list_firm_accounts(&search).await.unwrap().items.len(), 1);
    let search = ListQuery { q: Some("cycles".into()), ..ListQuery::default() };
    assert!(firm_a.me.list_my_accounts(&search).await.unwrap().items.is_empty());
    assert_eq!(firm_b.me.list_my_accounts(&search).await.unwrap().items.len(), 1);
    let trail = owner_a.inside.export_account_activity(&ActivityQuery::default()).await.unwrap();
    assert!(trail.contains("Bakery A") && !trail.contains("Cycles B"), "{trail}");
    let trail = firm_a.firm.export_firm_activity(&ActivityQuery::default()).await.unwrap();
    assert!(!trail.contains(owner_b.account_id.as_str()) && !trail.contains("Firm B"), "{trail}");
}

#[tokio::test]
async fn attack_21_not_mine_and_not_there_look_the_same() {
    let app = TestApp::start();
    let ((owner_a, firm_a), (_, firm_b)) = two_tenants(&app).await;
    let uuid = uuid::Uuid::from_bytes(portal_server::clock::random_bytes());
    let nowhere = portal_api_types::EmployeeId::from_uuid(uuid);
    let shape = |error: portal_client::Error| {
        let problem = error.problem().expect("a problem").clone();
        (problem.status, problem.code, problem.detail, problem.errors)
    };
    let there = firm_b.firm.read_employee(&firm_a.employee_id).await.err().map(shape);
    assert_eq!(there, firm_b.firm.read_employee(&nowhere).await.err().map(shape));
    let unknown = portal_api_types::AccountId::from_uuid(uuid);
    let there = firm_b.me.enter(&owner_a.account_id).await.err().map(shape);
    assert_eq!(there, firm_b.me.enter(&unknown).await.err().map(shape));
    let unknown = portal_api_types::FirmId::from_uuid(uuid);
    let there = firm_b.me.firm(&firm_a.firm_id).read_firm().await.err().map(shape);
    assert_eq!(there, firm_b.me.firm(&unknown).read_firm().await.err().map(shape));
}

#[tokio::test]
async fn attack_22_nobody_is_told_who_is_known() {
    let app = TestApp::start();
    app.owner("Olivia", "olivia@a.example", "Bakery").await;
    let try_in = |email: &str, password: &str| {
        let (portal, sign_in) =
            (app.portal(), SignIn { email: address(email), password: Password::new(password) });
        async move {
            let started = std::time::Instant::now();
            let problem =
                portal.sign_in(&sign_in).await.err().and_then(|error| error.problem().cloned()).unwrap();
            ((problem.status, problem.code, problem.detail), started.elapsed())
        }
    };
    let mut known = Vec::new();
    let mut unknown = Vec::new();
    for _ in 0..5 {
        known.push(try_in("olivia@a.example", "wrong-wrong-wrong").await);
        unknown.push(try_in("nobody@a.example", "wrong-wrong-wrong").await);
    }
    assert_eq!(known[0].0, unknown[0].0);
    let fastest = |tries: &[(_, std::time::Duration)]| tries.iter().map(|(_, took)| *took).min().unwrap();
    let (known, unknown) = (fastest(&known).as_secs_f64(), fastest(&unknown).as_secs_f64());
    assert!(known < unknown * 3.0 && unknown < known * 3.0, "{known} and {unknown}: the same work");

    for email in ["olivia@a.example", "nobody@a.example"] {
        let registration = serde_json::json!({"name": "X", "email": email, "account_name": "Y"});
        let answer = app
            .portal()
            .http()
            .post(app.url("/api/v1/registrations"))
            .json(&registration)
            .send()
            .await
            .unwrap();
        assert_eq!((answer.status().as_u16(), answer.bytes().await.unwrap().len()), (202, 0));
        app.portal().request_password_reset(&RequestPasswordReset { email: address(email) }).await.unwrap();
    }
    let told = app.mail("olivia@a.example", 2).await;
    assert!(!told.text.contains("#token=reg_"), "somebody who has a login gets no link to a second one");
    app.mail("nobody@a.example", 1).await;
    app.mail("olivia@a.example", 3).await;
    assert_eq!(app.mails_to("nobody@a.example").len(), 1);
}
