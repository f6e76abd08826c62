//! A firm's people.

use actix_web::{HttpResponse, web};
use portal_api_types::{
    Employee, EmployeeAccount, EmployeeDetail, EmployeeId, EmployeeRole, EmployeeStatus, FirmId,
    InviteEmployee, Limit, Page, Search, UpdateEmployee,
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::body::{BATCH_LIMIT, Body};
use super::creating::{Creating, IdempotencyHeader};
use super::query::{self, PageQuery, Path, Query, after, created, done, ok, page};
use crate::app::App;
use crate::auth::actor::FirmAdmin;
use crate::domain::employee::{self, list::EmployeeFilter};
use crate::error::ApiError;

/// Which employees to list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EmployeeQuery {
    /// Only those whose name or e-mail has this text, in upper or lower case.
    #[param(value_type = Option<String>, max_length = 200, example = "ben")]
    pub q: Option<Search>,
    /// Only those in this role.
    #[param(nullable = false, example = "bookkeeper")]
    pub role: Option<EmployeeRole>,
    /// Only those in this state.
    #[param(nullable = false, example = "active")]
    pub status: Option<EmployeeStatus>,
    /// How many items at most: 1 to 200.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 200, default = 50, example = 50)]
    #[serde(default, deserialize_with = "query::limit")]
    pub limit: Limit,
    /// Where to go on: `next_cursor` of the page before, unchanged.
    pub cursor: Option<String>,
}

/// List employees
///
/// For admins of the firm. Its people by name, also those who are invited or deactivated.
#[utoipa::path(
    get,
    path = "/api/v1/firms/{firm_id}/employees",
    tag = "Employees",
    params(
        ("firm_id" = FirmId, Path, description = "The firm that you work for."),
        EmployeeQuery
    ),
    responses((status = 200, description = "A page of employees.", body = Page<Employee>)),
    security(("identity_token" = ["admin"]))
)]
pub async fn list_employees(
    admin: FirmAdmin,
    app: web::Data<App>,
    Query(query): Query<EmployeeQuery>,
) -> Result<HttpResponse, ApiError> {
    let after = after::<String>(query.cursor.as_deref())?;
    let filter = EmployeeFilter {
        q: query.q.map(|q| q.as_str().to_owned()).unwrap_or_default(),
        role: query.role,
        status: query.status,
    };
    let limit = query.limit;
    let found = app
        .services
        .db
        .read(move |conn| employee::list::list(conn, &admin.firm, &filter, after.as_ref(), limit.get()))
        .await?;
    Ok(ok(page(found, limit, |(row, key)| (key.clone(), row.id.to_string()), |(row, _)| row)))
}

/// Invite an employee
///
/// For admins of the firm. A link goes to the address and works for 7 days. When it is opened, the person works for
/// the firm, with `role` and the client accounts of `account_ids` from the first moment. An admin needs no
/// assignments: admins have all current and future clients.
#[utoipa::path(
    post,
    path = "/api/v1/firms/{firm_id}/employees",
    tag = "Employees",
    params(("firm_id" = FirmId, Path, description = "The firm that you work for."), IdempotencyHeader),
    request_body = InviteEmployee,
    responses(
        (
            status = 201,
            description = "The invited employee.",
            body = Employee,
            example = json!({
                "id": "empl_01h455vb4pex5vsknk084sn02q", "name": "Ben Ortiz", "email": "ben@apple-solutions.example",
                "role": "bookkeeper", "status": "invited", "account_count": 2, "last_active_at": null
            })
        ),
        (
            status = 404,
            description = "`not_found`: there is no such firm or you do not work for it, or an id of \
                `account_ids` is not a client of the firm; then nothing was changed, and `errors` names them."
        ),
        (
            status = 409,
            description = "`already_employee`: the firm has an employee with this e-mail already."
        ),
        (status = 413, description = "`payload_too_large`: the body has more than 2 MiB."),
        (status = 422, description = "`too_many_items`: more than 10,000 accounts."),
        (
            status = 429,
            description = "`rate_limited`: you (300 an hour) or your firm's people together (1,000) have \
                sent too many invitations, or this address has got too many mails (5 an hour)."
        )
    ),
    security(("identity_token" = ["admin"]))
)]
pub async fn invite_employee(
    admin: FirmAdmin,
    app: web::Data<App>,
    Creating { body, attempt }: Creating<InviteEmployee, BATCH_LIMIT>,
) -> Result<HttpResponse, ApiError> {
    let once = attempt.by(&admin.caller());
    let row = employee::invite::invite(&app.services, admin.ctx, admin.actor, admin.firm, body, once).await?;
    app.outbox.wake();
    Ok(created(row))
}

/// Read an employee
///
/// For admins of the firm. The employee, and the open invitations that they made. Those are cancelled when the
/// employee is removed, deactivated or no admin any more, so show them before asking for that.
#[utoipa::path(
    get,
    path = "/api/v1/firms/{firm_id}/employees/{id}",
    tag = "Employees",
    params(
        ("firm_id" = FirmId, Path, description = "The firm that you work for."),
        ("id" = EmployeeId, Path, description = "The employee, who is the firm's.")
    ),
    responses((status = 200, description = "The employee.", body = EmployeeDetail)),
    security(("identity_token" = ["admin"]))
)]
pub async fn read_employee(
    admin: FirmAdmin,
    app: web::Data<App>,
    Path((_, id)): Path<(FirmId, EmployeeId)>,
) -> Result<HttpResponse, ApiError> {
    Ok(ok(app.services.db.read(move |conn| employee::read::read(conn, &admin.firm, &id)).await?))
}

/// Change an employee
///
/// For admins of the firm. What is left out stays as it is. All of it happens at once, or nothing: a deactivated
/// employee's next request in the firm or one of its clients is refused, a demoted admin keeps what is assigned, a
/// promoted one has every client. Whoever loses that power loses the open invitations that they made too, and
/// whoever is deactivated is told by e-mail.
#[utoipa::path(
    patch,
    path = "/api/v1/firms/{firm_id}/employees/{id}",
    tag = "Employees",
    params(
        ("firm_id" = FirmId, Path, description = "The firm that you work for."),
        ("id" = EmployeeId, Path, description = "The employee, who is the firm's.")
    ),
    request_body = UpdateEmployee,
    responses(
        (status = 200, description = "The employee, as changed.", body = Employee),
        (
            status = 409,
            description = "`last_admin`: the firm would have no active admin any more. `employee_invited`: \
                somebody who has not joined yet can be neither activated nor deactivated."
        )
    ),
    security(("identity_token" = ["admin"]))
)]
pub async fn update_employee(
    admin: FirmAdmin,
    app: web::Data<App>,
    Path((_, id)): Path<(FirmId, EmployeeId)>,
    Body(changes): Body<UpdateEmployee>,
) -> Result<HttpResponse, ApiError> {
    let row = app
        .services
        .db
        .write(move |conn| {
            employee::update::update(conn, &admin.ctx, &admin.actor, &admin.firm, &id, &changes)
        })
        .await?;
    app.outbox.wake();
    Ok(ok(row))
}

/// Remove an employee
///
/// For admins of the firm. The person loses the firm and its clients at once and is told by e-mail; their
/// assignments, their own invitation if it is still open, and the open invitations that they made are gone. Whoever
/// comes back later starts from nothing. To keep the assignments, deactivate instead.
#[utoipa::path(
    delete,
    path = "/api/v1/firms/{firm_id}/employees/{id}",
    tag = "Employees",
    params(
        ("firm_id" = FirmId, Path, description = "The firm that you work for."),
        ("id" = EmployeeId, Path, description = "The employee, who is the firm's.")
    ),
    responses(
        (status = 204, description = "The employee is removed."),
        (
            status = 409,
            description = "`last_admin`: the firm would have no active admin any more; make somebody else \
                an admin first."
        )
    ),
    security(("identity_token" = ["admin"]))
)]
pub async fn remove_employee(
    admin: FirmAdmin,
    app: web::Data<App>,
    Path((_, id)): Path<(FirmId, EmployeeId)>,
) -> Result<HttpResponse, ApiError> {
    app.services
        .db
        .write(move |conn| employee::remove::remove(conn, &admin.ctx, &admin.actor, &admin.firm, &id))
        .await?;
    app.outbox.wake();
    Ok(done())
}

/// Send an employee's invitation again
///
/// For admins of the firm. A new link goes to the invited employee's address and works for 7 days; an old one is
/// dead at once.
#[utoipa::path(
    post,
    path = "/api/v1/firms/{firm_id}/employees/{id}/resend",
    tag = "Employees",
    params(
        ("firm_id" = FirmId, Path, description = "The firm that you work for."),
        ("id" = EmployeeId, Path, description = "The employee, who is the firm's.")
    ),
    responses(
        (status = 204, description = "A new link is on its way."),
        (
            status = 409,
            description = "`employee_joined`: the employee has joined already, so there is no invitation \
                to send."
        ),
        (
            status = 429,
            description = "`rate_limited`: you (300 an hour) or your firm's people together (1,000) have \
                sent too many invitations, or this address has got too many mails (5 an hour)."
        )
    ),
    security(("identity_token" = ["admin"]))
)]
pub async fn resend_employee_invitation(
    admin: FirmAdmin,
    app: web::Data<App>,
    Path((_, id)): Path<(FirmId, EmployeeId)>,
) -> Result<HttpResponse, ApiError> {
    employee::resend::resend(&app.services, admin.ctx, admin.actor, admin.firm, id).await?;
    app.outbox.wake();
    Ok(done())
}

/// List what an employee may open
///
/// For admins of the firm. The client accounts that the employee may open now, by name, and whether by an
/// assignment or as an admin. Accounts whose owner keeps the employee out are not among them. For an invited or
/// deactivated employee: what is assigned.
#[utoipa::path(
    get,
    path = "/api/v1/firms/{firm_id}/employees/{id}/accounts",
    tag = "Assignments",
    params(
        ("firm_id" = FirmId, Path, description = "The firm that you work for."),
        ("id" = EmployeeId, Path, description = "The employee, who is the firm's."),
        PageQuery
    ),
    responses((status = 200, description = "A page of client accounts.", body = Page<EmployeeAccount>)),
    security(("identity_token" = ["admin"]))
)]
pub async fn list_employee_accounts(
    admin: FirmAdmin,
    app: web::Data<App>,
    Path((_, id)): Path<(FirmId, EmployeeId)>,
    Query(query): Query<PageQuery>,
) -> Result<HttpResponse, ApiError> {
    let after = after::<String>(query.cursor.as_deref())?;
    let limit = query.limit;
    let found = app
        .services
        .db
        .read(move |conn| employee::accounts::list(conn, &admin.firm, &id, after.as_ref(), limit.get()))
        .await?;
    Ok(ok(page(found, limit, |(account, key)| (key.clone(), account.id.to_string()), |(account, _)| account)))
}
