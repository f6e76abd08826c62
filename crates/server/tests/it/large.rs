//! Of a large firm among small ones, a few clients take what they take in a small firm: the database plans for firms of the usual
//! size, and must not read all of this one.

use std::time::{Duration, Instant};

use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;
use portal_api_types::{AccountId, EmployeeId, EmployeeRole, FirmId, FirmRef, WebhookDeliveryId};
use portal_server::auth::scope::FirmScope;
use portal_server::clock::{Time, uuid_at};
use portal_server::db::{Conn, Db};
use portal_server::domain::Outcome;
use portal_server::store::{connections, deliveries};

use crate::app::{TestApp, measured, named, on_postgres};
use crate::bulk::clients;
use crate::receiver::{start, webhook};

const LARGE: usize = 10_000;
const SMALL: usize = 500;
/// What is asked about.
const FEW: usize = 500;

/// A firm and its clients.
#[derive(Clone)]
struct Office {
    firm: FirmScope,
    clients: Vec<AccountId>,
}

/// Writes a firm with so many clients.
fn found(conn: &mut Conn, now: Time, clients: usize) -> Outcome<Office> {
    let firm = FirmId::from_uuid(uuid_at(now));
    let clients: Vec<AccountId> = (0..clients).map(|_| AccountId::from_uuid(uuid_at(now))).collect();
    let then = "'2026-01-01 00:00:00'";
    conn.batch_execute(&format!(
        "INSERT INTO firms (id, name, email, email_display, created_at) \
         VALUES ('{firm}', 'F', '{firm}@x.example', '{firm}@x.example', {then})"
    ))?;
    for some in clients.chunks(500) {
        let rows = |row: &dyn Fn(&AccountId) -> String| some.iter().map(row).collect::<Vec<_>>().join(", ");
        conn.batch_execute(&format!(
            "INSERT INTO accounts (id, name, name_key, created_at) VALUES {}; \
             INSERT INTO firm_accounts (firm_id, account_id, connected_at) VALUES {}",
            rows(&|id| format!("('{id}', 'A', 'a', {then})")),
            rows(&|id| format!("('{firm}', '{id}', {then})")),
        ))?;
    }
    let firm = FirmScope::by_portal(FirmRef { id: firm, name: named("F") }, "a test of large firms");
    Ok(Office { firm, clients })
}

/// What it takes to look up a few clients, from everywhere among the firm's: the quickest of five times.
async fn measure(db: &Db, office: &Office) -> Duration {
    let step = office.clients.len() / FEW;
    let few: Vec<AccountId> = office.clients.iter().step_by(step).take(FEW).cloned().collect();
    let mut quickest = Duration::MAX;
    for _ in 0..5 {
        let (firm, few) = (office.firm.clone(), few.clone());
        let look = db.read(move |conn| {
            let begun = Instant::now();
            assert_eq!(connections::accounts_of(conn, &firm, &few)?.len(), FEW);
            Ok(begun.elapsed())
        });
        quickest = quickest.min(look.await.unwrap());
    }
    quickest
}

#[tokio::test]
async fn a_few_clients_of_a_large_firm_take_what_those_of_a_small_one_take() {
    let app = TestApp::start();
    let (db, now) = (&app.app.services.db, app.clock.now());
    let offices = db.write(move |conn| {
        for _ in 0..500 {
            found(conn, now, 2)?;
        }
        Ok((found(conn, now, SMALL)?, found(conn, now, LARGE)?))
    });
    let (small, large) = offices.await.unwrap();
    // As it is in a database that has been used for a while.
    if on_postgres() {
        db.read(|conn| Ok(conn.batch_execute("VACUUM ANALYZE")?)).await.unwrap();
    }
    let (in_small, in_large) = (measure(db, &small).await, measure(db, &large).await);
    measured(&format!("{in_small:?} in a small firm, {in_large:?} in a large one"));
    assert!(in_large < in_small * 5, "{in_large:?} instead of {in_small:?}");
}

/// How many words the database has to say about accounts when this employee's role is changed; the change is taken back.
async fn words_of_a_promotion(db: &Db, employee: &EmployeeId) -> i64 {
    #[derive(diesel::QueryableByName)]
    struct Count {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        count: i64,
    }
    let employee = employee.clone();
    let promote = move |conn: &mut Conn| {
        let of = if on_postgres() {
            "told WHERE payload LIKE 'account %'"
        } else {
            "changes WHERE topic = 'account'"
        };
        let count = format!("SELECT COUNT(*) AS count FROM {of}");
        let before: Count = diesel::sql_query(&count).get_result(conn)?;
        conn.batch_execute(&format!("UPDATE employees SET role = 'admin' WHERE id = '{employee}'"))?;
        let after: Count = diesel::sql_query(&count).get_result(conn)?;
        conn.batch_execute(&format!("UPDATE employees SET role = 'bookkeeper' WHERE id = '{employee}'"))?;
        Ok(after.count - before.count)
    };
    db.write(promote).await.unwrap()
}

#[tokio::test]
async fn a_promotion_is_told_once_and_not_for_each_client() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let firm = app.firm(&owner, "Apple", "office@apple.example").await;
    clients(&app, &firm, 300).await;
    let ben = firm.hire(&app, "Ben", "ben@apple.example", EmployeeRole::Bookkeeper, &[]).await;
    // And yet everybody hears of it: see `events.rs`.
    assert_eq!(words_of_a_promotion(&app.app.services.db, &ben.id).await, 0);
}

/// What it takes to find out what is due when each of a hundred lanes has so many deliveries: the quickest of five times.
async fn look_for_due(length: usize) -> Duration {
    const LANES: usize = 100;
    let app = start();
    app.pause_webhooks();
    let made =
        app.operator().await.create_operator_webhook(&webhook("http://127.0.0.1:9/", &[])).await.unwrap();
    let (db, now) = (&app.app.services.db, app.clock.now());
    let write = move |conn: &mut Conn| {
        for _ in 0..length {
            let rows: Vec<String> = (0..LANES)
                .map(|lane| {
                    let id = WebhookDeliveryId::from_uuid(uuid_at(now));
                    format!(
                        "('{id}', '{}', '{lane}', '{id}', 'x', '{{}}', '{now}', '{now}')",
                        made.webhook.id
                    )
                })
                .collect();
            conn.batch_execute(&format!(
                "INSERT INTO webhook_deliveries (id, webhook_id, lane, event_id, event_type, payload, created_at, next_attempt_at) \
                 VALUES {}",
                rows.join(", ")
            ))?;
        }
        Ok(())
    };
    db.write(write).await.unwrap();
    let mut quickest = Duration::MAX;
    for _ in 0..5 {
        let begun = Instant::now();
        let due = db.read(move |conn| deliveries::due(conn, now, 64, 512)).await.unwrap();
        assert_eq!(due.len(), 64);
        quickest = quickest.min(begun.elapsed());
    }
    quickest
}

#[tokio::test]
async fn what_is_due_is_found_as_quickly_behind_a_long_backlog() {
    let (short, long) = (look_for_due(1).await, look_for_due(300).await);
    measured(&format!("{short:?} with one delivery a lane, {long:?} with 300"));
    assert!(long < short * 10 + Duration::from_millis(10), "{long:?} instead of {short:?}");
}
