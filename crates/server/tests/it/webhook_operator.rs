//! What the operator's webhooks hear, and what accounts hear of what the operator does.

use portal_api_types::{
    AccessReason, AddMember, EmployeeRole, EmployeeStatus, ErrorCode, MAX_WEBHOOKS, MemberRole, NewAccount,
    Secret, UpdateAccount, UpdateWebhook, WebhookDisabledReason, WebhookEvent, WebhookEventType,
};
use portal_client::{ActivityQuery, PageQuery};

use crate::app::{OPERATOR, TestApp, address, code, named, status};
use crate::receiver::{Receiver, listen, start, webhook};
use crate::webhook_events::{in_short, set, told};

const OFFICE: &str = "office@apple.example";

/// The operator makes a webhook to this receiver that wants everything.
pub async fn operator_listens(app: &TestApp, receiver: &Receiver) -> Secret {
    let operator = app.portal().operator(&app.operator_key().await);
    operator.create_operator_webhook(&webhook(&receiver.url("/operator"), &[])).await.unwrap().secret
}

#[tokio::test]
async fn the_operator_hears_of_all_accounts_and_of_firms() {
    let (app, receiver) = (start(), Receiver::start().await);
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let secret = operator_listens(&app, &receiver).await;
    let other = app.owner("Marco", "marco@cycles.example", "Cycles").await;
    owner.me.open_account(&NewAccount { name: named("Second") }).await.unwrap();
    let firm = app.firm(&owner, "Apple", OFFICE).await;
    let both = [owner.account_id.clone()];
    let ben = firm.hire(&app, "Ben", "ben@apple.example", EmployeeRole::Bookkeeper, &both).await;
    firm.firm.update_employee(&ben.id, &set(None, Some(EmployeeStatus::Deactivated))).await.unwrap();
    firm.firm.update_employee(&ben.id, &set(None, Some(EmployeeStatus::Active))).await.unwrap();
    let events = told(&receiver, &secret, 9).await;
    let kinds: Vec<_> = in_short(&events).into_iter().map(|(kind, ..)| kind).collect();
    assert_eq!(
        kinds,
        [
            "access.granted",
            "access.granted",
            "access.revoked",
            "account.opened",
            "account.opened",
            "employee.deactivated",
            "employee.reactivated",
            "firm.connected",
            "firm.invited"
        ]
    );
    let of_firm = events.iter().find(|event| event.event_type == "employee.deactivated").unwrap();
    assert_eq!(
        (of_firm.data.account.as_ref(), of_firm.data.firm.as_ref().unwrap().id == firm.firm_id),
        (None, true)
    );
    let opened = events.iter().filter(|event| event.event_type == "account.opened");
    assert!(opened.into_iter().any(|event| event.data.account.as_ref().unwrap().id == other.account_id));
    // The operator's webhooks are nobody's else.
    assert!(owner.inside.list_webhooks().await.unwrap().items.is_empty());
}

#[tokio::test]
async fn what_the_operator_does_is_told() {
    let (app, receiver) = (start(), Receiver::start().await);
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let firm = app.firm(&owner, "Apple", OFFICE).await;
    let accounts = [owner.account_id.clone()];
    let ben = firm.hire(&app, "Ben", "ben@apple.example", EmployeeRole::Bookkeeper, &accounts).await;
    let secret = operator_listens(&app, &receiver).await;
    let operator = app.portal().operator(&app.operator_key().await);
    let kinds = async |count| {
        let events = told(&receiver, &secret, count).await;
        assert!(events.iter().all(|event| event.data.actor.is_none()), "{events:#?}");
        in_short(&events).into_iter().map(|(kind, name, _)| (kind, name)).collect::<Vec<_>>()
    };
    let plain = |kind: &str| vec![(kind.to_owned(), String::new())];

    operator.suspend_account(&owner.account_id).await.unwrap();
    operator.suspend_account(&owner.account_id).await.unwrap();
    assert_eq!(kinds(1).await, plain("account.suspended"));
    operator.resume_account(&owner.account_id).await.unwrap();
    assert_eq!(kinds(1).await, plain("account.resumed"));
    operator.suspend_firm(&firm.firm_id).await.unwrap();
    assert_eq!(kinds(1).await, plain("firm.suspended"));
    operator.resume_firm(&firm.firm_id).await.unwrap();
    assert_eq!(kinds(1).await, plain("firm.resumed"));
    operator.suspend_user(&ben.me.user().id).await.unwrap();
    assert_eq!(kinds(1).await, [("access.revoked".to_owned(), "Ben".to_owned())]);
    operator.resume_user(&ben.me.user().id).await.unwrap();
    assert_eq!(kinds(1).await, [("access.granted".to_owned(), "Ben".to_owned())]);

    let new = portal_api_types::CreateAccount {
        name: named("Café"),
        external_id: None,
        owner: Some(portal_api_types::NewOwner {
            name: named("Olivia"),
            email: address("olivia@bakery.example"),
            locale: None,
        }),
    };
    let made = operator.create_account(&new).await.unwrap().account;
    assert_eq!(
        kinds(2).await,
        [("account.opened".to_owned(), String::new()), ("member.added".to_owned(), "Olivia".to_owned())]
    );
    operator.close_account(&made.id).await.unwrap();
    assert_eq!(kinds(1).await, plain("account.closed"));
}

#[tokio::test]
async fn the_operators_webhooks_are_made_and_kept_by_its_keys() {
    let (app, receiver) = (start(), Receiver::start().await);
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let operator = app.portal().operator(&app.operator_key().await);
    let new = webhook(&receiver.url("/operator"), &[WebhookEventType::AccountSuspended]);
    let made = operator.create_operator_webhook(&new).await.unwrap();
    let id = made.webhook.id.clone();
    assert_eq!((made.webhook.made_by.as_ref(), made.webhook.enabled), (None, true));
    operator.suspend_account(&owner.account_id).await.unwrap();
    let message = receiver.wait_for(1).await.remove(0);
    let event = message.verified(&made.secret);
    assert_eq!(event.known_type(), Some(WebhookEventType::AccountSuspended));
    assert_eq!(event.data.account.unwrap().id, owner.account_id);
    operator.resume_account(&owner.account_id).await.unwrap();

    let rotated = operator.rotate_operator_webhook_secret(&id).await.unwrap();
    let sent = operator.test_operator_webhook(&id).await.unwrap();
    let message = receiver.wait_for(2).await.remove(1);
    assert_eq!(message.id, sent.event_id.as_str());
    assert!(message.is_signed_by(&made.secret) && message.is_signed_by(&rotated.secret));
    let test = message.event().data;
    assert_eq!((test.account, test.actor), (None, None), "it is in no account, and by nobody");

    // Another key of the operator's sees and changes what the first one has made.
    let other = app.portal().operator(&app.operator_key().await);
    let log = other.list_operator_webhook_deliveries(&id, &PageQuery::default()).await.unwrap().items;
    let kinds: Vec<_> = log.iter().map(|delivery| delivery.event_type.as_str()).collect();
    assert_eq!(kinds, ["webhook.test", "account.suspended"]);
    let again = other.redeliver_operator_webhook(&id, &log[1].id).await.unwrap();
    assert_eq!((&again.event_id, again.id == log[1].id), (&log[1].event_id, false));
    assert_eq!(receiver.wait_for(3).await[2].id, log[1].event_id.as_str());
    let switch = |enabled| UpdateWebhook { enabled: Some(enabled), ..UpdateWebhook::default() };
    let off = other.update_operator_webhook(&id, &switch(false)).await.unwrap();
    assert_eq!(off.disabled_reason, Some(WebhookDisabledReason::ByHand));
    operator.suspend_account(&owner.account_id).await.unwrap();
    operator.resume_account(&owner.account_id).await.unwrap();
    let moved = UpdateWebhook { url: Some(receiver.url("/moved")), ..switch(true) };
    let on = other.update_operator_webhook(&id, &moved).await.unwrap();
    assert_eq!((on.enabled, on.made_by.as_ref()), (true, None));
    assert_eq!(operator.read_operator_webhook(&id).await.unwrap(), on);
    assert_eq!(operator.list_operator_webhooks().await.unwrap().items, [on]);
    operator.suspend_account(&owner.account_id).await.unwrap();
    let message = receiver.wait_for(4).await.remove(3);
    assert_eq!((message.path.as_str(), message.event().event_type.as_str()), ("/moved", "account.suspended"));
    operator.resume_account(&owner.account_id).await.unwrap();

    let owners = app.portal().operator(owner.inside.token());
    assert_eq!(status(owners.list_operator_webhooks().await), 401);
    assert_eq!(status(owners.create_operator_webhook(&new).await), 401);
    assert_eq!(status(owners.delete_operator_webhook(&id).await), 401);
    // Neither door leads to the webhooks behind the other.
    let own = listen(&owner, &receiver).await.webhook.id;
    assert_eq!(status(operator.read_operator_webhook(&own).await), 404);
    assert_eq!(status(operator.delete_operator_webhook(&own).await), 404);
    assert_eq!(status(owner.inside.read_webhook(&id).await), 404);

    operator.delete_operator_webhook(&id).await.unwrap();
    assert_eq!(status(operator.read_operator_webhook(&id).await), 404);
    assert!(operator.list_operator_webhooks().await.unwrap().items.is_empty());
    owner.inside.delete_webhook(&own).await.unwrap();
    operator.suspend_account(&owner.account_id).await.unwrap();
    assert_eq!(receiver.settled().await.len(), 4, "nobody listens any more");
}

fn kinds(events: &[WebhookEvent]) -> Vec<(&str, Option<AccessReason>)> {
    events.iter().map(|event| (event.event_type.as_str(), event.data.reason)).collect()
}

#[tokio::test]
async fn an_account_is_told_when_the_operator_suspends_a_firm_or_somebody_who_could_enter() {
    let (app, receiver, elsewhere) = (start(), Receiver::start().await, Receiver::start().await);
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let firm = app.firm(&owner, "Apple", OFFICE).await;
    let accounts = [owner.account_id.clone()];
    let ben = firm.hire(&app, "Ben", "ben@apple.example", EmployeeRole::Bookkeeper, &accounts).await;
    let add = AddMember { name: named("Kim"), email: address("kim@x.example"), role: MemberRole::Member };
    owner.inside.add_member(&add).await.unwrap();
    let kim = app.join("kim@x.example", 1).await;
    let other = app.owner("Marco", "marco@cycles.example", "Cycles").await;
    listen(&other, &elsewhere).await;
    let secret = listen(&owner, &receiver).await.secret;
    let operator = app.operator().await;

    operator.suspend_firm(&firm.firm_id).await.unwrap();
    operator.suspend_firm(&firm.firm_id).await.unwrap();
    operator.resume_firm(&firm.firm_id).await.unwrap();
    let events = told(&receiver, &secret, 2).await;
    assert_eq!(kinds(&events), [("firm.suspended", None), ("firm.resumed", None)]);
    for event in events {
        assert_eq!(event.data.account.unwrap().id, owner.account_id);
        assert_eq!(event.data.firm.unwrap().id, firm.firm_id);
        assert_eq!((event.data.person, event.data.actor), (None, None));
    }

    let (suspended, resumed) = (Some(AccessReason::Suspended), Some(AccessReason::Resumed));
    for (person, firm_id, employee) in [
        (&ben.me, Some(&firm.firm_id), Some(&ben.id)),
        (&firm.me, Some(&firm.firm_id), None),
        (&kim, None, None),
    ] {
        let id = &person.user().id;
        operator.suspend_user(id).await.unwrap();
        operator.suspend_user(id).await.unwrap();
        operator.resume_user(id).await.unwrap();
        let events = told(&receiver, &secret, 2).await;
        assert_eq!(kinds(&events), [("access.revoked", suspended), ("access.granted", resumed)]);
        for event in &events {
            let person = event.data.person.as_ref().unwrap();
            assert_eq!(&person.user_id, id);
            assert_eq!(event.data.firm.as_ref().map(|firm| &firm.id), firm_id);
            assert!(employee.is_none() || person.employee_id.as_ref() == employee);
            assert_eq!(event.data.account.as_ref().unwrap().id, owner.account_id);
        }
    }
    // Who could not enter anyway loses nothing: in a suspended firm, or deactivated.
    operator.suspend_firm(&firm.firm_id).await.unwrap();
    operator.suspend_user(&ben.me.user().id).await.unwrap();
    operator.resume_user(&ben.me.user().id).await.unwrap();
    assert_eq!(kinds(&told(&receiver, &secret, 1).await), [("firm.suspended", None)]);
    assert!(elsewhere.settled().await.is_empty(), "an account that is not concerned hears nothing");
}

#[tokio::test]
async fn a_webhook_hears_nothing_of_the_suspension_of_who_answers_for_it_and_another_s_does() {
    let (app, receiver, second) = (start(), Receiver::start().await, Receiver::start().await);
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let add = AddMember { name: named("Kim"), email: address("kim@x.example"), role: MemberRole::Owner };
    owner.inside.add_member(&add).await.unwrap();
    let kim = app.join("kim@x.example", 1).await.enter(&owner.account_id).await.unwrap();
    listen(&owner, &receiver).await;
    let kims = kim.create_webhook(&webhook(&second.url("/hook"), &[])).await.unwrap();
    let operator = app.operator().await;
    operator.suspend_user(&owner.me.user().id).await.unwrap();
    operator.resume_user(&owner.me.user().id).await.unwrap();
    let events = told(&second, &kims.secret, 2).await;
    let expected =
        [("access.revoked", Some(AccessReason::Suspended)), ("access.granted", Some(AccessReason::Resumed))];
    assert_eq!(kinds(&events), expected);
    assert!(receiver.settled().await.is_empty());
}

#[tokio::test]
async fn an_event_says_what_the_operators_product_calls_the_account() {
    let (app, receiver) = (start(), Receiver::start().await);
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let secret = listen(&owner, &receiver).await.secret;
    let operators = operator_listens(&app, &receiver).await;
    let operator = app.operator().await;
    let rename = |name| UpdateAccount { name: Some(named(name)), ..UpdateAccount::default() };
    operator.update_account(&owner.account_id, &rename("One")).await.unwrap();
    let link = UpdateAccount { external_id: Some("store-1".parse().unwrap()), ..UpdateAccount::default() };
    operator.update_account(&owner.account_id, &link).await.unwrap();
    operator.update_account(&owner.account_id, &rename("Two")).await.unwrap();
    let messages = receiver.wait_for(4).await;
    for signed_by in [&secret, &operators] {
        let own = messages.iter().filter(|message| message.is_signed_by(signed_by));
        let called: Vec<_> = own
            .map(|message| {
                let account = message.verified(signed_by).data.account.unwrap();
                (account.name.to_string(), account.external_id.map(|id| id.to_string()))
            })
            .collect();
        assert_eq!(called, [("One".to_owned(), None), ("Two".to_owned(), Some("store-1".to_owned()))]);
    }
    assert!(messages[0].body.contains("\"external_id\":null"), "{}", messages[0].body);
    receiver.forget();
    let id = owner.inside.list_webhooks().await.unwrap().items.remove(0).id;
    owner.inside.test_webhook(&id).await.unwrap();
    let test = told(&receiver, &secret, 1).await.remove(0);
    assert_eq!(test.data.account.unwrap().external_id, link.external_id);
}

#[tokio::test]
async fn the_operator_has_so_many_webhooks_and_no_more_however_many_are_made_at_once() {
    let app = start();
    let keys = [app.operator().await, app.operator().await];
    let new = webhook("https://hooks.example/portal", &[]);
    let all = futures_util::future::join_all(
        (0..2 * MAX_WEBHOOKS).map(|number| keys[number % 2].create_operator_webhook(&new)),
    );
    let (made, refused): (Vec<_>, Vec<_>) = all.await.into_iter().partition(Result::is_ok);
    assert_eq!((made.len(), refused.len()), (MAX_WEBHOOKS, MAX_WEBHOOKS));
    assert!(refused.into_iter().all(|refused| code(refused) == ErrorCode::TooManyWebhooks));
    assert_eq!(keys[0].list_operator_webhooks().await.unwrap().items.len(), MAX_WEBHOOKS);
}

#[tokio::test]
async fn who_changed_the_operators_webhooks_is_in_the_operators_trail() {
    let (app, receiver) = (start(), Receiver::start().await);
    let operator = app.operator().await;
    let made = operator.create_operator_webhook(&webhook(&receiver.url("/secret"), &[])).await.unwrap();
    receiver.answers(&["410 Gone"]);
    operator.test_operator_webhook(&made.webhook.id).await.unwrap();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while operator.read_operator_webhook(&made.webhook.id).await.unwrap().enabled {
        assert!(std::time::Instant::now() < deadline, "it stays on");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    operator.delete_operator_webhook(&made.webhook.id).await.unwrap();
    let trail = operator.list_operator_activity(&ActivityQuery::default()).await.unwrap().items;
    let told: Vec<_> = trail
        .iter()
        .map(|entry| (entry.action.as_str(), entry.operator.as_ref().map(|operator| operator.name.as_str())))
        .collect();
    let expected =
        [("webhook.deleted", Some(OPERATOR)), ("webhook.updated", None), ("webhook.created", Some(OPERATOR))];
    assert_eq!(told, expected);
    assert_eq!(trail[1].detail["reason"], "gone", "the portal itself has switched it off");
    assert!(trail.iter().all(|entry| entry.target.as_ref().unwrap().name == "127.0.0.1"), "{trail:?}");
}
