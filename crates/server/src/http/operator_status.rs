//! Suspending, resuming and closing, by the operator: accounts, firms and people.

use actix_web::{HttpResponse, web};
use portal_api_types::{
    AccountId, FirmId, FirmStatus, OperatorAccountDetail, OperatorFirm, OperatorUser, UserId, UserStatus,
};
use serde::Serialize;
use serde_json::{Value, json};

use super::query::{Path, ok};
use crate::app::App;
use crate::auth::actor::Operator;
use crate::auth::scope::OperatorScope;
use crate::db::Conn;
use crate::domain::operator::{account_status, firm_status, user_status};
use crate::domain::{Ctx, Outcome};
use crate::error::ApiError;

/// Makes a change in one transaction, and answers the new state.
async fn change<T: Serialize + Send + 'static>(
    operator: Operator,
    app: web::Data<App>,
    change: impl Fn(&mut Conn, &Ctx, &OperatorScope) -> Outcome<T> + Send + 'static,
) -> Result<HttpResponse, ApiError> {
    let changed = app.services.db.write(move |conn| change(conn, &operator.ctx, &operator.scope)).await?;
    app.outbox.wake();
    Ok(ok(changed))
}

fn account_example(status: &str) -> Value {
    json!({
        "id": "acct_01h455vb4pex5vsknk084sn02q", "name": "Blue Bakery", "external_id": "store-4711",
        "status": status, "created_at": "2026-11-24T09:30:00Z",
        "owners": [{
            "user_id": "user_01h455vb4pex5vsknk084sn02q", "invitation_id": null, "name": "Olivia Stone",
            "email": "olivia@blue-bakery.example", "role": "owner", "status": "connected"
        }]
    })
}

fn firm_example(status: &str) -> Value {
    json!({
        "id": "firm_01h455vb4pex5vsknk084sn02q", "name": "Apple Solutions",
        "email": "office@apple-solutions.example", "status": status, "created_at": "2026-11-24T09:30:00Z"
    })
}

fn person_example(status: &str) -> Value {
    json!({
        "id": "user_01h455vb4pex5vsknk084sn02q", "name": "Ben Ortiz", "email": "ben@apple-solutions.example",
        "status": status, "created_at": "2026-11-24T09:30:00Z"
    })
}

/// Suspend an account
///
/// For the operator. From the next request on nobody can enter or act in the account, with tokens already handed out
/// neither, and it is in nobody's list. Nothing else changes: resumed, everything is as it was. Its owners are told by
/// mail. If it is suspended already, nothing changes.
#[utoipa::path(
    post,
    path = "/api/v1/operator/accounts/{id}/suspend",
    tag = "Operator",
    params(("id" = AccountId, Path, description = "The account.")),
    responses(
        (
            status = 200,
            description = "The account, which is suspended.",
            body = OperatorAccountDetail,
            example = json!(account_example("suspended"))
        ),
        (status = 409, description = "`account_closed`: it is closed for good.")
    ),
    security(("operator_key" = []))
)]
pub async fn suspend_account(
    operator: Operator,
    app: web::Data<App>,
    Path(id): Path<AccountId>,
) -> Result<HttpResponse, ApiError> {
    change(operator, app, move |conn, ctx, operator| account_status::suspend(conn, ctx, operator, &id)).await
}

/// Resume an account
///
/// For the operator. Takes back `suspend_account`: who had access has it again, at once. Its owners are told by mail. If it
/// is active, nothing changes.
#[utoipa::path(
    post,
    path = "/api/v1/operator/accounts/{id}/resume",
    tag = "Operator",
    params(("id" = AccountId, Path, description = "The account.")),
    responses(
        (
            status = 200,
            description = "The account, which is active.",
            body = OperatorAccountDetail,
            example = json!(account_example("active"))
        ),
        (status = 409, description = "`account_closed`: it is closed for good.")
    ),
    security(("operator_key" = []))
)]
pub async fn resume_account(
    operator: Operator,
    app: web::Data<App>,
    Path(id): Path<AccountId>,
) -> Result<HttpResponse, ApiError> {
    change(operator, app, move |conn, ctx, operator| account_status::resume(conn, ctx, operator, &id)).await
}

/// Close an account
///
/// For the operator. **For good**: nobody can enter the account any more, the open invitations into it are dead, and it
/// can be neither resumed nor changed. Its external id stays taken. Its owners are told by mail. If it is closed already,
/// nothing changes.
#[utoipa::path(
    post,
    path = "/api/v1/operator/accounts/{id}/close",
    tag = "Operator",
    params(("id" = AccountId, Path, description = "The account.")),
    responses((
            status = 200,
            description = "The account, which is closed.",
            body = OperatorAccountDetail,
            example = json!(account_example("closed"))
        )),
    security(("operator_key" = []))
)]
pub async fn close_account(
    operator: Operator,
    app: web::Data<App>,
    Path(id): Path<AccountId>,
) -> Result<HttpResponse, ApiError> {
    change(operator, app, move |conn, ctx, operator| account_status::close(conn, ctx, operator, &id)).await
}

/// Suspend a firm
///
/// For the operator. From the next request on nobody can act for the firm, in the firm or in its clients' accounts, with
/// tokens already handed out neither. Nothing else changes: resumed, everything is as it was. Its people keep what they
/// have elsewhere. If it is suspended already, nothing changes.
#[utoipa::path(
    post,
    path = "/api/v1/operator/firms/{id}/suspend",
    tag = "Operator",
    params(("id" = FirmId, Path, description = "The firm.")),
    responses((
            status = 200,
            description = "The firm, which is suspended.",
            body = OperatorFirm,
            example = json!(firm_example("suspended"))
        )),
    security(("operator_key" = []))
)]
pub async fn suspend_firm(
    operator: Operator,
    app: web::Data<App>,
    Path(id): Path<FirmId>,
) -> Result<HttpResponse, ApiError> {
    change(operator, app, move |conn, ctx, operator| {
        firm_status::set(conn, ctx, operator, &id, FirmStatus::Suspended)
    })
    .await
}

/// Resume a firm
///
/// For the operator. Takes back `suspend_firm`: who worked for the firm can do so again, at once. If it is active, nothing
/// changes.
#[utoipa::path(
    post,
    path = "/api/v1/operator/firms/{id}/resume",
    tag = "Operator",
    params(("id" = FirmId, Path, description = "The firm.")),
    responses((
            status = 200,
            description = "The firm, which is active.",
            body = OperatorFirm,
            example = json!(firm_example("active"))
        )),
    security(("operator_key" = []))
)]
pub async fn resume_firm(
    operator: Operator,
    app: web::Data<App>,
    Path(id): Path<FirmId>,
) -> Result<HttpResponse, ApiError> {
    change(operator, app, move |conn, ctx, operator| {
        firm_status::set(conn, ctx, operator, &id, FirmStatus::Active)
    })
    .await
}

/// Suspend a person
///
/// For the operator. From the next request on the person is refused everywhere, with tokens already handed out too, and
/// cannot sign in. Nothing ends by it: resumed, they go on where they were, in the same sessions. If they are suspended
/// already, nothing changes.
#[utoipa::path(
    post,
    path = "/api/v1/operator/users/{id}/suspend",
    tag = "Operator",
    params(("id" = UserId, Path, description = "The person.")),
    responses((
            status = 200,
            description = "The person, who is suspended.",
            body = OperatorUser,
            example = json!(person_example("suspended"))
        )),
    security(("operator_key" = []))
)]
pub async fn suspend_user(
    operator: Operator,
    app: web::Data<App>,
    Path(id): Path<UserId>,
) -> Result<HttpResponse, ApiError> {
    change(operator, app, move |conn, ctx, operator| {
        user_status::set(conn, ctx, operator, &id, UserStatus::Suspended)
    })
    .await
}

/// Resume a person
///
/// For the operator. Takes back `suspend_user`, at once. If they are active, nothing changes.
#[utoipa::path(
    post,
    path = "/api/v1/operator/users/{id}/resume",
    tag = "Operator",
    params(("id" = UserId, Path, description = "The person.")),
    responses((
            status = 200,
            description = "The person, who is active.",
            body = OperatorUser,
            example = json!(person_example("active"))
        )),
    security(("operator_key" = []))
)]
pub async fn resume_user(
    operator: Operator,
    app: web::Data<App>,
    Path(id): Path<UserId>,
) -> Result<HttpResponse, ApiError> {
    change(operator, app, move |conn, ctx, operator| {
        user_status::set(conn, ctx, operator, &id, UserStatus::Active)
    })
    .await
}
