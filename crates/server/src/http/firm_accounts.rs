//! A firm's client accounts.

use actix_web::{HttpResponse, web};
use portal_api_types::{AccountId, EmployeeRole, FirmId, Limit, Search};
use serde::Deserialize;

use super::query::{self, Path, Query, after, done, ok, page};
use crate::app::App;
use crate::auth::actor::{FirmAdmin, FirmStaff};
use crate::domain::firm::{self, list_accounts::ClientAccountFilter};
use crate::error::ApiError;

/// Which client accounts to list.
#[derive(Debug, Clone, Deserialize)]
pub struct FirmAccountQuery {
    /// Only those whose name has this text.
    pub q: Option<Search>,
    /// Only those that nobody is assigned to.
    #[serde(default)]
    pub unassigned: bool,
    /// How many items.
    #[serde(default, deserialize_with = "query::limit")]
    pub limit: Limit,
    /// Behind which item.
    pub cursor: Option<String>,
}

/// List client accounts
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
        only_of: (staff.role == EmployeeRole::Bookkeeper).then(|| staff.actor.user_id.clone()),
    };
    let found = app
        .services
        .db
        .read(move |conn| firm::list_accounts::list(conn, &staff.firm, &filter, after.as_ref(), limit.get()))
        .await?;
    Ok(ok(page(found, limit, |account| (account.name.sort_key(), account.id.to_string()), |account| account)))
}

/// Let a client go
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
