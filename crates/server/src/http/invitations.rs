//! What arrives by e-mail.

use actix_web::{HttpResponse, web};
use portal_api_types::{AcceptInvitation, LookupInvitation};

use super::body::Body;
use super::cookie;
use super::query::ok;
use crate::app::App;
use crate::auth::actor::Anyone;
use crate::domain::invitation;
use crate::error::ApiError;

/// Look an invitation up
pub async fn lookup_invitation(
    anyone: Anyone,
    app: web::Data<App>,
    Body(body): Body<LookupInvitation>,
) -> Result<HttpResponse, ApiError> {
    Ok(ok(app
        .services
        .db
        .read(move |conn| invitation::lookup::lookup(conn, &anyone.ctx, &body.token))
        .await?))
}

/// Accept an invitation
pub async fn accept_invitation(
    anyone: Anyone,
    app: web::Data<App>,
    Body(body): Body<AcceptInvitation>,
) -> Result<HttpResponse, ApiError> {
    let session = invitation::accept::accept(&app.services, anyone.ctx, body).await?;
    cookie::signed_in(&app, session, HttpResponse::Created())
}
