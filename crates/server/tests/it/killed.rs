//! Servers and databases that are killed in the midst of work: what was answered is there, and nothing else is.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use diesel::prelude::*;
use portal_api_types::{AccountId, AssignmentBatch, AssignmentPair, EmployeeId, FirmId};
use portal_server::clock::uuid_at;
use portal_server::db::{Conn, Db};
use portal_server::schema::{account_access, activity, assignments, outbox};

use crate::app::{Database, TestApp, on_postgres, short_or_long};
use crate::cluster::{Cluster, Stop};
use crate::fleet::{Fleet, PATIENCE, elsewhere};
use crate::ledger::Worker;
use crate::mail::Mailbox;
use crate::processes::Process;

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = diesel::sql_types::Text)]
    line: String,
}

/// What SQLite itself has to say of its file.
pub fn assert_intact(path: &Path) {
    let mut conn = SqliteConnection::establish(&path.display().to_string()).unwrap();
    let read = |conn: &mut SqliteConnection, query: &str| -> Vec<String> {
        let lines: Vec<Line> = diesel::sql_query(query).load(conn).unwrap();
        lines.into_iter().map(|line| line.line).collect()
    };
    assert_eq!(read(&mut conn, "SELECT integrity_check AS line FROM pragma_integrity_check"), ["ok"]);
    let dangling = read(&mut conn, "SELECT \"table\" AS line FROM pragma_foreign_key_check");
    assert_eq!(dangling, Vec::<String>::new());
}

fn assert_intact_if_sqlite(app: &TestApp) {
    if let Some(path) = app.database_url().strip_prefix("sqlite://") {
        assert_intact(Path::new(path));
    }
}

/// Lets these workers work while `trouble` goes on, then compares.
pub async fn work_through<F: Future<Output = ()>>(
    app: &TestApp,
    fleet: &Arc<Fleet>,
    (mailbox, smtp): &(Mailbox, String),
    workers: Vec<Worker>,
    trouble: F,
) {
    let stop = Arc::new(AtomicBool::new(false));
    let work: Vec<_> = workers
        .into_iter()
        .map(|worker| tokio::spawn(worker.work(Arc::clone(fleet), Arc::clone(&stop))))
        .collect();
    trouble.await;
    stop.store(true, Ordering::SeqCst);
    let mut workers = Vec::new();
    for worker in work {
        workers.push(worker.await.expect("no worker met an answer that may not be"));
    }
    let (invited, probes) =
        workers.iter().map(Worker::done).fold((0, 0), |sum, done| (sum.0 + done.0, sum.1 + done.1));
    assert!(invited > workers.len() * 4 && probes > workers.len() * 4, "{invited} invited, {probes} probes");
    tokio::task::block_in_place(|| fleet.stop());
    send_what_is_left(app, smtp).await;
    let mailed = mailbox.recipients();
    for worker in &workers {
        worker.compare(app, &mailed).await;
    }
    assert_intact_if_sqlite(app);
}

/// A mail whose sender was killed is that sender's for two minutes more: they pass.
async fn send_what_is_left(app: &TestApp, smtp: &str) {
    let heir = app.start_sharing(|config| config.smtp_url = Some(smtp.to_owned()));
    heir.clock.advance(Duration::from_secs(600));
    // A long run leaves many: as long as there are fewer and fewer, they are waited for.
    let (mut deadline, mut fewest) = (Instant::now() + PATIENCE, i64::MAX);
    loop {
        let left = heir.app.services.db.read(|conn| {
            Ok(outbox::table.filter(outbox::state.eq("pending")).count().get_result::<i64>(conn)?)
        });
        let left = left.await.unwrap();
        if left == 0 {
            return;
        }
        if left < fewest {
            (deadline, fewest) = (Instant::now() + PATIENCE, left);
        }
        assert!(Instant::now() < deadline, "{left} mails are not sent");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// So many workers; from then on only other processes send mail.
pub async fn hire(app: &TestApp, count: usize) -> Vec<Worker> {
    let workers = futures_util::future::join_all((0..count).map(|number| Worker::hire(app, number))).await;
    app.pause_mail();
    workers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_servers_that_die_on_a_postgresql_that_restarts_lose_and_invent_nothing() {
    // The server would lose what it has answered; the portal does not let it.
    let settings = ["max_connections=100", "synchronous_commit=off", "wal_writer_delay=10s"];
    let Some(mut cluster) = Cluster::start(&settings) else { return };
    let mail = Mailbox::open();
    let app = TestApp::start_at(&cluster.url());
    let workers = hire(&app, 4).await;
    let fleet = Fleet::start(&app, 3, &[("PORTAL_SMTP_URL", &mail.1)]);
    let trouble = async {
        let rounds = short_or_long(4, 60);
        for round in 0..rounds {
            let victim = round % 3;
            tokio::time::sleep(Duration::from_millis(1_500)).await;
            tokio::task::block_in_place(|| {
                fleet.kill(victim);
                // Fast, later by the hard way; and in between only servers die.
                match round % 4 {
                    1 => cluster.stop(Stop::Fast),
                    3 => cluster.stop(Stop::Immediate),
                    _ => {}
                }
                if round % 2 == 1 {
                    std::thread::sleep(Duration::from_millis(700));
                    cluster.start_again();
                }
                fleet.revive(victim);
            });
        }
        tokio::time::sleep(Duration::from_millis(1_000)).await;
    };
    work_through(&app, &fleet, &mail, workers, trouble).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_killed_among_eight_writers_loses_and_invents_nothing_and_is_back_at_once() {
    let app = TestApp::start();
    let mail = Mailbox::open();
    let workers = hire(&app, 8).await;
    let fleet = Fleet::start(&app, 1, &[("PORTAL_SMTP_URL", &mail.1)]);
    let mut quickest = Duration::MAX;
    let trouble = async {
        for round in 0..short_or_long(6_u64, 200) {
            tokio::time::sleep(Duration::from_millis(900 + 137 * (round % 5))).await;
            let started = tokio::task::block_in_place(|| {
                fleet.kill(0);
                let started = Instant::now();
                fleet.revive(0);
                started
            });
            // Ready: the schema and the keys are looked at, the file's log is read.
            fleet.until_answered("ready", |portal| async move { portal.check_readiness().await }).await;
            quickest = quickest.min(started.elapsed());
        }
    };
    work_through(&app, &fleet, &mail, workers, trouble).await;
    // The quickest says what it takes; the others also what this machine had to do besides.
    let limit = Duration::from_millis(if on_postgres() { 2_000 } else { 500 });
    assert!(quickest < limit, "back after {quickest:?}");
}

/// A hundred people of a firm and a hundred clients: what a batch is about.
async fn fill(app: &TestApp, firm: &FirmId) -> AssignmentBatch {
    let (id, now) = (firm.to_string(), app.clock.now());
    let made = app.app.services.db.write(move |conn| {
        let employees: Vec<_> = (0..100).map(|_| EmployeeId::from_uuid(uuid_at(now))).collect();
        let accounts: Vec<_> = (0..100).map(|_| AccountId::from_uuid(uuid_at(now))).collect();
        for (employee, account) in employees.iter().zip(&accounts) {
            for statement in [
                format!(
                    "INSERT INTO employees (id, firm_id, email, email_display, name, name_key, role, status, created_at) \
                     VALUES ('{employee}', '{id}', '{employee}@x.example', '{employee}@x.example', 'E', 'e', \
                     'bookkeeper', 'invited', '2026-01-01 00:00:00')"
                ),
                format!(
                    "INSERT INTO accounts (id, name, name_key, created_at) \
                     VALUES ('{account}', 'A', 'a', '2026-01-01 00:00:00')"
                ),
                format!(
                    "INSERT INTO firm_accounts (firm_id, account_id, connected_at) \
                     VALUES ('{id}', '{account}', '2026-01-01 00:00:00')"
                ),
            ] {
                diesel::sql_query(statement).execute(conn)?;
            }
        }
        Ok((employees, accounts))
    });
    let (employees, accounts) = made.await.unwrap();
    let mut grant = Vec::new();
    for employee_id in employees {
        let pair = |account_id| AssignmentPair { employee_id: employee_id.clone(), account_id };
        grant.extend(accounts.iter().cloned().map(pair));
    }
    AssignmentBatch { grant, ..AssignmentBatch::default() }
}

/// Waits until the database has noticed that a caller is gone: nothing of theirs is under way any more.
async fn settle(db: &Db) {
    let deadline = Instant::now() + PATIENCE;
    while on_postgres() {
        let busy = db.read(|conn| {
            let query = "SELECT pid::text AS line FROM pg_stat_activity WHERE datname = current_database() \
                         AND pid <> pg_backend_pid() AND state IN ('active', 'idle in transaction')";
            Ok(diesel::sql_query(query).load::<Line>(conn)?.len())
        });
        if busy.await.unwrap() == 0 {
            return;
        }
        assert!(Instant::now() < deadline, "the database goes on for nobody");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// How many assignments there are, and how many entries about them.
async fn granted(db: &Db) -> (i64, i64) {
    let counts = db.read(|conn| {
        let rows = assignments::table.count().get_result(conn)?;
        let entries = activity::table.filter(activity::action.eq("assignment.granted")).count();
        Ok((rows, entries.get_result(conn)?))
    });
    counts.await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_whose_server_is_killed_is_done_in_whole_or_not_at_all() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let firm = app.firm(&owner, "Apple", "office@apple.example").await;
    let grant = fill(&app, &firm.firm_id).await;
    let revoke = AssignmentBatch { revoke: grant.grant.clone(), ..AssignmentBatch::default() };
    let (mut whole, mut nothing, mut entries) = (0, 0, 0);
    for round in 0..short_or_long(6_u64, 60) {
        let mut process = Process::serve(&app);
        let (me, batch) = (elsewhere(&firm.me, process.portal()), grant.clone());
        let there = me.firm(&firm.firm_id);
        let asked = tokio::spawn(async move { there.assign_accounts(&batch).await });
        // Sooner and later: while it is read, while it is written, when it is done.
        tokio::time::sleep(Duration::from_millis(60 + 200 * (round % 6))).await;
        process.kill();
        let answer = asked.await.unwrap();
        settle(&app.app.services.db).await;
        let (rows, written) = granted(&app.app.services.db).await;
        assert!(rows == 0 || rows == 10_000, "round {round}: {rows} of 10,000");
        assert_eq!(written - entries, rows, "round {round}: an entry for each");
        assert!(answer.is_err() || rows == 10_000, "round {round}: it was answered as done");
        entries = written;
        if rows == 0 {
            nothing += 1;
        } else {
            whole += 1;
            firm.firm.assign_accounts(&revoke).await.unwrap();
        }
    }
    assert!(nothing > 0, "some were cut short: {whole} were not");
    assert_intact_if_sqlite(&app);
    let left = app.app.services.db.read(|conn| Ok(account_access::table.count().get_result::<i64>(conn)?));
    assert!(left.await.unwrap() >= 2, "the owner and the admin are still in");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_migration_that_is_killed_is_gone_on_with() {
    let whole = TestApp::start_unexpanded();
    let empty = {
        let folder = whole.directory().join("empty");
        std::fs::create_dir(&folder).unwrap();
        Database::create(&folder)
    };
    let migrate = || {
        let mut command = crate::commands::portal(&whole, &["migrate"]);
        command.env("DATABASE_URL", &empty.url);
        command
    };
    let mut unfinished = 0;
    for round in 0..short_or_long(12_u64, 60) {
        let mut child = migrate().spawn().unwrap();
        tokio::time::sleep(Duration::from_millis(5 + 9 * round)).await;
        child.kill().unwrap();
        unfinished += u32::from(!child.wait().unwrap().success());
    }
    assert!(unfinished > 0, "some were cut short");
    crate::commands::answer(&migrate().output().unwrap());
    assert_eq!(crate::commands::answer(&migrate().output().unwrap()), "The database is up to date.\n");
    // It is the schema that others have.
    let db = Db::open(&empty.url, 2).unwrap();
    db.check_ready().await.unwrap();
    assert_eq!(columns(&db).await, columns(&whole.app.services.db).await);
}

async fn columns(db: &Db) -> Vec<String> {
    let read = db.read(|conn| {
        let query = match conn {
            Conn::Sqlite(_) => "SELECT type || name || COALESCE(sql, '') AS line FROM sqlite_schema",
            Conn::Postgres(_) => {
                "SELECT table_name || column_name || data_type AS line FROM information_schema.columns \
                 WHERE table_schema = 'public' UNION ALL \
                 SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' UNION ALL \
                 SELECT tgname::text FROM pg_trigger WHERE NOT tgisinternal"
            }
        };
        let lines: Vec<Line> = diesel::sql_query(query).load(conn)?;
        Ok(lines.into_iter().map(|line| line.line).collect::<Vec<_>>())
    });
    let mut lines = read.await.unwrap();
    lines.sort();
    assert!(lines.len() > 50, "there is a schema");
    lines
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_stopped_under_load_answers_what_it_does_and_does_what_it_answers() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let firm = app.firm(&owner, "Apple", "office@apple.example").await;
    for round in 0..short_or_long(3, 50) {
        let mut process = Process::serve(&app);
        let base_url = process.base_url.clone();
        let callers: Vec<_> = (0..8)
            .map(|caller| {
                // A connection for each request: it is taken and answered, or not taken at all.
                let http = reqwest::Client::builder().pool_max_idle_per_host(0).build().unwrap();
                let portal = portal_client::Portal::with_client(base_url.as_str(), http).unwrap();
                let there = elsewhere(&firm.me, portal).firm(&firm.firm_id);
                tokio::spawn(async move {
                    let (mut done, mut lost) = (Vec::new(), Vec::new());
                    for number in 0_u32.. {
                        let email = format!("new{round}-{caller}-{number}@apple.example");
                        let wish = portal_api_types::InviteEmployee {
                            name: crate::app::named("New"),
                            email: crate::app::address(&email),
                            role: portal_api_types::EmployeeRole::Bookkeeper,
                            account_ids: Vec::new(),
                        };
                        match there.invite_employee(&wish).await {
                            Ok(_) => done.push(email),
                            Err(error) => {
                                assert_eq!(error.status(), None, "{error:?}");
                                lost.push(email);
                                break;
                            }
                        }
                    }
                    (done, lost)
                })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(700)).await;
        process.terminate();
        let started = Instant::now();
        assert!(tokio::task::block_in_place(|| process.wait()).success());
        assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
        let read = app.app.services.db.read(|conn| {
            use portal_server::schema::employees;
            Ok(employees::table.select(employees::email).load::<String>(conn)?)
        });
        let there: std::collections::HashSet<String> = read.await.unwrap().into_iter().collect();
        for caller in callers {
            let (done, lost) = caller.await.unwrap();
            assert!(!done.is_empty(), "it was under load");
            assert!(done.iter().all(|email| there.contains(email)), "what was answered is there");
            let half: Vec<&String> = lost.iter().filter(|email| there.contains(*email)).collect();
            assert!(half.is_empty(), "done without an answer: {half:?}");
        }
    }
}
