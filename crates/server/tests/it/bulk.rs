//! Many assignments at once, as people change them in a table: seen, tried, done and undone.

use std::collections::BTreeSet;
use std::time::Instant;

use portal_api_types::{
    AccountId, AssignmentBatch, AssignmentChanges, AssignmentPair, EmployeeId, EmployeeRole, ErrorCode,
};
use portal_client::ActivityQuery;

use crate::app::{FirmAdmin, Owner, TestApp, code, named, status};

/// This many more client accounts of the firm, without owners.
pub async fn clients(app: &TestApp, firm: &FirmAdmin, count: usize) -> Vec<AccountId> {
    clients_named(app, firm, count, "").await
}

/// The same, with this at the end of their names.
pub async fn clients_named(
    app: &TestApp,
    firm: &FirmAdmin,
    count: usize,
    ending: &'static str,
) -> Vec<AccountId> {
    let (ctx, firm) = (app.app.ctx(None, None, portal_api_types::Locale::default()), firm.firm_id.clone());
    let opened = app.app.services.db.write(move |conn| {
        use portal_server::store::{accounts, connections};
        let mut opened = Vec::with_capacity(count);
        for number in 0..count {
            let id = AccountId::from_uuid(ctx.new_uuid());
            accounts::insert(conn, &id, &named(&format!("Client {number:05}{ending}")), None, ctx.now)?;
            connections::insert(conn, &firm, &id, ctx.now)?;
            opened.push(id);
        }
        Ok(opened)
    });
    opened.await.unwrap()
}

/// A pair.
pub fn pair(employee: &EmployeeId, account: &AccountId) -> AssignmentPair {
    AssignmentPair { employee_id: employee.clone(), account_id: account.clone() }
}

/// All pairs of an employee and some accounts.
pub fn pairs(employee: &EmployeeId, accounts: &[AccountId]) -> Vec<AssignmentPair> {
    accounts.iter().map(|account| pair(employee, account)).collect()
}

/// Grants all of these accounts.
pub async fn grant_all(firm: &FirmAdmin, employee: &EmployeeId, accounts: &[AccountId]) {
    let batch = AssignmentBatch { grant: pairs(employee, accounts), ..AssignmentBatch::default() };
    firm.firm.assign_accounts(&batch).await.unwrap();
}

/// What is assigned to one employee of these accounts.
pub async fn assigned(
    firm: &FirmAdmin,
    employee: &EmployeeId,
    accounts: &[AccountId],
) -> BTreeSet<AccountId> {
    let mut found = BTreeSet::new();
    for part in accounts.chunks(100) {
        let page = firm.firm.list_assignments(std::slice::from_ref(employee), part).await.unwrap();
        found.extend(page.items.into_iter().map(|pair| pair.account_id));
    }
    found
}

async fn office(app: &TestApp) -> (Owner, FirmAdmin) {
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let firm = app.firm(&owner, "Apple", "office@apple.example").await;
    (owner, firm)
}

#[tokio::test]
async fn a_part_of_the_table_shows_what_is_assigned_in_it() {
    let app = TestApp::start();
    let (owner, firm) = office(&app).await;
    let accounts = clients(&app, &firm, 3).await;
    let ben = firm.hire(&app, "Ben", "ben@apple.example", EmployeeRole::Bookkeeper, &accounts[..2]).await;
    let carla = firm.invite("Carla", "carla@apple.example", EmployeeRole::Bookkeeper, &accounts[1..]).await;
    let people = [carla.id.clone(), ben.id.clone(), firm.employee_id.clone()];
    let shown = |people: &[EmployeeId], accounts: &[AccountId]| {
        let (firm, people, accounts) = (firm.firm.clone(), people.to_vec(), accounts.to_vec());
        async move { firm.list_assignments(&people, &accounts).await.unwrap().items }
    };
    let mut all = [pairs(&ben.id, &accounts[..2]), pairs(&carla.id, &accounts[1..])].concat();
    all.sort();
    assert_eq!(shown(&people, &accounts).await, all);
    assert_eq!(shown(&people[..1], &accounts[1..2]).await, [pair(&carla.id, &accounts[1])]);
    assert!(shown(&people[2..], &accounts).await.is_empty(), "an admin needs no assignment");
    assert!(shown(&people, std::slice::from_ref(&owner.account_id)).await.is_empty());
    // What the operator has suspended is no client meanwhile.
    let operator = app.operator().await;
    operator.suspend_account(&accounts[1]).await.unwrap();
    assert_eq!(shown(&people, &accounts).await.len(), 2);
    operator.resume_account(&accounts[1]).await.unwrap();
    assert_eq!(shown(&people, &accounts).await.len(), 4);
}

#[tokio::test]
async fn attack_20_what_is_another_firm_s_is_assigned_to_nothing() {
    let app = TestApp::start();
    let (owner, firm) = office(&app).await;
    let ben = firm
        .hire(
            &app,
            "Ben",
            "ben@apple.example",
            EmployeeRole::Bookkeeper,
            std::slice::from_ref(&owner.account_id),
        )
        .await;
    let other_owner = app.owner("Marco", "marco@cycles.example", "Cycles").await;
    let other = app.firm(&other_owner, "Pear", "office@pear.example").await;
    // The account is a client of both firms; who works on it for the one is none of the other's business.
    owner.invite("Pear", "office@pear.example").await;
    let (people, accounts) = ([ben.id.clone()], [owner.account_id.clone()]);
    assert_eq!(firm.firm.list_assignments(&people, &accounts).await.unwrap().items.len(), 1);
    assert!(other.firm.list_assignments(&people, &accounts).await.unwrap().items.is_empty());
    for (token, verdict) in [(other.me.token(), 404), (ben.me.token(), 403)] {
        let path = format!(
            "/api/v1/firms/{}/assignments?employees={}&accounts={}",
            firm.firm_id, ben.id, accounts[0]
        );
        let answer = reqwest::Client::new().get(app.url(&path)).bearer_auth(token).send().await.unwrap();
        assert_eq!(answer.status(), verdict);
    }
}

#[tokio::test]
async fn a_hundred_of_each_are_asked_for_and_no_more() {
    let app = TestApp::start();
    let (_, firm) = office(&app).await;
    let accounts = clients(&app, &firm, 101).await;
    let ben = firm.invite("Ben", "ben@apple.example", EmployeeRole::Bookkeeper, &accounts).await;
    let people = vec![ben.id.clone(); 100];
    let found = firm.firm.list_assignments(&people, &accounts[..100]).await.unwrap().items;
    assert_eq!(found.len(), 100);
    for result in [
        firm.firm.list_assignments(&people, &accounts).await,
        firm.firm.list_assignments(&vec![ben.id.clone(); 101], &accounts[..1]).await,
        firm.firm.list_assignments(&[], &accounts[..1]).await,
    ] {
        assert_eq!(code(result), ErrorCode::MalformedParameter);
    }
    for query in ["", "employees=x&accounts=y", "employees=,&accounts=,", &format!("employees={}", ben.id)] {
        let path = format!("/api/v1/firms/{}/assignments?{query}", firm.firm_id);
        let request = reqwest::Client::new().get(app.url(&path)).bearer_auth(firm.me.token());
        assert_eq!(request.send().await.unwrap().status(), 400, "{query}");
    }
}

#[tokio::test]
async fn a_batch_that_is_tried_changes_nothing_and_says_what_it_would() {
    let app = TestApp::start();
    let (_, firm) = office(&app).await;
    let accounts = clients(&app, &firm, 4).await;
    let ben = firm.invite("Ben", "ben@apple.example", EmployeeRole::Bookkeeper, &accounts[..2]).await.id;
    let trail = async || firm.firm.list_firm_activity(&ActivityQuery::default()).await.unwrap().items.len();
    let (grant, revoke) =
        (pairs(&ben, &accounts[1..3]), pairs(&ben, &[accounts[0].clone(), accounts[3].clone()]));
    let batch = AssignmentBatch { grant, revoke, dry_run: true, list_changes: true };
    let before = trail().await;
    let tried = firm.firm.assign_accounts(&batch).await.unwrap();
    assert_eq!((tried.granted, tried.revoked, tried.unchanged), (1, 1, 2));
    assert_eq!(assigned(&firm, &ben, &accounts).await, accounts[..2].iter().cloned().collect());
    assert_eq!(trail().await, before);
    let done = AssignmentBatch { dry_run: false, ..batch.clone() };
    assert_eq!(firm.firm.assign_accounts(&done).await.unwrap(), tried, "the same answer");
    assert_eq!(assigned(&firm, &ben, &accounts).await, accounts[1..3].iter().cloned().collect());
    assert_eq!(trail().await, before + 2);
    let silent = AssignmentBatch { list_changes: false, ..batch.clone() };
    assert_eq!(firm.firm.assign_accounts(&silent).await.unwrap().changes, None);
    // The same is refused.
    let foreign = "acct_01h455vb4pex5vsknk084sn02q".parse().unwrap();
    for dry_run in [true, false] {
        let both = AssignmentBatch {
            grant: batch.grant.clone(),
            revoke: batch.grant.clone(),
            dry_run,
            list_changes: true,
        };
        assert_eq!(code(firm.firm.assign_accounts(&both).await), ErrorCode::InvalidValue);
        let grant = vec![pair(&ben, &accounts[0]), pair(&ben, &foreign)];
        let unknown = AssignmentBatch { grant, dry_run, ..AssignmentBatch::default() };
        assert_eq!(code(firm.firm.assign_accounts(&unknown).await), ErrorCode::NotFound);
        let many = AssignmentBatch {
            grant: pairs(&ben, &vec![accounts[0].clone(); 10_001]),
            dry_run,
            ..AssignmentBatch::default()
        };
        assert_eq!(code(firm.firm.assign_accounts(&many).await), ErrorCode::TooManyItems);
    }
}

#[tokio::test]
async fn what_a_batch_has_changed_is_undone_by_its_inverse_and_nothing_else_is() {
    let app = TestApp::start();
    let (_, firm) = office(&app).await;
    let accounts = clients(&app, &firm, 6).await;
    let ben = firm.invite("Ben", "ben@apple.example", EmployeeRole::Bookkeeper, &accounts[..3]).await.id;
    let before = assigned(&firm, &ben, &accounts).await;
    let batch = AssignmentBatch {
        grant: pairs(&ben, &accounts[2..5]),
        revoke: pairs(&ben, &[accounts[0].clone(), accounts[5].clone()]),
        list_changes: true,
        ..AssignmentBatch::default()
    };
    let AssignmentChanges { granted, revoked } =
        firm.firm.assign_accounts(&batch).await.unwrap().changes.unwrap();
    assert_eq!(
        (granted.clone(), revoked.clone()),
        (pairs(&ben, &accounts[3..5]), pairs(&ben, &accounts[..1]))
    );
    let undo = AssignmentBatch { grant: revoked, revoke: granted, ..AssignmentBatch::default() };
    let undone = firm.firm.assign_accounts(&undo).await.unwrap();
    assert_eq!((undone.granted, undone.revoked, undone.unchanged), (1, 2, 0));
    assert_eq!(assigned(&firm, &ben, &accounts).await, before);
}

#[tokio::test]
async fn thousands_of_pairs_are_tried_within_the_time_of_a_read() {
    let app = TestApp::start();
    let (_, firm) = office(&app).await;
    let accounts = clients(&app, &firm, 2_000).await;
    let ben = firm.invite("Ben", "ben@apple.example", EmployeeRole::Bookkeeper, &accounts).await.id;
    let carla = firm.invite("Carla", "carla@apple.example", EmployeeRole::Bookkeeper, &[]).await.id;
    let grant = [pairs(&ben, &accounts), pairs(&carla, &accounts)].concat();
    let batch = AssignmentBatch { grant, dry_run: true, ..AssignmentBatch::default() };
    let began = Instant::now();
    let tried = firm.firm.assign_accounts(&batch).await.unwrap();
    assert_eq!((tried.granted, tried.unchanged), (2_000, 2_000));
    println!("{:?}", began.elapsed());
    assert_eq!(
        status(
            firm.me
                .firm(&firm.firm_id)
                .grant_account(&ben, &"acct_01h455vb4pex5vsknk084sn02q".parse().unwrap())
                .await
        ),
        404
    );
}
