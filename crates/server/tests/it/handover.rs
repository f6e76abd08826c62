//! An employee goes, and a colleague takes over: seen before, and done in one piece.

use portal_api_types::{
    AfterHandover, EmployeeRole, EmployeeStatus, ErrorCode, Handover, HandoverResult, IdempotencyKey,
    UpdateEmployee,
};
use portal_client::{ActivityQuery, EmployeeQuery, Error};

use crate::app::{FirmAdmin, Owner, TestApp, acceptance, code, status};
use crate::bulk::{assigned, clients, grant_all};

async fn office(app: &TestApp) -> (Owner, FirmAdmin) {
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let firm = app.firm(&owner, "Apple", "office@apple.example").await;
    (owner, firm)
}

async fn hand_over(
    firm: &FirmAdmin,
    from: &portal_api_types::EmployeeId,
    to: &portal_api_types::EmployeeId,
    then: AfterHandover,
) -> Result<HandoverResult, Error> {
    firm.firm.hand_over_accounts(from, &Handover { to: to.clone(), then }).await
}

fn deactivated() -> UpdateEmployee {
    UpdateEmployee { status: Some(EmployeeStatus::Deactivated), ..UpdateEmployee::default() }
}

#[tokio::test]
async fn attack_15_a_departure_tells_everything_that_goes() {
    let app = TestApp::start();
    let (owner, firm) = office(&app).await;
    let accounts = clients(&app, &firm, 12).await;
    let ben = firm.hire(&app, "Ben", "ben@apple.example", EmployeeRole::Admin, &accounts).await;
    firm.invite("Carla", "carla@apple.example", EmployeeRole::Bookkeeper, &accounts[..5]).await;
    let by_ben = FirmAdmin {
        firm: ben.me.firm(&firm.firm_id),
        employee_id: ben.id.clone(),
        firm_id: firm.firm_id.clone(),
        me: ben.me,
    };
    for n in 0..11 {
        by_ben.invite(&format!("P{n:02}"), &format!("p{n}@apple.example"), EmployeeRole::Admin, &[]).await;
    }
    let departure = firm.firm.read_departure(&ben.id).await.unwrap();
    assert_eq!(departure.employee, firm.firm.read_employee(&ben.id).await.unwrap().employee);
    assert_eq!((departure.assigned_count, departure.sole_count, departure.accounts.len()), (12, 7, 10));
    assert_eq!(departure.accounts[0].name.as_str(), "Client 00000");
    assert_eq!((departure.open_invitation_count, departure.open_invitations.len()), (11, 10));
    assert_eq!(departure.open_invitations[0].name.as_str(), "P00");
    assert!(!departure.is_last_admin);
    let token = app.token_mailed_to("p3@apple.example", 1).await;
    hand_over(&firm, &ben.id, &firm.employee_id, AfterHandover::Deactivate).await.unwrap();
    assert_eq!(
        status(app.portal().accept_invitation(&acceptance(token)).await),
        410,
        "what was told has gone"
    );
    assert!(firm.firm.read_departure(&firm.employee_id).await.unwrap().is_last_admin);
    // What the person has elsewhere is none of the firm's business.
    owner.inside.read_account().await.unwrap();
    let foreign = app.owner("Marco", "marco@cycles.example", "Cycles").await;
    let other = app.firm(&foreign, "Pear", "office@pear.example").await;
    assert_eq!(status(other.firm.read_departure(&ben.id).await), 404);
}

#[tokio::test]
async fn the_colleague_has_the_accounts_and_the_employee_has_them_no_more() {
    for then in [AfterHandover::Keep, AfterHandover::Deactivate, AfterHandover::Remove] {
        let app = TestApp::start();
        let (_, firm) = office(&app).await;
        let accounts = clients(&app, &firm, 4).await;
        let ben = firm.hire(&app, "Ben", "ben@apple.example", EmployeeRole::Bookkeeper, &accounts[..3]).await;
        let carla =
            firm.hire(&app, "Carla", "carla@apple.example", EmployeeRole::Bookkeeper, &accounts[2..]).await;
        let inside = ben.me.enter(&accounts[0]).await.unwrap();
        // It will be back, and somebody has to have it then.
        let operator = app.operator().await;
        operator.suspend_account(&accounts[1]).await.unwrap();
        let departure = firm.firm.read_departure(&ben.id).await.unwrap();
        assert_eq!((departure.assigned_count, departure.accounts.len()), (3, 2), "what will be moved");
        let moved = hand_over(&firm, &ben.id, &carla.id, then).await.unwrap();
        assert_eq!(moved, HandoverResult { moved: 2, already_there: 1, kept_out: 0 }, "{then}");
        operator.resume_account(&accounts[1]).await.unwrap();
        assert_eq!(assigned(&firm, &carla.id, &accounts).await.len(), 4, "{then}");
        assert!(assigned(&firm, &ben.id, &accounts).await.is_empty(), "{then}");
        assert_eq!(status(inside.read_account().await), 401, "{then}");
        carla.me.enter(&accounts[1]).await.unwrap();
        let trail = firm.firm.list_firm_activity(&ActivityQuery::default()).await.unwrap().items;
        let count = |action: &str, target: &str| {
            let of = |entry: &&portal_api_types::ActivityEntry| {
                entry.action == action && entry.target.as_ref().is_some_and(|it| it.name == *target)
            };
            trail.iter().filter(of).count()
        };
        assert_eq!(count("assignment.granted", "Carla"), 2 + 2, "{then}");
        assert_eq!(count("assignment.revoked", "Ben"), 3, "{then}");
        let ended = app.mails_to("ben@apple.example").len();
        match then {
            AfterHandover::Keep => {
                assert_eq!(
                    firm.firm.read_employee(&ben.id).await.unwrap().employee.status,
                    EmployeeStatus::Active
                );
                assert_eq!(ended, 1, "the invitation");
            }
            AfterHandover::Deactivate => {
                assert_eq!(count("employee.deactivated", "Ben"), 1);
                app.mail("ben@apple.example", 2).await;
                let active =
                    UpdateEmployee { status: Some(EmployeeStatus::Active), ..UpdateEmployee::default() };
                firm.firm.update_employee(&ben.id, &active).await.unwrap();
                assert_eq!(status(ben.me.enter(&accounts[0]).await), 404, "attack 16: starts from nothing");
            }
            AfterHandover::Remove => {
                assert_eq!(count("employee.removed", "Ben"), 1);
                app.mail("ben@apple.example", 2).await;
                assert_eq!(status(firm.firm.read_employee(&ben.id).await), 404);
                firm.invite("Ben", "ben@apple.example", EmployeeRole::Bookkeeper, &[]).await;
                let back = app.join("ben@apple.example", 2).await;
                assert_eq!(status(back.enter(&accounts[0]).await), 404, "attack 16: starts from nothing");
            }
        }
    }
}

#[tokio::test]
async fn an_owner_reads_of_a_handover_who_has_the_account_and_who_has_it_no_more() {
    for then in [AfterHandover::Keep, AfterHandover::Deactivate, AfterHandover::Remove] {
        let app = TestApp::start();
        let (owner, firm) = office(&app).await;
        let account = std::slice::from_ref(&owner.account_id);
        let ben = firm.hire(&app, "Ben", "ben@apple.example", EmployeeRole::Bookkeeper, account).await;
        let carla = firm.invite("Carla", "carla@apple.example", EmployeeRole::Bookkeeper, &[]).await;
        hand_over(&firm, &ben.id, &carla.id, then).await.unwrap();
        let trail = owner.inside.list_account_activity(&ActivityQuery::default()).await.unwrap().items;
        let told = trail.iter().filter(|entry| entry.action.starts_with("assignment."));
        let told: Vec<_> =
            told.map(|entry| (entry.action.as_str(), entry.target.as_ref().unwrap().name.as_str())).collect();
        let expected =
            [("assignment.revoked", "Ben"), ("assignment.granted", "Carla"), ("assignment.granted", "Ben")];
        assert_eq!(told, expected, "{then}");
    }
}

#[tokio::test]
async fn a_handover_counts_the_accounts_whose_owners_keep_the_colleague_out() {
    let app = TestApp::start();
    let (owner, firm) = office(&app).await;
    let other_owner = app.owner("Marco", "marco@cycles.example", "Cycles").await;
    other_owner.invite("Apple", "office@apple.example").await;
    let accounts = [owner.account_id.clone(), other_owner.account_id.clone()];
    let ben = firm.hire(&app, "Ben", "ben@apple.example", EmployeeRole::Bookkeeper, &accounts).await;
    let carla =
        firm.hire(&app, "Carla", "carla@apple.example", EmployeeRole::Bookkeeper, &accounts[1..]).await;
    // She is kept out of one that she is to get, and of one that she has; he of one.
    owner.inside.block_person(&firm.firm_id, &carla.id).await.unwrap();
    other_owner.inside.block_person(&firm.firm_id, &carla.id).await.unwrap();
    owner.inside.block_person(&firm.firm_id, &ben.id).await.unwrap();
    let told = hand_over(&firm, &ben.id, &carla.id, AfterHandover::Keep).await.unwrap();
    assert_eq!(told, HandoverResult { moved: 1, already_there: 1, kept_out: 1 });
    assert_eq!(status(carla.me.enter(&owner.account_id).await), 404);
    owner.inside.unblock_person(&firm.firm_id, &carla.id).await.unwrap();
    carla.me.enter(&owner.account_id).await.unwrap();
    let back = hand_over(&firm, &carla.id, &ben.id, AfterHandover::Keep).await.unwrap();
    assert_eq!(back, HandoverResult { moved: 2, already_there: 0, kept_out: 1 }, "Ben is kept out too");
}

#[tokio::test]
async fn a_handover_is_refused_as_its_parts_are_and_then_nothing_has_changed() {
    let app = TestApp::start();
    let (_, firm) = office(&app).await;
    let accounts = clients(&app, &firm, 2).await;
    let ben = firm.invite("Ben", "ben@apple.example", EmployeeRole::Bookkeeper, &accounts).await.id;
    let carla = firm.hire(&app, "Carla", "carla@apple.example", EmployeeRole::Bookkeeper, &[]).await.id;
    let gone = firm.hire(&app, "Gone", "gone@apple.example", EmployeeRole::Bookkeeper, &[]).await.id;
    firm.firm.update_employee(&gone, &deactivated()).await.unwrap();
    grant_all(&firm, &firm.employee_id, &accounts[..1]).await;
    let foreign = app.owner("Marco", "marco@cycles.example", "Cycles").await;
    let other = app.firm(&foreign, "Pear", "office@pear.example").await;
    let boss = &firm.employee_id;
    for (from, to, then, refusal) in [
        (boss, &carla, AfterHandover::Deactivate, ErrorCode::LastAdmin),
        (boss, &carla, AfterHandover::Remove, ErrorCode::LastAdmin),
        (&ben, &carla, AfterHandover::Deactivate, ErrorCode::EmployeeInvited),
        (&ben, &gone, AfterHandover::Keep, ErrorCode::InvalidValue),
        (&ben, &ben, AfterHandover::Keep, ErrorCode::InvalidValue),
        (&ben, &other.employee_id, AfterHandover::Remove, ErrorCode::NotFound),
        (&other.employee_id, &carla, AfterHandover::Remove, ErrorCode::NotFound),
    ] {
        assert_eq!(code(hand_over(&firm, from, to, then).await), refusal, "{then}");
    }
    assert_eq!(assigned(&firm, &ben, &accounts).await.len(), 2);
    assert_eq!(assigned(&firm, boss, &accounts).await.len(), 1);
    assert!(assigned(&firm, &carla, &accounts).await.is_empty());
    // Whoever is invited can be handed to, and an admin too: it counts when they are an admin no more.
    assert_eq!(hand_over(&firm, boss, &ben, AfterHandover::Keep).await.unwrap().already_there, 1);
    assert_eq!(hand_over(&firm, &ben, boss, AfterHandover::Remove).await.unwrap().moved, 2);
    // Of who is deactivated already, too.
    grant_all(&firm, &gone, &accounts).await;
    assert_eq!(hand_over(&firm, &gone, &carla, AfterHandover::Deactivate).await.unwrap().moved, 2);
    assert_eq!(status(other.me.firm(&firm.firm_id).read_departure(&carla).await), 404);
}

#[tokio::test]
async fn a_handover_takes_effect_once_for_its_key() {
    let app = TestApp::start();
    let (_, firm) = office(&app).await;
    let accounts = clients(&app, &firm, 2).await;
    let ben = firm.invite("Ben", "ben@apple.example", EmployeeRole::Bookkeeper, &accounts).await.id;
    let carla = firm.invite("Carla", "carla@apple.example", EmployeeRole::Bookkeeper, &[]).await.id;
    let once = firm.firm.with_idempotency_key(IdempotencyKey::parse("k-1").unwrap());
    let handover = Handover { to: carla, then: AfterHandover::Remove };
    let first = once.hand_over_accounts(&ben, &handover).await.unwrap();
    assert_eq!(once.hand_over_accounts(&ben, &handover).await.unwrap(), first);
    assert_eq!(status(firm.firm.hand_over_accounts(&ben, &handover).await), 404);
}

/// While accounts are assigned to somebody who is removed with a handover, each ends with the colleague, or was refused.
#[tokio::test]
async fn no_account_is_lost_between_a_handover_and_grants_at_the_same_moment() {
    let app = TestApp::start();
    let (_, firm) = office(&app).await;
    let accounts = clients(&app, &firm, 40).await;
    for round in 0..4 {
        let ben = firm
            .invite("Ben", &format!("ben{round}@apple.example"), EmployeeRole::Bookkeeper, &accounts[..5])
            .await
            .id;
        let carla = firm
            .invite("Carla", &format!("carla{round}@apple.example"), EmployeeRole::Bookkeeper, &[])
            .await
            .id;
        let grants: Vec<_> = accounts[5..]
            .iter()
            .map(|account| {
                let (firm, ben, account) = (firm.firm.clone(), ben.clone(), account.clone());
                tokio::spawn(async move { (firm.grant_account(&ben, &account).await.is_ok(), account) })
            })
            .collect();
        tokio::task::yield_now().await;
        let handed = hand_over(&firm, &ben, &carla, AfterHandover::Remove).await.unwrap();
        let mut granted: Vec<_> = accounts[..5].to_vec();
        for grant in grants {
            let (done, account) = grant.await.unwrap();
            if done {
                granted.push(account);
            }
        }
        let there = assigned(&firm, &carla, &accounts).await;
        assert_eq!(there, granted.into_iter().collect(), "round {round}");
        assert_eq!(there.len(), handed.moved);
    }
}

#[tokio::test]
async fn a_handover_races_with_the_deactivation_of_the_colleague() {
    let app = TestApp::start();
    let (_, firm) = office(&app).await;
    let accounts = clients(&app, &firm, 3).await;
    for round in 0..6 {
        let ben = firm
            .invite("Ben", &format!("ben{round}@apple.example"), EmployeeRole::Bookkeeper, &accounts)
            .await
            .id;
        let carla = firm
            .hire(&app, "Carla", &format!("carla{round}@apple.example"), EmployeeRole::Bookkeeper, &[])
            .await
            .id;
        let off = deactivated();
        let (handed, off) = tokio::join!(
            hand_over(&firm, &ben, &carla, AfterHandover::Remove),
            firm.firm.update_employee(&carla, &off)
        );
        off.unwrap();
        match handed {
            Ok(moved) => {
                assert_eq!(moved.moved, 3);
                assert_eq!(assigned(&firm, &carla, &accounts).await.len(), 3);
            }
            Err(error) => {
                assert_eq!(error.code(), Some(ErrorCode::InvalidValue));
                assert_eq!(assigned(&firm, &ben, &accounts).await.len(), 3);
            }
        }
    }
    let everybody = EmployeeQuery { limit: Some(200), ..EmployeeQuery::default() };
    assert!(firm.firm.list_employees(&everybody).await.unwrap().items.len() >= 7);
}

#[tokio::test]
async fn thousands_of_accounts_are_handed_over_in_one_request() {
    let app = TestApp::start();
    let (_, firm) = office(&app).await;
    let accounts = clients(&app, &firm, 2_000).await;
    let ben = firm.hire(&app, "Ben", "ben@apple.example", EmployeeRole::Bookkeeper, &[]).await.id;
    let carla =
        firm.hire(&app, "Carla", "carla@apple.example", EmployeeRole::Bookkeeper, &accounts[..10]).await.id;
    grant_all(&firm, &ben, &accounts).await;
    let began = std::time::Instant::now();
    let departure = firm.firm.read_departure(&ben).await.unwrap();
    println!("departure {:?}", began.elapsed());
    assert_eq!((departure.assigned_count, departure.sole_count), (2_000, 1_990));
    for then in [AfterHandover::Keep, AfterHandover::Remove] {
        let (from, to) = if then == AfterHandover::Keep { (&ben, &carla) } else { (&carla, &ben) };
        let began = std::time::Instant::now();
        let moved = hand_over(&firm, from, to, then).await.unwrap();
        println!("{then} {:?}", began.elapsed());
        assert_eq!(moved.moved + moved.already_there, 2_000);
    }
}
