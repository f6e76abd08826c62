//! Webhooks: what is sent, in which order, how often, and what becomes of it.

use std::time::{Duration, Instant};

use diesel::prelude::*;
use portal_api_types::{
    ErrorCode, RenameAccount, WebhookDelivery, WebhookDeliveryStatus, WebhookDisabledReason, WebhookId,
};
use portal_client::webhook::{Headers, verify};
use portal_client::{ActivityQuery, InAccount, PageQuery};
use portal_server::schema::{webhook_deliveries, webhooks};

use crate::app::{Owner, code, named};
use crate::processes::Process;
use crate::receiver::{Receiver, listen, start};

pub async fn rename(owner: &Owner, name: &str) {
    owner.inside.rename_account(&RenameAccount { name: named(name) }).await.unwrap();
}

pub async fn log(inside: &InAccount, id: &WebhookId) -> Vec<WebhookDelivery> {
    let query = PageQuery { limit: Some(200), cursor: None };
    inside.list_webhook_deliveries(id, &query).await.unwrap().items
}

/// Waits until the newest delivery has been tried this often.
pub async fn tried(owner: &Owner, id: &WebhookId, times: usize) -> WebhookDelivery {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let newest = log(&owner.inside, id).await.into_iter().next();
        if let Some(delivery) = newest.filter(|delivery| delivery.attempts.len() >= times) {
            return delivery;
        }
        assert!(Instant::now() < deadline, "{:?}", log(&owner.inside, id).await);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn wait_until_off(owner: &Owner, id: &WebhookId) -> WebhookDisabledReason {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(reason) = owner.inside.read_webhook(id).await.unwrap().disabled_reason {
            return reason;
        }
        assert!(Instant::now() < deadline, "it stays on");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn an_event_is_signed_by_the_specification_and_read_by_both_verifiers() {
    let (app, receiver) = (start(), Receiver::start().await);
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let made = listen(&owner, &receiver).await;
    receiver.answers_raw("200 OK\r\ncontent-length: 9\r\n\r\nthank\tyou");
    rename(&owner, "Blue Bakery").await;
    let message = receiver.wait_for(1).await.remove(0);
    assert_eq!(message.path, "/hook");
    for header in ["content-type: application/json", "user-agent: accountingportal-webhooks/"] {
        assert!(message.head.contains(header), "{header} in {}", message.head);
    }
    assert!(message.is_let_through(&made.secret), "{message:#?}");
    let event = message.verified(&made.secret);
    assert_eq!((event.event_type.as_str(), event.version), ("account.renamed", 1));
    let data = &event.data;
    assert_eq!(data.account.as_ref().unwrap().name.as_str(), "Blue Bakery");
    assert_eq!(data.old_name.as_ref().unwrap().as_str(), "Bakery");
    assert_eq!(data.actor.as_ref().unwrap().name, "Olivia");
    let headers = Headers { id: &message.id, timestamp: &message.timestamp, signature: &message.signature };
    let now = app.clock.now().and_utc();
    assert_eq!(verify(&made.secret, &headers, message.body.as_bytes(), now).unwrap(), event);

    let delivery = tried(&owner, &made.webhook.id, 1).await;
    assert_eq!(delivery.status, WebhookDeliveryStatus::Delivered);
    assert_eq!(delivery.event_id.as_str(), message.id);
    assert_eq!(delivery.attempts[0].response_status, Some(200));
    assert_eq!(delivery.response_excerpt.as_deref(), Some("thank you"));
    // Nothing but the answer has the secret: not the database, not the webhook, not the trail.
    let shown = serde_json::to_string(&owner.inside.list_webhooks().await.unwrap()).unwrap();
    let trail = owner.inside.list_account_activity(&ActivityQuery::default()).await.unwrap();
    let trail = serde_json::to_string(&trail).unwrap();
    let rows: Vec<(String, Option<String>)> = app
        .app
        .services
        .db
        .read(|conn| {
            Ok(webhooks::table.select((webhooks::secret_seed, webhooks::old_secret_seed)).load(conn)?)
        })
        .await
        .unwrap();
    let secret = made.secret.reveal().trim_start_matches("whsec_");
    for place in [shown, trail.clone(), format!("{rows:?}")] {
        assert!(!place.contains(secret) && !place.contains("whsec_"), "{place}");
    }
    assert!(trail.contains("webhook.created"));
}

#[tokio::test]
async fn events_of_an_account_come_in_order_and_behind_what_was_not_taken() {
    let (app, receiver) = (start(), Receiver::start().await);
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let made = listen(&owner, &receiver).await;
    receiver.answers(&["500 Oh", "302 Found"]);
    for name in ["One", "Two", "Three"] {
        rename(&owner, name).await;
    }
    let first = receiver.wait_for(1).await.remove(0);
    assert_eq!(receiver.settled().await.len(), 1, "the others wait for the first");
    let waiting = log(&owner.inside, &made.webhook.id).await;
    assert_eq!(waiting[2].attempts[0].response_status, Some(500));
    assert!(waiting.iter().all(|one| one.status == WebhookDeliveryStatus::Pending), "{waiting:?}");
    assert!(owner.inside.read_webhook(&made.webhook.id).await.unwrap().failing_since.is_some());

    app.clock.advance(Duration::from_secs(6));
    receiver.wait_for(2).await;
    assert_eq!(receiver.settled().await.len(), 2, "a redirect is no success");
    app.clock.advance(Duration::from_secs(17));
    let all = receiver.wait_for(5).await;
    assert!(all[..3].iter().all(|message| message.id == first.id), "the same id each time");
    assert!(all[0].timestamp < all[1].timestamp, "each try has its own time");
    let names: Vec<String> =
        all.iter().map(|one| one.event().data.account.unwrap().name.to_string()).collect();
    assert_eq!(names, ["One", "One", "One", "Two", "Three"]);
    assert!(all.iter().all(|message| message.is_signed_by(&made.secret)));
    tried(&owner, &made.webhook.id, 1).await;
    let log = log(&owner.inside, &made.webhook.id).await;
    assert_eq!(log[2].attempts.len(), 3);
    assert!(log.iter().all(|one| one.status == WebhookDeliveryStatus::Delivered));
    assert_eq!(owner.inside.read_webhook(&made.webhook.id).await.unwrap().failing_since, None);
    assert_eq!(receiver.settled().await.len(), 5, "and that is all");
}

#[tokio::test]
async fn a_slow_receiver_holds_up_nobody_else() {
    let (app, slow, quick) = (start(), Receiver::start().await, Receiver::start().await);
    slow.takes(Duration::from_secs(4));
    let olivia = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let marco = app.owner("Marco", "marco@cycles.example", "Cycles").await;
    listen(&olivia, &slow).await;
    listen(&marco, &quick).await;
    rename(&olivia, "Slow").await;
    slow.wait_for(1).await;
    let began = Instant::now();
    rename(&marco, "Quick").await;
    quick.wait_for(1).await;
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
}

/// The operator's webhook has a lane for each account: however many wait, the others have their turn.
#[tokio::test]
async fn a_slow_receiver_with_many_lanes_hides_nobody_behind_it() {
    let (app, slow, quick) = (start(), Receiver::start().await, Receiver::start().await);
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    slow.takes(Duration::from_secs(4));
    crate::webhook_operator::operator_listens(&app, &slow).await;
    let ctx = app.app.ctx(None, None, portal_api_types::Locale::English);
    let me = owner.me.user().clone();
    let opened = app.app.services.db.write(move |conn| {
        let actor = portal_server::domain::Actor {
            user_id: me.id.clone(),
            name: me.name.clone(),
            firm: None,
            api_key: None,
        };
        for number in 0..600 {
            let name = named(&format!("Account {number}"));
            portal_server::domain::account::open::open(conn, &ctx, &actor, &name)?;
        }
        Ok(())
    });
    opened.await.unwrap();
    slow.wait_for(8).await;
    listen(&owner, &quick).await;
    let began = Instant::now();
    rename(&owner, "Quick").await;
    quick.wait_for(1).await;
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    assert!(slow.messages().len() <= 24, "at most eight at once: {}", slow.messages().len());
}

/// As many webhooks as an account may have, each with more events than go out at once.
#[tokio::test]
async fn one_account_with_receivers_that_hang_holds_up_nobody_else() {
    let (app, slow, quick) = (start(), Receiver::start().await, Receiver::start().await);
    slow.takes(Duration::from_secs(8));
    let olivia = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let marco = app.owner("Marco", "marco@cycles.example", "Cycles").await;
    crate::webhook_operator::operator_listens(&app, &quick).await;
    listen(&marco, &quick).await;
    for _ in 0..portal_api_types::MAX_WEBHOOKS {
        let made = listen(&olivia, &slow).await;
        for _ in 0..10 {
            olivia.inside.test_webhook(&made.webhook.id).await.unwrap();
        }
    }
    slow.wait_for(8).await;
    quick.settled().await;
    quick.forget();
    let began = Instant::now();
    rename(&marco, "Quick").await;
    // Marco's webhook, and the operator's.
    quick.wait_for(2).await;
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    assert!(slow.messages().len() <= 16, "at most eight at once: {}", slow.messages().len());
}

#[tokio::test]
async fn each_change_is_told_once_and_one_that_was_rolled_back_never() {
    let (app, receiver) = (start(), Receiver::start().await);
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    listen(&owner, &receiver).await;
    rename(&owner, "Blue Bakery").await;
    // The firm is connected, then told that it is already: the second try leaves nothing behind.
    app.firm(&owner, "Apple", "office@apple.example").await;
    receiver.wait_for(3).await;
    receiver.forget();
    let invitation =
        portal_api_types::InviteFirm { name: named("Apple"), email: "office@apple.example".parse().unwrap() };
    assert_eq!(code(owner.inside.invite_firm(&invitation).await), ErrorCode::AlreadyConnected);
    let scope = portal_server::auth::scope::AccountScope::by_portal(
        portal_api_types::AccountRef { id: owner.account_id.clone(), name: named("Blue Bakery") },
        "a test",
    );
    let (ctx, me) = (app.app.ctx(None, None, portal_api_types::Locale::English), owner.me.user().clone());
    let rolled_back = app.app.services.db.write(move |conn| {
        let actor = portal_server::domain::Actor {
            user_id: me.id.clone(),
            name: me.name.clone(),
            firm: None,
            api_key: None,
        };
        portal_server::domain::account::rename::rename(conn, &ctx, &actor, &scope, &named("Never"))?;
        Err::<(), _>(portal_server::domain::Refusal::AlreadyMember.into())
    });
    assert!(rolled_back.await.is_err());
    assert!(receiver.settled().await.is_empty());
    let rows: Vec<String> = app
        .app
        .services
        .db
        .read(|conn| {
            let types = webhook_deliveries::table.order(webhook_deliveries::position);
            Ok(types.select(webhook_deliveries::event_type).load(conn)?)
        })
        .await
        .unwrap();
    assert_eq!(rows, ["account.renamed", "firm.invited", "firm.connected"]);
}

#[tokio::test]
async fn a_webhook_that_takes_nothing_for_five_days_is_switched_off_and_the_owners_are_told() {
    let (app, receiver) = (start(), Receiver::start().await);
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let made = listen(&owner, &receiver).await;
    let id = made.webhook.id.clone();
    receiver.answers(&["500 Oh"; 9]);
    rename(&owner, "One").await;
    tried(&owner, &id, 1).await;
    // A day later it is given up; but the webhook has only been failing for a day.
    app.clock.advance(Duration::from_secs(25 * 3_600));
    let owner = Owner {
        inside: app.sign_in("olivia@bakery.example").await.enter(&owner.account_id).await.unwrap(),
        ..owner
    };
    let given_up = tried(&owner, &id, 2).await;
    assert_eq!(given_up.status, WebhookDeliveryStatus::Failed);
    assert!(owner.inside.read_webhook(&id).await.unwrap().enabled);
    rename(&owner, "Two").await;
    tried(&owner, &id, 1).await;
    app.clock.advance(Duration::from_secs(5 * 24 * 3_600));
    let owner = Owner {
        inside: app.sign_in("olivia@bakery.example").await.enter(&owner.account_id).await.unwrap(),
        ..owner
    };
    assert_eq!(wait_until_off(&owner, &id).await, WebhookDisabledReason::Failing);
    let mail = app.mail("olivia@bakery.example", 2).await;
    assert_eq!(mail.subject, "A webhook of Two was switched off");
    assert!(mail.text.contains("for five days") && !mail.text.contains("/hook"), "{}", mail.text);
    let off = ActivityQuery { action: Some("webhook.updated".into()), ..ActivityQuery::default() };
    let entry = owner.inside.list_account_activity(&off).await.unwrap().items.remove(0);
    assert_eq!((entry.actor, entry.detail["reason"].as_str()), (None, "failing"));
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_not_asked_again() {
    let (app, receiver) = (start(), Receiver::start().await);
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let made = listen(&owner, &receiver).await;
    receiver.answers(&["410 Gone"]);
    rename(&owner, "One").await;
    assert_eq!(wait_until_off(&owner, &made.webhook.id).await, WebhookDisabledReason::Gone);
    app.mail("olivia@bakery.example", 2).await;
    rename(&owner, "Two").await;
    app.clock.advance(Duration::from_secs(600));
    assert_eq!(receiver.settled().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_on_one_database_deliver_each_event_once() {
    let (app, receiver) = (start(), Receiver::start().await);
    let _other = Process::serve(&app);
    let third = app.start_sharing(|config| config.webhook_allow = vec!["127.0.0.0/8".parse().unwrap()]);
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let made = listen(&owner, &receiver).await;
    receiver.takes(Duration::from_millis(15));
    for number in 0..40 {
        rename(&owner, &format!("Name {number:02}")).await;
    }
    let all = receiver.wait_for(40).await;
    let names: Vec<String> =
        all.iter().map(|one| one.event().data.account.unwrap().name.to_string()).collect();
    let expected: Vec<String> = (0..40).map(|number| format!("Name {number:02}")).collect();
    assert_eq!(names, expected);
    assert_eq!(receiver.settled().await.len(), 40);
    assert!(all.iter().all(|message| message.is_signed_by(&made.secret)));
    drop(third);
}

/// A process that dies while it sends loses its claim after a while.
#[tokio::test]
async fn what_a_dead_process_had_claimed_is_sent_by_another() {
    let (app, receiver) = (start(), Receiver::start().await);
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    listen(&owner, &receiver).await;
    receiver.takes(Duration::from_secs(30));
    rename(&owner, "One").await;
    receiver.wait_for(1).await;
    app.pause_webhooks();
    receiver.takes(Duration::ZERO);
    let other = app.start_sharing(|config| config.webhook_allow = vec!["127.0.0.0/8".parse().unwrap()]);
    assert_eq!(receiver.settled().await.len(), 1, "the claim holds");
    other.clock.advance(Duration::from_secs(61));
    let both = receiver.wait_for(2).await;
    assert_eq!(both[0].id, both[1].id);
}
