//! An upgrade stops nobody: while servers are replaced one by one, those of the release before work on the new schema.
//!
//! Two halves. `migrations/released` says what the last release found in its schema, and no migration since may take any of
//! it away or ask more of who writes; and this server works on a schema that has more than it knows. The second half is
//! also the whole suite with `PORTAL_TEST_EXPANDED=1`.

use std::path::PathBuf;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use portal_api_types::{EmployeeRole, Scope};
use portal_client::ListQuery;
use portal_server::db::{Conn, Db};
use portal_server::jobs::sweep::sweep;

use crate::app::{TestApp, environment};
use crate::commands::{answer, run};
use crate::processes::Process;

/// What no server since the named release uses any more, so that a migration may drop it: `("table.column", "0.2.0")`.
const RETIRED: &[(&str, &str)] = &[];
/// What looks as if it asked more of who writes and does not: the line that the test prints, and why it is harmless.
const HARMLESS: &[(&str, &str)] = &[
    ("account_members: trigger account_members_get_key", KEPT),
    ("firm_accounts: trigger firm_accounts_get_key", KEPT),
    ("assignments: trigger assignments_get_key", KEPT),
    ("accounts: trigger accounts_pass_key_on", KEPT),
    ("assignments: trigger assignments_count_one_more", KEPT),
    ("assignments: trigger assignments_count_one_less", KEPT),
    ("firm_accounts: trigger firm_accounts_count_one_more", KEPT),
    ("firm_accounts: trigger firm_accounts_count_one_less", KEPT),
    ("accounts: trigger accounts_are_counted", KEPT),
    ("assignments: trigger assignments_count_more", KEPT),
    ("assignments: trigger assignments_count_less", KEPT),
    ("firm_accounts: trigger firm_accounts_count", KEPT),
];
/// Why the triggers are that keep names and numbers for lists.
const KEPT: &str = "it writes what servers of the release before do not know, and refuses nothing";

/// One line for each column, constraint and trigger.
const SQLITE: &str = r#"
SELECT s.name || '.' || c.name || ' ' || lower(c.type)
    || CASE WHEN c."notnull" OR c.pk THEN ' required' ELSE '' END
    || CASE WHEN c.dflt_value IS NOT NULL OR (c.pk AND c.type = 'INTEGER') THEN ' default' ELSE '' END AS line
FROM sqlite_schema s JOIN pragma_table_xinfo(s.name) c
WHERE s.type IN ('table', 'view') AND s.name NOT LIKE 'sqlite\_%' ESCAPE '\' AND s.name NOT LIKE '\_\_%' ESCAPE '\'
UNION ALL
SELECT s.name || ': unique ' || coalesce(i.sql, (SELECT group_concat(p.name, ', ') FROM pragma_index_info(l.name) p))
FROM sqlite_schema s JOIN pragma_index_list(s.name) l LEFT JOIN sqlite_schema i ON i.name = l.name
WHERE s.type = 'table' AND l."unique" AND s.name NOT LIKE '\_\_%' ESCAPE '\'
UNION ALL
SELECT s.name || ': foreign key ' || f."from" || ' to ' || f."table" || ' on delete ' || f.on_delete
FROM sqlite_schema s JOIN pragma_foreign_key_list(s.name) f WHERE s.type = 'table'
UNION ALL
SELECT s.tbl_name || ': trigger ' || s.name FROM sqlite_schema s WHERE s.type = 'trigger'
"#;

const POSTGRES: &str = r"
SELECT c.table_name || '.' || c.column_name || ' ' || c.data_type
    || CASE WHEN c.is_nullable = 'NO' THEN ' required' ELSE '' END
    || CASE WHEN c.column_default IS NOT NULL OR c.is_identity = 'YES' THEN ' default' ELSE '' END AS line
FROM information_schema.columns c WHERE c.table_schema = 'public' AND c.table_name NOT LIKE '\_\_%'
UNION ALL
SELECT r.relname || ': ' || replace(pg_get_constraintdef(k.oid), E'\n', ' ')
FROM pg_constraint k JOIN pg_class r ON r.oid = k.conrelid JOIN pg_namespace n ON n.oid = r.relnamespace
WHERE n.nspname = 'public' AND k.contype IN ('c', 'f', 'p', 'u') AND r.relname NOT LIKE '\_\_%'
UNION ALL
SELECT i.tablename || ': ' || i.indexdef FROM pg_indexes i
WHERE i.schemaname = 'public' AND i.indexdef LIKE 'CREATE UNIQUE%' AND i.tablename NOT LIKE '\_\_%'
UNION ALL
SELECT r.relname || ': trigger ' || t.tgname FROM pg_trigger t JOIN pg_class r ON r.oid = t.tgrelid WHERE NOT t.tgisinternal
";

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

async fn schema_of(db: &Db) -> Vec<String> {
    let lines = db.read(|conn| {
        let query = if matches!(conn, Conn::Sqlite(_)) { SQLITE } else { POSTGRES };
        Ok(diesel::sql_query(query).load::<Line>(conn)?)
    });
    let squeezed = |line: Line| line.line.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut lines: Vec<String> = lines.await.unwrap().into_iter().map(squeezed).collect();
    lines.sort();
    lines.dedup();
    lines
}

/// A column in a line of the schema: its name with the table's, its type, and what it asks of who writes.
struct Column<'a> {
    name: &'a str,
    kind: &'a str,
    required: bool,
    default: bool,
}

fn column(line: &str) -> Option<Column<'_>> {
    let (name, rest) = line.split_once(' ')?;
    if name.ends_with(':') {
        return None;
    }
    let (rest, default) = rest.strip_suffix(" default").map_or((rest, false), |rest| (rest, true));
    let (kind, required) = rest.strip_suffix(" required").map_or((rest, false), |kind| (kind, true));
    Some(Column { name, kind, required, default })
}

fn table(line: &str) -> &str {
    line.split(['.', ':']).next().unwrap_or_default()
}

/// What a server that was made for the schema `released` would trip over in the schema `now`.
fn breaks(released: &[String], now: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for old in released.iter().filter_map(|line| column(line)) {
        match now.iter().filter_map(|line| column(line)).find(|new| new.name == old.name) {
            None if RETIRED.iter().any(|(name, _)| *name == old.name) => {}
            None => found.push(format!("{} is gone", old.name)),
            Some(new) if new.kind != old.kind => {
                found.push(format!("{} was {} and is {}", old.name, old.kind, new.kind));
            }
            Some(new) if new.required && !old.required => {
                found.push(format!("{} may not be null any more", old.name))
            }
            Some(new) if new.required && old.default && !new.default => {
                found.push(format!("{} has no default any more", old.name));
            }
            Some(_) => {}
        }
    }
    let known = |line: &&String| released.iter().any(|old| table(old) == table(line));
    for line in now.iter().filter(known).filter(|line| !released.contains(line)) {
        match column(line) {
            Some(new) if released.iter().filter_map(|old| column(old)).any(|old| old.name == new.name) => {}
            Some(new) if new.required && !new.default => {
                found.push(format!("{} is new, required, and has no default", new.name));
            }
            Some(_) => {}
            None if HARMLESS.iter().any(|(harmless, _)| harmless == line) => {}
            None => found.push(format!("{line} is new")),
        }
    }
    found
}

#[tokio::test]
async fn the_release_before_works_on_the_new_schema() {
    let app = TestApp::start_unexpanded();
    let now = schema_of(&app.app.services.db).await;
    let database = if app.database_url().starts_with("sqlite") { "sqlite" } else { "postgres" };
    let record = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations/released"))
        .join(format!("{database}.txt"));
    if environment("UPDATE_RELEASED").is_some() {
        std::fs::write(&record, now.join("\n") + "\n").unwrap();
    }
    let released = std::fs::read_to_string(&record).expect("a record of the released schema");
    let released: Vec<String> = released.lines().map(ToOwned::to_owned).collect();
    assert!(released.len() > 200, "{} has the schema", record.display());
    let found = breaks(&released, &now);
    assert!(
        found.is_empty(),
        "servers of the last release would fail while they are replaced (docs/OPERATIONS.md, `Upgrades`): {found:#?}"
    );
}

#[test]
fn what_takes_away_or_asks_more_is_found_and_what_adds_is_not() {
    let lines = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
    let old = lines(&[
        "a.id text required",
        "a.note text",
        "a.at text required default",
        "a: unique id",
        "v.id text",
    ]);
    let with = |more: &str| {
        let name = more.split(' ').next().unwrap();
        let mut new: Vec<String> = old
            .iter()
            .filter(|line| name.ends_with(':') || !line.starts_with(&format!("{name} ")))
            .cloned()
            .collect();
        new.push(more.to_owned());
        breaks(&old, &new)
    };
    for good in
        ["a.more text", "a.more text required default", "b.id text required", "b: unique id", "a.id text"]
    {
        assert_eq!(with(good), Vec::<String>::new(), "{good}");
    }
    for (bad, why) in [
        ("a.more text required", "a.more is new, required"),
        ("a.note text required", "a.note may not be null"),
        ("a.at text required", "a.at has no default"),
        ("a.id integer required", "a.id was text and is integer"),
        ("a: unique note", "a: unique note is new"),
        ("a: trigger refuse", "a: trigger refuse is new"),
    ] {
        let found = with(bad);
        assert!(found.len() == 1 && found[0].starts_with(why), "{bad}: {found:?}");
    }
    assert_eq!(breaks(&old, &old[1..]), ["a.id is gone"]);
}

/// What a next release may do to a schema: a column in every table, a table, and a migration that this program does not know.
pub fn expand(url: &str) {
    let sqlite = url.strip_prefix("sqlite://");
    let mut conn = match sqlite {
        Some(path) => Conn::Sqlite(SqliteConnection::establish(path).unwrap()),
        None => Conn::Postgres(PgConnection::establish(url).unwrap()),
    };
    let tables = if sqlite.is_some() {
        r"SELECT name AS line FROM sqlite_schema
          WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\' AND name NOT LIKE '\_\_%' ESCAPE '\'"
    } else {
        r"SELECT tablename::text AS line FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE '\_\_%'"
    };
    let tables = diesel::sql_query(tables).load::<Line>(&mut conn).unwrap();
    if tables.iter().any(|table| table.line == "added_later") {
        return;
    }
    assert!(tables.len() > 20, "the schema is there");
    for table in tables {
        let alter =
            format!("ALTER TABLE {} ADD COLUMN added_later TEXT NOT NULL DEFAULT 'as before'", table.line);
        conn.batch_execute(&alter).unwrap();
    }
    conn.batch_execute(
        "CREATE TABLE added_later (id TEXT NOT NULL PRIMARY KEY); \
         INSERT INTO __diesel_schema_migrations (version) VALUES ('29991231000000');",
    )
    .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn this_server_works_on_the_schema_of_the_next_release() {
    let app = TestApp::start();
    let before = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    // The next release migrates while this server runs.
    expand(app.database_url());
    app.portal().check_readiness().await.unwrap();
    let firm = app.firm(&before, "Apple", "office@apple.example").await;
    let accounts = std::slice::from_ref(&before.account_id);
    let ben = firm.hire(&app, "Ben", "ben@apple.example", EmployeeRole::Bookkeeper, accounts).await;
    ben.me.enter(&before.account_id).await.unwrap().read_account().await.unwrap();
    crate::programs::key(&before, Scope::ALL).await;
    firm.firm.revoke_account(&ben.id, &before.account_id).await.unwrap();
    assert_eq!(crate::app::status(ben.me.enter(&before.account_id).await), 404);
    let trail = before.inside.list_account_activity(&Default::default()).await.unwrap();
    assert!(trail.items.iter().any(|entry| entry.action == "assignment.revoked"));
    sweep(&app.app.services.db, app.clock.now()).await.unwrap();
    // And a server of this release that starts only now, and its commands.
    answer(&run(&app, &["migrate"]));
    answer(&run(&app, &["demo-data"]));
    let late = Process::serve(&app);
    late.portal().check_readiness().await.unwrap();
    let session = portal_api_types::SignIn {
        email: crate::app::address("olivia@bakery.example"),
        password: portal_api_types::Password::new(crate::app::PASSWORD),
    };
    let olivia = late.portal().sign_in(&session).await.unwrap();
    assert_eq!(olivia.list_my_accounts(&ListQuery::default()).await.unwrap().items.len(), 1);
}
