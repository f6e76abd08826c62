//! A firm's client accounts.

use actix_web::{HttpResponse, web};
use portal_api_types::{
    AccountEmployee, AccountId, ClientAccount, EmployeeRole, FirmId, Limit, Page, Search,
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::query::{self, PageQuery, Path, Query, after, done, ok, page};
use crate::app::App;
use crate::auth::actor::{FirmAdmin, FirmStaff};
use crate::domain::firm::{self, list_accounts::ClientAccountFilter};
use crate::error::ApiError;

/// Which client accounts to list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FirmAccountQuery {
    /// Only those whose name has this text, in upper or lower case.
    #[param(value_type = Option<String>, max_length = 200, example = "bakery")]
    pub q: Option<Search>,
    /// `true`: only those that no employee is assigned to. Admins, who have every account, do not count.
    #[param(default = false)]
    #[serde(default)]
    pub unassigned: bool,
    /// How many items at most: 1 to 200.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 200, default = 50, example = 50)]
    #[serde(default, deserialize_with = "query::limit")]
    pub limit: Limit,
    /// Where to go on: `next_cursor` of the page before, unchanged.
    pub cursor: Option<String>,
}

/// List client accounts
///
/// For everyone who works for the firm: an admin sees all of its client accounts, a bookkeeper those that they may
/// open. By name.
#[utoipa::path(
    get,
    path = "/api/v1/firms/{firm_id}/accounts",
    tag = "Client accounts",
    params(
        ("firm_id" = FirmId, Path, description = "The firm that you work for."),
        FirmAccountQuery
    ),
    responses((status = 200, description = "A page of client accounts.", body = Page<ClientAccount>)),
    security(("identity_token" = ["employee"]))
)]
pub async fn list_firm_accounts(
    staff: FirmStaff,
    app: web::Data<App>,
    Query(query): Query<FirmAccountQuery>,
) -> Result<HttpResponse, ApiError> {
    let after = after::<String>(query.cursor.as_deref())?;
    let limit = query.limit;
    let filter = ClientAccountFilter {
        q: query.q.map(|q| q.as_str().to_owned()).unwrap_or_default(),
        unassigned: query.unassigned,
        only_of: (staff.role == EmployeeRole::Bookkeeper)
            .then(|| (staff.employee_id.clone(), staff.actor.user_id.clone())),
    };
    let found = app
        .services
        .db
        .read(move |conn| firm::list_accounts::list(conn, &staff.firm, &filter, after.as_ref(), limit.get()))
        .await?;
    Ok(ok(page(found, limit, |account| (account.name.sort_key(), account.id.to_string()), |account| account)))
}

/// Read a client account
///
/// For admins of the firm. The account as it is in the list, and how many of the firm's people are assigned to it.
#[utoipa::path(
    get,
    path = "/api/v1/firms/{firm_id}/accounts/{account_id}",
    tag = "Client accounts",
    params(
        ("firm_id" = FirmId, Path, description = "The firm that you work for."),
        ("account_id" = AccountId, Path, description = "The client account, which is connected to the firm.")
    ),
    responses((status = 200, description = "The client account.", body = ClientAccount)),
    security(("identity_token" = ["admin"]))
)]
pub async fn read_firm_account(
    admin: FirmAdmin,
    app: web::Data<App>,
    Path((_, id)): Path<(FirmId, AccountId)>,
) -> Result<HttpResponse, ApiError> {
    Ok(ok(app.services.db.read(move |conn| firm::client::read(conn, &admin.firm, &id)).await?))
}

/// List who works on a client account
///
/// For admins of the firm. Everybody who is assigned to the account, also those who do not get in: because they have not
/// joined yet, are deactivated, or are kept out by the account's owner. And the admins, who have every account. By name.
#[utoipa::path(
    get,
    path = "/api/v1/firms/{firm_id}/accounts/{account_id}/employees",
    tag = "Client accounts",
    params(
        ("firm_id" = FirmId, Path, description = "The firm that you work for."),
        ("account_id" = AccountId, Path, description = "The client account, which is connected to the firm."),
        PageQuery
    ),
    responses((status = 200, description = "A page of employees.", body = Page<AccountEmployee>)),
    security(("identity_token" = ["admin"]))
)]
pub async fn list_account_employees(
    admin: FirmAdmin,
    app: web::Data<App>,
    Path((_, id)): Path<(FirmId, AccountId)>,
    Query(query): Query<PageQuery>,
) -> Result<HttpResponse, ApiError> {
    let after = after::<String>(query.cursor.as_deref())?;
    let limit = query.limit;
    let found = app
        .services
        .db
        .read(move |conn| firm::client::list_employees(conn, &admin.firm, &id, after.as_ref(), limit.get()))
        .await?;
    Ok(ok(page(found, limit, |(row, key)| (key.clone(), row.id.to_string()), |(row, _)| row)))
}

/// Let a client go
///
/// For admins of the firm. All of the firm's people lose the account at once, admins too, and their assignments to
/// it are gone. Only the owner can let the firm in again.
#[utoipa::path(
    delete,
    path = "/api/v1/firms/{firm_id}/accounts/{account_id}",
    tag = "Client accounts",
    params(
        ("firm_id" = FirmId, Path, description = "The firm that you work for."),
        ("account_id" = AccountId, Path, description = "The client account, which is connected to the firm.")
    ),
    responses((status = 204, description = "The account is not the firm's client any more.")),
    security(("identity_token" = ["admin"]))
)]
pub async fn disconnect_account(
    admin: FirmAdmin,
    app: web::Data<App>,
    Path((_, id)): Path<(FirmId, AccountId)>,
) -> Result<HttpResponse, ApiError> {
    app.services
        .db
        .write(move |conn| firm::disconnect::by_firm(conn, &admin.ctx, &admin.actor, &admin.firm, &id))
        .await?;
    Ok(done())
}
