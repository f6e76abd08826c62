//! The program's commands, run as an operator runs them, on the database of a running portal.

use std::io::Write;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use portal_api_types::{
    AccountRole, ConfirmRegistration, EmployeeRole, EmployeeStatus, NewPassword, Password, Secret, SignIn,
};
use portal_client::{ActivityQuery, EmployeeQuery, ListQuery, PageQuery, SignedIn};

use crate::app::{PASSWORD, PUBLIC_URL, TestApp, address, code};

const ADMIN: &str = "office@apple-solutions.example";
const DEMO_PASSWORD: &str = "demo-harbour-41-violet";

/// The program, with nothing of this environment but what it needs to be found.
pub fn portal(app: &TestApp, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portal"));
    command
        .args(arguments)
        .env_clear()
        .envs(path())
        .env("DATABASE_URL", app.database_url())
        .env("PORTAL_KEYS_DIR", &app.app.config.keys_dir)
        .env("PORTAL_MAIL_DIR", &app.app.config.mail_dir)
        .env("PORTAL_PUBLIC_URL", PUBLIC_URL)
        .env("PORTAL_LOG", "warn")
        .current_dir(app.directory())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

#[expect(clippy::disallowed_methods, reason = "a program is run as from this shell")]
fn path() -> Option<(&'static str, std::ffi::OsString)> {
    std::env::var_os("PATH").map(|path| ("PATH", path))
}

/// Runs to the end; `input` is what is typed.
fn run_with(app: &TestApp, arguments: &[&str], input: &str) -> Output {
    let mut child = portal(app, arguments).stdin(Stdio::piped()).spawn().expect("the program starts");
    // A program that does not read what is typed closes the pipe; its answer then tells why.
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    child.wait_with_output().expect("the program ends")
}

pub fn run(app: &TestApp, arguments: &[&str]) -> Output {
    portal(app, arguments).output().expect("the program runs")
}

/// What a command that succeeds prints.
pub fn answer(output: &Output) -> String {
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {complaint}", output.status);
    assert_eq!(complaint, "", "nothing to complain about");
    String::from_utf8(output.stdout.clone()).expect("text")
}

/// The sentence of a command that fails.
pub fn complaint(output: &Output) -> String {
    assert!(!output.status.success() && output.stdout.is_empty());
    let text = String::from_utf8(output.stderr.clone()).expect("text");
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.starts_with("error: "), "{text}");
    text
}

async fn sign_in(app: &TestApp, email: &str, password: &str) -> SignedIn {
    let credentials = SignIn { email: address(email), password: Password::new(password) };
    app.portal().sign_in(&credentials).await.expect("signed in")
}

async fn accounts_of(person: &SignedIn) -> Vec<(String, AccountRole)> {
    let accounts = person.list_my_accounts(&ListQuery::default()).await.expect("accounts");
    accounts.items.into_iter().map(|account| (account.name.to_string(), account.role)).collect()
}

/// What the table of `demo-data` says of this e-mail.
fn row<'a>(table: &'a str, email: &str) -> &'a str {
    let mut rows = table.lines().filter(|line| line.split_whitespace().any(|word| word == email));
    let row = rows.next().expect("the table has the e-mail");
    assert!(rows.next().is_none(), "{email} is in the table once:\n{table}");
    row
}

#[tokio::test]
async fn every_command_explains_itself() {
    let app = TestApp::start();
    let commands: [(&[&str], &str); 11] = [
        (&[], "demo-data"),
        (&["serve"], "SIGTERM"),
        (&["migrate"], "up to date"),
        (&["openapi"], "OpenAPI"),
        (&["backup"], "Nobody waits"),
        (&["restore"], "--replace"),
        (&["demo-data"], "who can sign in"),
        (&["create-owner"], "--password-stdin"),
        (&["keys"], "rotate"),
        (&["keys", "rotate"], "nobody is signed out"),
        (&["keys", "adopt"], "lost for good"),
    ];
    for (command, expected) in commands {
        let help = answer(&run(&app, &[command, &["--help"]].concat()));
        assert!(help.contains(expected) && help.contains("Usage: portal"), "{command:?}: {help}");
    }
    let database = answer(&run(&app, &["serve", "--help"]));
    assert!(!database.contains(app.database_url()), "a URL may have a password in it: {database}");
}

#[tokio::test]
async fn migrate_runs_as_often_as_one_likes() {
    let app = TestApp::start();
    for _ in 0..2 {
        assert_eq!(answer(&run(&app, &["migrate"])), "The database is up to date.\n");
    }
}

#[tokio::test]
async fn a_database_that_cannot_be_opened_is_one_sentence() {
    let app = TestApp::start();
    let failed = run(&app, &["migrate", "--database-url", "mysql://somewhere/portal"]);
    assert!(complaint(&failed).contains("sqlite:// or postgres://"));
}

#[tokio::test]
async fn demo_data_is_a_story_that_can_be_gone_on_with() {
    let app = TestApp::start();
    let table = answer(&run(&app, &["demo-data"]));
    let again = answer(&run(&app, &["demo-data"]));
    assert_eq!(
        table.lines().skip(1).collect::<Vec<_>>(),
        again.lines().skip(1).collect::<Vec<_>>(),
        "a second run changes nothing"
    );
    assert!(again.contains("nothing was changed"), "{again}");

    let (blue, red, green) = ("Blue Bakery", "Red Cycles", "Green Garden");
    let all: &[&str] = &[blue, green, red];
    let people: [(&str, &[&str], AccountRole); 8] = [
        ("olivia@blue-bakery.example", &[blue], AccountRole::Owner),
        ("marco@red-cycles.example", &[red], AccountRole::Owner),
        ("nina@green-garden.example", &[green], AccountRole::Owner),
        (ADMIN, all, AccountRole::FirmAdmin),
        ("ben@apple-solutions.example", &[blue, red], AccountRole::Bookkeeper),
        ("carla@apple-solutions.example", &[green], AccountRole::Bookkeeper),
        ("dmitri@apple-solutions.example", all, AccountRole::FirmAdmin),
        ("eve@apple-solutions.example", &[], AccountRole::Bookkeeper),
    ];
    for (email, expected, role) in people {
        let row = row(&table, email);
        assert!(row.contains(DEMO_PASSWORD), "{row}");
        let listed = if expected.is_empty() { "-".to_owned() } else { expected.join(", ") };
        assert!(row.ends_with(&format!("  {listed}")), "{row}");
        let me = sign_in(&app, email, DEMO_PASSWORD).await;
        let expected: Vec<_> = expected.iter().map(|name| ((*name).to_owned(), role)).collect();
        assert_eq!(accounts_of(&me).await, expected, "{email}");
        let sessions = me.list_sessions(&PageQuery::default()).await.unwrap();
        assert_eq!(sessions.items.len(), 1, "{email} has only the session of just now");
    }
    assert!(row(&table, "eve@apple-solutions.example").starts_with("bookkeeper, deactivated"));

    // The firm, as its admin finds it.
    let anna = sign_in(&app, ADMIN, DEMO_PASSWORD).await;
    let me = anna.read_me().await.unwrap();
    assert_eq!((me.name.as_str(), me.firms[0].role), ("Anna Reyes", EmployeeRole::Admin));
    let firm = anna.firm(&me.firms[0].firm_id);
    let employees = firm.list_employees(&EmployeeQuery::default()).await.unwrap().items;
    let found: Vec<_> = employees.iter().map(|employee| (employee.name.as_str(), employee.status)).collect();
    assert_eq!(
        found,
        [
            ("Anna Reyes", EmployeeStatus::Active),
            ("Ben Ortiz", EmployeeStatus::Active),
            ("Carla Jung", EmployeeStatus::Active),
            ("Dmitri Sokolov", EmployeeStatus::Active),
            ("Eve Laurent", EmployeeStatus::Deactivated),
            ("Farid Haddad", EmployeeStatus::Invited),
        ]
    );
    let activity = firm.list_firm_activity(&ActivityQuery::default()).await.unwrap().items;
    let count = |action: &str| activity.iter().filter(|entry| entry.action == action).count();
    assert_eq!((count("firm.founded"), count("firm.connected"), count("employee.joined")), (1, 3, 4));
    assert_eq!(count("employee.deactivated"), 1);

    // The mails: one a client who came before the firm, a notice of the one who came after.
    let subjects: Vec<String> = {
        app.mail(ADMIN, 3).await;
        app.mails_to(ADMIN).into_iter().map(|mail| mail.subject).collect()
    };
    assert_eq!(subjects.len(), 3, "{subjects:?}");
    assert!(app.mail(ADMIN, 3).await.text.contains("Green Garden"));

    // The open invitation is one that works.
    let farid = "farid@apple-solutions.example";
    assert!(!row(&table, farid).contains(DEMO_PASSWORD));
    let joined = app.join(farid, 1).await;
    assert_eq!(accounts_of(&joined).await, [(blue.to_owned(), AccountRole::Bookkeeper)]);
}

#[tokio::test]
async fn demo_data_lives_beside_other_data_but_not_beside_half_of_itself() {
    let app = TestApp::start();
    app.owner("Zoe", "zoe@elsewhere.example", "Elsewhere").await;
    answer(&run(&app, &["demo-data"]));
    assert_eq!(accounts_of(&app.sign_in("zoe@elsewhere.example").await).await.len(), 1);

    let app = TestApp::start();
    app.owner("Olivia", "olivia@blue-bakery.example", "Mine").await;
    let refused = complaint(&run(&app, &["demo-data"]));
    assert!(refused.contains("olivia@blue-bakery.example") && !refused.contains("marco"), "{refused}");
    let olivia = app.sign_in("olivia@blue-bakery.example").await;
    assert_eq!(accounts_of(&olivia).await, [("Mine".to_owned(), AccountRole::Owner)]);
    assert!(app.mails_to(ADMIN).is_empty());
}

#[tokio::test]
async fn create_owner_gives_a_link_that_chooses_the_password() {
    let app = TestApp::start();
    let (email, arguments) = ("kim@kiosk.example", owner_arguments("kim@kiosk.example"));
    let printed = answer(&run(&app, &arguments));
    let (_, token) = printed.split_once(&format!("{PUBLIC_URL}/join#token=")).expect("a link");
    let token = Secret::new(token.trim());
    let confirm = |password: &str| ConfirmRegistration {
        token: token.clone(),
        password: password.parse::<NewPassword>().unwrap(),
    };
    let kim = app.portal().confirm_registration(&confirm(PASSWORD)).await.unwrap();
    assert_eq!(accounts_of(&kim).await, [("Corner Kiosk".to_owned(), AccountRole::Owner)]);
    let again = app.portal().confirm_registration(&confirm(PASSWORD)).await;
    assert_eq!(code(again), portal_api_types::ErrorCode::InvitationGone);

    // No mail has gone out: one that was written later has.
    app.owner("Zoe", "zoe@elsewhere.example", "Elsewhere").await;
    assert!(app.mails_to(email).is_empty());

    for arguments in [arguments.to_vec(), [&arguments[..], &["--password-stdin"]].concat()] {
        let refused = complaint(&run_with(&app, &arguments, &format!("{PASSWORD}\n")));
        assert!(refused.contains("kim@kiosk.example has a login already"), "{refused}");
    }
}

#[tokio::test]
async fn the_link_of_create_owner_works_for_seven_days() {
    let app = TestApp::start();
    let printed = answer(&run(&app, &owner_arguments("kim@kiosk.example")));
    let (_, token) = printed.split_once("#token=").expect("a link");
    let body = ConfirmRegistration { token: Secret::new(token.trim()), password: crate::app::password() };
    app.clock.advance(Duration::from_secs(7 * 24 * 3600 + 60));
    let late = app.portal().confirm_registration(&body).await;
    assert_eq!(code(late), portal_api_types::ErrorCode::InvitationGone);
}

#[tokio::test]
async fn create_owner_takes_a_password_from_standard_input() {
    let app = TestApp::start();
    let arguments = [&owner_arguments("kim@kiosk.example")[..], &["--password-stdin"]].concat();
    for (password, expected) in [("short", "10"), ("password1234", "too easy to guess"), ("", "10")] {
        let refused = complaint(&run_with(&app, &arguments, &format!("{password}\n")));
        assert!(refused.contains(expected), "{refused}");
    }
    // With spaces at both ends, which belong to it, and the line's end of another system, which does not.
    let printed = answer(&run_with(&app, &arguments, &format!(" {PASSWORD} \r\nignored\n")));
    assert!(
        printed.contains("kim@kiosk.example can sign in now") && !printed.contains(PASSWORD),
        "{printed}"
    );
    let kim = sign_in(&app, "kim@kiosk.example", &format!(" {PASSWORD} ")).await;
    assert_eq!(accounts_of(&kim).await, [("Corner Kiosk".to_owned(), AccountRole::Owner)]);
    assert_eq!(kim.list_sessions(&PageQuery::default()).await.unwrap().items.len(), 1);

    let nobody = run(&app, &["create-owner", "--name", "Kim", "--email", "nowhere", "--account", "Kiosk"]);
    assert!(!nobody.status.success() && String::from_utf8_lossy(&nobody.stderr).contains("--email"));
}

fn owner_arguments(email: &'static str) -> [&'static str; 7] {
    ["create-owner", "--name", "Kim Lee", "--email", email, "--account", "Corner Kiosk"]
}

#[tokio::test]
async fn a_new_key_reaches_a_running_portal_and_signs_nobody_out() {
    let app = TestApp::start();
    let before = app.owner("Zoe", "zoe@elsewhere.example", "Elsewhere").await;
    let old = kids(&app).await;
    assert_eq!(old.len(), 1);
    let printed = answer(&run(&app, &["keys", "rotate"]));
    app.clock.advance(Duration::from_secs(2));
    let both = kids(&app).await;
    let new: Vec<&String> = both.iter().filter(|kid| !old.contains(kid)).collect();
    assert_eq!((both.len(), new.len()), (2, 1));
    assert!(printed.contains(new[0].as_str()), "{printed}");
    assert_eq!(
        kid_of(app.sign_in("zoe@elsewhere.example").await.token()),
        old[0],
        "others may not know it yet"
    );

    app.clock.advance(Duration::from_secs(10));
    let after = app.sign_in("zoe@elsewhere.example").await;
    assert_eq!(&kid_of(after.token()), new[0]);
    for session in [&before.me, &after] {
        assert_eq!(accounts_of(session).await.len(), 1);
    }
    before.inside.read_account().await.expect("an account token of the old key");
}

async fn kids(app: &TestApp) -> Vec<String> {
    let set = app.portal().read_jwks().await.expect("keys");
    let keys = set["keys"].as_array().expect("a list");
    keys.iter().map(|key| key["kid"].as_str().expect("an id").to_owned()).collect()
}

fn kid_of(token: &str) -> String {
    use base64::Engine;
    let head = token.split('.').next().expect("a head");
    let head = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(head).expect("base64");
    let head: serde_json::Value = serde_json::from_slice(&head).expect("JSON");
    head["kid"].as_str().expect("a key's id").to_owned()
}

#[tokio::test]
async fn a_folder_that_is_no_built_app_is_refused_at_the_start() {
    let app = TestApp::start();
    let folder = app.directory().join("not-built");
    for exists in [false, true] {
        if exists {
            std::fs::create_dir(&folder).unwrap();
        }
        let arguments = ["serve", "--listen", "127.0.0.1:0", "--frontend-dir", folder.to_str().unwrap()];
        let said = complaint(&run(&app, &arguments));
        assert!(
            said.contains("PORTAL_FRONTEND_DIR") && said.contains("not-built has no index.html"),
            "{said}"
        );
    }
}

/// A process with another folder would send dead links and sign with secrets that nobody knows.
#[tokio::test]
async fn keys_that_the_database_is_not_used_with_are_refused_until_they_are_adopted() {
    let app = TestApp::start();
    let serve = ["serve", "--listen", "127.0.0.1:0", "--keys-dir", "elsewhere"];
    for command in [&serve[..], &["demo-data", "--keys-dir", "elsewhere"]] {
        let said = complaint(&run(&app, command));
        assert!(said.contains("PORTAL_KEYS_DIR") && said.contains("keys adopt"), "{said}");
    }
    assert!(answer(&run(&app, &["keys", "adopt"])).contains("nothing was changed"));
    answer(&run(&app, &["demo-data"]));
    let adopted = answer(&run(&app, &["keys", "adopt", "--keys-dir", "elsewhere"]));
    assert!(adopted.contains("elsewhere") && adopted.contains("a new secret"), "{adopted}");
    answer(&run(&app, &["demo-data", "--keys-dir", "elsewhere"]));
    assert!(complaint(&run(&app, &["serve", "--listen", "127.0.0.1:0"])).contains("PORTAL_KEYS_DIR"));
}

#[tokio::test]
async fn operator_keys_are_made_listed_and_revoked() {
    let app = TestApp::start();
    assert_eq!(answer(&run(&app, &["operator-key", "list"])).trim(), "There are no operator keys.");
    let made = answer(&run(&app, &["operator-key", "create", "--name", "Till & Shelf"]));
    let (sentence, secret) = made.trim().split_once('\n').expect("a sentence and the key");
    let id = sentence.split(' ').find(|word| word.starts_with("opky_")).expect("an id");
    let operator = app.portal().operator(secret);
    operator.list_accounts(&Default::default()).await.expect("the key works");
    let listed = answer(&run(&app, &["operator-key", "list"]));
    assert!(listed.contains(id) && listed.contains("Till & Shelf") && listed.contains("works"), "{listed}");
    assert!(!listed.contains(secret), "{listed}");
    answer(&run(&app, &["operator-key", "revoke", id]));
    let refused = operator.list_accounts(&Default::default()).await;
    assert_eq!(refused.err().and_then(|error| error.status()), Some(401));
    assert!(answer(&run(&app, &["operator-key", "list"])).contains("revoked"));
    assert!(complaint(&run(&app, &["operator-key", "revoke", id])).contains("no key"));
}
