//! Wrong states are impossible, not just unlikely: what the schema refuses, whoever asks.

use diesel::prelude::*;
use portal_api_types::EmployeeRole;

use portal_server::db::Conn;

use crate::app::TestApp;

/// Whether the database takes the statement.
async fn takes(app: &TestApp, statement: String) -> bool {
    let done = app.app.services.db.write(move |conn| {
        diesel::sql_query(&statement).execute(conn)?;
        Ok(())
    });
    done.await.is_ok()
}

#[tokio::test]
async fn the_audit_trail_is_append_only() {
    let app = TestApp::start();
    app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    assert!(!takes(&app, "UPDATE activity SET action = 'nothing'".into()).await);
    assert!(!takes(&app, "DELETE FROM activity".into()).await);
}

#[tokio::test]
async fn rows_that_contradict_themselves_or_others_are_refused() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let firm = app.firm(&owner, "Apple", "office@apple.example").await;
    let ben = firm.invite("Ben", "ben@apple.example", EmployeeRole::Bookkeeper, &[]).await;
    crate::programs::key(&owner, portal_api_types::Scope::ALL).await;
    let (ben, admin, account) = (ben.id, &firm.employee_id, &owner.account_id);
    for statement in [
        format!("UPDATE employees SET role = 'admin,owner' WHERE id = '{ben}'"),
        format!("UPDATE employees SET status = 'active' WHERE id = '{ben}'"),
        format!("UPDATE employees SET status = 'invited' WHERE id = '{admin}'"),
        format!("UPDATE employees SET user_id = 'user_nobody' WHERE id = '{admin}'"),
        format!("UPDATE employees SET email = 'office@apple.example' WHERE id = '{ben}'"),
        format!("UPDATE account_members SET role = 'god' WHERE account_id = '{account}'"),
        format!("UPDATE accounts SET name = '' WHERE id = '{account}'"),
        format!("DELETE FROM accounts WHERE id = '{account}'"),
        "UPDATE users SET password_hash = 'hunter2'".to_owned(),
        "UPDATE users SET email = 'olivia@bakery.example' WHERE email <> 'olivia@bakery.example'".to_owned(),
        "UPDATE invitations SET token_hash = 'short'".to_owned(),
        "UPDATE invitations SET kind = 'member' WHERE kind = 'firm'".to_owned(),
        "UPDATE invitations SET account_id = NULL WHERE kind = 'firm'".to_owned(),
        // What a person does is in an account or a firm; only the operator and the portal are nowhere.
        "INSERT INTO activity (id, at, action, actor_id, actor_name) VALUES ('x', CURRENT_TIMESTAMP, 'x', 'x', 'x')".to_owned(),
        "UPDATE outbox SET state = 'lost'".to_owned(),
        "UPDATE api_keys SET secret_hash = 'key_in_the_clear'".to_owned(),
        "UPDATE api_keys SET scopes = ''".to_owned(),
        "UPDATE api_keys SET owner_id = 'user_nobody'".to_owned(),
        "UPDATE api_keys SET account_id = 'acct_nobody'".to_owned(),
        "UPDATE api_keys SET expires_at = created_at".to_owned(),
    ] {
        assert!(!takes(&app, statement.clone()).await, "{statement}");
    }
    owner.inside.read_account().await.unwrap();
    firm.firm.read_employee(&ben).await.unwrap();
}

#[derive(QueryableByName)]
struct Options {
    #[diesel(sql_type = diesel::sql_types::Text)]
    all: String,
}

/// `.cargo/config.toml` says why. Without it everything works, and each request costs several times as much.
#[tokio::test]
async fn sqlite_is_built_so_that_prepared_statements_stay_prepared() {
    let app = TestApp::start();
    let options = app.app.services.db.read(|conn| match conn {
        Conn::Sqlite(conn) => {
            let query = "SELECT group_concat(compile_options, ' ') AS \"all\" FROM pragma_compile_options";
            Ok(Some(diesel::sql_query(query).get_result::<Options>(conn)?.all))
        }
        Conn::Postgres(_) => Ok(None),
    });
    if let Some(options) = options.await.unwrap() {
        assert!(options.contains("ENABLE_QPSG") && options.contains("THREADSAFE=2"), "{options}");
        assert!(!options.contains("STAT4") && !options.contains("MEMORY_MANAGEMENT"), "{options}");
    }
}
