//! A firm's people and assignments as files: complete, harmless, and taken back by an import as they are.

use std::collections::BTreeSet;

use portal_api_types::{
    EmployeeRole, EmployeeStatus, Import, ImportKind, ImportStatus, ImportTotals, UpdateEmployee,
};
use portal_client::ActivityQuery;

use crate::app::{FirmAdmin, TestApp, status};
use crate::bulk::{clients, grant_all};

/// Imports a file.
pub fn file(kind: ImportKind, csv: impl Into<String>, dry_run: bool) -> Import {
    Import { kind, csv: csv.into(), dry_run }
}

async fn office(app: &TestApp) -> FirmAdmin {
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    app.firm(&owner, "Apple", "office@apple.example").await
}

#[tokio::test]
async fn a_round_trip_changes_nothing_however_odd_the_names_are() {
    let app = TestApp::start();
    let firm = office(&app).await;
    let accounts = clients(&app, &firm, 3).await;
    let odd = [
        "=1+1",
        "'=1+1",
        "+49 30",
        "-Dash",
        "@Home",
        "'tis",
        "Olive; \"Sons\", Ltd.",
        "＝x",
        "ÄÖ 𝒳",
        "#1",
        "''=''",
        "Shop;=cmd|' /C calc'!A0",
        "Shop; '=1+1",
        "Shop, \"-1\"; ''@x",
    ];
    for (number, name) in odd.iter().enumerate() {
        let email = format!("={number}@apple.example");
        let employee = firm.invite(name, &email, EmployeeRole::Bookkeeper, &accounts[..number % 3]).await;
        assert_eq!(employee.name.as_str(), *name);
    }
    let gone = firm.hire(&app, "Gone", "gone@apple.example", EmployeeRole::Admin, &accounts).await;
    firm.invite("Idna", "idna@Bücher.example", EmployeeRole::Admin, &[]).await;
    let deactivate =
        UpdateEmployee { status: Some(EmployeeStatus::Deactivated), ..UpdateEmployee::default() };
    firm.firm.update_employee(&gone.id, &deactivate).await.unwrap();
    let trail = async || {
        firm.firm
            .list_firm_activity(&ActivityQuery { limit: Some(200), ..ActivityQuery::default() })
            .await
            .unwrap()
            .items
            .len()
    };
    let before = trail().await;
    let people = firm.firm.export_employees().await.unwrap();
    let work = firm.firm.export_assignments().await.unwrap();
    assert_eq!(people.lines().count(), 1 + 1 + odd.len() + 2);
    for (kind, csv, rows) in [
        (ImportKind::Employees, &people, odd.len() + 3),
        (ImportKind::Assignments, &work, work.lines().count() - 1),
    ] {
        assert_ne!((kind, rows), (ImportKind::Assignments, 0));
        let result = firm.firm.import_csv(&file(kind, csv.clone(), false)).await.unwrap();
        assert_eq!(
            result.totals,
            ImportTotals { unchanged: rows, ..ImportTotals::default() },
            "{:?}",
            result.rows
        );
        assert!(result.applied && result.rows.iter().all(|row| row.status == ImportStatus::Unchanged));
    }
    assert_eq!(trail().await, before);
    assert_eq!(firm.firm.export_employees().await.unwrap(), people);
    assert_eq!(firm.firm.export_assignments().await.unwrap(), work);
}

#[tokio::test]
async fn attack_34_no_cell_of_an_export_is_run_by_a_spreadsheet() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "=HYPERLINK(\"http://evil.example\")").await;
    let firm = app.firm(&owner, "Apple", "office@apple.example").await;
    let accounts = std::slice::from_ref(&owner.account_id);
    firm.invite("@SUM(A1)", "=cmd@apple.example", EmployeeRole::Bookkeeper, accounts).await;
    firm.invite("Shop;=cmd|' /C calc'!A0", "shop@apple.example", EmployeeRole::Bookkeeper, &[]).await;
    for text in [firm.firm.export_employees().await.unwrap(), firm.firm.export_assignments().await.unwrap()] {
        assert!(!text.contains(";="), "where a semicolon separates: {text}");
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let mut cells = 0;
        for record in reader.records() {
            for cell in &record.unwrap() {
                assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell}");
                cells += usize::from(cell.starts_with("'=") || cell.starts_with("'@"));
            }
        }
        assert_eq!(cells, 2, "{text}");
    }
}

#[tokio::test]
async fn attack_20_an_export_is_of_one_firm_and_for_its_admins() {
    let app = TestApp::start();
    let firm = office(&app).await;
    let other_owner = app.owner("Marco", "marco@cycles.example", "Cycles").await;
    let other = app.firm(&other_owner, "Pear", "office@pear.example").await;
    let accounts = std::slice::from_ref(&other_owner.account_id);
    let ben = other.hire(&app, "Ben", "ben@pear.example", EmployeeRole::Bookkeeper, accounts).await;
    assert!(!firm.firm.export_employees().await.unwrap().contains("pear.example"));
    assert_eq!(firm.firm.export_assignments().await.unwrap(), "employee_email,account_id,account_name\r\n");
    let theirs = other.firm.export_assignments().await.unwrap();
    assert!(theirs.contains(&format!("ben@pear.example,{},Cycles\r\n", other_owner.account_id)), "{theirs}");
    let outside = firm.me.firm(&other.firm_id);
    assert_eq!(status(outside.export_employees().await), 404);
    assert_eq!(status(outside.export_assignments().await), 404);
    assert_eq!(status(ben.me.firm(&other.firm_id).export_employees().await), 403);
    // What the operator has suspended is no client meanwhile.
    app.operator().await.suspend_account(&other_owner.account_id).await.unwrap();
    assert_eq!(other.firm.export_assignments().await.unwrap().lines().count(), 1);
}

#[tokio::test]
async fn an_export_is_whole_whatever_its_length() {
    let app = TestApp::start();
    let firm = office(&app).await;
    let accounts = clients(&app, &firm, 1_100).await;
    let mut wanted = BTreeSet::new();
    for (name, part) in [("Ben", &accounts[..]), ("Carla", &accounts[50..])] {
        let email = format!("{}@apple.example", name.to_lowercase());
        let employee = firm.invite(name, &email, EmployeeRole::Bookkeeper, &[]).await;
        grant_all(&firm, &employee.id, part).await;
        wanted.extend(part.iter().map(|account| format!("{email},{account}")));
    }
    let text = firm.firm.export_assignments().await.unwrap();
    let found: Vec<String> =
        text.lines().skip(1).map(|line| line.rsplit_once(',').unwrap().0.to_owned()).collect();
    assert_eq!(found.len(), 2_150);
    assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), wanted);
    let people: String =
        (0..1_000).map(|number| format!("P{number},p{number}@apple.example,bookkeeper\n")).collect();
    let file = file(ImportKind::Employees, format!("name,email,role\n{people}"), false);
    assert!(firm.firm.import_csv(&file).await.unwrap().applied);
    let text = firm.firm.export_employees().await.unwrap();
    let unique: BTreeSet<&str> = text.lines().collect();
    assert_eq!((text.lines().count(), unique.len()), (1_004, 1_004));
}

#[tokio::test]
async fn the_example_of_a_template_is_passed_over() {
    let app = TestApp::start();
    let firm = office(&app).await;
    let people = firm.firm.read_employees_template().await.unwrap();
    let work = firm.firm.read_assignments_template().await.unwrap();
    for (kind, template) in [(ImportKind::Employees, &people), (ImportKind::Assignments, &work)] {
        assert_eq!(template.lines().count(), 2);
        let result = firm.firm.import_csv(&file(kind, template.clone(), false)).await.unwrap();
        assert!(result.applied && result.rows.is_empty(), "{result:?}");
    }
    let filled = format!("{people}Ben Ortiz,ben@apple.example,bookkeeper,\r\n");
    let result = firm.firm.import_csv(&file(ImportKind::Employees, filled, true)).await.unwrap();
    assert_eq!((result.rows.len(), result.rows[0].line), (1, 3));
    let answer = reqwest::Client::new()
        .get(app.url(&format!("/api/v1/firms/{}/exports/employees-template.csv", firm.firm_id)))
        .bearer_auth(firm.me.token());
    let headers = answer.send().await.unwrap().headers().clone();
    assert_eq!(headers["content-type"], "text/csv; charset=utf-8");
    assert_eq!(headers["content-disposition"], "attachment; filename=\"employees-template.csv\"");
}
