//! Suspending, resuming and closing accounts, by the operator.

use actix_web::{HttpResponse, web};
use portal_api_types::{AccountId, OperatorAccountDetail};

use super::query::{Path, ok};
use crate::app::App;
use crate::auth::actor::Operator;
use crate::domain::operator::account_status;
use crate::error::ApiError;

/// Suspend an account
///
/// For the operator. From the next request on nobody can enter or act in the account, with tokens already handed out
/// neither, and it is in nobody's list. Nothing else changes: resumed, everything is as it was. If it is suspended
/// already, nothing changes.
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
            example = json!({
                "id": "acct_01h455vb4pex5vsknk084sn02q", "name": "Blue Bakery", "external_id": "store-4711",
                "status": "suspended", "created_at": "2026-11-24T09:30:00Z",
                "owners": [{
                    "user_id": "user_01h455vb4pex5vsknk084sn02q", "invitation_id": null, "name": "Olivia Stone",
                    "email": "olivia@blue-bakery.example", "role": "owner", "status": "connected"
                }]
            })
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
    Ok(ok(app
        .services
        .db
        .write(move |conn| account_status::suspend(conn, &operator.ctx, &operator.scope, &id))
        .await?))
}

/// Resume an account
///
/// For the operator. Takes back `suspend_account`: who had access has it again, at once. If it is active, nothing
/// changes.
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
            example = json!({
                "id": "acct_01h455vb4pex5vsknk084sn02q", "name": "Blue Bakery", "external_id": "store-4711",
                "status": "active", "created_at": "2026-11-24T09:30:00Z",
                "owners": [{
                    "user_id": "user_01h455vb4pex5vsknk084sn02q", "invitation_id": null, "name": "Olivia Stone",
                    "email": "olivia@blue-bakery.example", "role": "owner", "status": "connected"
                }]
            })
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
    Ok(ok(app
        .services
        .db
        .write(move |conn| account_status::resume(conn, &operator.ctx, &operator.scope, &id))
        .await?))
}

/// Close an account
///
/// For the operator. **For good**: nobody can enter the account any more, the open invitations into it are dead, and it
/// can be neither resumed nor changed. Its external id stays taken. If it is closed already, nothing changes.
#[utoipa::path(
    post,
    path = "/api/v1/operator/accounts/{id}/close",
    tag = "Operator",
    params(("id" = AccountId, Path, description = "The account.")),
    responses((
            status = 200,
            description = "The account, which is closed.",
            body = OperatorAccountDetail,
            example = json!({
                "id": "acct_01h455vb4pex5vsknk084sn02q", "name": "Blue Bakery", "external_id": "store-4711",
                "status": "closed", "created_at": "2026-11-24T09:30:00Z",
                "owners": [{
                    "user_id": "user_01h455vb4pex5vsknk084sn02q", "invitation_id": null, "name": "Olivia Stone",
                    "email": "olivia@blue-bakery.example", "role": "owner", "status": "connected"
                }]
            })
        )),
    security(("operator_key" = []))
)]
pub async fn close_account(
    operator: Operator,
    app: web::Data<App>,
    Path(id): Path<AccountId>,
) -> Result<HttpResponse, ApiError> {
    Ok(ok(app
        .services
        .db
        .write(move |conn| account_status::close(conn, &operator.ctx, &operator.scope, &id))
        .await?))
}
