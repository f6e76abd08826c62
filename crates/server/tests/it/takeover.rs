//! Attacks that take over an invitation or an identity. The numbers are those of the project's list of attacks.

use portal_api_types::{
    AddMember, CheckLink, ConfirmPasswordReset, ConfirmRegistration, EmployeeRole, ErrorCode, InviteFirm,
    LookupInvitation, MemberRole, Password, Registration, RequestPasswordReset, Secret, SignIn,
    UpdateEmployee,
};
use portal_client::{ActivityQuery, EmployeeQuery, ListQuery};

use crate::app::{PUBLIC_URL, TestApp, acceptance, address, code, named, password, status};

const OFFICE: &str = "office@apple.example";

#[tokio::test]
async fn attack_01_an_unconfirmed_registration_owns_and_accepts_nothing() {
    let app = TestApp::start();
    let squatter = Registration {
        name: named("Mallory"),
        email: address(OFFICE),
        account_name: named("Mine"),
        locale: None,
    };
    app.portal().register(&squatter).await.unwrap();
    let squatted = app.token_mailed_to(OFFICE, 1).await;
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let row = owner.invite("Apple", OFFICE).await;
    assert!(row.firm_id.is_none(), "an unconfirmed registration is no firm");
    let sign_in = SignIn { email: address(OFFICE), password: Password::new(crate::app::PASSWORD) };
    assert_eq!(code(app.portal().sign_in(&sign_in).await), ErrorCode::WrongCredentials);
    // The mailed invitation makes the login; the squatter's registration is dead then.
    let admin = app.join(OFFICE, 2).await;
    assert_eq!(admin.list_my_accounts(&ListQuery::default()).await.unwrap().items.len(), 1);
    let confirmation = ConfirmRegistration { token: squatted, password: password() };
    assert_eq!(code(app.portal().confirm_registration(&confirmation).await), ErrorCode::InvitationGone);
}

#[tokio::test]
async fn attack_02_a_token_with_any_changed_byte_is_dead() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    owner.invite("Apple", OFFICE).await;
    let token = app.token_mailed_to(OFFICE, 1).await;
    let good = token.reveal();
    for position in 0..good.len() {
        let mut bytes = good.as_bytes().to_vec();
        bytes[position] = if bytes[position] == b'A' { b'B' } else { b'A' };
        let changed = Secret::new(String::from_utf8(bytes).unwrap());
        assert_eq!(status(app.portal().lookup_invitation(&LookupInvitation { token: changed }).await), 410);
    }
    for other in ["", "inv_", &good[..good.len() - 1], &format!("{good}A"), &good.repeat(2), "\u{0}"] {
        assert_eq!(
            status(app.portal().accept_invitation(&acceptance(Secret::new(other))).await),
            410,
            "{other:?}"
        );
    }
    app.portal().lookup_invitation(&LookupInvitation { token }).await.unwrap();
}

#[tokio::test]
async fn attack_03_no_answer_but_the_mail_carries_the_secret() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let firm = app.firm(&owner, "Apple", OFFICE).await;
    let row = firm.invite("Ben", "ben@apple.example", EmployeeRole::Bookkeeper, &[]).await;
    let other = owner.invite("Pear", "office@pear.example").await;
    let secrets = [
        app.token_mailed_to("ben@apple.example", 1).await,
        app.token_mailed_to("office@pear.example", 1).await,
    ];
    let answers = [
        serde_json::to_string(&row).unwrap(),
        serde_json::to_string(&other).unwrap(),
        serde_json::to_string(&owner.inside.list_account_users().await.unwrap()).unwrap(),
        serde_json::to_string(&firm.firm.list_employees(&EmployeeQuery::default()).await.unwrap()).unwrap(),
        serde_json::to_string(&firm.firm.read_employee(&row.id).await.unwrap()).unwrap(),
        firm.firm.export_firm_activity(&ActivityQuery::default()).await.unwrap(),
        owner.inside.export_account_activity(&ActivityQuery::default()).await.unwrap(),
        serde_json::to_string(&firm.firm.list_firm_activity(&ActivityQuery::default()).await.unwrap())
            .unwrap(),
    ];
    for secret in &secrets {
        for answer in &answers {
            assert!(!answer.contains(secret.reveal()), "{answer}");
            assert!(!answer.contains(&portal_server::auth::link::hash(secret)), "{answer}");
        }
    }
    // An invitation's id is not its secret.
    let id = Secret::new(other.invitation_id.unwrap().to_string());
    assert_eq!(status(app.portal().accept_invitation(&acceptance(id)).await), 410);
}

#[tokio::test]
async fn attack_04_an_invitation_is_bound_to_its_address_and_accepted_once() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let firm = app.firm(&owner, "Apple", OFFICE).await;
    firm.invite("Ben", "ben@apple.example", EmployeeRole::Bookkeeper, &[]).await;
    let token = app.token_mailed_to("ben@apple.example", 1).await;
    // Whoever accepts becomes the invited address, whoever else is signed in.
    let ben = app.portal().accept_invitation(&acceptance(token.clone())).await.unwrap();
    assert_eq!(ben.user().email.as_str(), "ben@apple.example");
    assert_eq!(status(app.portal().accept_invitation(&acceptance(token)).await), 410);
}

#[tokio::test]
async fn attack_05_the_token_that_is_shown_is_the_token_that_is_accepted() {
    let app = TestApp::start();
    let first = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let second = app.owner("Marco", "marco@cycles.example", "Cycles").await;
    let member = |name: &str| AddMember {
        name: named(name),
        email: address("kim@x.example"),
        role: MemberRole::Member,
    };
    first.inside.add_member(&member("Kim")).await.unwrap();
    second.inside.add_member(&member("Kim")).await.unwrap();
    let token = app.token_mailed_to("kim@x.example", 1).await;
    let shown = app.portal().lookup_invitation(&LookupInvitation { token: token.clone() }).await.unwrap();
    let kim = app.portal().accept_invitation(&acceptance(token)).await.unwrap();
    let accounts = kim.list_my_accounts(&ListQuery::default()).await.unwrap().items;
    assert_eq!(accounts.len(), 1, "the other invitation still waits");
    assert_eq!(Some(&accounts[0].name), shown.account_name.as_ref());
}

#[tokio::test]
async fn attack_06_an_invitation_never_sets_the_password_of_somebody_who_exists() {
    let app = TestApp::start();
    let victim = app.owner("Victor", "victor@shop.example", "Shop").await;
    let mallory = app.owner("Mallory", "mallory@shop.example", "Trap").await;
    let add = AddMember { name: named("V"), email: address("victor@shop.example"), role: MemberRole::Owner };
    mallory.inside.add_member(&add).await.unwrap();
    let token = app.token_mailed_to("victor@shop.example", 2).await;
    assert!(
        app.portal().lookup_invitation(&LookupInvitation { token: token.clone() }).await.unwrap().user_exists
    );
    let mut acceptance = acceptance(token.clone());
    acceptance.password = Password::new("another-password-of-mallory-77");
    assert_eq!(code(app.portal().accept_invitation(&acceptance).await), ErrorCode::WrongCredentials);
    victim.me.read_me().await.unwrap();
    app.sign_in("victor@shop.example").await;
    // With the own password it works.
    let joined = app.portal().accept_invitation(&crate::app::acceptance(token)).await.unwrap();
    assert_eq!(joined.list_my_accounts(&ListQuery::default()).await.unwrap().items.len(), 2);
}

#[tokio::test]
async fn attack_07_old_links_are_dead() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let dead = |token: Secret| {
        let portal = app.portal();
        async move { assert_eq!(status(portal.accept_invitation(&acceptance(token)).await), 410) }
    };
    // After a resend, and after a cancel.
    let id = owner.invite("Pear", "office@pear.example").await.invitation_id.unwrap();
    let first = app.token_mailed_to("office@pear.example", 1).await;
    owner.inside.resend_invitation(&id).await.unwrap();
    let second = app.token_mailed_to("office@pear.example", 2).await;
    dead(first).await;
    app.portal().lookup_invitation(&LookupInvitation { token: second.clone() }).await.unwrap();
    owner.inside.cancel_invitation(&id).await.unwrap();
    dead(second).await;
    // After an employee's resend, and after the employee was removed.
    let firm = app.firm(&owner, "Apple", OFFICE).await;
    let ben = firm.invite("Ben", "ben@apple.example", EmployeeRole::Admin, &[]).await;
    let first = app.token_mailed_to("ben@apple.example", 1).await;
    firm.firm.resend_employee_invitation(&ben.id).await.unwrap();
    let second = app.token_mailed_to("ben@apple.example", 2).await;
    dead(first).await;
    firm.firm.remove_employee(&ben.id).await.unwrap();
    dead(second).await;
    // After seven days.
    firm.invite("Carla", "carla@apple.example", EmployeeRole::Bookkeeper, &[]).await;
    let late = app.token_mailed_to("carla@apple.example", 1).await;
    app.clock.advance(std::time::Duration::from_secs(7 * 86_400 + 1));
    dead(late).await;
}

#[tokio::test]
async fn attack_08_parallel_accepts_have_one_winner_and_no_half_state() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    owner.invite("Apple", OFFICE).await;
    let token = app.token_mailed_to(OFFICE, 1).await;
    let tries = (0..50).map(|_| {
        let (portal, token) = (app.portal(), token.clone());
        tokio::spawn(async move { portal.accept_invitation(&acceptance(token)).await })
    });
    let mut winners = 0;
    for result in futures_util::future::join_all(tries).await {
        match result.unwrap() {
            Ok(_) => winners += 1,
            Err(error) => assert!(matches!(error.status(), Some(410 | 401)), "{error:?}"),
        }
    }
    assert_eq!(winners, 1);
    let users = owner.inside.list_account_users().await.unwrap();
    assert_eq!((users.firms.len(), users.firms[0].people.len()), (1, 1));
}

#[tokio::test]
async fn attack_08_accepting_while_it_is_cancelled_has_one_outcome() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    for round in 0..5 {
        let office = format!("office{round}@pear.example");
        let id = owner.invite("Pear", &office).await.invitation_id.unwrap();
        let token = app.token_mailed_to(&office, 1).await;
        let (inside, portal) = (owner.inside.clone(), app.portal());
        let acceptance = acceptance(token);
        let (cancelled, accepted) =
            tokio::join!(inside.cancel_invitation(&id), portal.accept_invitation(&acceptance));
        assert_ne!(cancelled.is_ok(), accepted.is_ok(), "exactly one of the two");
        let connected = owner.inside.list_account_users().await.unwrap().firms.iter().any(|firm| {
            firm.email.as_ref().is_some_and(|email| email.as_str() == office) && firm.firm_id.is_some()
        });
        assert_eq!(connected, accepted.is_ok());
    }
}

#[tokio::test]
async fn attack_09_looking_changes_nothing_and_no_referrer_leaves() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    owner.invite("Apple", OFFICE).await;
    let token = app.token_mailed_to(OFFICE, 1).await;
    for _ in 0..3 {
        app.portal().lookup_invitation(&LookupInvitation { token: token.clone() }).await.unwrap();
        let answer = reqwest::get(app.url("/api/v1/invitations/accept")).await.unwrap();
        assert_eq!(answer.status(), 405);
        assert_eq!(answer.headers()["allow"], "POST");
        assert_eq!(answer.headers()["referrer-policy"], "no-referrer");
    }
    app.portal().accept_invitation(&acceptance(token)).await.unwrap();
}

#[tokio::test]
async fn attack_10_links_are_built_from_the_configured_url_only() {
    let app = TestApp::start();
    let body = serde_json::json!({"name": "V", "email": "v@shop.example", "account_name": "Shop"});
    let answer = reqwest::Client::new()
        .post(app.url("/api/v1/registrations"))
        .header("host", "evil.example")
        .header("origin", "https://evil.example")
        .header("x-forwarded-host", "evil.example")
        .json(&body)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 202);
    let mail = app.mail("v@shop.example", 1).await;
    assert!(!mail.text.contains("evil.example") && !mail.html.contains("evil.example"));
    assert!(mail.text.contains(&format!("{PUBLIC_URL}/join#token=reg_")), "{}", mail.text);
}

#[tokio::test]
async fn attack_11_one_address_in_other_spellings_is_one_person_and_one_firm() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    app.firm(&owner, "Apple", OFFICE).await;
    for spelling in ["OFFICE@apple.example", "office＠APPLE.example", " office@apple.example. "] {
        let again = InviteFirm { name: named("Apple"), email: address(spelling) };
        assert_eq!(code(owner.inside.invite_firm(&again).await), ErrorCode::AlreadyConnected, "{spelling:?}");
    }
    for bad in
        ["off\u{200B}ice@apple.example", "оffice@apple.example", "office@apple.example\r\nBcc: x@y.example"]
    {
        let body = serde_json::json!({"name": "A", "email": bad});
        let request =
            app.portal().http().post(app.url("/api/v1/account/firms")).bearer_auth(owner.inside.token());
        assert_eq!(request.json(&body).send().await.unwrap().status(), 422, "{bad:?}");
    }
    let sign_in =
        SignIn { email: address("Olivia@BAKERY.example"), password: Password::new(crate::app::PASSWORD) };
    app.portal().sign_in(&sign_in).await.unwrap();
}

#[tokio::test]
async fn attack_15_open_invitations_go_with_the_power_they_were_made_by() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let firm = app.firm(&owner, "Apple", OFFICE).await;
    let leaver = firm.hire(&app, "Lea", "lea@apple.example", EmployeeRole::Admin, &[]).await;
    let by_leaver = leaver.me.firm(&firm.firm_id);
    let alias = portal_api_types::InviteEmployee {
        name: named("Lea again"),
        email: address("lea.again@apple.example"),
        role: EmployeeRole::Admin,
        account_ids: Vec::new(),
    };
    let row = by_leaver.invite_employee(&alias).await.unwrap();
    let token = app.token_mailed_to("lea.again@apple.example", 1).await;
    let detail = firm.firm.read_employee(&leaver.id).await.unwrap();
    assert_eq!(detail.open_invitations.len(), 1, "what would go is listed");
    let demote = UpdateEmployee { role: Some(EmployeeRole::Bookkeeper), ..UpdateEmployee::default() };
    firm.firm.update_employee(&leaver.id, &demote).await.unwrap();
    assert_eq!(status(app.portal().accept_invitation(&acceptance(token)).await), 410);
    // On purpose, somebody else can send it again.
    firm.firm.resend_employee_invitation(&row.id).await.unwrap();
    app.join("lea.again@apple.example", 2).await;
}

#[tokio::test]
async fn attack_09_a_link_that_is_looked_at_stays_good_and_one_that_was_used_says_so() {
    let app = TestApp::start();
    let olivia = "olivia@bakery.example";
    let wish = Registration {
        name: named("Olivia"),
        email: address(olivia),
        account_name: named("Bakery"),
        locale: None,
    };
    app.portal().register(&wish).await.unwrap();
    let link = CheckLink { token: app.token_mailed_to(olivia, 1).await };
    let nonsense = CheckLink { token: Secret::new("reg_nonsense") };
    assert_eq!(code(app.portal().check_registration(&nonsense).await), ErrorCode::InvitationGone);
    assert_eq!(
        code(app.portal().check_password_reset(&link).await),
        ErrorCode::InvitationGone,
        "of another kind"
    );
    for _ in 0..3 {
        let whose = app.portal().check_registration(&link).await.unwrap();
        assert_eq!((whose.email.as_str(), whose.account_name), (olivia, Some(wish.account_name.clone())));
    }
    let confirmation = ConfirmRegistration { token: link.token.clone(), password: password() };
    app.portal().confirm_registration(&confirmation).await.unwrap();
    assert_eq!(code(app.portal().check_registration(&link).await), ErrorCode::InvitationGone);

    app.portal().request_password_reset(&RequestPasswordReset { email: address(olivia) }).await.unwrap();
    let link = CheckLink { token: app.token_mailed_to(olivia, 2).await };
    for _ in 0..3 {
        let whose = app.portal().check_password_reset(&link).await.unwrap();
        assert_eq!((whose.email.as_str(), whose.name, whose.account_name), (olivia, wish.name.clone(), None));
    }
    let confirmation = ConfirmPasswordReset { token: link.token.clone(), password: password() };
    app.portal().confirm_password_reset(&confirmation).await.unwrap();
    assert_eq!(code(app.portal().check_password_reset(&link).await), ErrorCode::InvitationGone);
}
