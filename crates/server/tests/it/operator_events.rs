//! What open tabs hear of the operator.

use portal_api_types::EmployeeRole;
use portal_client::PortalEvent;

use crate::app::TestApp;
use crate::events::{ALL, Tab, access, account, firm};

#[tokio::test]
async fn open_tabs_hear_of_suspended_accounts_firms_and_people() {
    let app = TestApp::start();
    let operator = app.operator().await;
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let other = app.owner("Marco", "marco@cycles.example", "Cycles").await;
    let apple = app.firm(&owner, "Apple", "office@apple.example").await;
    let bakery = &owner.account_id.clone();
    let accounts = std::slice::from_ref(bakery);
    let employee = apple.hire(&app, "Ben", "ben@apple.example", EmployeeRole::Bookkeeper, accounts).await;
    let in_apple = || firm(&apple.firm_id);
    let mut olivia = Tab::open("Olivia", &owner.me).await;
    let mut marco = Tab::open("Marco", &other.me).await;
    let mut anna = Tab::open("Anna", &apple.me).await;
    let mut ben = Tab::open("Ben", &employee.me).await;

    operator.suspend_account(bakery).await.unwrap();
    tokio::join!(
        olivia.hears([access(bakery)]),
        anna.hears([access(bakery), in_apple()]),
        ben.hears([access(bakery)]),
        marco.hears([]),
    );
    operator.resume_account(bakery).await.unwrap();
    tokio::join!(
        olivia.hears([access(bakery)]),
        anna.hears([access(bakery), in_apple()]),
        ben.hears([access(bakery)]),
        marco.hears([]),
    );
    operator.suspend_firm(&apple.firm_id).await.unwrap();
    tokio::join!(anna.hears([ALL]), ben.hears([ALL]), olivia.hears([account(bakery)]), marco.hears([]));
    operator.resume_firm(&apple.firm_id).await.unwrap();
    tokio::join!(anna.hears([ALL]), ben.hears([ALL]), olivia.hears([account(bakery)]), marco.hears([]));

    operator.suspend_user(&employee.me.user().id).await.unwrap();
    tokio::join!(
        ben.ends_with(Some(PortalEvent::End)),
        anna.hears([account(bakery), in_apple()]),
        olivia.hears([account(bakery)]),
        marco.hears([]),
    );
}
