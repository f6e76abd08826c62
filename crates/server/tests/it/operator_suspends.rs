//! What the operator suspends, resumes or closes is felt at once, and on record.

use portal_api_types::{
    AccountStatus, ActivityEntry, AddMember, EmployeeRole, ErrorCode, FirmStatus, Locale, MemberRole,
    NewAccount, Password, SignIn, UpdateAccount, UpdateMe, UserStatus,
};
use portal_client::{ActivityQuery, FirmAccountQuery, ListQuery, Operator, OperatorAccountQuery};

use crate::app::{OPERATOR, PASSWORD, TestApp, acceptance, address, code, named, status};
use crate::operator::new_owner;

#[tokio::test]
async fn attack_12_a_suspended_account_is_closed_to_everybody_at_once_and_resumed_as_it_was() {
    let app = TestApp::start();
    let operator = app.operator().await;
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let firm = app.firm(&owner, "Apple", "office@apple.example").await;
    let accounts = std::slice::from_ref(&owner.account_id);
    let ben = firm.hire(&app, "Ben", "ben@apple.example", EmployeeRole::Bookkeeper, accounts).await;
    owner
        .inside
        .add_member(&AddMember {
            name: named("Kim"),
            email: address("kim@x.example"),
            role: MemberRole::Member,
        })
        .await
        .unwrap();
    let invited = app.token_mailed_to("kim@x.example", 1).await;
    let inside =
        [firm.me.enter(&owner.account_id).await.unwrap(), ben.me.enter(&owner.account_id).await.unwrap()];

    for _ in 0..2 {
        let suspended = operator.suspend_account(&owner.account_id).await.unwrap();
        assert_eq!(suspended.account.status, AccountStatus::Suspended);
    }
    for account in inside.iter().chain([&owner.inside]) {
        assert_eq!(status(account.read_account().await), 401);
    }
    for person in [&owner.me, &firm.me, &ben.me] {
        assert_eq!(status(person.enter(&owner.account_id).await), 404);
        assert!(person.list_my_accounts(&ListQuery::default()).await.unwrap().items.is_empty());
    }
    assert!(firm.firm.list_firm_accounts(&FirmAccountQuery::default()).await.unwrap().items.is_empty());
    assert_eq!(firm.firm.read_firm().await.unwrap().account_count, 0);
    assert_eq!(status(firm.firm.grant_account(&ben.id, &owner.account_id).await), 404);
    assert_eq!(status(app.portal().accept_invitation(&acceptance(invited.clone())).await), 410);

    let resumed = operator.resume_account(&owner.account_id).await.unwrap();
    assert_eq!(resumed.account.status, AccountStatus::Active);
    for account in inside.iter().chain([&owner.inside]) {
        account.read_account().await.unwrap();
    }
    app.portal().accept_invitation(&acceptance(invited)).await.unwrap();
    let trail = owner.inside.list_account_activity(&ActivityQuery::default()).await.unwrap().items;
    let by_operator: Vec<&str> =
        trail.iter().filter(|entry| entry.operator.is_some()).map(|entry| entry.action.as_str()).collect();
    assert_eq!(by_operator, ["account.resumed", "account.suspended"], "once each");
}

#[tokio::test]
async fn a_closed_account_is_closed_for_good() {
    let app = TestApp::start();
    let operator = app.operator().await;
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    owner.invite("Apple", "office@apple.example").await;
    let token = app.token_mailed_to("office@apple.example", 1).await;
    let id = &owner.account_id;
    for _ in 0..2 {
        assert_eq!(operator.close_account(id).await.unwrap().account.status, AccountStatus::Closed);
    }
    assert_eq!(status(owner.inside.read_account().await), 401);
    assert_eq!(status(owner.me.enter(id).await), 404);
    assert_eq!(status(app.portal().accept_invitation(&acceptance(token)).await), 410);
    let rename = UpdateAccount { name: Some(named("Again")), ..UpdateAccount::default() };
    assert_eq!(code(operator.update_account(id, &rename).await), ErrorCode::AccountClosed);
    assert_eq!(code(operator.suspend_account(id).await), ErrorCode::AccountClosed);
    assert_eq!(code(operator.resume_account(id).await), ErrorCode::AccountClosed);
    let owner = new_owner("Zoe", "zoe@x.example");
    assert_eq!(code(operator.add_owner(id, &owner).await), ErrorCode::AccountClosed);
    let closed = OperatorAccountQuery { status: Some(AccountStatus::Closed), ..Default::default() };
    assert_eq!(operator.list_accounts(&closed).await.unwrap().items.len(), 1);
}

#[tokio::test]
async fn attack_12_nobody_acts_for_a_suspended_firm_and_its_people_keep_what_they_have_elsewhere() {
    let app = TestApp::start();
    let operator = app.operator().await;
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let firm = app.firm(&owner, "Apple", "office@apple.example").await;
    let own = firm.me.open_account(&NewAccount { name: named("Her own") }).await.unwrap();
    let ben = firm
        .hire(
            &app,
            "Ben",
            "ben@apple.example",
            EmployeeRole::Bookkeeper,
            std::slice::from_ref(&owner.account_id),
        )
        .await;
    let inside =
        [firm.me.enter(&owner.account_id).await.unwrap(), ben.me.enter(&owner.account_id).await.unwrap()];
    firm.invite("Carla", "carla@apple.example", EmployeeRole::Admin, &[]).await;
    let invited = app.token_mailed_to("carla@apple.example", 1).await;

    assert_eq!(operator.suspend_firm(&firm.firm_id).await.unwrap().status, FirmStatus::Suspended);
    for account in &inside {
        assert_eq!(status(account.read_account().await), 401);
    }
    assert_eq!(status(firm.firm.read_firm().await), 404);
    assert_eq!(status(ben.me.firm(&firm.firm_id).read_firm().await), 404);
    assert!(ben.me.read_me().await.unwrap().firms.is_empty());
    assert!(ben.me.list_my_accounts(&ListQuery::default()).await.unwrap().items.is_empty());
    assert_eq!(status(app.portal().accept_invitation(&acceptance(invited.clone())).await), 410);
    firm.me.enter(&own.id).await.unwrap().read_account().await.unwrap();
    owner.inside.read_account().await.unwrap();
    assert!(owner.inside.list_account_users().await.unwrap().firms[0].people.is_empty());

    assert_eq!(operator.resume_firm(&firm.firm_id).await.unwrap().status, FirmStatus::Active);
    for account in &inside {
        account.read_account().await.unwrap();
    }
    app.portal().accept_invitation(&acceptance(invited)).await.unwrap();
    let trail = firm.firm.list_firm_activity(&ActivityQuery::default()).await.unwrap().items;
    let by_operator: Vec<&str> =
        trail.iter().filter(|entry| entry.operator.is_some()).map(|entry| entry.action.as_str()).collect();
    assert_eq!(by_operator, ["firm.resumed", "firm.suspended"]);
}

#[tokio::test]
async fn attack_12_a_suspended_person_is_refused_everywhere_and_goes_on_when_resumed() {
    let app = TestApp::start();
    let operator = app.operator().await;
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let firm = app.firm(&owner, "Apple", "office@apple.example").await;
    let accounts = std::slice::from_ref(&owner.account_id);
    let ben = firm.hire(&app, "Ben", "ben@apple.example", EmployeeRole::Bookkeeper, accounts).await;
    let inside = ben.me.enter(&owner.account_id).await.unwrap();
    let in_firm = ben.me.firm(&firm.firm_id);

    assert_eq!(operator.suspend_user(&ben.me.user().id).await.unwrap().status, UserStatus::Suspended);
    assert_eq!(status(inside.read_account().await), 401);
    assert_eq!(status(ben.me.read_me().await), 401);
    assert_eq!(status(in_firm.read_firm().await), 401);
    assert_eq!(status(ben.me.portal().refresh_session().await), 401);
    let credentials = SignIn { email: address("ben@apple.example"), password: Password::new(PASSWORD) };
    assert_eq!(code(app.portal().sign_in(&credentials).await), ErrorCode::WrongCredentials);

    assert_eq!(operator.resume_user(&ben.me.user().id).await.unwrap().status, UserStatus::Active);
    inside.read_account().await.unwrap();
    in_firm.read_firm().await.unwrap();
    let trail = firm.firm.list_firm_activity(&ActivityQuery::default()).await.unwrap().items;
    assert_eq!((trail[0].action.as_str(), trail[1].action.as_str()), ("user.resumed", "user.suspended"));
    operator.suspend_user(&owner.me.user().id).await.unwrap();
    assert_eq!(status(owner.inside.read_account().await), 401);
    operator.resume_user(&owner.me.user().id).await.unwrap();
    let trail = owner.inside.list_account_activity(&ActivityQuery::default()).await.unwrap().items;
    assert_eq!((trail[0].action.as_str(), trail[1].action.as_str()), ("user.resumed", "user.suspended"));
    assert_eq!(trail[0].target.as_ref().unwrap().name, "Olivia");
}

#[tokio::test]
async fn owners_are_told_by_mail_when_the_operator_suspends_resumes_or_closes_their_account() {
    let app = TestApp::start();
    let operator = app.operator().await;
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let add = |name, email, role| AddMember { name: named(name), email: address(email), role };
    owner.inside.add_member(&add("Kim", "kim@x.example", MemberRole::Owner)).await.unwrap();
    let kim = app.join("kim@x.example", 1).await;
    kim.update_me(&UpdateMe { name: None, locale: Some(Locale::Spanish) }).await.unwrap();
    owner.inside.add_member(&add("Lee", "lee@x.example", MemberRole::Member)).await.unwrap();
    app.join("lee@x.example", 1).await;

    let id = &owner.account_id;
    for _ in 0..2 {
        operator.suspend_account(id).await.unwrap();
    }
    let mail = app.mail("olivia@bakery.example", 2).await;
    assert_eq!(mail.subject, "Bakery is suspended");
    assert!(mail.text.contains(&format!("{OPERATOR} has suspended the account Bakery.")), "{}", mail.text);
    assert_eq!(app.mail("kim@x.example", 2).await.subject, "Bakery está suspendida");
    for _ in 0..2 {
        operator.resume_account(id).await.unwrap();
    }
    assert_eq!(app.mail("olivia@bakery.example", 3).await.subject, "Bakery is open again");
    assert_eq!(app.mail("kim@x.example", 3).await.subject, "Bakery vuelve a estar abierta");
    for _ in 0..2 {
        operator.close_account(id).await.unwrap();
    }
    assert_eq!(app.mail("olivia@bakery.example", 4).await.subject, "Bakery is closed");
    assert_eq!(app.mail("kim@x.example", 4).await.subject, "Bakery está cerrada");
    let count = |address| app.mails_to(address).len();
    assert_eq!(
        [count("olivia@bakery.example"), count("kim@x.example"), count("lee@x.example")],
        [4, 4, 1],
        "once each, and members are not told"
    );
}

/// The operator's trail, the newest first.
async fn trail(operator: &Operator) -> Vec<ActivityEntry> {
    operator.list_operator_activity(&ActivityQuery::default()).await.unwrap().items
}

#[tokio::test]
async fn what_the_operator_did_to_somebody_who_is_nowhere_is_in_its_own_trail() {
    let app = TestApp::start();
    let operator = app.operator().await;
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let add = AddMember { name: named("Kim"), email: address("kim@x.example"), role: MemberRole::Member };
    owner.inside.add_member(&add).await.unwrap();
    let kim = app.join("kim@x.example", 1).await.user().id.clone();
    owner.inside.remove_member(&kim).await.unwrap();
    assert!(trail(&operator).await.is_empty(), "what people do is not in it");

    operator.suspend_user(&kim).await.unwrap();
    operator.resume_user(&kim).await.unwrap();
    operator.suspend_account(&owner.account_id).await.unwrap();
    let entries = trail(&operator).await;
    let actions: Vec<&str> = entries.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["account.suspended", "user.resumed", "user.suspended"]);
    assert_eq!(entries[0].account.as_ref().unwrap().id, owner.account_id);
    for entry in &entries[1..] {
        assert_eq!(entry.target.as_ref().unwrap().id, kim.as_str());
        assert_eq!(entry.operator.as_ref().unwrap().name.as_str(), OPERATOR);
        assert_eq!((entry.account.as_ref(), entry.firm.as_ref(), entry.actor.as_ref()), (None, None, None));
        assert!(entry.ip.is_some());
    }
    operator.resume_account(&owner.account_id).await.unwrap();
    // Of somebody who is somewhere, the entries there tell.
    operator.suspend_user(&owner.me.user().id).await.unwrap();
    let entries = trail(&operator).await;
    assert_eq!((entries.len(), entries[0].account.is_some()), (5, true));
    let suspended = ActivityQuery { action: Some("user.suspended".into()), ..ActivityQuery::default() };
    let csv = operator.export_operator_activity(&suspended).await.unwrap();
    assert_eq!(csv.lines().count(), 3, "{csv}");
    // Nobody else reads it.
    for token in [owner.me.token(), owner.inside.token()] {
        let other = app.portal().operator(token);
        assert_eq!(status(other.list_operator_activity(&ActivityQuery::default()).await), 401);
    }
}
