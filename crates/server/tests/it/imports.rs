//! Tables that come in: every row is told what becomes of it, and nothing is half done.

use portal_api_types::{
    AssignmentAction, EmployeeRole, EmployeeStatus, ErrorCode, IdempotencyKey, ImportChange, ImportKind,
    ImportResult, ImportRow, ImportStatus, ImportTotals, MAX_IMPORT_ROWS, UpdateEmployee,
};
use portal_client::{ActivityQuery, EmployeeQuery};
use serde_json::json;

use crate::app::{FirmAdmin, Owner, TestApp, code, status};
use crate::bulk::{assigned, clients, grant_all};
use crate::exports::file;

async fn office(app: &TestApp) -> (Owner, FirmAdmin) {
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let firm = app.firm(&owner, "Apple", "office@apple.example").await;
    (owner, firm)
}

async fn import(firm: &FirmAdmin, kind: ImportKind, csv: &str, dry_run: bool) -> ImportResult {
    firm.firm.import_csv(&file(kind, csv, dry_run)).await.unwrap()
}

fn statuses(result: &ImportResult) -> Vec<(u64, ImportStatus)> {
    result.rows.iter().map(|row| (row.line, row.status)).collect()
}

fn codes(result: &ImportResult) -> Vec<(u64, Option<ErrorCode>)> {
    result
        .rows
        .iter()
        .filter(|row| row.status == ImportStatus::Error)
        .map(|row| (row.line, row.code))
        .collect()
}

/// Everything that an import could change: who is there, and how long the audit trail is.
async fn state(firm: &FirmAdmin) -> (Vec<String>, String, usize) {
    let everybody = EmployeeQuery { limit: Some(200), ..EmployeeQuery::default() };
    let people = firm.firm.list_employees(&everybody).await.unwrap().items;
    let people = people.iter().map(|row| format!("{} {} {}", row.name, row.email, row.role)).collect();
    let trail = ActivityQuery { limit: Some(200), ..ActivityQuery::default() };
    let trail = firm.firm.list_firm_activity(&trail).await.unwrap().items.len();
    (people, firm.firm.export_assignments().await.unwrap(), trail)
}

#[tokio::test]
async fn employees_are_invited_changed_and_left_as_they_are() {
    let app = TestApp::start();
    let (_, firm) = office(&app).await;
    let accounts = clients(&app, &firm, 3).await;
    let ben = firm.hire(&app, "Ben", "ben@apple.example", EmployeeRole::Bookkeeper, &accounts[..1]).await;
    firm.invite("Carla", "carla@apple.example", EmployeeRole::Bookkeeper, &[]).await;
    let csv = format!(
        "name,email,role,accounts\r\nBenjamin,BEN@apple.example,Admin,{0} {1}\r\nCarla,carla@apple.example,bookkeeper,\r\n\
         Dana,dana@apple.example,bookkeeper,{1}  {2}\r\n",
        accounts[0], accounts[1], accounts[2]
    );
    let before = state(&firm).await;
    let tried = import(&firm, ImportKind::Employees, &csv, true).await;
    assert_eq!(state(&firm).await, before);
    assert!(!tried.applied);
    let expected = [(2, ImportStatus::Changed), (3, ImportStatus::Unchanged), (4, ImportStatus::New)];
    assert_eq!(statuses(&tried), expected);
    assert_eq!(tried.rows[0].changes, [ImportChange::Name, ImportChange::Role, ImportChange::Accounts]);
    let done = import(&firm, ImportKind::Employees, &csv, false).await;
    assert!(done.applied);
    assert_eq!((&done.rows, done.totals), (&tried.rows, tried.totals), "the same answer");
    assert_eq!(done.totals, ImportTotals { new: 1, changed: 1, unchanged: 1, error: 0 });
    let ben_now = firm.firm.read_employee(&ben.id).await.unwrap().employee;
    assert_eq!((ben_now.name.as_str(), ben_now.role), ("Benjamin", EmployeeRole::Admin));
    assert_eq!(assigned(&firm, &ben.id, &accounts).await.len(), 2);
    // The mailed link opens the place, with its accounts.
    let dana = app.join("dana@apple.example", 1).await;
    dana.enter(&accounts[2]).await.unwrap();
    assert_eq!(app.mails_to("carla@apple.example").len(), 1, "nobody is invited twice");
    let again = import(&firm, ImportKind::Employees, &csv, false).await;
    assert_eq!(again.totals, ImportTotals { unchanged: 3, ..ImportTotals::default() });
    let trail = firm.firm.list_firm_activity(&ActivityQuery::default()).await.unwrap().items;
    let count = |action: &str| trail.iter().filter(|entry| entry.action == action).count();
    assert_eq!(
        [count("employee.invited"), count("employee.renamed"), count("employee.role_changed")],
        [3, 1, 1]
    );
    assert_eq!(count("assignment.granted"), 4);
}

#[tokio::test]
async fn one_wrong_row_keeps_all_of_them_out() {
    let app = TestApp::start();
    let (_, firm) = office(&app).await;
    let foreign = "acct_01h455vb4pex5vsknk084sn02q";
    let csv = format!(
        "name;email;role;status;accounts\nDana;dana@apple.example;bookkeeper;;\n;dana2@apple.example;bookkeeper;;\n\
         Eve;eve.apple.example;owner;;\nFay;fay@apple.example;bookkeeper;;{foreign}\nGus;gus@apple.example;bookkeeper;active;\n\
         Dana;DANA@apple.example;bookkeeper;;\nHal;hal@apple.example;bookkeeper;;acct_x\nIvy;ivy@apple.example\n\
         Boss;office@apple.example;admin;deactivated;\n"
    );
    let before = state(&firm).await;
    for dry_run in [true, false] {
        let result = import(&firm, ImportKind::Employees, &csv, dry_run).await;
        assert!(!result.applied);
        assert_eq!(result.totals, ImportTotals { new: 1, error: 8, ..ImportTotals::default() });
        let expected = [
            (3, ErrorCode::InvalidName),
            (4, ErrorCode::InvalidEmail),
            (5, ErrorCode::NotFound),
            (6, ErrorCode::InvalidValue),
            (7, ErrorCode::InvalidValue),
            (8, ErrorCode::InvalidId),
            (9, ErrorCode::InvalidValue),
            (10, ErrorCode::InvalidValue),
        ];
        assert_eq!(codes(&result), expected.map(|(line, code)| (line, Some(code))));
        let detail = |line: u64| {
            let row: &ImportRow = result.rows.iter().find(|row| row.line == line).unwrap();
            row.detail.clone().unwrap()
        };
        assert!(detail(4).contains('@') && detail(4).contains("bookkeeper"), "all mistakes: {}", detail(4));
        assert!(detail(7).contains("line 2"), "{}", detail(7));
        assert!(detail(5).contains(foreign));
        assert!(detail(10).contains("active"));
    }
    assert_eq!(state(&firm).await, before);
    assert!(app.mails_to("dana@apple.example").is_empty());
}

#[tokio::test]
async fn assignments_are_granted_and_revoked_all_or_none() {
    let app = TestApp::start();
    let (_, firm) = office(&app).await;
    let accounts = clients(&app, &firm, 4).await;
    let ben = firm.hire(&app, "Ben", "ben@apple.example", EmployeeRole::Bookkeeper, &accounts[..2]).await;
    let inside = ben.me.enter(&accounts[0]).await.unwrap();
    let rows = format!(
        "{0},revoke,ben@apple.example\n{1},,ben@apple.example\n{2},GRANT,Ben@apple.example\n{3},revoke,ben@apple.example\n",
        accounts[0], accounts[1], accounts[2], accounts[3]
    );
    let csv = format!("account_id,action,employee_email\n{rows}");
    let wrong = format!("{csv}{},grant,nobody@apple.example\n", accounts[0]);
    let before = state(&firm).await;
    let result = import(&firm, ImportKind::Assignments, &wrong, false).await;
    assert_eq!((result.applied, codes(&result)), (false, vec![(6, Some(ErrorCode::NotFound))]));
    assert_eq!(state(&firm).await, before);
    inside.read_account().await.unwrap();
    let tried = import(&firm, ImportKind::Assignments, &csv, true).await;
    assert_eq!(state(&firm).await, before);
    let done = import(&firm, ImportKind::Assignments, &csv, false).await;
    assert_eq!(done.rows, tried.rows);
    let expected =
        [ImportStatus::Changed, ImportStatus::Unchanged, ImportStatus::New, ImportStatus::Unchanged];
    assert_eq!(done.rows.iter().map(|row| row.status).collect::<Vec<_>>(), expected);
    assert_eq!(done.rows[0].action, Some(AssignmentAction::Revoke));
    assert_eq!(done.rows[0].employee.as_deref(), Some("Ben"));
    assert!(done.rows[0].account_name.as_deref().is_some_and(|name| name.starts_with("Client")));
    assert_eq!(assigned(&firm, &ben.id, &accounts).await, accounts[1..3].iter().cloned().collect());
    assert_eq!(status(inside.read_account().await), 401, "at once");
    let twice = format!("{csv}{},,BEN@apple.example\n", accounts[0]);
    let result = import(&firm, ImportKind::Assignments, &twice, false).await;
    assert_eq!(codes(&result), [(6, Some(ErrorCode::InvalidValue))]);
    assert!(result.rows[4].detail.as_ref().unwrap().contains("line 2"));
}

#[tokio::test]
async fn attack_18_foreign_ids_are_not_found_and_nothing_is_revealed() {
    let app = TestApp::start();
    let (_, firm) = office(&app).await;
    let other_owner = app.owner("Marco", "marco@cycles.example", "Cycles").await;
    let other = app.firm(&other_owner, "Pear", "office@pear.example").await;
    let own = clients(&app, &firm, 1).await;
    let ben = firm.hire(&app, "Ben", "ben@apple.example", EmployeeRole::Bookkeeper, &[]).await;
    let csv = format!(
        "employee_email,account_id\nben@apple.example,{0}\nben@apple.example,{1}\noffice@pear.example,{0}\n\
         ben@apple.example,acct_01h455vb4pex5vsknk084sn02q\nnobody@x.example,{0}\n",
        own[0], other_owner.account_id
    );
    let result = import(&firm, ImportKind::Assignments, &csv, false).await;
    let not_found = Some(ErrorCode::NotFound);
    assert_eq!(codes(&result), [(3, not_found), (4, not_found), (5, not_found), (6, not_found)]);
    let same = |a: usize, b: usize| result.rows[a].detail == result.rows[b].detail;
    assert!(same(1, 3) && same(2, 4), "not another firm's and not there are the same");
    assert!(result.rows[1].account_name.is_none() && result.rows[2].employee.is_none());
    assert!(assigned(&firm, &ben.id, &own).await.is_empty());
    // An employee of another firm is nobody here, and is invited like anybody.
    let csv =
        format!("name,email,role,accounts\nX,office@pear.example,bookkeeper,{}\n", other_owner.account_id);
    assert_eq!(codes(&import(&firm, ImportKind::Employees, &csv, false).await), [(2, not_found)]);
    for token in [other.me.token(), ben.me.token()] {
        let answer = reqwest::Client::new()
            .post(app.url(&format!("/api/v1/firms/{}/imports", firm.firm_id)))
            .bearer_auth(token)
            .json(&json!({"kind": "employees", "csv": "name,email,role\nX,x@x.example,admin\n"}));
        assert!([403, 404].contains(&answer.send().await.unwrap().status().as_u16()));
    }
}

#[tokio::test]
async fn invitations_by_an_import_count_like_single_ones() {
    let app = TestApp::start_with(|config| config.rate_limit_factor = 1);
    let (_, firm) = office(&app).await;
    let table = |from: usize, to: usize| {
        let rows: String = (from..to).map(|n| format!("P{n},p{n}@apple.example,bookkeeper\n")).collect();
        format!("name,email,role\n{rows}")
    };
    let before = state(&firm).await;
    let result = import(&firm, ImportKind::Employees, &table(0, 302), false).await;
    assert!(!result.applied);
    assert_eq!(codes(&result), [(302, Some(ErrorCode::RateLimited)), (303, Some(ErrorCode::RateLimited))]);
    assert!(result.rows[300].detail.as_ref().unwrap().contains("300"));
    assert_eq!(state(&firm).await, before, "and it has used nothing up");
    assert!(import(&firm, ImportKind::Employees, &table(0, 299), false).await.applied);
    firm.invite("Last", "last@apple.example", EmployeeRole::Bookkeeper, &[]).await;
    let result = import(&firm, ImportKind::Employees, &table(298, 300), false).await;
    assert_eq!(statuses(&result), [(2, ImportStatus::Unchanged), (3, ImportStatus::Error)]);
    assert!(import(&firm, ImportKind::Employees, &table(0, 299), false).await.applied, "no more are invited");
    app.clock.advance(std::time::Duration::from_secs(3_601));
    let me = app.sign_in("office@apple.example").await.firm(&firm.firm_id);
    assert!(me.import_csv(&file(ImportKind::Employees, table(298, 300), false)).await.unwrap().applied);
}

#[tokio::test]
async fn a_firm_keeps_an_admin_and_nobody_imports_themself_away() {
    let app = TestApp::start();
    let (_, firm) = office(&app).await;
    let ben = firm.hire(&app, "Ben", "ben@apple.example", EmployeeRole::Bookkeeper, &[]).await;
    let carla = firm.hire(&app, "Carla", "carla@apple.example", EmployeeRole::Admin, &[]).await;
    let header = "name,email,role\n";
    let boss = firm.firm.read_employee(&firm.employee_id).await.unwrap().employee.name;
    let csv = format!("{header}{boss},office@apple.example,bookkeeper\nBen,ben@apple.example,admin\n");
    let result = import(&firm, ImportKind::Employees, &csv, false).await;
    assert_eq!(codes(&result), [(2, Some(ErrorCode::InvalidValue))]);
    // The order of the rows is not that of the changes: somebody is an admin at any moment.
    let swap = format!("{header}Carla,carla@apple.example,bookkeeper\nBen,ben@apple.example,admin\n");
    assert!(import(&firm, ImportKind::Employees, &swap, false).await.applied);
    assert_eq!(status(carla.me.firm(&firm.firm_id).export_employees().await), 403);
    ben.me.firm(&firm.firm_id).export_employees().await.unwrap();
}

#[tokio::test]
async fn attack_15_invitations_of_who_is_demoted_are_cancelled_with_the_import() {
    let app = TestApp::start();
    let (_, firm) = office(&app).await;
    let ben = firm.hire(&app, "Ben", "ben@apple.example", EmployeeRole::Admin, &[]).await;
    let by_ben = FirmAdmin {
        firm: ben.me.firm(&firm.firm_id),
        employee_id: ben.id,
        firm_id: firm.firm_id.clone(),
        me: ben.me,
    };
    by_ben.invite("Mole", "mole@apple.example", EmployeeRole::Admin, &[]).await;
    let token = app.token_mailed_to("mole@apple.example", 1).await;
    let demote = "name,email,role\nBen,ben@apple.example,bookkeeper\n";
    assert!(import(&firm, ImportKind::Employees, demote, false).await.applied);
    assert_eq!(status(app.portal().accept_invitation(&crate::app::acceptance(token)).await), 410);
}

#[tokio::test]
async fn a_table_that_is_none_is_refused_by_what_is_wrong() {
    let app = TestApp::start();
    let (_, firm) = office(&app).await;
    for csv in ["", "name,email\n", "name,email,role,salary\n", "PK\u{3}\u{4}", "name,email,role,role\n"] {
        let result = firm.firm.import_csv(&file(ImportKind::Employees, csv, true)).await;
        assert_eq!(code(result), ErrorCode::InvalidValue, "{csv:?}");
    }
    let unknown = firm.firm.import_csv(&file(ImportKind::Employees, "name,email,role,salary\n", true)).await;
    assert!(unknown.unwrap_err().to_string().contains("salary"));
    let result = firm.firm.import_csv(&file(ImportKind::Assignments, "name,email,role\n", true)).await;
    assert_eq!(code(result), ErrorCode::InvalidValue);
    let long = format!("employee_email,account_id\n{}", "a,b\n".repeat(MAX_IMPORT_ROWS + 1));
    let result = firm.firm.import_csv(&file(ImportKind::Assignments, long, true)).await;
    assert_eq!(code(result), ErrorCode::TooManyItems);
    // The example of the template, still there, is not one too many, nor are columns that were emptied.
    let template =
        "employee_email,account_id,,\nexample@template.invalid,acct_01h455vb4pex5vsknk084sn02q,,\n";
    let whole = format!("{template}{}", "a,b\n".repeat(MAX_IMPORT_ROWS));
    assert_eq!(import(&firm, ImportKind::Assignments, &whole, true).await.rows.len(), MAX_IMPORT_ROWS);
}

#[tokio::test]
async fn attack_36_a_body_of_two_mebibytes_is_taken_and_one_byte_more_is_not() {
    let app = TestApp::start();
    let (_, firm) = office(&app).await;
    let send = |length: usize| {
        let empty = json!({"kind": "employees", "csv": "", "dry_run": true}).to_string().len();
        let csv = "x".repeat(length - empty);
        let body = json!({"kind": "employees", "csv": csv, "dry_run": true}).to_string();
        assert_eq!(body.len(), length);
        reqwest::Client::new()
            .post(app.url(&format!("/api/v1/firms/{}/imports", firm.firm_id)))
            .bearer_auth(firm.me.token())
            .header("content-type", "application/json")
            .body(body)
            .send()
    };
    const MOST: usize = 2 * 1024 * 1024;
    assert_eq!(send(MOST).await.unwrap().status(), 422, "it is no table");
    assert_eq!(send(MOST + 1).await.unwrap().status(), 413);
}

#[tokio::test]
async fn only_an_import_that_was_applied_is_kept_for_its_key() {
    let app = TestApp::start();
    let (_, firm) = office(&app).await;
    let accounts = clients(&app, &firm, 1).await;
    let key = || IdempotencyKey::parse("k-1").unwrap();
    let once = firm.firm.with_idempotency_key(key());
    let csv = format!("employee_email,account_id\nben@apple.example,{}\n", accounts[0]);
    let body = file(ImportKind::Assignments, csv.clone(), false);
    assert!(!once.import_csv(&body).await.unwrap().applied, "Ben is not there yet");
    let ben = firm.invite("Ben", "ben@apple.example", EmployeeRole::Bookkeeper, &[]).await;
    assert!(!once.import_csv(&file(ImportKind::Assignments, csv, true)).await.unwrap().applied);
    let first = once.import_csv(&body).await.unwrap();
    assert_eq!((first.applied, first.totals.new), (true, 1));
    firm.firm.revoke_account(&ben.id, &accounts[0]).await.unwrap();
    assert_eq!(once.import_csv(&body).await.unwrap(), first);
    assert!(assigned(&firm, &ben.id, &accounts).await.is_empty(), "nothing happens twice");
    let tried = once.import_csv(&file(ImportKind::Assignments, body.csv.clone(), true)).await.unwrap();
    assert_eq!((tried.applied, tried.totals.new), (false, 1), "a try has nothing to do with the key");
    let other = file(ImportKind::Assignments, "employee_email,account_id\n", false);
    assert_eq!(code(once.import_csv(&other).await), ErrorCode::IdempotencyKeyReused);
}

#[tokio::test]
async fn thousands_of_rows_are_one_request() {
    let app = TestApp::start();
    let (_, firm) = office(&app).await;
    let accounts = clients(&app, &firm, 1_500).await;
    let ben = firm.invite("Ben", "ben@apple.example", EmployeeRole::Bookkeeper, &[]).await.id;
    let carla = firm.invite("Carla", "carla@apple.example", EmployeeRole::Bookkeeper, &[]).await.id;
    grant_all(&firm, &carla, &accounts).await;
    let rows: String = accounts
        .iter()
        .map(|id| format!("ben@apple.example,{id},grant\r\ncarla@apple.example,{id},revoke\r\n"))
        .collect();
    let csv = format!("employee_email,account_id,action\r\n{rows}");
    let began = std::time::Instant::now();
    let result = import(&firm, ImportKind::Assignments, &csv, false).await;
    println!("{:?}", began.elapsed());
    assert_eq!(result.totals, ImportTotals { new: 1_500, changed: 1_500, ..ImportTotals::default() });
    assert_eq!(assigned(&firm, &ben, &accounts).await.len(), 1_500);
    assert!(assigned(&firm, &carla, &accounts).await.is_empty());
}

#[tokio::test]
async fn an_import_races_with_the_deactivation_of_its_sender() {
    let app = TestApp::start();
    let (_, firm) = office(&app).await;
    for round in 0..8 {
        let email = format!("admin{round}@apple.example");
        let admin = firm.hire(&app, "Admin", &email, EmployeeRole::Admin, &[]).await;
        let theirs = admin.me.firm(&firm.firm_id);
        let csv = format!("name,email,role\nMole,mole{round}@apple.example,admin\n");
        let body = file(ImportKind::Employees, csv, false);
        let deactivate =
            UpdateEmployee { status: Some(EmployeeStatus::Deactivated), ..UpdateEmployee::default() };
        let (imported, deactivated) =
            tokio::join!(theirs.import_csv(&body), firm.firm.update_employee(&admin.id, &deactivate));
        deactivated.unwrap();
        if imported.is_ok_and(|result| result.applied) {
            // It was first: then its invitation has died with the power to make it.
            let invited = format!("mole{round}@apple.example");
            let token = app.token_mailed_to(&invited, 1);
            if let Ok(token) = tokio::time::timeout(std::time::Duration::from_millis(500), token).await {
                assert_eq!(status(app.portal().accept_invitation(&crate::app::acceptance(token)).await), 410);
            }
        } else {
            let query = EmployeeQuery { q: Some(format!("mole{round}@")), ..EmployeeQuery::default() };
            assert!(firm.firm.list_employees(&query).await.unwrap().items.is_empty(), "nothing is half done");
        }
    }
}

#[tokio::test]
async fn two_imports_of_one_table_at_once_invite_everybody_once() {
    let app = TestApp::start();
    let (_, firm) = office(&app).await;
    let rows: String = (0..20).map(|n| format!("P{n},p{n}@apple.example,bookkeeper\n")).collect();
    let body = file(ImportKind::Employees, format!("name,email,role\n{rows}"), false);
    let calls: Vec<_> = (0..4)
        .map(|_| {
            let (firm, body) = (firm.firm.clone(), body.clone());
            tokio::spawn(async move { firm.import_csv(&body).await.unwrap() })
        })
        .collect();
    let mut new = 0;
    for call in calls {
        let result = call.await.unwrap();
        assert!(result.applied);
        new += result.totals.new;
    }
    assert_eq!(new, 20);
    app.mail("p19@apple.example", 1).await;
    assert!((0..20).all(|n| app.mails_to(&format!("p{n}@apple.example")).len() <= 1));
}
