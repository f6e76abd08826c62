//! Firms, as the operator manages them.

use actix_web::{HttpResponse, web};
use portal_api_types::{FirmId, FirmStatus, Limit, OperatorFirm, Page, Search};
use serde::Deserialize;
use utoipa::IntoParams;

use super::query::{self, Path, Query, after, ok, page};
use crate::app::App;
use crate::auth::actor::Operator;
use crate::domain::After;
use crate::domain::operator::{Filter, read};
use crate::error::ApiError;

/// Which firms to list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OperatorFirmQuery {
    /// Only those whose name or e-mail has this text, in upper or lower case.
    #[param(value_type = Option<String>, max_length = 200, example = "apple")]
    pub q: Option<Search>,
    /// Only those in this state.
    #[param(nullable = false, example = "active")]
    pub status: Option<FirmStatus>,
    /// How many items at most: 1 to 200.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 200, default = 50, example = 50)]
    #[serde(default, deserialize_with = "query::limit")]
    pub limit: Limit,
    /// Where to go on: `next_cursor` of the page before, unchanged.
    pub cursor: Option<String>,
}

/// List all firms
///
/// For the operator. Accounting companies in the order of their coming, so that new ones come at the end.
#[utoipa::path(
    get,
    path = "/api/v1/operator/firms",
    tag = "Operator",
    params(OperatorFirmQuery),
    responses((status = 200, description = "A page of firms.", body = Page<OperatorFirm>)),
    security(("operator_key" = []))
)]
pub async fn list_firms(
    operator: Operator,
    app: web::Data<App>,
    Query(query): Query<OperatorFirmQuery>,
) -> Result<HttpResponse, ApiError> {
    let after = after::<String>(query.cursor.as_deref())?.map(|After { id, .. }| id);
    let filter =
        Filter { q: query.q.map(|q| q.as_str().to_owned()).unwrap_or_default(), status: query.status };
    let limit = query.limit;
    let found = app
        .services
        .db
        .read(move |conn| read::firms(conn, &operator.scope, &filter, after.as_deref(), limit.get()))
        .await?;
    Ok(ok(page(found, limit, |firm| (String::new(), firm.id.to_string()), |firm| firm)))
}

/// Read any firm
///
/// For the operator. Its main e-mail, and whether its people can act for it.
#[utoipa::path(
    get,
    path = "/api/v1/operator/firms/{id}",
    tag = "Operator",
    params(("id" = FirmId, Path, description = "The firm.")),
    responses((status = 200, description = "The firm.", body = OperatorFirm)),
    security(("operator_key" = []))
)]
pub async fn read_any_firm(
    operator: Operator,
    app: web::Data<App>,
    Path(id): Path<FirmId>,
) -> Result<HttpResponse, ApiError> {
    Ok(ok(app.services.db.read(move |conn| read::firm(conn, &operator.scope, &id)).await?))
}
