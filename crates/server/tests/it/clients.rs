//! Who works on a client account: everybody who is assigned, whether they get in or not, and the admins.

use portal_api_types::{AccountEmployee, AccountId, EmployeeRole, EmployeeStatus, UpdateEmployee, Via};
use portal_client::{InFirm, PageQuery};

use crate::app::{TestApp, status};

async fn workers(firm: &InFirm, account: &AccountId, limit: u16) -> Vec<AccountEmployee> {
    let (mut found, mut cursor) = (Vec::new(), None);
    loop {
        let page =
            firm.list_account_employees(account, &PageQuery { limit: Some(limit), cursor }).await.unwrap();
        found.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_none() {
            return found;
        }
    }
}

fn seen(workers: &[AccountEmployee]) -> Vec<(&str, EmployeeStatus, Via, bool)> {
    workers.iter().map(|row| (row.name.as_str(), row.status, row.via, row.has_access)).collect()
}

#[tokio::test]
async fn a_client_names_also_those_who_do_not_get_in() {
    use EmployeeStatus::{Active, Deactivated, Invited};
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let firm = app.firm(&owner, "Apple", "office@apple.example").await;
    let account = owner.account_id.clone();
    let assigned = std::slice::from_ref(&account);
    let hire = async |name: &str, role, accounts: &[AccountId]| {
        firm.hire(&app, name, &format!("{}@apple.example", name.to_lowercase()), role, accounts).await
    };
    hire("Ben", EmployeeRole::Bookkeeper, assigned).await;
    let blocked = hire("Carla", EmployeeRole::Bookkeeper, assigned).await;
    owner.inside.block_person(&firm.firm_id, &blocked.id).await.unwrap();
    let left = hire("Dana", EmployeeRole::Bookkeeper, assigned).await;
    let former_admin = hire("Emil", EmployeeRole::Admin, &[]).await;
    let deactivate =
        UpdateEmployee { status: Some(EmployeeStatus::Deactivated), ..UpdateEmployee::default() };
    for id in [&left.id, &former_admin.id] {
        firm.firm.update_employee(id, &deactivate).await.unwrap();
    }
    firm.invite("Farid", "farid@apple.example", EmployeeRole::Bookkeeper, assigned).await;
    firm.invite("Gina", "gina@apple.example", EmployeeRole::Admin, &[]).await;
    let elsewhere = hire("Hugo", EmployeeRole::Bookkeeper, &[]).await;

    let all = workers(&firm.firm, &account, 200).await;
    let admin = all.iter().find(|row| row.id == firm.employee_id).expect("the admin").clone();
    assert_eq!((admin.via, admin.role, admin.has_access), (Via::Admin, EmployeeRole::Admin, true));
    let others: Vec<_> = all.iter().filter(|row| row.id != admin.id).cloned().collect();
    assert_eq!(
        seen(&others),
        [
            ("Ben", Active, Via::Assignment, true),
            ("Carla", Active, Via::Assignment, false),
            ("Dana", Deactivated, Via::Assignment, false),
            ("Farid", Invited, Via::Assignment, false),
            ("Gina", Invited, Via::Admin, false),
        ]
    );
    assert_eq!(workers(&firm.firm, &account, 2).await, all, "page by page");

    let client = firm.firm.read_firm_account(&account).await.unwrap();
    assert_eq!((client.name.as_str(), client.owner_name.as_str()), ("Bakery", "Olivia"));
    assert_eq!(client.employee_count, 4, "those who are assigned");

    // It is the admins' business, and nobody's after the client has gone.
    let hugo = elsewhere.me.firm(&firm.firm_id);
    assert_eq!(status(hugo.read_firm_account(&account).await), 403);
    assert_eq!(status(hugo.list_account_employees(&account, &PageQuery::default()).await), 403);
    owner.inside.disconnect_firm(&firm.firm_id).await.unwrap();
    assert_eq!(status(firm.firm.read_firm_account(&account).await), 404);
    assert_eq!(status(firm.firm.list_account_employees(&account, &PageQuery::default()).await), 404);
}

#[tokio::test]
async fn an_admin_whom_the_owner_keeps_out_sees_who_works_there() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let firm = app.firm(&owner, "Apple", "office@apple.example").await;
    owner.inside.block_person(&firm.firm_id, &firm.employee_id).await.unwrap();
    let rows = workers(&firm.firm, &owner.account_id, 200).await;
    assert_eq!((rows.len(), rows[0].via, rows[0].has_access), (1, Via::Admin, false));
}
