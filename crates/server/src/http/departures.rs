//! Employees who go, and colleagues who take over.

use actix_web::{HttpResponse, web};
use portal_api_types::{Departure, EmployeeId, FirmId, Handover, HandoverResult};

use super::creating::{Creating, IdempotencyHeader};
use super::query::{Path, ok};
use crate::app::App;
use crate::auth::actor::FirmAdmin;
use crate::domain::employee::{departure, hand_over};
use crate::error::ApiError;

/// See what goes with an employee
///
/// For admins of the firm. Everything that goes, or is left without anybody, when the employee is deactivated or removed: the
/// accounts that are assigned, how many of them nobody else has, and the open invitations of colleagues that the employee made,
/// which are cancelled. Show it before asking for that. API keys and webhooks of accounts stay: they live by their makers' being
/// owners of the account, which a firm neither gives nor takes. So do sessions: the person stays signed in, and has the firm and
/// its clients no more.
#[utoipa::path(
    get,
    path = "/api/v1/firms/{firm_id}/employees/{id}/departure",
    tag = "Employees",
    params(
        ("firm_id" = FirmId, Path, description = "The firm that you work for."),
        ("id" = EmployeeId, Path, description = "The employee, who is the firm's.")
    ),
    responses((status = 200, description = "What goes.", body = Departure)),
    security(("identity_token" = ["admin"]))
)]
pub async fn read_departure(
    admin: FirmAdmin,
    app: web::Data<App>,
    Path((_, id)): Path<(FirmId, EmployeeId)>,
) -> Result<HttpResponse, ApiError> {
    Ok(ok(app.services.db.read(move |conn| departure::read(conn, &admin.firm, &id)).await?))
}

/// Hand an employee's accounts to a colleague
///
/// For admins of the firm. Every account that is assigned to the employee is assigned to the colleague `to` instead, who is
/// active or invited; accounts that the operator has suspended are moved too. What `then` says becomes of the employee: nothing
/// else (`keep`), deactivated, or removed for good, with all that goes with it otherwise. All of it happens at once, or nothing.
///
/// Only assignments move, not what an admin has by being an admin. A colleague who is an admin has every account anyway; the
/// assignments are theirs all the same, and count when they are an admin no more. Where an account's owner keeps the colleague
/// out, the assignment moves and opens nothing until the owner lets them in: `kept_out` counts these.
#[utoipa::path(
    post,
    path = "/api/v1/firms/{firm_id}/employees/{id}/handover",
    tag = "Employees",
    params(
        ("firm_id" = FirmId, Path, description = "The firm that you work for."),
        ("id" = EmployeeId, Path, description = "The employee, who is the firm's."),
        IdempotencyHeader
    ),
    request_body(
        content = Handover,
        example = json!({"to": "empl_01h2e8kqvbfwea724h75qc655w", "then": "deactivate"})
    ),
    responses(
        (status = 200, description = "How many accounts the colleague has got.", body = HandoverResult),
        (
            status = 404,
            description = "`not_found`: there is no such firm or you do not work for it, or it has no such employee, or no such \
                colleague; then `errors` names `/to`."
        ),
        (
            status = 409,
            description = "`last_admin`: the firm would have no active admin any more. `employee_invited`: somebody who has not \
                joined yet cannot be deactivated, only removed."
        ),
        (
            status = 422,
            description = "`invalid_value`: the colleague is deactivated, or is the employee; or `then` is not one of its words."
        )
    ),
    security(("identity_token" = ["admin"]))
)]
pub async fn hand_over_accounts(
    admin: FirmAdmin,
    app: web::Data<App>,
    Path((_, id)): Path<(FirmId, EmployeeId)>,
    Creating { body, attempt }: Creating<Handover>,
) -> Result<HttpResponse, ApiError> {
    let (once, now) = (attempt.by(&admin.caller()), admin.ctx.now);
    let result = once
        .write(&app.services.db, now, move |conn| {
            hand_over::hand_over(conn, &admin.ctx, &admin.actor, &admin.firm, &id, &body)
        })
        .await?;
    app.outbox.wake();
    Ok(ok(result))
}
