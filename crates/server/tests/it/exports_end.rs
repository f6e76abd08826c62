//! Files that are still going out when the right to them ends: they are broken off, and have nothing of later.

use portal_api_types::{AccountRef, EmployeeRole, EmployeeStatus, Locale, UpdateEmployee};
use portal_server::domain::activity::{Action, Change, record_all};
use portal_server::domain::operator::keys;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::app::{TestApp, named};
use crate::bulk::{clients_named, grant_all};

/// As long as a name may be, so that few rows are more than what lies in the sockets on the way.
const LONG: &str = "𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳\
    𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳𝒳";

/// A file that somebody has begun to read, and reads no further for the moment.
struct Reading {
    socket: TcpStream,
    read: Vec<u8>,
}

impl Reading {
    async fn begin(app: &TestApp, path: &str, token: &str) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4_096).unwrap();
        let mut socket = socket.connect(app.address).await.unwrap();
        let head = format!("GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n");
        socket.write_all(head.as_bytes()).await.unwrap();
        let mut reading = Self { socket, read: Vec::new() };
        while !reading.text().contains(&LONG[..40]) {
            assert_ne!(reading.socket.read_buf(&mut reading.read).await.unwrap(), 0, "{}", reading.text());
        }
        assert!(reading.text().starts_with("HTTP/1.1 200"), "{}", reading.text());
        reading
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.read).into_owned()
    }

    /// The rest. What is cut may end by a reset too.
    async fn finish(mut self) -> String {
        let read = async {
            while self.socket.read_buf(&mut self.read).await.is_ok_and(|count| count > 0) {
                if self.read.ends_with(b"\r\n0\r\n\r\n") {
                    break;
                }
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(60), read).await.unwrap();
        self.text()
    }
}

fn assert_broken_off(text: &str, rows: usize) {
    assert!(!text.ends_with("\r\n0\r\n\r\n"), "it passes for a whole file");
    let found = text.matches(LONG).count();
    assert!((1..rows).contains(&found), "{found} of {rows} rows");
}

#[tokio::test]
async fn attack_14_an_export_ends_with_the_right_of_who_reads_it() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let firm = app.firm(&owner, "Apple", "office@apple.example").await;
    let accounts = clients_named(&app, &firm, 2_000, LONG).await;
    for name in ["Ben", "Carla", "Eve", "Fay", "Gus"] {
        let email = format!("{name}@apple.example");
        let employee = firm.invite(name, &email, EmployeeRole::Bookkeeper, &[]).await;
        grant_all(&firm, &employee.id, &accounts).await;
    }
    let dana = firm.hire(&app, "Dana", "dana@apple.example", EmployeeRole::Admin, &[]).await;
    let path = format!("/api/v1/firms/{}/exports/assignments.csv", firm.firm_id);
    let changes = [
        UpdateEmployee { role: Some(EmployeeRole::Bookkeeper), ..UpdateEmployee::default() },
        UpdateEmployee { status: Some(EmployeeStatus::Deactivated), ..UpdateEmployee::default() },
    ];
    for change in changes {
        let again = UpdateEmployee { role: Some(EmployeeRole::Admin), ..UpdateEmployee::default() };
        firm.firm.update_employee(&dana.id, &again).await.unwrap();
        let hers = Reading::begin(&app, &path, dana.me.token()).await;
        let others = Reading::begin(&app, &path, firm.me.token()).await;
        firm.firm.update_employee(&dana.id, &change).await.unwrap();
        let later = clients_named(&app, &firm, 1, LONG).await;
        grant_all(&firm, &firm.employee_id, &later).await;
        let hers = hers.finish().await;
        assert_broken_off(&hers, 10_000);
        assert!(!hers.contains(later[0].as_str()));
        let others = others.finish().await;
        assert!(others.ends_with("\r\n0\r\n\r\n") && others.contains(later[0].as_str()), "nobody else's is");
    }
}

#[tokio::test]
async fn attack_14_a_trail_as_a_file_ends_with_the_right_of_who_reads_it() {
    const ENTRIES: usize = 12_000;
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let (id, operator_key) = {
        let ctx = app.app.ctx(None, None, Locale::default());
        let account = AccountRef { id: owner.account_id.clone(), name: named("Bakery") };
        app.app
            .services
            .db
            .write(move |conn| {
                let entry = |_| Change::by_portal(Action::AccountRenamed).on("x", LONG);
                record_all(conn, &ctx, (0..ENTRIES).map(entry))?;
                record_all(conn, &ctx, (0..ENTRIES).map(entry).map(|entry| entry.in_account(&account)))?;
                keys::create(conn, &ctx, &named("Till"))
            })
            .await
            .unwrap()
    };
    let by_operator =
        Reading::begin(&app, "/api/v1/operator/activity?format=csv", operator_key.reveal()).await;
    let ctx = app.app.ctx(None, None, Locale::default());
    assert!(app.app.services.db.write(move |conn| keys::revoke(conn, &ctx, &id)).await.unwrap());
    assert_broken_off(&by_operator.finish().await, ENTRIES);
    let by_owner = Reading::begin(&app, "/api/v1/account/activity?format=csv", owner.inside.token()).await;
    let session =
        owner.me.list_sessions(&portal_client::PageQuery::default()).await.unwrap().items[0].id.clone();
    owner.me.end_session(&session).await.unwrap();
    assert_broken_off(&by_owner.finish().await, ENTRIES);
}
