//! Forgotten and changed passwords.

use actix_web::{HttpResponse, web};
use portal_api_types::{ChangePassword, ConfirmPasswordReset, RequestPasswordReset};

use super::body::Body;
use super::query::done;
use crate::app::App;
use crate::auth::actor::{Anyone, SignedIn};
use crate::domain::password;
use crate::error::ApiError;

/// Ask for a password reset
pub async fn request_password_reset(
    anyone: Anyone,
    app: web::Data<App>,
    Body(body): Body<RequestPasswordReset>,
) -> Result<HttpResponse, ApiError> {
    password::request_reset::request_reset(&app.services, anyone.ctx, body.email).await?;
    app.outbox.wake();
    Ok(HttpResponse::Accepted().finish())
}

/// Set a new password by a mailed link
pub async fn confirm_password_reset(
    anyone: Anyone,
    app: web::Data<App>,
    Body(body): Body<ConfirmPasswordReset>,
) -> Result<HttpResponse, ApiError> {
    password::confirm_reset::confirm_reset(&app.services, anyone.ctx, body).await?;
    app.outbox.wake();
    Ok(done())
}

/// Change my password
pub async fn change_password(
    me: SignedIn,
    app: web::Data<App>,
    Body(body): Body<ChangePassword>,
) -> Result<HttpResponse, ApiError> {
    password::change::change(&app.services, me.ctx, me.person, body).await?;
    app.outbox.wake();
    Ok(done())
}
