//! The story that must always work: Apple Solutions, from the first invitation to the last access taken away.

use portal_api_types::{
    AccountRole, ConnectionStatus, EmployeeRole, EmployeeStatus, ErrorCode, InvitationKind, LookupInvitation,
    UpdateEmployee, Via,
};
use portal_client::{ActivityQuery, EmployeeQuery, FirmAccountQuery, ListQuery};

use crate::app::{PUBLIC_URL, TestApp, acceptance, code, status};

const OFFICE: &str = "office@apple-solutions.example";

#[tokio::test]
async fn apple_solutions_from_the_first_invitation_to_the_last_access_taken_away() {
    let app = TestApp::start();

    // 1. Store owners sign up, and each sends one invitation.
    let olivia = app.owner("Olivia Stone", "olivia@blue-bakery.example", "Blue Bakery").await;
    let marco = app.owner("Marco Vidal", "marco@red-cycles.example", "Red Cycles").await;
    let row = olivia.invite("Apple Solutions", OFFICE).await;
    assert_eq!(row.status, ConnectionStatus::Invited);
    assert!(row.firm_id.is_none() && row.invitation_id.is_some());
    marco.invite("Apple Solutions Ltd", OFFICE).await;
    let (first, second) = (app.mail(OFFICE, 1).await, app.mail(OFFICE, 2).await);
    assert!(first.text.contains(&format!("{PUBLIC_URL}/join#token=")), "{}", first.text);
    assert!(first.subject.contains("Olivia Stone") || first.text.contains("Olivia Stone"));

    // 2. Any of the links opens the firm's portal, with all clients so far.
    let looked_up =
        app.portal().lookup_invitation(&LookupInvitation { token: second.token() }).await.unwrap();
    assert_eq!((looked_up.kind, looked_up.user_exists), (InvitationKind::Firm, false));
    assert_eq!(looked_up.account_name.unwrap().as_str(), "Red Cycles");
    let anna = app.portal().accept_invitation(&acceptance(second.token())).await.unwrap();
    let me = anna.read_me().await.unwrap();
    assert_eq!(me.firms.len(), 1);
    assert_eq!(me.firms[0].role, EmployeeRole::Admin);
    let firm = anna.firm(&me.firms[0].firm_id);
    let clients = firm.list_firm_accounts(&FirmAccountQuery::default()).await.unwrap();
    let names: Vec<&str> = clients.items.iter().map(|client| client.name.as_str()).collect();
    assert_eq!(names, ["Blue Bakery", "Red Cycles"]);
    assert_eq!(clients.items[0].owner_name.as_str(), "Olivia Stone");
    assert_eq!(
        code(app.portal().accept_invitation(&acceptance(first.token())).await),
        ErrorCode::InvitationGone
    );

    // A client who invites the same e-mail later is connected at once.
    let nina = app.owner("Nina Okafor", "nina@green-garden.example", "Green Garden").await;
    let row = nina.invite("Apple", OFFICE).await;
    assert_eq!(row.status, ConnectionStatus::Connected);
    assert_eq!(row.firm_id.as_ref(), Some(&me.firms[0].firm_id));
    app.mail(OFFICE, 3).await;
    assert_eq!(anna.list_my_accounts(&ListQuery::default()).await.unwrap().items.len(), 3);

    // 3. The admin invites employees.
    let admin = crate::app::FirmAdmin {
        firm: anna.firm(&me.firms[0].firm_id),
        firm_id: me.firms[0].firm_id.clone(),
        employee_id: me.firms[0].employee_id.clone(),
        me: anna,
    };
    let ben_mail = "ben@apple-solutions.example";
    let row = admin
        .invite("Ben Ortiz", ben_mail, EmployeeRole::Bookkeeper, std::slice::from_ref(&olivia.account_id))
        .await;
    assert_eq!((row.status, row.account_count), (EmployeeStatus::Invited, 1));

    // 4. The employee sets a password and switches between the assigned accounts.
    let ben = app.join(ben_mail, 1).await;
    let accounts = ben.list_my_accounts(&ListQuery::default()).await.unwrap().items;
    assert_eq!(accounts.len(), 1);
    assert_eq!(accounts[0].role, AccountRole::Bookkeeper);
    let in_bakery = ben.enter(&olivia.account_id).await.unwrap();
    let account = in_bakery.read_account().await.unwrap();
    assert_eq!((account.name.as_str(), account.role), ("Blue Bakery", AccountRole::Bookkeeper));
    assert_eq!(account.firm.unwrap().id, admin.firm_id);
    assert_eq!(status(ben.enter(&marco.account_id).await), 404);
    assert_eq!(status(in_bakery.list_account_activity(&ActivityQuery::default()).await), 403);

    // 5. The admin adds one and takes one away: at once, for tokens already handed out.
    admin.firm.grant_account(&row.id, &marco.account_id).await.unwrap();
    admin.firm.grant_account(&row.id, &marco.account_id).await.unwrap();
    let in_cycles = ben.enter(&marco.account_id).await.unwrap();
    admin.firm.revoke_account(&row.id, &olivia.account_id).await.unwrap();
    assert_eq!(status(in_bakery.read_account().await), 401);
    in_cycles.read_account().await.unwrap();

    // Who is in the account, as its owner and as others see it.
    let users = marco.inside.list_account_users().await.unwrap();
    assert_eq!(users.owners[0].email.as_ref().unwrap().as_str(), "marco@red-cycles.example");
    let people: Vec<(&str, Via)> =
        users.firms[0].people.iter().map(|person| (person.name.as_str(), person.via)).collect();
    assert_eq!(people.len(), 2, "{people:?}");
    assert!(people.contains(&("Ben Ortiz", Via::Assignment)));
    let seen_by_ben = in_cycles.list_account_users().await.unwrap();
    assert!(seen_by_ben.owners[0].email.is_none() && seen_by_ben.firms[0].email.is_none());

    // The owner blocks one person, admins too, and lets them in again.
    let anna_inside = admin.me.enter(&marco.account_id).await.unwrap();
    marco.inside.block_person(&admin.firm_id, &admin.employee_id).await.unwrap();
    assert_eq!(status(anna_inside.read_account().await), 401);
    assert_eq!(marco.inside.list_account_users().await.unwrap().firms[0].blocked.len(), 1);
    marco.inside.unblock_person(&admin.firm_id, &admin.employee_id).await.unwrap();
    anna_inside.read_account().await.unwrap();

    // The admin deactivates the employee; the owner cuts off the whole firm.
    let deactivate =
        UpdateEmployee { status: Some(EmployeeStatus::Deactivated), ..UpdateEmployee::default() };
    let row = admin.firm.update_employee(&row.id, &deactivate).await.unwrap();
    assert_eq!(row.status, EmployeeStatus::Deactivated);
    assert_eq!(status(in_cycles.read_account().await), 401);
    marco.inside.disconnect_firm(&admin.firm_id).await.unwrap();
    assert_eq!(status(anna_inside.read_account().await), 401);
    assert_eq!(admin.firm.list_firm_accounts(&FirmAccountQuery::default()).await.unwrap().items.len(), 2);

    // The trail says it all, to the owner and to the firm.
    let trail = marco.inside.list_account_activity(&ActivityQuery::default()).await.unwrap().items;
    let actions: Vec<&str> = trail.iter().rev().map(|entry| entry.action.as_str()).collect();
    assert_eq!(
        actions,
        [
            "account.opened",
            "firm.invited",
            "firm.connected",
            "assignment.granted",
            "person.blocked",
            "person.unblocked",
            "firm.disconnected",
        ]
    );
    let csv = admin.firm.export_firm_activity(&ActivityQuery::default()).await.unwrap();
    assert!(csv.contains("employee.deactivated") && csv.starts_with("id,at,action"), "{csv}");
    let employees = admin.firm.list_employees(&EmployeeQuery::default()).await.unwrap();
    assert_eq!(employees.items.len(), 2);
    let bookkeepers = EmployeeQuery { role: Some(EmployeeRole::Bookkeeper), ..Default::default() };
    let found = admin.firm.list_employees(&bookkeepers).await.unwrap();
    assert_eq!(found.items.len(), 1);
    assert!(found.items.iter().all(|employee| employee.role == EmployeeRole::Bookkeeper));
}
