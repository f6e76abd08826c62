//! Which employee works on which client account.

use actix_web::{HttpResponse, web};
use portal_api_types::{
    AccountId, AssignmentBatch, AssignmentPair, AssignmentResult, Assignments, EmployeeId, FirmId,
    InvalidValue, MAX_ASSIGNMENTS_SIDE,
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::body::BATCH_LIMIT;
use super::creating::{Creating, IdempotencyHeader};
use super::query::{Path, Query, done, ok};
use crate::app::App;
use crate::auth::actor::FirmAdmin;
use crate::domain::assignment::{batch, change, list};
use crate::error::ApiError;

/// Assign an account
///
/// For admins of the firm. The employee may open the account from now on. If it is assigned already, nothing
/// changes.
#[utoipa::path(
    put,
    path = "/api/v1/firms/{firm_id}/employees/{id}/accounts/{account_id}",
    tag = "Assignments",
    params(
        ("firm_id" = FirmId, Path, description = "The firm that you work for."),
        ("id" = EmployeeId, Path, description = "The employee, who is the firm's."),
        ("account_id" = AccountId, Path, description = "The client account, which is connected to the firm.")
    ),
    responses((status = 204, description = "The account is assigned.")),
    security(("identity_token" = ["admin"]))
)]
pub async fn grant_account(
    admin: FirmAdmin,
    app: web::Data<App>,
    Path((_, employee_id, account_id)): Path<(FirmId, EmployeeId, AccountId)>,
) -> Result<HttpResponse, ApiError> {
    let pair = [AssignmentPair { employee_id, account_id }];
    app.services
        .db
        .write(move |conn| {
            change::grant(conn, &admin.ctx, &admin.actor, &admin.firm, &pair, |_| String::new()).map(drop)
        })
        .await?;
    Ok(done())
}

/// Take an account away
///
/// For admins of the firm. The employee's next request in the account is refused, with tokens handed out before
/// too. If it is not assigned, nothing changes. An admin keeps the account: admins have all of them.
#[utoipa::path(
    delete,
    path = "/api/v1/firms/{firm_id}/employees/{id}/accounts/{account_id}",
    tag = "Assignments",
    params(
        ("firm_id" = FirmId, Path, description = "The firm that you work for."),
        ("id" = EmployeeId, Path, description = "The employee, who is the firm's."),
        ("account_id" = AccountId, Path, description = "The client account, which is connected to the firm.")
    ),
    responses((status = 204, description = "The account is not assigned.")),
    security(("identity_token" = ["admin"]))
)]
pub async fn revoke_account(
    admin: FirmAdmin,
    app: web::Data<App>,
    Path((_, employee_id, account_id)): Path<(FirmId, EmployeeId, AccountId)>,
) -> Result<HttpResponse, ApiError> {
    let pair = [AssignmentPair { employee_id, account_id }];
    app.services
        .db
        .write(move |conn| {
            change::revoke(conn, &admin.ctx, &admin.actor, &admin.firm, &pair, |_| String::new()).map(drop)
        })
        .await?;
    Ok(done())
}

/// Which pairs are asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PairQuery {
    /// Ids of employees, separated by commas: 1 to 100.
    #[param(value_type = Vec<EmployeeId>, style = Form, explode = false, required = true, min_items = 1, max_items = 100,
        example = json!(["empl_01h455vb4pex5vsknk084sn02q"]))]
    #[serde(default)]
    pub employees: String,
    /// Ids of accounts, separated by commas: 1 to 100.
    #[param(value_type = Vec<AccountId>, style = Form, explode = false, required = true, min_items = 1, max_items = 100,
        example = json!(["acct_01h455vb4pex5vsknk084sn02q", "acct_01h2e8kqvbfwea724h75qc655w"]))]
    #[serde(default)]
    pub accounts: String,
}

/// See who is assigned to what
///
/// For admins of the firm. Of these employees and these client accounts, the pairs that are assigned: what a part of a table of
/// both shows. Ids that are not the firm's are assigned to nothing. An admin has every account without being assigned.
#[utoipa::path(
    get,
    path = "/api/v1/firms/{firm_id}/assignments",
    tag = "Assignments",
    params(("firm_id" = FirmId, Path, description = "The firm that you work for."), PairQuery),
    responses((status = 200, description = "The pairs that are assigned.", body = Assignments)),
    security(("identity_token" = ["admin"]))
)]
pub async fn list_assignments(
    admin: FirmAdmin,
    app: web::Data<App>,
    Query(query): Query<PairQuery>,
) -> Result<HttpResponse, ApiError> {
    let employees: Vec<EmployeeId> = ids("employees", &query.employees)?;
    let accounts: Vec<AccountId> = ids("accounts", &query.accounts)?;
    let found =
        app.services.db.read(move |conn| list::list(conn, &admin.firm, &employees, &accounts)).await?;
    Ok(ok(found))
}

fn ids<T: std::str::FromStr<Err = InvalidValue>>(name: &str, list: &str) -> Result<Vec<T>, ApiError> {
    let ids: Vec<&str> = list.split(',').collect();
    if list.is_empty() || ids.len() > MAX_ASSIGNMENTS_SIDE {
        let detail = format!("{name} has 1 to {MAX_ASSIGNMENTS_SIDE} ids, separated by commas.");
        return Err(ApiError::malformed_parameter(detail));
    }
    ids.into_iter()
        .map(|id| id.parse().map_err(|invalid: InvalidValue| ApiError::malformed_parameter(invalid.detail)))
        .collect()
}

/// Change many assignments
///
/// For admins of the firm. Grants and revokes up to 10,000 pairs of an employee and a client account, all of them
/// at once or none: one pair that is not the firm's refuses the whole batch. Pairs that are as wanted already count
/// as `unchanged`.
///
/// With `dry_run` nothing is changed, an `Idempotency-Key` does not count, and the answer is the one that would be given. With
/// `list_changes` the answer has `changes`: exactly the pairs that have changed, so that the same with its lists swapped undoes
/// just that.
#[utoipa::path(
    post,
    path = "/api/v1/firms/{firm_id}/assignments",
    tag = "Assignments",
    params(("firm_id" = FirmId, Path, description = "The firm that you work for."), IdempotencyHeader),
    request_body(
        content = AssignmentBatch,
        example = json!({
            "grant": [{"employee_id": "empl_01h455vb4pex5vsknk084sn02q", "account_id": "acct_01h455vb4pex5vsknk084sn02q"}],
            "revoke": [{"employee_id": "empl_01h455vb4pex5vsknk084sn02q", "account_id": "acct_01h2e8kqvbfwea724h75qc655w"}],
            "list_changes": true
        })
    ),
    responses(
        (status = 200, description = "How much has changed.", body = AssignmentResult),
        (
            status = 404,
            description = "`not_found`: there is no such firm or you do not work for it, or a pair's \
                employee or account is not the firm's; then nothing was changed, and `errors` names the first \
                20."
        ),
        (status = 413, description = "`payload_too_large`: the body has more than 2 MiB."),
        (
            status = 422,
            description = "`too_many_items`: more than 10,000 pairs. `invalid_value`: the same pair is to \
                be granted and revoked."
        )
    ),
    security(("identity_token" = ["admin"]))
)]
pub async fn assign_accounts(
    admin: FirmAdmin,
    app: web::Data<App>,
    Creating { body, attempt }: Creating<AssignmentBatch, BATCH_LIMIT>,
) -> Result<HttpResponse, ApiError> {
    if body.dry_run {
        let tried = app.services.db.read(move |conn| batch::try_out(conn, &admin.firm, &body)).await?;
        return Ok(ok(tried));
    }
    let (once, now) = (attempt.by(&admin.caller()), admin.ctx.now);
    let result = once
        .write(&app.services.db, now, move |conn| {
            batch::assign(conn, &admin.ctx, &admin.actor, &admin.firm, &body)
        })
        .await?;
    Ok(ok(result))
}
