//! A firm by itself.

use actix_web::{HttpResponse, web};
use portal_api_types::RenameFirm;

use super::body::Body;
use super::query::ok;
use crate::app::App;
use crate::auth::actor::{FirmAdmin, FirmStaff};
use crate::domain::firm;
use crate::error::ApiError;

/// Read the firm
pub async fn read_firm(staff: FirmStaff, app: web::Data<App>) -> Result<HttpResponse, ApiError> {
    Ok(ok(app.services.db.read(move |conn| firm::read::read(conn, &staff.firm)).await?))
}

/// Rename the firm
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
