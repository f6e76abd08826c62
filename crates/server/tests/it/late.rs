//! Who loses a right while a request is under way changes nothing by it any more: the body may come slowly, and a row may be waited
//! for.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use portal_api_types::{AddMember, EmployeeRole, MemberRole};
use portal_client::ActivityQuery;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::app::{TestApp, address, named};
use crate::bulk::{assigned, clients};
use crate::webhook_events::set;

const OFFICE: &str = "office@apple.example";

/// A request whose body is not all there yet.
struct Slow {
    what: &'static str,
    socket: TcpStream,
    rest: String,
}

impl Slow {
    async fn begin(app: &TestApp, what: &'static str, path: &str, token: &str, body: &str) -> Self {
        let (method, _) = what.split_once(' ').unwrap();
        let mut socket = TcpStream::connect(app.address).await.unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let (first, rest) = body.split_at(1);
        socket.write_all(format!("{head}{first}").as_bytes()).await.unwrap();
        Self { what, socket, rest: rest.to_owned() }
    }

    /// Sends the rest, and answers the status.
    async fn finish(mut self) -> (&'static str, u16) {
        self.socket.write_all(self.rest.as_bytes()).await.unwrap();
        let mut answer = String::new();
        self.socket.read_to_string(&mut answer).await.unwrap();
        (self.what, answer.split(' ').nth(1).unwrap().parse().unwrap())
    }
}

/// Until the server has let all of them in, and waits for the bodies.
async fn let_in() {
    tokio::time::sleep(Duration::from_millis(300)).await;
}

#[tokio::test]
async fn an_admin_who_is_demoted_meanwhile_changes_nothing() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let firm = app.firm(&owner, "Apple", OFFICE).await;
    let accounts = clients(&app, &firm, 2).await;
    let dmitri = firm.hire(&app, "Dmitri", "dmitri@apple.example", EmployeeRole::Admin, &[]).await;
    let ben = firm.hire(&app, "Ben", "ben@apple.example", EmployeeRole::Bookkeeper, &accounts[1..]).await;
    let batch = format!(
        r#"{{"grant": [{{"employee_id": "{0}", "account_id": "{2}"}}], "revoke": [{{"employee_id": "{1}", "account_id": "{3}"}}]}}"#,
        dmitri.id, ben.id, accounts[0], accounts[1]
    );
    let invitation = r#"{"name": "Eve", "email": "eve@apple.example", "role": "admin"}"#;
    let import = format!(
        r#"{{"kind": "assignments", "csv": "employee_email,account_id\nben@apple.example,{}"}}"#,
        accounts[0]
    );
    let handover = format!(r#"{{"to": "{}", "then": "keep"}}"#, dmitri.id);
    let at = |path: &str| format!("/api/v1/firms/{}{path}", firm.firm_id);
    let begun = [
        ("POST assignments", at("/assignments"), batch.as_str()),
        ("PATCH firm", at(""), r#"{"name": "Mine"}"#),
        ("PATCH employee", at(&format!("/employees/{}", ben.id)), r#"{"role": "admin"}"#),
        ("POST employees", at("/employees"), invitation),
        ("POST imports", at("/imports"), import.as_str()),
        ("POST handover", at(&format!("/employees/{}/handover", ben.id)), handover.as_str()),
    ];
    let mut slow = Vec::new();
    for (what, path, body) in begun {
        slow.push(Slow::begin(&app, what, &path, dmitri.me.token(), body).await);
    }
    let_in().await;
    firm.firm.update_employee(&dmitri.id, &set(Some(EmployeeRole::Bookkeeper), None)).await.unwrap();
    let before = firm.firm.list_firm_activity(&ActivityQuery::default()).await.unwrap().items;
    for request in slow {
        let (what, status) = request.finish().await;
        assert_eq!(status, 404, "{what}");
    }
    assert_eq!(firm.firm.list_firm_activity(&ActivityQuery::default()).await.unwrap().items, before);
    assert!(assigned(&firm, &dmitri.id, &accounts).await.is_empty());
    assert_eq!(assigned(&firm, &ben.id, &accounts).await.len(), 1);
    assert_eq!(firm.me.read_me().await.unwrap().firms[0].firm_name.as_str(), "Apple");
}

#[tokio::test]
async fn an_owner_who_is_removed_meanwhile_changes_nothing() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let firm = app.firm(&owner, "Apple", OFFICE).await;
    let oscar =
        AddMember { name: named("Oscar"), email: address("oscar@bakery.example"), role: MemberRole::Owner };
    owner.inside.add_member(&oscar).await.unwrap();
    let oscar = app.join("oscar@bakery.example", 1).await;
    let inside = oscar.enter(&owner.account_id).await.unwrap();
    let person =
        |name: &str| format!(r#"{{"name": "{name}", "email": "{name}@x.example", "role": "owner"}}"#);
    let (member, company) = (person("mallory"), r#"{"name": "Pear", "email": "office@pear.example"}"#);
    let begun = [
        ("PATCH account", "/api/v1/account", r#"{"name": "Mine"}"#),
        ("POST members", "/api/v1/account/members", member.as_str()),
        ("POST firms", "/api/v1/account/firms", company),
        ("POST api-keys", "/api/v1/account/api-keys", r#"{"name": "Mine", "scopes": ["firms:manage"]}"#),
        ("POST webhooks", "/api/v1/account/webhooks", r#"{"url": "https://hooks.mallory.example/"}"#),
    ];
    let mut slow = Vec::new();
    for (what, path, body) in begun {
        slow.push(Slow::begin(&app, what, path, inside.token(), body).await);
    }
    let_in().await;
    let id = oscar.read_me().await.unwrap().id;
    owner.inside.remove_member(&id).await.unwrap();
    let before = owner.inside.list_account_activity(&ActivityQuery::default()).await.unwrap().items;
    for request in slow {
        let (what, status) = request.finish().await;
        assert_eq!(status, 404, "{what}");
    }
    assert_eq!(owner.inside.list_account_activity(&ActivityQuery::default()).await.unwrap().items, before);
    assert_eq!(owner.inside.list_account_users().await.unwrap().members.len(), 0);
    assert_eq!(firm.me.read_me().await.unwrap().firms.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_admin_has_changed_stays_as_it_was_when_the_demotion_is_answered() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let firm = Arc::new(app.firm(&owner, "Apple", OFFICE).await);
    let accounts = clients(&app, &firm, 8).await;
    let dmitri = firm.hire(&app, "Dmitri", "dmitri@apple.example", EmployeeRole::Admin, &[]).await;
    let ben = firm.hire(&app, "Ben", "ben@apple.example", EmployeeRole::Bookkeeper, &[]).await;
    for round in 0..5 {
        firm.firm.update_employee(&dmitri.id, &set(Some(EmployeeRole::Admin), None)).await.unwrap();
        let over = Arc::new(AtomicBool::new(false));
        let hands = accounts.iter().cloned().map(|account| {
            let (his, ben, over) = (dmitri.me.firm(&firm.firm_id), ben.id.clone(), Arc::clone(&over));
            tokio::spawn(async move {
                while !over.load(Ordering::SeqCst) {
                    let granted = his.grant_account(&ben, &account).await;
                    let revoked = his.revoke_account(&ben, &account).await;
                    if granted.is_err() && revoked.is_err() {
                        return;
                    }
                }
            })
        });
        let hands: Vec<_> = hands.collect();
        tokio::time::sleep(Duration::from_millis(100)).await;
        firm.firm.update_employee(&dmitri.id, &set(Some(EmployeeRole::Bookkeeper), None)).await.unwrap();
        let then = assigned(&firm, &ben.id, &accounts).await;
        tokio::time::sleep(Duration::from_millis(200)).await;
        over.store(true, Ordering::SeqCst);
        for hand in hands {
            hand.await.unwrap();
        }
        assert_eq!(assigned(&firm, &ben.id, &accounts).await, then, "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_assigns_to_himself_many_times_at_once_is_not_in_his_own_way() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let firm = app.firm(&owner, "Apple", OFFICE).await;
    let accounts = clients(&app, &firm, 6).await;
    let began = Instant::now();
    let grants = accounts.iter().map(|account| firm.firm.grant_account(&firm.employee_id, account));
    for granted in futures_util::future::join_all(grants).await {
        granted.unwrap();
    }
    // Who waits in a circle is found out after a second.
    assert!(began.elapsed() < Duration::from_millis(900), "{:?}", began.elapsed());
    assert_eq!(assigned(&firm, &firm.employee_id, &accounts).await.len(), 6);
}

#[tokio::test]
async fn large_bodies_that_are_let_wait_for_take_a_bounded_amount_of_memory() {
    let app = TestApp::start_with(|config| config.request_timeout = 60);
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let firm = app.firm(&owner, "Apple", OFFICE).await;
    let path = format!("/api/v1/firms/{}/assignments", firm.firm_id);
    let body = format!("{{{}\"grant\": [], \"revoke\": []}}", " ".repeat(2_000_000));
    let most = body.len() - 1;
    let mut slow = Vec::new();
    for _ in 0..40 {
        let mut request = Slow::begin(&app, "POST assignments", &path, firm.me.token(), &body).await;
        let rest = request.rest.split_off(most - 100);
        // Who is refused does not read on.
        let _ = request.socket.write_all(request.rest.as_bytes()).await;
        slow.push(Slow { rest, ..request });
    }
    let_in().await;
    let mut served = 0;
    for mut request in slow {
        let mut answer = [0; 12];
        let _ = request.socket.write_all(request.rest.as_bytes()).await;
        request.socket.read_exact(&mut answer).await.unwrap();
        match &answer {
            b"HTTP/1.1 200" => served += 1,
            other => assert_eq!(other, b"HTTP/1.1 503", "{}", String::from_utf8_lossy(other)),
        }
    }
    // 16 at once; and one that is read late finds the room of one that was answered.
    assert!((1..=24).contains(&served), "{served} of 40 at once");
    // The room is free again.
    let (_, status) =
        Slow::begin(&app, "POST assignments", &path, firm.me.token(), &body).await.finish().await;
    assert_eq!(status, 200);
}
