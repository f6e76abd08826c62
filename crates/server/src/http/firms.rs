//! A firm by itself.

use actix_web::{HttpResponse, web};
use portal_api_types::{Firm, FirmId, RenameFirm};

use super::body::Body;
use super::query::ok;
use crate::app::App;
use crate::auth::actor::{FirmAdmin, FirmStaff};
use crate::domain::firm;
use crate::error::ApiError;

/// Read the firm
///
/// For everyone who works for the firm. Its name, its main e-mail, which is what clients invite it by, and how many
/// employees and client accounts it has.
#[utoipa::path(
    get,
    path = "/api/v1/firms/{firm_id}",
    tag = "Firm",
    params(("firm_id" = FirmId, Path, description = "The firm that you work for.")),
    responses((status = 200, description = "The firm.", body = Firm)),
    security(("identity_token" = ["employee"]))
)]
pub async fn read_firm(staff: FirmStaff, app: web::Data<App>) -> Result<HttpResponse, ApiError> {
    Ok(ok(app.services.db.read(move |conn| firm::read::read(conn, &staff.firm)).await?))
}

/// Rename the firm
///
/// For admins of the firm. Clients see the new name at once. The main e-mail cannot be changed, as it is what the
/// firm is known by.
#[utoipa::path(
    patch,
    path = "/api/v1/firms/{firm_id}",
    tag = "Firm",
    params(("firm_id" = FirmId, Path, description = "The firm that you work for.")),
    request_body = RenameFirm,
    responses((status = 200, description = "The firm, as renamed.", body = Firm)),
    security(("identity_token" = ["admin"]))
)]
pub async fn rename_firm(
    admin: FirmAdmin,
    app: web::Data<App>,
    Body(body): Body<RenameFirm>,
) -> Result<HttpResponse, ApiError> {
    let renamed = app
        .services
        .db
        .write(move |conn| firm::rename::rename(conn, &admin.ctx, &admin.actor, &admin.firm, &body.name))
        .await?;
    Ok(ok(renamed))
}
