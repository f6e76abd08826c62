//! The portal and the example of a vendor's product together: who is revoked in the portal is refused by the vendor.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use actix_web::dev::ServerHandle;
use clap::Parser;
use example_vendor::books::Books;
use example_vendor::config::Config;
use example_vendor::provision::provision;
use portal_api_types::{
    AccountId, ConnectionStatus, EmployeeRole, NewAccount, Scope, Secret, UpdateAccount, UpdateWebhook,
};
use portal_client::{InAccount, ListQuery, Operator};
use serde_json::{Value, json};

use crate::app::{FirmAdmin, Hired, Owner, PUBLIC_URL, TestApp, named};
use crate::programs::{enter, key};
use crate::receiver::{self, webhook};

/// Longer than a test takes: what is refused before is refused because of a webhook.
pub const LONG: &str = "60";

#[derive(Parser)]
struct Flags {
    #[command(flatten)]
    config: Config,
}

/// A running vendor whose accounts the portal knows.
pub struct Vendor {
    pub address: SocketAddr,
    pub secret: Secret,
    pub operator: Operator,
    server: ServerHandle,
}

impl Drop for Vendor {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}

/// What it answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub challenge: String,
    pub retry_after: String,
    pub body: Value,
}

impl Vendor {
    /// Starts it on this portal, with a webhook of the operator's that reaches it.
    pub async fn start(app: &TestApp, cache_seconds: &str) -> Self {
        let operator_key = app.operator_key().await;
        let operator = app.portal().operator(&operator_key);
        let made =
            operator.create_operator_webhook(&webhook("https://vendor.example/hook", &[])).await.unwrap();
        let flags = Flags::parse_from([
            "test",
            "--portal-url",
            &app.url(""),
            "--portal-public-url",
            PUBLIC_URL,
            "--operator-key",
            &operator_key,
            "--webhook-secret",
            made.secret.reveal(),
            "--listen",
            "127.0.0.1:0",
            "--cache-seconds",
            cache_seconds,
        ]);
        let (sender, receiver) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let (server, addresses) = example_vendor::app::bind(&flags.config).expect("a free port");
                sender.send((addresses[0], server.handle())).expect("the test waits");
                server.await.expect("the vendor runs");
            });
        });
        let (address, server) = receiver.recv().expect("the vendor starts");
        let url = Some(format!("http://{address}/portal-webhook"));
        let moved = UpdateWebhook { url, ..UpdateWebhook::default() };
        operator.update_operator_webhook(&made.webhook.id, &moved).await.unwrap();
        for account in Books::read(None).unwrap().accounts() {
            provision(&operator, account).await.unwrap();
        }
        Self { address, secret: made.secret, operator, server }
    }

    /// Asks for the invoices with this token.
    pub async fn invoices(&self, token: &str) -> Answer {
        self.get(Some(&format!("Bearer {token}"))).await
    }

    /// Asks for the invoices with this header.
    pub async fn get(&self, authorization: Option<&str>) -> Answer {
        let mut request = reqwest::Client::new().get(format!("http://{}/invoices", self.address));
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization);
        }
        let answer = request.send().await.unwrap();
        let header = |name| {
            let value = answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
            value.unwrap_or_default()
        };
        let (challenge, retry_after) = (header("www-authenticate"), header("retry-after"));
        assert_eq!(header("cache-control"), "no-store");
        let status = answer.status().as_u16();
        let kind = if status == 200 { "application/json" } else { "application/problem+json" };
        assert_eq!(header("content-type"), kind);
        Answer { status, challenge, retry_after, body: answer.json().await.unwrap() }
    }

    /// Waits until a token is answered like this, and says how long it took.
    pub async fn until(&self, token: &str, status: u16) -> Duration {
        let start = Instant::now();
        loop {
            let answer = self.invoices(token).await;
            if answer.status == status {
                return start.elapsed();
            }
            assert!(start.elapsed() < Duration::from_secs(10), "not {status}: {answer:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// The story up to the bookkeeper's token: the owner of the vendor's account joins by mail, invites a firm, and the firm hires
/// Ben and gives him the account.
pub struct Story {
    pub owner: Owner,
    pub firm: FirmAdmin,
    pub ben: Hired,
    pub inside: InAccount,
}

impl Story {
    pub async fn play(app: &TestApp) -> Self {
        let me = app.join("olivia@blue-bakery.example", 1).await;
        let account_id = me.list_my_accounts(&ListQuery::default()).await.unwrap().items[0].id.clone();
        let owner = Owner { inside: me.enter(&account_id).await.unwrap(), me, account_id };
        let firm = app.firm(&owner, "Apple", "office@apple.example").await;
        let accounts = [owner.account_id.clone()];
        let ben = firm.hire(app, "Ben", "ben@apple.example", EmployeeRole::Bookkeeper, &accounts).await;
        let inside = ben.me.enter(&owner.account_id).await.unwrap();
        Self { owner, firm, ben, inside }
    }

    pub fn account(&self) -> &AccountId {
        &self.owner.account_id
    }

    /// Ben's account token.
    pub fn token(&self) -> &str {
        self.inside.token()
    }
}

/// What the portal promises is "within a second"; a busy machine gets two.
fn at_once(took: Duration) {
    assert!(took < Duration::from_secs(2), "it took {took:?}");
}

#[tokio::test]
async fn vendor_a_bookkeeper_reads_invoices_is_revoked_in_the_portal_and_refused_at_once() {
    let app = receiver::start();
    let vendor = Vendor::start(&app, LONG).await;
    let story = Story::play(&app).await;
    let read = vendor.invoices(story.token()).await;
    assert_eq!(read.status, 200, "{read:?}");
    let account = json!({"external_id": "shop-501", "name": "Silver Spoon Café", "role": "bookkeeper"});
    assert_eq!(read.body["account"], account);
    assert_eq!(read.body["invoices"].as_array().unwrap().len(), 3);
    let link = format!("{PUBLIC_URL}/accounts/{}/overview", story.account());
    assert_eq!(read.body["links"], json!({"portal_account": link, "portal": format!("{PUBLIC_URL}/")}));

    story.firm.firm.revoke_account(&story.ben.id, story.account()).await.unwrap();
    at_once(vendor.until(story.token(), 401).await);
    let refused = vendor.invoices(story.token()).await;
    assert!(refused.challenge.contains("error=\"invalid_token\""), "{refused:?}");
    assert_eq!((&refused.body["code"], &refused.body["status"]), (&json!("access_ended"), &json!(401)));
    // The same token is good again as soon as the account is given back: the portal decides, not the token.
    story.firm.firm.grant_account(&story.ben.id, story.account()).await.unwrap();
    at_once(vendor.until(story.token(), 200).await);

    // Every other way out.
    let (owner, operator) = (&story.owner.inside, &vendor.operator);
    let user = &story.ben.me.user().id;
    owner.block_person(&story.firm.firm_id, &story.ben.id).await.unwrap();
    at_once(vendor.until(story.token(), 401).await);
    owner.unblock_person(&story.firm.firm_id, &story.ben.id).await.unwrap();
    at_once(vendor.until(story.token(), 200).await);
    operator.suspend_user(user).await.unwrap();
    at_once(vendor.until(story.token(), 401).await);
    operator.resume_user(user).await.unwrap();
    at_once(vendor.until(story.token(), 200).await);
    operator.suspend_firm(&story.firm.firm_id).await.unwrap();
    at_once(vendor.until(story.token(), 401).await);
    operator.resume_firm(&story.firm.firm_id).await.unwrap();
    at_once(vendor.until(story.token(), 200).await);
    owner.disconnect_firm(&story.firm.firm_id).await.unwrap();
    at_once(vendor.until(story.token(), 401).await);
}

#[tokio::test]
async fn vendor_nobody_gets_into_a_suspended_or_closed_account() {
    let app = receiver::start();
    let vendor = Vendor::start(&app, LONG).await;
    let story = Story::play(&app).await;
    let owner = story.owner.inside.token();
    for token in [story.token(), owner] {
        assert_eq!(vendor.invoices(token).await.status, 200);
    }
    vendor.operator.suspend_account(story.account()).await.unwrap();
    at_once(vendor.until(story.token(), 401).await);
    // Each for itself: an event of the firm that is late may have cut what was kept of him alone.
    at_once(vendor.until(owner, 401).await);
    vendor.operator.resume_account(story.account()).await.unwrap();
    at_once(vendor.until(owner, 200).await);
    vendor.operator.close_account(story.account()).await.unwrap();
    at_once(vendor.until(owner, 401).await);
    at_once(vendor.until(story.token(), 401).await);
}

#[tokio::test]
async fn vendor_without_webhooks_a_revocation_counts_when_the_short_cache_has_ended() {
    let app = receiver::start();
    let vendor = Vendor::start(&app, "1").await;
    let story = Story::play(&app).await;
    app.pause_webhooks();
    assert_eq!(vendor.invoices(story.token()).await.status, 200);
    story.firm.firm.revoke_account(&story.ben.id, story.account()).await.unwrap();
    at_once(vendor.until(story.token(), 401).await);

    // Without a cache it counts at the next request.
    let strict = Vendor::start(&app, "0").await;
    story.firm.firm.grant_account(&story.ben.id, story.account()).await.unwrap();
    assert_eq!(strict.invoices(story.token()).await.status, 200);
    story.firm.firm.revoke_account(&story.ben.id, story.account()).await.unwrap();
    assert_eq!(strict.invoices(story.token()).await.status, 401);
}

#[tokio::test]
async fn vendor_fails_closed_while_the_portal_is_away() {
    let app = receiver::start();
    let vendor = Vendor::start(&app, "2").await;
    let story = Story::play(&app).await;
    let token = story.token().to_owned();
    assert_eq!(vendor.invoices(&token).await.status, 200);
    let stranger = Vendor::start(&app, LONG).await;
    drop(app);
    vendor.until(&token, 503).await;
    let refused = vendor.invoices(&token).await;
    assert_eq!((refused.body["code"].as_str(), refused.retry_after.as_str()), (Some("portal_away"), "2"));
    // One that never had the keys knows nothing about any token; nonsense is nonsense all the same.
    assert_eq!(stranger.invoices(&token).await.status, 503);
    assert_eq!(stranger.invoices("a.b.c").await.status, 401);
}

#[tokio::test]
async fn vendor_provisions_as_often_as_it_likes() {
    let app = receiver::start();
    let vendor = Vendor::start(&app, LONG).await;
    let books = Books::read(None).unwrap();
    let first = provision(&vendor.operator, &books.accounts()[0]).await.unwrap();
    assert_eq!(first.owners[0].status, ConnectionStatus::Invited);
    let story = Story::play(&app).await;
    let second = provision(&vendor.operator, &books.accounts()[0]).await.unwrap();
    assert_eq!((&second.account.id, second.owners.len()), (story.account(), 1));
    assert_eq!(second.owners[0].status, ConnectionStatus::Connected);
    assert_eq!(app.mails_to("olivia@blue-bakery.example").iter().filter(|mail| mail.has_link()).count(), 1);
    assert_eq!(vendor.operator.list_accounts(&Default::default()).await.unwrap().items.len(), 2);
}

#[tokio::test]
async fn vendor_serves_only_the_account_that_it_is_linked_to_and_programs_by_their_scopes() {
    let app = receiver::start();
    let vendor = Vendor::start(&app, "0").await;
    let story = Story::play(&app).await;
    // An account that the portal knows and the vendor does not.
    let other = story.owner.me.open_account(&NewAccount { name: named("Elsewhere") }).await.unwrap();
    let elsewhere = story.owner.me.enter(&other.id).await.unwrap();
    let refused = vendor.invoices(elsewhere.token()).await;
    assert_eq!((refused.status, refused.body["code"].as_str()), (403, Some("account_not_linked")));
    assert!(refused.challenge.starts_with("Bearer realm="));
    let link =
        |id: &str| UpdateAccount { external_id: Some(id.parse().unwrap()), ..UpdateAccount::default() };
    vendor.operator.update_account(&other.id, &link("shop-999")).await.unwrap();
    assert_eq!(vendor.invoices(elsewhere.token()).await.body["code"], "account_not_linked");
    // What the portal says now counts, not what the token said when it was made.
    vendor.operator.update_account(story.account(), &link("shop-501-old")).await.unwrap();
    vendor.operator.update_account(&other.id, &link("shop-501")).await.unwrap();
    assert_eq!(vendor.invoices(elsewhere.token()).await.body["account"]["role"], "owner");
    assert_eq!(vendor.invoices(story.token()).await.status, 403);
    vendor.operator.update_account(&other.id, &link("shop-999")).await.unwrap();
    vendor.operator.update_account(story.account(), &link("shop-501")).await.unwrap();

    let reads = key(&story.owner, &[Scope::AccountRead]).await;
    let program = enter(&app, &reads).await;
    assert_eq!(vendor.invoices(program.token()).await.body["account"]["role"], "integration");
    let other = enter(&app, &key(&story.owner, &[Scope::UsersRead]).await).await;
    let refused = vendor.invoices(other.token()).await;
    assert_eq!((refused.status, refused.body["code"].as_str()), (403, Some("insufficient_scope")));
    assert!(refused.challenge.ends_with("error=\"insufficient_scope\", scope=\"account:read\""));
    story.owner.inside.revoke_api_key(&reads.key.id).await.unwrap();
    assert_eq!(vendor.invoices(program.token()).await.status, 401);
}
