//! Attacks that stay in after being put out.

use portal_api_types::{
    AddMember, ChangePassword, ConfirmPasswordReset, EmployeeRole, EmployeeStatus, MemberRole, Password,
    RequestPasswordReset, UpdateEmployee,
};
use portal_client::{EmployeeQuery, ListQuery};

use crate::app::{PASSWORD, TestApp, address, named, status};

const OFFICE: &str = "office@apple.example";
const BEN: &str = "ben@apple.example";

#[tokio::test]
async fn attack_12_every_kind_of_putting_out_acts_on_the_next_request() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let firm = app.firm(&owner, "Apple", OFFICE).await;
    let account = owner.account_id.clone();
    let ben = firm.hire(&app, "Ben", BEN, EmployeeRole::Bookkeeper, std::slice::from_ref(&account)).await;
    let inside = ben.me.enter(&account).await.unwrap();
    let change = |status| UpdateEmployee { status: Some(status), ..UpdateEmployee::default() };

    firm.firm.revoke_account(&ben.id, &account).await.unwrap();
    assert_eq!(status(inside.read_account().await), 401);
    firm.firm.grant_account(&ben.id, &account).await.unwrap();
    inside.read_account().await.unwrap();

    firm.firm.update_employee(&ben.id, &change(EmployeeStatus::Deactivated)).await.unwrap();
    assert_eq!(status(inside.read_account().await), 401);
    assert_eq!(status(ben.me.enter(&account).await), 404);
    assert_eq!(status(ben.me.firm(&firm.firm_id).read_firm().await), 404);
    firm.firm.update_employee(&ben.id, &change(EmployeeStatus::Active)).await.unwrap();
    inside.read_account().await.unwrap();

    owner.inside.block_person(&firm.firm_id, &ben.id).await.unwrap();
    assert_eq!(status(inside.read_account().await), 401);
    owner.inside.unblock_person(&firm.firm_id, &ben.id).await.unwrap();
    inside.read_account().await.unwrap();

    owner.inside.disconnect_firm(&firm.firm_id).await.unwrap();
    assert_eq!(status(inside.read_account().await), 401);
}

#[tokio::test]
async fn attack_12_a_demoted_admin_and_a_removed_member_lose_it_at_once() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let firm = app.firm(&owner, "Apple", OFFICE).await;
    let dana = firm.hire(&app, "Dana", "dana@apple.example", EmployeeRole::Admin, &[]).await;
    let in_firm = dana.me.firm(&firm.firm_id);
    let inside = dana.me.enter(&owner.account_id).await.unwrap();
    let demote = UpdateEmployee { role: Some(EmployeeRole::Bookkeeper), ..UpdateEmployee::default() };
    firm.firm.update_employee(&dana.id, &demote).await.unwrap();
    assert_eq!(status(in_firm.list_employees(&EmployeeQuery::default()).await), 403);
    assert_eq!(status(inside.read_account().await), 401);

    let add = AddMember { name: named("Kim"), email: address("kim@x.example"), role: MemberRole::Member };
    owner.inside.add_member(&add).await.unwrap();
    let kim = app.join("kim@x.example", 1).await;
    let inside = kim.enter(&owner.account_id).await.unwrap();
    owner.inside.remove_member(&kim.user().id).await.unwrap();
    assert_eq!(status(inside.read_account().await), 401);
    assert!(app.mail("kim@x.example", 2).await.text.contains("Bakery"), "told that it has ended");
}

#[tokio::test]
async fn attack_12_a_new_password_ends_the_other_sessions() {
    let app = TestApp::start();
    let here = app.owner("Olivia", "olivia@bakery.example", "Bakery").await.me;
    let elsewhere = app.sign_in("olivia@bakery.example").await;
    let inside = elsewhere
        .enter(&here.list_my_accounts(&ListQuery::default()).await.unwrap().items[0].id)
        .await
        .unwrap();
    let new = "quiet-meadow-77-candle";
    let change =
        ChangePassword { current_password: Password::new(PASSWORD), new_password: new.parse().unwrap() };
    here.change_password(&change).await.unwrap();
    here.read_me().await.unwrap();
    assert_eq!(status(elsewhere.read_me().await), 401);
    assert_eq!(status(inside.read_account().await), 401);
    assert_eq!(status(elsewhere.portal().refresh_session().await), 401);

    let request = RequestPasswordReset { email: address("olivia@bakery.example") };
    app.portal().request_password_reset(&request).await.unwrap();
    let token = app.token_mailed_to("olivia@bakery.example", 2).await;
    let confirmation = ConfirmPasswordReset { token: token.clone(), password: PASSWORD.parse().unwrap() };
    app.portal().confirm_password_reset(&confirmation).await.unwrap();
    assert_eq!(status(here.read_me().await), 401);
    assert_eq!(status(app.portal().confirm_password_reset(&confirmation).await), 410);
    app.sign_in("olivia@bakery.example").await;
}

#[tokio::test]
async fn attack_16_who_comes_back_starts_from_nothing() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let firm = app.firm(&owner, "Apple", OFFICE).await;
    let account = owner.account_id.clone();
    let ben = firm.hire(&app, "Ben", BEN, EmployeeRole::Bookkeeper, std::slice::from_ref(&account)).await;
    firm.firm.remove_employee(&ben.id).await.unwrap();
    assert_eq!(status(ben.me.enter(&account).await), 404);
    let again = firm.hire(&app, "Ben", BEN, EmployeeRole::Bookkeeper, &[]).await;
    assert_ne!(again.id, ben.id);
    assert!(again.me.list_my_accounts(&ListQuery::default()).await.unwrap().items.is_empty());

    // A block is about the person: another place in the firm is no way around it.
    firm.firm.grant_account(&again.id, &account).await.unwrap();
    owner.inside.block_person(&firm.firm_id, &again.id).await.unwrap();
    firm.firm.remove_employee(&again.id).await.unwrap();
    let third = firm.hire(&app, "Ben", BEN, EmployeeRole::Admin, &[]).await;
    assert_eq!(status(third.me.enter(&account).await), 404);
    // A firm that was cut off and comes back finds no assignments.
    let carla = firm
        .hire(&app, "Carla", "carla@apple.example", EmployeeRole::Bookkeeper, std::slice::from_ref(&account))
        .await;
    owner.inside.disconnect_firm(&firm.firm_id).await.unwrap();
    owner.invite("Apple", OFFICE).await;
    assert_eq!(status(carla.me.enter(&account).await), 404);
}
