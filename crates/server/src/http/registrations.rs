//! Signing up.

use actix_web::{HttpResponse, web};
use portal_api_types::{ConfirmRegistration, Registration};

use super::body::Body;
use super::cookie;
use crate::app::App;
use crate::auth::actor::Anyone;
use crate::domain::registration;
use crate::error::ApiError;

/// Sign up
pub async fn register(
    anyone: Anyone,
    app: web::Data<App>,
    Body(wish): Body<Registration>,
) -> Result<HttpResponse, ApiError> {
    registration::request::request(&app.services, anyone.ctx, wish).await?;
    app.outbox.wake();
    Ok(HttpResponse::Accepted().finish())
}

/// Confirm a registration
pub async fn confirm_registration(
    anyone: Anyone,
    app: web::Data<App>,
    Body(body): Body<ConfirmRegistration>,
) -> Result<HttpResponse, ApiError> {
    let session = registration::confirm::confirm(&app.services, anyone.ctx, body).await?;
    cookie::signed_in(&app, session, HttpResponse::Created())
}
