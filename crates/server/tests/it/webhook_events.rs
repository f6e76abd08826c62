//! Which change tells which webhook what.

use portal_api_types::{
    AccessReason, AccountRole, AddMember, AssignmentBatch, AssignmentPair, EmployeeRole, EmployeeStatus,
    ImportKind, Locale, MemberRole, NewAccount, RenameAccount, Secret, UpdateEmployee, UpdateWebhook,
    WebhookDisabledReason, WebhookEvent, WebhookEventType,
};

use crate::app::{Owner, address, named};
use crate::exports::file;
use crate::receiver::{Receiver, listen, start, webhook};
use crate::webhook_operator::operator_listens;

const OFFICE: &str = "office@apple.example";

/// Waits for `count` more events, and answers them, each with a word for who and why.
pub async fn told(receiver: &Receiver, secret: &Secret, count: usize) -> Vec<WebhookEvent> {
    let messages = receiver.wait_for(count).await;
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    assert_eq!(receiver.messages().len(), count, "{:#?}", receiver.messages());
    receiver.forget();
    messages.iter().map(|message| message.verified(secret)).collect()
}

pub fn in_short(events: &[WebhookEvent]) -> Vec<(String, String, Option<AccessReason>)> {
    let name = |event: &WebhookEvent| {
        let person = event.data.person.as_ref().map(|person| person.name.to_string());
        person.unwrap_or_default()
    };
    let mut short: Vec<_> =
        events.iter().map(|event| (event.event_type.clone(), name(event), event.data.reason)).collect();
    short.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
    short
}

fn one(kind: &str, name: &str, reason: AccessReason) -> Vec<(String, String, Option<AccessReason>)> {
    vec![(kind.to_owned(), name.to_owned(), Some(reason))]
}

pub fn set(role: Option<EmployeeRole>, status: Option<EmployeeStatus>) -> UpdateEmployee {
    UpdateEmployee { role, status, ..UpdateEmployee::default() }
}

#[tokio::test]
async fn every_change_of_a_firms_people_is_told_by_who_and_why() {
    const GRANTED: &str = "access.granted";
    const REVOKED: &str = "access.revoked";
    let (app, receiver) = (start(), Receiver::start().await);
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let other = app.owner("Marco", "marco@cycles.example", "Cycles").await;
    let secret = listen(&owner, &receiver).await.secret;
    let firm = app.firm(&owner, "Apple", OFFICE).await;
    other.invite("Apple", OFFICE).await;
    let events = told(&receiver, &secret, 2).await;
    assert_eq!(events[0].known_type(), Some(WebhookEventType::FirmInvited));
    assert_eq!(events[0].data.invitation.as_ref().unwrap().email, address(OFFICE));
    assert_eq!(events[1].known_type(), Some(WebhookEventType::FirmConnected));
    assert_eq!(events[1].data.firm.as_ref().unwrap().id, firm.firm_id);

    // Assigned before joining: nobody may enter before that.
    let account = owner.account_id.clone();
    let both = [account.clone(), other.account_id.clone()];
    let ben = firm.hire(&app, "Ben", "ben@apple.example", EmployeeRole::Bookkeeper, &both).await;
    let events = told(&receiver, &secret, 1).await;
    assert_eq!(in_short(&events), one(GRANTED, "Ben", AccessReason::Joined));
    let data = events.into_iter().next().unwrap().data;
    let person = data.person.unwrap();
    assert_eq!((person.user_id, person.employee_id.as_ref()), (ben.me.user().id.clone(), Some(&ben.id)));
    assert_eq!((person.email, person.role), (address("ben@apple.example"), Some(AccountRole::Bookkeeper)));
    assert_eq!((data.account.unwrap().id, data.firm.unwrap().id), (account.clone(), firm.firm_id.clone()));

    firm.firm.revoke_account(&ben.id, &account).await.unwrap();
    firm.firm.revoke_account(&ben.id, &account).await.unwrap();
    let events = told(&receiver, &secret, 1).await;
    assert_eq!(in_short(&events), one(REVOKED, "Ben", AccessReason::Unassigned));
    assert_eq!(events[0].data.actor.as_ref().unwrap().user_id, firm.me.user().id);
    firm.firm.grant_account(&ben.id, &account).await.unwrap();
    firm.firm.grant_account(&ben.id, &account).await.unwrap();
    assert_eq!(in_short(&told(&receiver, &secret, 1).await), one(GRANTED, "Ben", AccessReason::Assigned));

    firm.firm.update_employee(&ben.id, &set(None, Some(EmployeeStatus::Deactivated))).await.unwrap();
    assert_eq!(in_short(&told(&receiver, &secret, 1).await), one(REVOKED, "Ben", AccessReason::Deactivated));
    // What changes nothing is not told: Ben may not enter whether he is assigned or not.
    firm.firm.revoke_account(&ben.id, &account).await.unwrap();
    firm.firm.grant_account(&ben.id, &account).await.unwrap();
    firm.firm.update_employee(&ben.id, &set(None, Some(EmployeeStatus::Active))).await.unwrap();
    assert_eq!(in_short(&told(&receiver, &secret, 1).await), one(GRANTED, "Ben", AccessReason::Reactivated));

    owner.inside.block_person(&firm.firm_id, &ben.id).await.unwrap();
    assert_eq!(in_short(&told(&receiver, &secret, 1).await), one(REVOKED, "Ben", AccessReason::Blocked));
    owner.inside.unblock_person(&firm.firm_id, &ben.id).await.unwrap();
    assert_eq!(in_short(&told(&receiver, &secret, 1).await), one(GRANTED, "Ben", AccessReason::Unblocked));

    // An admin has all accounts: what is assigned to one does not matter until the role goes.
    let dana = firm.hire(&app, "Dana", "dana@apple.example", EmployeeRole::Admin, &[]).await;
    let events = told(&receiver, &secret, 1).await;
    assert_eq!(in_short(&events), one(GRANTED, "Dana", AccessReason::Joined));
    assert_eq!(events[0].data.person.as_ref().unwrap().role, Some(AccountRole::FirmAdmin));
    firm.firm.update_employee(&ben.id, &set(Some(EmployeeRole::Admin), None)).await.unwrap();
    firm.firm.revoke_account(&ben.id, &account).await.unwrap();
    firm.firm.update_employee(&dana.id, &set(Some(EmployeeRole::Bookkeeper), None)).await.unwrap();
    assert_eq!(in_short(&told(&receiver, &secret, 1).await), one(REVOKED, "Dana", AccessReason::RoleChanged));
    firm.firm.update_employee(&dana.id, &set(Some(EmployeeRole::Admin), None)).await.unwrap();
    assert_eq!(in_short(&told(&receiver, &secret, 1).await), one(GRANTED, "Dana", AccessReason::RoleChanged));
    firm.firm.remove_employee(&dana.id).await.unwrap();
    assert_eq!(in_short(&told(&receiver, &secret, 1).await), one(REVOKED, "Dana", AccessReason::Removed));

    firm.firm.disconnect_account(&account).await.unwrap();
    let events = told(&receiver, &secret, 1).await;
    assert_eq!(events[0].known_type(), Some(WebhookEventType::FirmDisconnected));
    owner.invite("Apple", OFFICE).await;
    owner.inside.disconnect_firm(&firm.firm_id).await.unwrap();
    let kinds: Vec<_> = told(&receiver, &secret, 2).await.into_iter().map(|event| event.event_type).collect();
    assert_eq!(kinds, ["firm.connected", "firm.disconnected"]);
}

#[tokio::test]
async fn an_import_that_demotes_and_assigns_at_once_takes_nothing_away_and_tells_nothing() {
    let (app, receiver) = (start(), Receiver::start().await);
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let secret = listen(&owner, &receiver).await.secret;
    let firm = app.firm(&owner, "Apple", OFFICE).await;
    firm.hire(&app, "Dana", "dana@apple.example", EmployeeRole::Admin, &[]).await;
    let ben = firm.hire(&app, "Ben", "ben@apple.example", EmployeeRole::Bookkeeper, &[]).await;
    told(&receiver, &secret, 3).await;
    let swap = format!(
        "name,email,role,accounts\nDana,dana@apple.example,bookkeeper,{0}\nBen,ben@apple.example,admin,{0}\n",
        owner.account_id
    );
    let import = file(ImportKind::Employees, swap, false);
    assert!(firm.firm.import_csv(&import).await.unwrap().applied);
    // Dana had it and has it; Ben gets it, once.
    let events = told(&receiver, &secret, 1).await;
    assert_eq!(in_short(&events), one("access.granted", "Ben", AccessReason::Assigned));
    ben.me.enter(&owner.account_id).await.unwrap();
}

#[tokio::test]
async fn members_and_the_account_itself_are_told_of() {
    let (app, receiver) = (start(), Receiver::start().await);
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let secret = listen(&owner, &receiver).await.secret;
    let add = AddMember { name: named("Kim"), email: address("kim@x.example"), role: MemberRole::Member };
    owner.inside.add_member(&add).await.unwrap();
    let kim = app.join("kim@x.example", 1).await;
    owner.inside.remove_member(&kim.user().id).await.unwrap();
    owner.inside.rename_account(&RenameAccount { name: named("Café") }).await.unwrap();
    let events = told(&receiver, &secret, 4).await;
    let kinds: Vec<_> = events.iter().map(|event| event.event_type.as_str()).collect();
    assert_eq!(kinds, ["member.invited", "member.added", "member.removed", "account.renamed"]);
    for event in &events[1..3] {
        let person = event.data.person.as_ref().unwrap();
        assert_eq!((&person.user_id, person.role), (&kim.user().id, Some(AccountRole::Member)));
    }
}

#[tokio::test]
async fn only_the_chosen_types_are_sent() {
    let (app, receiver) = (start(), Receiver::start().await);
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let chosen = [WebhookEventType::AccessRevoked, WebhookEventType::FirmDisconnected];
    let made = owner.inside.create_webhook(&webhook(&receiver.url("/"), &chosen)).await.unwrap();
    let firm = app.firm(&owner, "Apple", OFFICE).await;
    firm.hire(&app, "Dana", "dana@apple.example", EmployeeRole::Admin, &[]).await;
    owner.inside.disconnect_firm(&firm.firm_id).await.unwrap();
    let events = told(&receiver, &made.secret, 1).await;
    assert_eq!(events[0].event_type, "firm.disconnected");
}

/// A key or webhook of somebody who is gone: it dies with the right that it was made from.
#[tokio::test]
async fn attack_13_a_webhook_dies_with_the_right_of_whoever_made_it() {
    let (app, receiver) = (start(), Receiver::start().await);
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let add = AddMember { name: named("Kim"), email: address("kim@x.example"), role: MemberRole::Owner };
    owner.inside.add_member(&add).await.unwrap();
    let kim = app.join("kim@x.example", 1).await;
    let kims = Owner {
        inside: kim.enter(&owner.account_id).await.unwrap(),
        account_id: owner.account_id.clone(),
        me: kim.clone(),
    };
    let made = listen(&kims, &receiver).await;
    assert_eq!(made.webhook.made_by.as_ref(), Some(&kim.user().id));
    owner.inside.rename_account(&RenameAccount { name: named("Heard") }).await.unwrap();
    receiver.wait_for(1).await;
    owner.inside.remove_member(&kim.user().id).await.unwrap();
    owner.inside.rename_account(&RenameAccount { name: named("Unheard") }).await.unwrap();
    assert_eq!(receiver.settled().await.len(), 1);
    let now = owner.inside.read_webhook(&made.webhook.id).await.unwrap();
    assert_eq!(now.disabled_reason, Some(WebhookDisabledReason::OwnerLeft));
    let mail = app.mail("olivia@bakery.example", 2).await;
    assert!(mail.text.contains("is not an owner of Heard any more"), "{}", mail.text);
    // Whoever switches it on again answers for it.
    let on = UpdateWebhook { enabled: Some(true), ..Default::default() };
    let now = owner.inside.update_webhook(&made.webhook.id, &on).await.unwrap();
    assert_eq!(now.made_by.as_ref(), Some(&owner.me.user().id));
    owner.inside.rename_account(&RenameAccount { name: named("Again") }).await.unwrap();
    receiver.wait_for(2).await;

    // Whose login is suspended is not told either, by whatever path that came about.
    let olivia = owner.me.user().id.clone();
    let suspend = move |status: &'static str| {
        let (db, id) = (app.app.services.db.clone(), olivia.clone());
        async move {
            db.write(move |conn| {
                use diesel::prelude::*;
                use portal_server::schema::users;
                diesel::update(users::table.find(id.as_str())).set(users::status.eq(status)).execute(conn)?;
                Ok(())
            })
            .await
            .unwrap();
        }
    };
    owner.inside.rename_account(&RenameAccount { name: named("Before") }).await.unwrap();
    receiver.wait_for(3).await;
    receiver.answers(&["500 Oh"]);
    owner.inside.rename_account(&RenameAccount { name: named("Waiting") }).await.unwrap();
    receiver.wait_for(4).await;
    suspend("suspended").await;
    assert_eq!(receiver.settled().await.len(), 4, "not even what waits");
    suspend("active").await;
    tokio::time::sleep(std::time::Duration::from_secs(4)).await;
    receiver.wait_for(5).await;
}

#[tokio::test]
async fn a_big_batch_is_told_of_account_by_account_and_costs_little_where_nobody_listens() {
    let (app, receiver) = (start(), Receiver::start().await);
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let firm = app.firm(&owner, "Apple", OFFICE).await;
    let mut accounts = vec![owner.account_id.clone()];
    for number in 0..30 {
        let opened = owner.me.open_account(&NewAccount { name: named(&format!("A{number}")) }).await.unwrap();
        owner
            .me
            .enter(&opened.id)
            .await
            .unwrap()
            .invite_firm(&portal_api_types::InviteFirm { name: named("Apple"), email: address(OFFICE) })
            .await
            .unwrap();
        accounts.push(opened.id);
    }
    let ben = firm.hire(&app, "Ben", "ben@apple.example", EmployeeRole::Bookkeeper, &[]).await;
    let carla = firm.hire(&app, "Carla", "carla@apple.example", EmployeeRole::Bookkeeper, &[]).await;
    let secret = listen(&owner, &receiver).await.secret;
    let pairs: Vec<AssignmentPair> = accounts
        .iter()
        .flat_map(|account| {
            [&ben.id, &carla.id]
                .map(|employee| AssignmentPair { employee_id: employee.clone(), account_id: account.clone() })
        })
        .collect();
    let grant = AssignmentBatch { grant: pairs.clone(), ..AssignmentBatch::default() };
    assert_eq!(firm.firm.assign_accounts(&grant).await.unwrap().granted, 62);
    let events = told(&receiver, &secret, 2).await;
    let names: Vec<String> = in_short(&events).into_iter().map(|(_, name, _)| name).collect();
    assert_eq!(names, ["Ben", "Carla"], "of this account only, once each");
    let all = operator_listens(&app, &receiver).await;
    let revoke = AssignmentBatch { revoke: pairs, ..AssignmentBatch::default() };
    assert_eq!(firm.firm.assign_accounts(&revoke).await.unwrap().revoked, 62);
    let messages = receiver.wait_for(64).await;
    assert_eq!(messages.iter().filter(|message| message.is_signed_by(&all)).count(), 62);
    assert_eq!(messages.iter().filter(|message| message.is_signed_by(&secret)).count(), 2);
}

#[tokio::test]
async fn thousands_of_assignments_are_told_within_the_time_of_a_request() {
    let (app, receiver) = (start(), Receiver::start().await);
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let firm = app.firm(&owner, "Apple", OFFICE).await;
    let ben = firm.hire(&app, "Ben", "ben@apple.example", EmployeeRole::Bookkeeper, &[]).await;
    operator_listens(&app, &receiver).await;
    app.pause_webhooks();
    let (ctx, firm_id) = (app.app.ctx(None, None, Locale::English), firm.firm_id.clone());
    let opened = app.app.services.db.write(move |conn| {
        use portal_server::store::{accounts, connections};
        let mut opened = Vec::new();
        for number in 0..2_000 {
            let id = portal_api_types::AccountId::from_uuid(ctx.new_uuid());
            accounts::insert(conn, &id, &named(&format!("Account {number}")), None, ctx.now)?;
            connections::insert(conn, &firm_id, &id, ctx.now)?;
            opened.push(id);
        }
        Ok(opened)
    });
    let pair = |account_id| AssignmentPair { employee_id: ben.id.clone(), account_id };
    let grant: Vec<AssignmentPair> = opened.await.unwrap().into_iter().map(pair).collect();
    let batch = AssignmentBatch { grant, ..AssignmentBatch::default() };
    assert_eq!(firm.firm.assign_accounts(&batch).await.unwrap().granted, 2_000);
    let count = app.app.services.db.read(|conn| {
        use diesel::prelude::*;
        use portal_server::schema::webhook_deliveries;
        Ok(webhook_deliveries::table.count().get_result::<i64>(conn)?)
    });
    assert_eq!(count.await.unwrap(), 2_000);
}
