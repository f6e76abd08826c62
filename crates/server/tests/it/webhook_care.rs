//! What can be done to webhooks, by whom, and how often.

use std::time::Duration;

use portal_api_types::{
    ErrorCode, MAX_WEBHOOKS, UpdateWebhook, WebhookDeliveryStatus, WebhookDisabledReason, WebhookEventType,
};
use portal_client::PageQuery;

use crate::app::{Owner, TestApp, code, status};
use crate::receiver::{Receiver, listen, start, webhook};
use crate::webhooks::{log, rename, tried};

#[tokio::test]
async fn a_new_secret_signs_beside_the_old_one_for_a_day() {
    let (app, receiver) = (start(), Receiver::start().await);
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let old = listen(&owner, &receiver).await;
    let new = owner.inside.rotate_webhook_secret(&old.webhook.id).await.unwrap();
    assert_ne!(old.secret, new.secret);
    assert!(new.webhook.old_secret_until.is_some());
    rename(&owner, "One").await;
    let message = receiver.wait_for(1).await.remove(0);
    assert!(message.is_signed_by(&old.secret) && message.is_signed_by(&new.secret), "{}", message.signature);
    assert_eq!(message.signature.split(' ').count(), 2);
    app.clock.advance(Duration::from_secs(24 * 3_600 + 1));
    let owner = Owner {
        inside: app.sign_in("olivia@bakery.example").await.enter(&owner.account_id).await.unwrap(),
        ..owner
    };
    rename(&owner, "Two").await;
    let message = receiver.wait_for(2).await.remove(1);
    assert!(!message.is_signed_by(&old.secret) && message.is_signed_by(&new.secret));
    assert_eq!(owner.inside.read_webhook(&old.webhook.id).await.unwrap().old_secret_until, None);
}

#[tokio::test]
async fn what_is_asked_for_by_hand_waits_for_nothing_and_keeps_its_id() {
    let (app, receiver) = (start(), Receiver::start().await);
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let made = listen(&owner, &receiver).await;
    let id = made.webhook.id.clone();
    receiver.answers(&["503 Away"]);
    rename(&owner, "One").await;
    tried(&owner, &id, 1).await;
    // Behind a delivery that is not taken, a test still goes out.
    let test = owner.inside.test_webhook(&id).await.unwrap();
    assert_eq!((test.event_type.as_str(), test.status), ("webhook.test", WebhookDeliveryStatus::Pending));
    let message = receiver.wait_for(2).await.remove(1);
    let event = message.verified(&made.secret);
    assert_eq!(event.known_type(), Some(WebhookEventType::WebhookTest));
    assert_eq!(event.data.account.unwrap().id, owner.account_id);
    // The first one once more, under its own id; and again while the webhook is off.
    let first = log(&owner.inside, &id).await.pop().unwrap();
    let again = owner.inside.redeliver_webhook(&id, &first.id).await.unwrap();
    assert_eq!((again.event_id.clone(), again.id == first.id), (first.event_id.clone(), false));
    let message = receiver.wait_for(3).await.remove(2);
    assert_eq!(message.id, first.event_id.as_str());
    let off = UpdateWebhook { enabled: Some(false), ..UpdateWebhook::default() };
    let changed = owner.inside.update_webhook(&id, &off).await.unwrap();
    assert_eq!(changed.disabled_reason, Some(WebhookDisabledReason::ByHand));
    let cancelled = log(&owner.inside, &id).await.pop().unwrap();
    assert_eq!(cancelled.status, WebhookDeliveryStatus::Cancelled);
    owner.inside.redeliver_webhook(&id, &first.id).await.unwrap();
    receiver.wait_for(4).await;
    rename(&owner, "Unheard").await;
    assert_eq!(receiver.settled().await.len(), 4, "nothing else while it is off");
    let on = UpdateWebhook { enabled: Some(true), ..UpdateWebhook::default() };
    assert!(owner.inside.update_webhook(&id, &on).await.unwrap().enabled);
    rename(&owner, "Heard").await;
    let message = receiver.wait_for(5).await.remove(4);
    assert_eq!(message.event().data.account.unwrap().name.as_str(), "Heard");
    // The log in pages of one is the same.
    tried(&owner, &id, 1).await;
    let all = log(&owner.inside, &id).await;
    let (mut query, mut found) = (PageQuery { limit: Some(1), cursor: None }, Vec::new());
    loop {
        let page = owner.inside.list_webhook_deliveries(&id, &query).await.unwrap();
        found.extend(page.items);
        match page.next_cursor {
            Some(cursor) => query.cursor = Some(cursor),
            None => break,
        }
    }
    assert_eq!(found, all);
}

#[tokio::test]
async fn sending_by_hand_is_limited() {
    let app = TestApp::start_with(|config| config.webhook_allow = vec!["127.0.0.0/8".parse().unwrap()]);
    let receiver = Receiver::start().await;
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let made = listen(&owner, &receiver).await;
    for _ in 0..60 {
        owner.inside.test_webhook(&made.webhook.id).await.unwrap();
    }
    assert_eq!(code(owner.inside.test_webhook(&made.webhook.id).await), ErrorCode::RateLimited);
}

#[tokio::test]
async fn another_accounts_webhooks_are_not_there() {
    let (app, receiver) = (start(), Receiver::start().await);
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let other = app.owner("Marco", "marco@cycles.example", "Cycles").await;
    let made = listen(&owner, &receiver).await;
    let id = &made.webhook.id;
    let theirs = owner.inside.test_webhook(id).await.unwrap();
    receiver.wait_for(1).await;
    let stranger = &other.inside;
    assert!(stranger.list_webhooks().await.unwrap().items.is_empty());
    assert_eq!(status(stranger.read_webhook(id).await), 404);
    assert_eq!(status(stranger.update_webhook(id, &UpdateWebhook::default()).await), 404);
    assert_eq!(status(stranger.delete_webhook(id).await), 404);
    assert_eq!(status(stranger.rotate_webhook_secret(id).await), 404);
    assert_eq!(status(stranger.test_webhook(id).await), 404);
    assert_eq!(status(stranger.list_webhook_deliveries(id, &PageQuery::default()).await), 404);
    assert_eq!(status(stranger.redeliver_webhook(id, &theirs.id).await), 404);
    // A delivery of another webhook is not there either.
    let own = listen(&other, &receiver).await;
    assert_eq!(status(stranger.redeliver_webhook(&own.webhook.id, &theirs.id).await), 404);
    rename(&other, "Wheels").await;
    let told = receiver.wait_for(2).await.remove(1);
    assert!(told.is_signed_by(&own.secret) && !told.is_signed_by(&made.secret));
    owner.inside.delete_webhook(id).await.unwrap();
    rename(&owner, "Unheard").await;
    assert_eq!(receiver.settled().await.len(), 2);
}

#[tokio::test]
async fn an_account_has_so_many_webhooks_and_no_more() {
    let app = start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let new = webhook("https://hooks.example/portal", &[WebhookEventType::AccessRevoked]);
    for _ in 0..MAX_WEBHOOKS {
        owner.inside.create_webhook(&new).await.unwrap();
    }
    assert_eq!(code(owner.inside.create_webhook(&new).await), ErrorCode::TooManyWebhooks);
    let operators = webhook("https://hooks.example/portal", &[WebhookEventType::EmployeeDeactivated]);
    let first = owner.inside.list_webhooks().await.unwrap().items.remove(0);
    owner.inside.delete_webhook(&first.id).await.unwrap();
    assert_eq!(code(owner.inside.create_webhook(&operators).await), ErrorCode::InvalidValue);
}
