//! Keys of programs: what they open, and when they die.

use std::time::Duration;

use diesel::prelude::*;
use portal_api_types::{
    AccountRole, AddMember, ApiKeySecret, EmployeeRole, ErrorCode, InviteFirm, MemberRole, NewApiKey,
    RenameAccount, Scope, Scopes, UserId,
};
use portal_client::{ActivityQuery, Error, InAccount, PageQuery};
use serde_json::json;

use crate::app::{Owner, TestApp, address, code, named, status};

/// A key of the owner's account with these scopes.
pub async fn key(owner: &Owner, scopes: &[Scope]) -> ApiKeySecret {
    key_by(&owner.inside, scopes).await
}

async fn key_by(inside: &InAccount, scopes: &[Scope]) -> ApiKeySecret {
    let new = NewApiKey { name: named("Sync"), scopes: Scopes::new(scopes).unwrap(), expires_at: None };
    inside.create_api_key(&new).await.expect("a key")
}

/// The key's program, inside the account.
pub async fn enter(app: &TestApp, key: &ApiKeySecret) -> InAccount {
    app.portal().client_credentials(&key.key.id, &key.secret, None).await.expect("a token")
}

async fn run(app: &TestApp, statement: String) {
    let done = app.app.services.db.write(move |conn| {
        diesel::sql_query(&statement).execute(conn)?;
        Ok(())
    });
    done.await.unwrap();
}

/// Everywhere that the key could still open something, it does, or it does not.
async fn works(app: &TestApp, owner: &InAccount, key: &ApiKeySecret, inside: &InAccount) -> bool {
    let (id, secret) = (&key.key.id, &key.secret);
    let by_token = inside.read_account().await;
    let by_secret = app.portal().issue_token(id, secret, None).await;
    let told = owner.introspect_token(inside.token()).await.unwrap();
    let all = [by_token.is_ok(), by_secret.is_ok(), told.active];
    assert!(all.iter().all(|one| *one == all[0]), "one way differs from the others: {all:?}");
    if !told.active {
        assert_eq!(told, portal_api_types::Introspection::default(), "nothing more is told");
        assert_eq!(status(by_token), 401);
        assert!(matches!(by_secret, Err(Error::OAuth { status: 401, .. })), "{by_secret:?}");
    }
    told.active
}

#[tokio::test]
async fn a_scope_opens_its_own_operations_and_no_scope_opens_those_for_people() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let read = enter(&app, &key(&owner, &[Scope::AccountRead]).await).await;
    let account = read.read_account().await.unwrap();
    assert_eq!((account.role, account.firm), (AccountRole::Integration, None));
    let users = enter(&app, &key(&owner, &[Scope::UsersRead]).await).await;
    let found = users.list_account_users().await.unwrap();
    assert_eq!(found.owners[0].email, Some(address("olivia@bakery.example")));

    let http = reqwest::Client::new();
    let answer = http.get(app.url("/api/v1/account/users")).bearer_auth(read.token()).send().await.unwrap();
    assert_eq!(answer.status(), 403);
    let challenge = "Bearer error=\"insufficient_scope\", scope=\"users:read\"";
    assert_eq!(answer.headers()["www-authenticate"], challenge);
    assert_eq!(answer.json::<serde_json::Value>().await.unwrap()["code"], "forbidden");

    // Whatever scopes it has.
    let all = enter(&app, &key(&owner, Scope::ALL).await).await;
    let answer = http
        .patch(app.url("/api/v1/account"))
        .bearer_auth(all.token())
        .json(&json!({"name": "Mine"}))
        .send()
        .await
        .unwrap();
    assert_eq!(
        (answer.status().as_u16(), answer.headers()["www-authenticate"].to_str().unwrap()),
        (403, "Bearer error=\"insufficient_scope\"")
    );
    let rename = RenameAccount { name: named("Mine") };
    let kim = AddMember { name: named("Kim"), email: address("kim@x.example"), role: MemberRole::Owner };
    let more = NewApiKey { name: named("More"), scopes: Scopes::all(), expires_at: None };
    assert_eq!(code(all.rename_account(&rename).await), ErrorCode::Forbidden);
    assert_eq!(code(all.add_member(&kim).await), ErrorCode::Forbidden);
    assert_eq!(code(all.remove_member(&owner.me.user().id).await), ErrorCode::Forbidden);
    assert_eq!(code(all.create_api_key(&more).await), ErrorCode::Forbidden);
    assert_eq!(code(all.list_api_keys(&PageQuery::default()).await), ErrorCode::Forbidden);
    let me = http.get(app.url("/api/v1/me")).bearer_auth(all.token()).send().await.unwrap();
    assert_eq!(me.status(), 401, "it is nobody's identity");
}

#[tokio::test]
async fn a_token_may_have_less_than_its_key() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let made = key(&owner, &[Scope::AccountRead, Scope::UsersRead]).await;
    let less = Scopes::new(&[Scope::AccountRead]).unwrap();
    let inside = app.portal().client_credentials(&made.key.id, &made.secret, Some(&less)).await.unwrap();
    inside.read_account().await.unwrap();
    assert_eq!(status(inside.list_account_users().await), 403);
    let more = app.portal().issue_token(&made.key.id, &made.secret, Some(&Scopes::all())).await;
    assert!(matches!(more, Err(Error::OAuth { status: 400, .. })), "{more:?}");
}

#[tokio::test]
async fn attack_13_a_key_is_dead_when_who_made_it_is_taken_out_and_stays_dead() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let add = AddMember { name: named("Kim"), email: address("kim@x.example"), role: MemberRole::Owner };
    owner.inside.add_member(&add).await.unwrap();
    let kim = app.join("kim@x.example", 1).await;
    let by_kim = key_by(&kim.enter(&owner.account_id).await.unwrap(), Scope::ALL).await;
    let by_olivia = key(&owner, Scope::ALL).await;
    let (theirs, own) = (enter(&app, &by_kim).await, enter(&app, &by_olivia).await);
    assert!(works(&app, &owner.inside, &by_kim, &theirs).await);

    owner.inside.remove_member(&kim.user().id).await.unwrap();
    assert!(!works(&app, &owner.inside, &by_kim, &theirs).await);
    assert!(works(&app, &owner.inside, &by_olivia, &own).await, "that of another owner goes on");
    let keys = owner.inside.list_api_keys(&PageQuery::default()).await.unwrap().items;
    assert_eq!(keys.iter().map(|key| &key.id).collect::<Vec<_>>(), [&by_olivia.key.id]);
    let query = ActivityQuery { action: Some("api_key.revoked".into()), ..ActivityQuery::default() };
    let trail = owner.inside.list_account_activity(&query).await.unwrap().items;
    assert_eq!(trail[0].target.as_ref().map(|target| target.id.as_str()), Some(by_kim.key.id.as_str()));
    assert_eq!(trail[0].actor.as_ref().map(|actor| actor.name.as_str()), Some("Olivia"));

    // Who comes back starts from nothing.
    owner.inside.add_member(&add).await.unwrap();
    app.token_mailed_to("kim@x.example", 2).await;
    app.join("kim@x.example", 2).await;
    assert!(!works(&app, &owner.inside, &by_kim, &theirs).await);
}

#[tokio::test]
async fn attack_13_a_key_is_dead_while_who_made_it_is_no_active_owner() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let add = AddMember { name: named("Kim"), email: address("kim@x.example"), role: MemberRole::Owner };
    owner.inside.add_member(&add).await.unwrap();
    let kim = app.join("kim@x.example", 1).await;
    let made = key_by(&kim.enter(&owner.account_id).await.unwrap(), Scope::ALL).await;
    let inside = enter(&app, &made).await;
    let id: UserId = kim.user().id.clone();
    let active = async || owner.inside.list_api_keys(&PageQuery::default()).await.unwrap().items[0].active;
    for (out, back) in [
        (
            format!("UPDATE account_members SET role = 'member' WHERE user_id = '{id}'"),
            format!("UPDATE account_members SET role = 'owner' WHERE user_id = '{id}'"),
        ),
        (
            format!("UPDATE users SET status = 'suspended' WHERE id = '{id}'"),
            format!("UPDATE users SET status = 'active' WHERE id = '{id}'"),
        ),
    ] {
        run(&app, out).await;
        assert!(!works(&app, &owner.inside, &made, &inside).await);
        assert!(!active().await);
        run(&app, back).await;
        assert!(works(&app, &owner.inside, &made, &inside).await);
        assert!(active().await);
    }
    // A key acts by its maker's right, not by a session of theirs.
    kim.end_current_session().await.unwrap();
    assert!(works(&app, &owner.inside, &made, &inside).await);
}

#[tokio::test]
async fn attack_13_a_revoked_or_expired_key_is_dead_with_all_its_tokens() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let made = key(&owner, Scope::ALL).await;
    let inside = enter(&app, &made).await;
    owner.inside.revoke_api_key(&made.key.id).await.unwrap();
    assert!(!works(&app, &owner.inside, &made, &inside).await);
    assert_eq!(status(owner.inside.revoke_api_key(&made.key.id).await), 404, "once");

    let end = app.clock.now() + chrono::TimeDelta::seconds(60);
    let new = NewApiKey { name: named("Short"), scopes: Scopes::all(), expires_at: Some(end.and_utc()) };
    let short = owner.inside.create_api_key(&new).await.unwrap();
    let token = app.portal().issue_token(&short.key.id, &short.secret, None).await.unwrap();
    assert!((55..=60).contains(&token.expires_in), "not beyond the key's end: {}", token.expires_in);
    let inside = app.portal().in_account(token.access_token.reveal());
    assert!(works(&app, &owner.inside, &short, &inside).await);
    app.clock.advance(Duration::from_secs(61));
    assert!(!works(&app, &owner.inside, &short, &inside).await);
    assert!(!owner.inside.list_api_keys(&PageQuery::default()).await.unwrap().items[0].active);

    let long = app.portal().issue_token(&short.key.id, &short.secret, None).await;
    assert!(long.is_err());
    assert_eq!(enter_for(&app, &key(&owner, Scope::ALL).await).await, 900);
}

async fn enter_for(app: &TestApp, key: &ApiKeySecret) -> u32 {
    app.portal().issue_token(&key.key.id, &key.secret, None).await.unwrap().expires_in
}

#[tokio::test]
async fn attack_17_a_key_and_its_id_are_of_one_account() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let other = app.owner("Marco", "marco@cycles.example", "Cycles").await;
    let made = key(&owner, Scope::ALL).await;
    let mine = key(&other, Scope::ALL).await;
    let foreign = other.inside.revoke_api_key(&made.key.id).await.unwrap_err();
    let missing = "akey_7zzzzzzzzzzzzzzzzzzzzzzzzz".parse().unwrap();
    let missing = other.inside.revoke_api_key(&missing).await.unwrap_err();
    let words = |error: &Error| error.problem().map(|problem| (problem.status, problem.detail.clone()));
    assert_eq!(words(&foreign), words(&missing));
    assert_eq!(other.inside.list_api_keys(&PageQuery::default()).await.unwrap().items.len(), 1);
    // One key's id with another's secret.
    assert!(app.portal().issue_token(&made.key.id, &mine.secret, None).await.is_err());
    let inside = enter(&app, &made).await;
    assert_eq!(inside.read_account().await.unwrap().id, owner.account_id);
    assert!(!other.inside.introspect_token(inside.token()).await.unwrap().active);
}

#[tokio::test]
async fn what_a_program_does_is_on_record_as_the_keys_doing() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let made = key(&owner, &[Scope::FirmsManage, Scope::ActivityRead]).await;
    let inside = enter(&app, &made).await;
    let invitation = InviteFirm { name: named("Apple"), email: address("office@apple.example") };
    let row = inside.invite_firm(&invitation).await.unwrap();
    let mail = app.mail("office@apple.example", 1).await;
    assert!(mail.text.contains("Olivia"), "who is invited is told the person by whose right: {}", mail.text);
    inside.resend_invitation(&row.invitation_id.unwrap()).await.unwrap();
    let admin = app.join("office@apple.example", 2).await;
    let firm_id = admin.read_me().await.unwrap().firms[0].firm_id.clone();
    let hire = portal_api_types::InviteEmployee {
        name: named("Ben"),
        email: address("ben@apple.example"),
        role: EmployeeRole::Admin,
        account_ids: Vec::new(),
    };
    let ben = admin.firm(&firm_id).invite_employee(&hire).await.unwrap();
    app.join("ben@apple.example", 1).await;
    inside.block_person(&firm_id, &ben.id).await.unwrap();
    inside.unblock_person(&firm_id, &ben.id).await.unwrap();
    inside.disconnect_firm(&firm_id).await.unwrap();

    let query = ActivityQuery { api_key: Some(made.key.id.clone()), ..ActivityQuery::default() };
    let trail = inside.list_account_activity(&query).await.unwrap().items;
    let actions: Vec<&str> = trail.iter().rev().map(|entry| entry.action.as_str()).collect();
    let expected =
        ["firm.invited", "invitation.resent", "person.blocked", "person.unblocked", "firm.disconnected"];
    assert_eq!(actions, expected);
    for entry in &trail {
        assert_eq!(
            (entry.actor.as_ref(), entry.api_key.as_ref().map(|key| &key.id)),
            (None, Some(&made.key.id))
        );
        assert_eq!(entry.api_key.as_ref().unwrap().name, named("Sync"));
    }
    let csv = inside.export_account_activity(&query).await.unwrap();
    assert!(csv.contains(&format!("{},Sync", made.key.id)), "{csv}");
    let both = ActivityQuery { actor: Some(owner.me.user().id.clone()), ..query };
    assert_eq!(
        inside.list_account_activity(&both).await.unwrap().items,
        [],
        "nobody is a person and a program"
    );
    assert_eq!(inside.export_account_activity(&both).await.unwrap().lines().count(), 1);
    let made_by = ActivityQuery { action: Some("api_key.created".into()), ..ActivityQuery::default() };
    let entry = inside.list_account_activity(&made_by).await.unwrap().items.remove(0);
    assert_eq!(entry.actor.unwrap().user_id, owner.me.user().id);
    assert_eq!(entry.detail["scopes"], "activity:read firms:manage");
}

#[tokio::test]
async fn attack_03_a_keys_secret_is_told_once_and_kept_nowhere() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let made = key(&owner, Scope::ALL).await;
    assert!(made.secret.reveal().starts_with("key_") && made.secret.reveal().len() == 47);
    assert!(!format!("{made:?}").contains(made.secret.reveal()));
    enter(&app, &made).await;
    let http = reqwest::Client::new();
    let hash = portal_server::auth::link::hash(&made.secret);
    for path in ["api-keys", "activity", "activity?format=csv", "users"] {
        let url = app.url(&format!("/api/v1/account/{path}"));
        let text =
            http.get(url).bearer_auth(owner.inside.token()).send().await.unwrap().text().await.unwrap();
        assert!(!text.contains(made.secret.reveal()) && !text.contains(&hash), "{path}: {text}");
    }
    let listed = owner.inside.list_api_keys(&PageQuery::default()).await.unwrap().items.remove(0);
    assert_eq!(listed.last_used_ip.as_deref(), Some("127.0.0.1"));
    assert!(listed.last_used_at.is_some() && made.key.last_used_at.is_none());
    let used = portal_api_types::ApiKey { last_used_at: None, last_used_ip: None, ..listed };
    assert_eq!(used, made.key, "the list says what the first answer said");
}

#[tokio::test]
async fn attack_31_guessed_secrets_are_limited_and_the_programs_own_is_not() {
    let app = TestApp::start_with(|_| {});
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let made = key(&owner, Scope::ALL).await;
    let guess = portal_api_types::Secret::new("key_guess");
    let unknown: portal_api_types::ApiKeyId = "akey_7zzzzzzzzzzzzzzzzzzzzzzzzz".parse().unwrap();
    for id in [&made.key.id, &unknown] {
        for number in 0..12 {
            let refused = app.portal().issue_token(id, &guess, None).await.unwrap_err();
            let expected = if number < 10 { 401 } else { 429 };
            assert_eq!(refused.status(), Some(expected), "{number}: {refused}");
            assert_eq!(refused.retry_after().is_some(), expected == 429);
        }
    }
    enter(&app, &made).await;
    let again = app.portal().introspect_token(&made.key.id, &guess, "x").await.unwrap_err();
    assert_eq!(again.status(), Some(429), "the other doors count the same");
    // From one network, whatever ids are tried.
    let http = reqwest::Client::new();
    let mut limited = 0;
    for number in 0..84 {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &format!("guess{number}")),
            ("client_secret", "x"),
        ];
        let answer = http.post(app.url("/oauth/token")).form(&form).send().await.unwrap();
        limited += usize::from(answer.status() == 429);
    }
    assert_eq!(limited, 4, "20 were counted before, 100 are the limit");
    enter(&app, &made).await;
}

#[tokio::test]
async fn a_key_needs_scopes_and_an_end_that_makes_sense() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let send = async |body: serde_json::Value| {
        let request = reqwest::Client::new()
            .post(app.url("/api/v1/account/api-keys"))
            .bearer_auth(owner.inside.token());
        let answer = request.json(&body).send().await.unwrap();
        let status = answer.status().as_u16();
        let said: serde_json::Value = answer.json().await.unwrap();
        (status, said["errors"][0]["pointer"].as_str().unwrap_or_default().to_owned(), said)
    };
    for (field, value, pointer) in [
        ("scopes", json!([]), "/scopes"),
        ("scopes", json!(["account:write"]), "/scopes/0"),
        ("scopes", json!("account:read"), "/scopes"),
        ("name", json!(" "), "/name"),
        ("expires_at", json!(null), "/expires_at"),
        ("expires_at", json!("2020-01-01T00:00:00Z"), "/expires_at"),
        ("expires_at", json!("9999-01-01T00:00:00Z"), "/expires_at"),
        ("expires_at", json!("tomorrow"), "/expires_at"),
        ("owner_id", json!("user_01h455vb4pex5vsknk084sn02q"), "/owner_id"),
    ] {
        let mut body = json!({"name": "Sync", "scopes": ["account:read"]});
        body[field] = value;
        let (status, found, said) = send(body).await;
        assert_eq!((status, found.as_str()), (422, pointer), "{said}");
    }
    let (status, _, said) =
        send(json!({"name": "Sync", "scopes": ["users:read", "account:read", "users:read"]})).await;
    assert_eq!(
        (status, &said["scopes"], &said["expires_at"]),
        (201, &json!(["account:read", "users:read"]), &json!(null))
    );
}
