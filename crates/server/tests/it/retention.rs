//! What has ended is forgotten after a while, and nothing that is still needed.

use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use portal_api_types::{EmployeeRole, RequestPasswordReset};
use portal_server::jobs::sweep::{Swept, sweep};

use crate::app::{TestApp, address};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// How many rows a table has.
async fn count(app: &TestApp, table: &'static str) -> i64 {
    let counted = app.app.services.db.read(move |conn| {
        Ok(diesel::sql_query(format!("SELECT COUNT(*) AS count FROM {table}"))
            .get_result::<Count>(conn)?
            .count)
    });
    counted.await.unwrap()
}

async fn sweep_all(app: &TestApp) -> usize {
    let mut rows = 0;
    loop {
        let swept = sweep(&app.app.services.db, app.clock.now()).await.unwrap();
        rows += swept.rows;
        if !swept.more {
            return rows;
        }
    }
}

#[tokio::test]
async fn what_has_ended_is_forgotten_and_what_lives_is_not() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let firm = app.firm(&owner, "Apple Solutions", "office@apple.example").await;
    firm.hire(
        &app,
        "Ben",
        "ben@apple.example",
        EmployeeRole::Bookkeeper,
        std::slice::from_ref(&owner.account_id),
    )
    .await;
    owner.invite("Pear Books", "office@pear.example").await;
    let forgotten = RequestPasswordReset { email: address("ben@apple.example") };
    app.portal().request_password_reset(&forgotten).await.unwrap();
    app.mail("office@pear.example", 1).await;

    let before =
        [count(&app, "activity").await, count(&app, "users").await, count(&app, "assignments").await];
    app.clock.advance(DAY * 20);
    app.sign_in("olivia@bakery.example").await;
    sweep_all(&app).await;
    for table in ["registrations", "password_resets", "sessions", "invitations", "outbox"] {
        assert!(count(&app, table).await > 0, "{table} is kept for a while");
    }

    app.clock.advance(DAY * 100);
    let olivia = app.sign_in("olivia@bakery.example").await;
    assert!(sweep_all(&app).await > 0);
    for table in ["registrations", "password_resets", "outbox"] {
        assert_eq!(count(&app, table).await, 0, "{table}");
    }
    assert_eq!(count(&app, "sessions").await, 1, "the one that lives");
    assert_eq!(count(&app, "refresh_tokens").await, 1, "its own");
    assert_eq!(count(&app, "invitations").await, 1, "the open one, which may be sent again");
    let after = [count(&app, "activity").await, count(&app, "users").await, count(&app, "assignments").await];
    assert_eq!(after, before, "the trail, people and their access never end");

    let inside = olivia.enter(&owner.account_id).await.unwrap();
    let users = inside.list_account_users().await.unwrap();
    let waiting = users.firms.iter().find_map(|firm| firm.invitation_id.clone()).unwrap();
    inside.resend_invitation(&waiting).await.unwrap();
    app.join("office@pear.example", 2).await;
}

#[tokio::test]
async fn a_refresh_token_is_remembered_as_long_as_it_could_be_replayed() {
    let app = TestApp::start();
    app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    sweep_all(&app).await;
    let mut olivia = app.sign_in("olivia@bakery.example").await;
    let tokens = count(&app, "refresh_tokens").await;
    for _ in 0..2 {
        app.clock.advance(DAY * 16);
        olivia = olivia.portal().refresh_session().await.unwrap();
    }
    sweep_all(&app).await;
    assert_eq!(count(&app, "refresh_tokens").await, tokens + 2, "the oldest was replaced 16 days ago");
    app.clock.advance(DAY * 15);
    olivia = olivia.portal().refresh_session().await.unwrap();
    sweep_all(&app).await;
    assert_eq!(count(&app, "refresh_tokens").await, tokens + 2, "one more, and one was replaced 31 days ago");
    olivia.read_me().await.unwrap();
}

#[tokio::test]
async fn one_run_is_bounded() {
    let app = TestApp::start();
    let insert = "INSERT INTO revoked_tokens (jti, expires_at)
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)
        SELECT 'token-' || i, TIMESTAMP_ FROM n";
    let insert = insert.replace("TIMESTAMP_", "CAST('2020-01-01 00:00:00' AS TIMESTAMP)");
    let written = app.app.services.db.write(move |conn| Ok(diesel::sql_query(&insert).execute(conn)?));
    assert_eq!(written.await.unwrap(), 1500);
    let run = async || sweep(&app.app.services.db, app.clock.now()).await.unwrap();
    assert_eq!(run().await, Swept { rows: 1000, more: true });
    assert_eq!(run().await, Swept { rows: 500, more: false });
    assert_eq!(run().await, Swept { rows: 0, more: false });
}
