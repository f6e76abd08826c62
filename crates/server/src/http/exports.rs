//! A firm's people and assignments as files, and files to fill in.

use actix_web::{HttpResponse, web};
use portal_api_types::FirmId;

use super::csv;
use crate::app::App;
use crate::auth::actor::FirmAdmin;
use crate::auth::grounds::Grounds;
use crate::domain::export;

/// Export employees
///
/// For admins of the firm. All its people by name, streamed as CSV in the form that `import_csv` takes: a file that is imported
/// as it came changes nothing. `status` is to be read only: an import refuses another one. What a spreadsheet would take for a
/// formula, also behind a separator within a cell, has an apostrophe before it, which an import takes off again. The file
/// is broken off when you are an admin no more, and after 15 minutes.
#[utoipa::path(
    get,
    path = "/api/v1/firms/{firm_id}/exports/employees.csv",
    tag = "Imports and exports",
    params(("firm_id" = FirmId, Path, description = "The firm that you work for.")),
    responses((
        status = 200,
        description = "The file.",
        content_type = "text/csv",
        body = String,
        example = json!("name,email,role,status\r\nBen Ortiz,ben@apple-solutions.example,bookkeeper,active\r\n")
    )),
    security(("identity_token" = ["admin"]))
)]
pub async fn export_employees(admin: FirmAdmin, app: web::Data<App>) -> HttpResponse {
    csv::stream(app, Grounds::from(&admin), "employees.csv", &export::EMPLOYEES_HEADER, move |conn, after| {
        export::employees(conn, &admin.firm, after, csv::ROWS)
    })
}

/// Export assignments
///
/// For admins of the firm. Who is assigned to what, by account, streamed as CSV in the form that `import_csv` takes: a file
/// that is imported as it came changes nothing. An import takes 10,000 rows, so split what is longer. What a spreadsheet
/// would take for a formula, also behind a separator within a cell, has an apostrophe before it, which an import takes off
/// again. The file is broken off when you are an admin no more, and after 15 minutes.
#[utoipa::path(
    get,
    path = "/api/v1/firms/{firm_id}/exports/assignments.csv",
    tag = "Imports and exports",
    params(("firm_id" = FirmId, Path, description = "The firm that you work for.")),
    responses((
        status = 200,
        description = "The file.",
        content_type = "text/csv",
        body = String,
        example = json!("employee_email,account_id,account_name\r\nben@apple-solutions.example,acct_01h455vb4pex5vsknk084sn02q,Blue Bakery\r\n")
    )),
    security(("identity_token" = ["admin"]))
)]
pub async fn export_assignments(admin: FirmAdmin, app: web::Data<App>) -> HttpResponse {
    csv::stream(
        app,
        Grounds::from(&admin),
        "assignments.csv",
        &export::ASSIGNMENTS_HEADER,
        move |conn, after| export::assignments(conn, &admin.firm, after, csv::ROWS),
    )
}

/// Get a table of employees to fill in
///
/// For admins of the firm. The header of a file for `import_csv`, and an example line, which an import passes over by its
/// e-mail address.
#[utoipa::path(
    get,
    path = "/api/v1/firms/{firm_id}/exports/employees-template.csv",
    tag = "Imports and exports",
    params(("firm_id" = FirmId, Path, description = "The firm that you work for.")),
    responses((
        status = 200,
        description = "The file.",
        content_type = "text/csv",
        body = String,
        example = json!("name,email,role,accounts\r\nExample: an import passes over this line,example@template.invalid,bookkeeper,acct_01h455vb4pex5vsknk084sn02q acct_01h2e8kqvbfwea724h75qc655w\r\n")
    )),
    security(("identity_token" = ["admin"]))
)]
pub async fn read_employees_template(_admin: FirmAdmin) -> HttpResponse {
    csv::whole("employees-template.csv", &export::EMPLOYEES_TEMPLATE)
}

/// Get a table of assignments to fill in
///
/// For admins of the firm. The header of a file for `import_csv`, and an example line, which an import passes over by its
/// e-mail address.
#[utoipa::path(
    get,
    path = "/api/v1/firms/{firm_id}/exports/assignments-template.csv",
    tag = "Imports and exports",
    params(("firm_id" = FirmId, Path, description = "The firm that you work for.")),
    responses((
        status = 200,
        description = "The file.",
        content_type = "text/csv",
        body = String,
        example = json!("employee_email,account_id,account_name,action\r\nexample@template.invalid,acct_01h455vb4pex5vsknk084sn02q,Example: an import passes over this line,grant\r\n")
    )),
    security(("identity_token" = ["admin"]))
)]
pub async fn read_assignments_template(_admin: FirmAdmin) -> HttpResponse {
    csv::whole("assignments-template.csv", &export::ASSIGNMENTS_TEMPLATE)
}
