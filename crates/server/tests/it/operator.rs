//! The operator: accounts made and linked, and suspension that is felt at once.

use diesel::prelude::*;
use diesel::sql_types::Text;
use portal_api_types::{
    AccountRole, AccountStatus, ConnectionStatus, CreateAccount, ErrorCode, ExternalId, FirmStatus,
    Introspection, LookupInvitation, NewOwner, UpdateAccount, UpsertAccount,
};
use portal_client::{ActivityQuery, ListQuery, OperatorAccountQuery, OperatorFirmQuery, OperatorUserQuery};

use crate::app::{OPERATOR, TestApp, acceptance, address, code, named, status};

fn external(id: &str) -> ExternalId {
    id.parse().expect("an external id")
}

pub fn new_owner(name: &str, email: &str) -> NewOwner {
    NewOwner { name: named(name), email: address(email), locale: None }
}

fn new_account(name: &str, external_id: Option<&str>, owner: Option<NewOwner>) -> CreateAccount {
    CreateAccount { name: named(name), external_id: external_id.map(external), owner }
}

#[tokio::test]
async fn an_account_is_made_with_its_first_owner_who_joins_by_mail() {
    let app = TestApp::start();
    let operator = app.operator().await;
    let owner = NewOwner {
        locale: Some(portal_api_types::Locale::Spanish),
        ..new_owner("Olivia", "olivia@bakery.example")
    };
    let made = operator.create_account(&new_account("Bakery", Some("store-1"), Some(owner))).await.unwrap();
    assert_eq!((made.account.status, made.owners.len()), (AccountStatus::Active, 1));
    assert_eq!((made.owners[0].status, made.owners[0].user_id.is_none()), (ConnectionStatus::Invited, true));

    let token = app.token_mailed_to("olivia@bakery.example", 1).await;
    assert!(
        app.mail("olivia@bakery.example", 1).await.text.contains("titularidad"),
        "in the language asked for"
    );
    let shown = app.portal().lookup_invitation(&LookupInvitation { token: token.clone() }).await.unwrap();
    assert_eq!((shown.inviter_name.as_str(), shown.user_exists), (OPERATOR, false));
    let olivia = app.portal().accept_invitation(&acceptance(token)).await.unwrap();
    let mine = olivia.list_my_accounts(&ListQuery::default()).await.unwrap().items.remove(0);
    assert_eq!((mine.role, mine.external_id), (AccountRole::Owner, Some(external("store-1"))));
    let entered = olivia.enter_account(&made.account.id).await.unwrap();
    assert_eq!(entered.account.external_id, Some(external("store-1")));
    let claims = entered.access_token.reveal().split('.').nth(1).unwrap().to_owned();
    let claims = String::from_utf8(base64(&claims)).unwrap();
    assert!(claims.contains("\"external_id\":\"store-1\""), "{claims}");
    let inside = olivia.portal().in_account(entered.access_token);
    assert_eq!(inside.read_account().await.unwrap().external_id, Some(external("store-1")));

    let trail = inside.list_account_activity(&ActivityQuery::default()).await.unwrap().items;
    let actions: Vec<&str> = trail.iter().rev().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["account.opened", "member.invited", "member.joined"]);
    let opened = trail.last().unwrap();
    assert!(opened.actor.is_none());
    assert_eq!(opened.operator.as_ref().unwrap().name, OPERATOR);
    assert!(trail[0].operator.is_none() && trail[0].actor.is_some());
    let csv = inside.export_account_activity(&ActivityQuery::default()).await.unwrap();
    assert!(csv.lines().next().unwrap().ends_with(",operator_name") && csv.contains(OPERATOR), "{csv}");
}

fn base64(text: &str) -> Vec<u8> {
    use ::base64::Engine;
    ::base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text).unwrap()
}

#[tokio::test]
async fn who_has_a_login_owns_it_at_once_and_is_told() {
    let app = TestApp::start();
    let operator = app.operator().await;
    let olivia = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let owner = new_owner("Another name", "OLIVIA@bakery.example");
    let made = operator.create_account(&new_account("Café", None, Some(owner.clone()))).await.unwrap();
    assert_eq!(made.owners[0].user_id.as_ref(), Some(&olivia.me.user().id));
    assert_eq!(
        (made.owners[0].status, made.owners[0].name.as_str()),
        (ConnectionStatus::Connected, "Olivia")
    );
    olivia.me.enter(&made.account.id).await.unwrap();
    let mail = app.mail("olivia@bakery.example", 2).await;
    assert!(mail.text.contains("Café") && mail.text.contains("Till") && !mail.has_link(), "{}", mail.text);
    assert_eq!(code(operator.add_owner(&made.account.id, &owner).await), ErrorCode::AlreadyMember);
    // A member becomes an owner.
    let member = portal_api_types::AddMember {
        name: named("Kim"),
        email: address("kim@x.example"),
        role: portal_api_types::MemberRole::Member,
    };
    olivia.inside.add_member(&member).await.unwrap();
    let kim = app.join("kim@x.example", 1).await;
    operator.add_owner(&olivia.account_id, &new_owner("Kim", "kim@x.example")).await.unwrap();
    assert_eq!(kim.enter_account(&olivia.account_id).await.unwrap().account.role, AccountRole::Owner);
}

#[tokio::test]
async fn an_owner_without_a_login_can_be_sent_another_link_and_the_old_one_is_dead() {
    let app = TestApp::start();
    let operator = app.operator().await;
    let owner = new_owner("Olivia", "olivia@bakery.example");
    let made = operator.create_account(&new_account("Bakery", None, None)).await.unwrap();
    assert!(made.owners.is_empty());
    operator.add_owner(&made.account.id, &owner).await.unwrap();
    let first = app.token_mailed_to("olivia@bakery.example", 1).await;
    operator.add_owner(&made.account.id, &owner).await.unwrap();
    let second = app.token_mailed_to("olivia@bakery.example", 2).await;
    assert_eq!(status(app.portal().accept_invitation(&acceptance(first)).await), 410);
    assert_eq!(operator.read_any_account(&made.account.id).await.unwrap().owners.len(), 1);
    app.portal().accept_invitation(&acceptance(second)).await.unwrap();
    let owners = operator.read_any_account(&made.account.id).await.unwrap().owners;
    assert_eq!((owners.len(), owners[0].status), (1, ConnectionStatus::Connected));
}

#[tokio::test]
async fn twenty_upserts_at_once_make_one_account_and_send_one_mail() {
    let app = TestApp::start();
    let operator = app.operator().await;
    let body =
        UpsertAccount { name: named("Bakery"), owner: Some(new_owner("Olivia", "olivia@bakery.example")) };
    let calls = (0..20).map(|_| {
        let (operator, body) = (operator.clone(), body.clone());
        tokio::spawn(async move { operator.upsert_account(&external("a/b?c%#d"), &body).await })
    });
    let mut ids = std::collections::HashSet::new();
    for call in calls.collect::<Vec<_>>() {
        ids.insert(call.await.unwrap().unwrap().account.id);
    }
    assert_eq!(ids.len(), 1);
    app.mail("olivia@bakery.example", 1).await;
    let listed = operator.list_accounts(&OperatorAccountQuery::default()).await.unwrap().items;
    assert_eq!((listed.len(), listed[0].external_id.as_ref()), (1, Some(&external("a/b?c%#d"))));
    assert_eq!(app.mails_to("olivia@bakery.example").len(), 1);

    let renamed =
        UpsertAccount { name: named("Blue Bakery"), owner: Some(new_owner("Zoe", "zoe@x.example")) };
    let found = operator.upsert_account(&external("a/b?c%#d"), &renamed).await.unwrap();
    assert_eq!((found.account.name.as_str(), found.owners.len()), ("Blue Bakery", 1));
}

#[tokio::test]
async fn an_upsert_says_whether_the_account_was_made() {
    let app = TestApp::start();
    let key = app.operator_key().await;
    let put = async |id: &str| {
        let url = app.url(&format!("/api/v1/operator/accounts/by-external-id/{id}"));
        let request =
            reqwest::Client::new().put(url).bearer_auth(&key).json(&serde_json::json!({"name": "Bakery"}));
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(put("suspend").await, 201, "an external id may look like an action");
    assert_eq!(put("suspend").await, 200);
    assert_eq!(put("a%20b").await, 400);
    assert_eq!(put(&"x".repeat(201)).await, 400);
}

#[tokio::test]
async fn an_external_id_is_one_account_s() {
    let app = TestApp::start();
    let operator = app.operator().await;
    operator.create_account(&new_account("Bakery", Some("store-1"), None)).await.unwrap();
    let again = operator.create_account(&new_account("Cycles", Some("store-1"), None)).await;
    assert_eq!(code(again), ErrorCode::ExternalIdTaken);
    let olivia = app.owner("Olivia", "olivia@bakery.example", "Signed up").await;
    let link = |id: &str| UpdateAccount { external_id: Some(external(id)), ..UpdateAccount::default() };
    let taken = operator.update_account(&olivia.account_id, &link("store-1")).await;
    assert_eq!(code(taken), ErrorCode::ExternalIdTaken);
    let linked = operator.update_account(&olivia.account_id, &link("store-2")).await.unwrap();
    assert_eq!(linked.account.external_id, Some(external("store-2")));
    let rename = UpdateAccount { name: Some(named("Blue Bakery")), ..UpdateAccount::default() };
    operator.update_account(&olivia.account_id, &rename).await.unwrap();
    // A token from before says what is so now.
    let account = olivia.inside.read_account().await.unwrap();
    assert_eq!((account.name.as_str(), account.external_id), ("Blue Bakery", Some(external("store-2"))));
    let trail = olivia.inside.list_account_activity(&ActivityQuery::default()).await.unwrap().items;
    assert_eq!((trail[0].action.as_str(), trail[1].action.as_str()), ("account.renamed", "account.linked"));
    assert_eq!(trail[0].detail["old_name"], "Signed up");
    let only = OperatorAccountQuery { external_id: Some(external("store-2")), ..Default::default() };
    assert_eq!(operator.list_accounts(&only).await.unwrap().items[0].id, olivia.account_id);
}

#[tokio::test]
async fn the_operator_s_lists_come_in_pages_and_are_searched() {
    let app = TestApp::start();
    let operator = app.operator().await;
    for number in 0..5 {
        operator.create_account(&new_account(&format!("ÄPFEL {number}"), None, None)).await.unwrap();
    }
    let mut query = OperatorAccountQuery { limit: Some(2), q: Some("äpfel".into()), ..Default::default() };
    let mut found = Vec::new();
    loop {
        let page = operator.list_accounts(&query).await.unwrap();
        found.extend(page.items.iter().map(|account| account.name.to_string()));
        match query.after(&page) {
            Some(next) => query = next,
            None => break,
        }
    }
    assert_eq!(found, ["ÄPFEL 0", "ÄPFEL 1", "ÄPFEL 2", "ÄPFEL 3", "ÄPFEL 4"]);
    let owner = app.owner("Öliver Stone", "oliver@bakery.example", "Bakery").await;
    let firm = app.firm(&owner, "Ärzte & Co", "office@apple.example").await;
    for q in ["öliver", "OLIVER@bakery"] {
        let query = OperatorUserQuery { q: Some(q.into()), ..Default::default() };
        let users = operator.list_users(&query).await.unwrap().items;
        assert_eq!(users.iter().map(|user| &user.id).collect::<Vec<_>>(), [&owner.me.user().id], "{q}");
    }
    for q in ["ärzte", "office@"] {
        let query =
            OperatorFirmQuery { q: Some(q.into()), status: Some(FirmStatus::Active), ..Default::default() };
        assert_eq!(operator.list_firms(&query).await.unwrap().items[0].id, firm.firm_id, "{q}");
    }
    let none = OperatorFirmQuery { status: Some(FirmStatus::Suspended), ..Default::default() };
    assert!(operator.list_firms(&none).await.unwrap().items.is_empty());
    assert_eq!(operator.read_any_firm(&firm.firm_id).await.unwrap().name.as_str(), "Ärzte & Co");
    assert_eq!(
        operator.read_any_user(&owner.me.user().id).await.unwrap().email,
        address("oliver@bakery.example")
    );
    let nobody = "user_7zzzzzzzzzzzzzzzzzzzzzzzzz".parse().unwrap();
    assert_eq!(status(operator.read_any_user(&nobody).await), 404);
    assert_eq!(status(operator.suspend_user(&nobody).await), 404);
}

#[derive(QueryableByName)]
struct Cell {
    #[diesel(sql_type = Text)]
    cell: String,
}

#[tokio::test]
async fn attack_13_a_key_is_kept_as_a_hash_and_a_revoked_one_is_refused() {
    let app = TestApp::start();
    let key = app.operator_key().await;
    assert!(key.starts_with("opk_") && key.len() == 4 + 43, "{key}");
    let operator = app.portal().operator(&key);
    operator.list_accounts(&OperatorAccountQuery::default()).await.unwrap();
    let rows = "SELECT id || ' ' || name || ' ' || secret_hash || ' ' || CAST(last_used_at IS NOT NULL AS TEXT) AS cell \
                FROM operator_keys";
    let cells: Vec<Cell> =
        app.app.services.db.read(move |conn| Ok(diesel::sql_query(rows).load(conn)?)).await.unwrap();
    let hash = portal_server::auth::link::hash_of(key.as_bytes());
    assert!(cells[0].cell.contains(&hash) && !cells[0].cell.contains(&key), "{}", cells[0].cell);
    assert!(cells[0].cell.ends_with('1') || cells[0].cell.ends_with("true"), "its use is noted");

    for wrong in ["opk_", &key[..46], &format!("{key}x"), &key.to_uppercase(), "nonsense"] {
        let other = app.portal().operator(wrong);
        assert_eq!(status(other.list_accounts(&OperatorAccountQuery::default()).await), 401, "{wrong}");
    }
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    for token in [owner.me.token(), owner.inside.token()] {
        let other = app.portal().operator(token);
        assert_eq!(status(other.list_accounts(&OperatorAccountQuery::default()).await), 401);
    }
    assert_eq!(status(app.portal().in_account(&key).read_account().await), 401);

    let revoke = "UPDATE operator_keys SET revoked_at = created_at";
    let revoked = app.app.services.db.write(move |conn| Ok(diesel::sql_query(revoke).execute(conn)?));
    assert_eq!(revoked.await.unwrap(), 1);
    assert_eq!(status(operator.list_accounts(&OperatorAccountQuery::default()).await), 401);
}

#[tokio::test]
async fn the_operator_may_ask_about_tokens_of_every_account() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let operator = app.portal().operator(&app.operator_key().await);
    let token = owner.inside.token();
    let told = operator.introspect_token(token).await.unwrap();
    assert_eq!((told.active, told.role), (true, Some(AccountRole::Owner)));
    assert_eq!(told.sub.as_deref(), Some(owner.me.user().id.as_str()));
    // What the operator's own product calls the account is told as it is now, whatever the token says.
    let account = operator.list_accounts(&Default::default()).await.unwrap().items.remove(0);
    let link = UpdateAccount { external_id: Some("store-1".parse().unwrap()), ..UpdateAccount::default() };
    operator.update_account(&account.id, &link).await.unwrap();
    assert_eq!(operator.introspect_token(token).await.unwrap().external_id, link.external_id);
    operator.suspend_account(&account.id).await.unwrap();
    assert_eq!(operator.introspect_token(token).await.unwrap(), Introspection::default());
    let stranger = app.portal().operator("opk_none");
    assert_eq!(status(stranger.introspect_token(token).await), 401);
}
