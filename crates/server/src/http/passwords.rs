//! Forgotten and changed passwords.

use actix_web::{HttpResponse, web};
use portal_api_types::{ChangePassword, CheckLink, ConfirmPasswordReset, MailedTo, RequestPasswordReset};

use super::body::Body;
use super::query::{done, ok};
use crate::app::App;
use crate::auth::actor::{Anyone, SignedIn};
use crate::auth::link::hash;
use crate::domain::password;
use crate::error::ApiError;

/// Ask for a password reset
///
/// Anyone may call this. If the address has a login, a link to choose a new password goes there; it works for 7
/// days. The answer is the same if it has none.
#[utoipa::path(
    post,
    path = "/api/v1/password-resets",
    tag = "Passwords",
    request_body = RequestPasswordReset,
    responses(
        (status = 202, description = "If there is such a login, a mail is on its way."),
        (status = 429, description = "`rate_limited`: more than 5 resets of this address within an hour.")
    ),
    security(())
)]
pub async fn request_password_reset(
    anyone: Anyone,
    app: web::Data<App>,
    Body(body): Body<RequestPasswordReset>,
) -> Result<HttpResponse, ApiError> {
    password::request_reset::request_reset(&app.services, anyone.ctx, body.email).await?;
    app.outbox.wake();
    Ok(HttpResponse::Accepted().finish())
}

/// Check a password reset's link
///
/// Anyone who has the token of the mailed link may call this, as often as they like: looking changes nothing.
#[utoipa::path(
    post,
    path = "/api/v1/password-resets/check",
    tag = "Passwords",
    request_body = CheckLink,
    responses(
        (status = 200, description = "The link works: whose password it resets.", body = MailedTo),
        (
            status = 410,
            description = "`invitation_gone`: the link was used already, was cancelled or replaced, or has \
                expired."
        )
    ),
    security(())
)]
pub async fn check_password_reset(
    anyone: Anyone,
    app: web::Data<App>,
    Body(body): Body<CheckLink>,
) -> Result<HttpResponse, ApiError> {
    let user = app
        .services
        .db
        .read(move |conn| password::confirm_reset::find(conn, &hash(&body.token), anyone.ctx.now))
        .await?;
    let email = user.email();
    Ok(ok(MailedTo { name: user.name, email, account_name: None }))
}

/// Set a new password by a mailed link
///
/// Anyone who has the token of the mailed link may call this, once. It sets the new password and ends all sessions
/// of the person, at once. A login that was closed after too many failures is open again. The person is told by
/// e-mail, and signs in with the new password.
#[utoipa::path(
    post,
    path = "/api/v1/password-resets/confirm",
    tag = "Passwords",
    request_body = ConfirmPasswordReset,
    responses(
        (status = 204, description = "The password is changed, and all sessions have ended."),
        (
            status = 410,
            description = "`invitation_gone`: the link was used already, was cancelled or replaced, or has \
                expired."
        ),
        (
            status = 422,
            description = "`password_too_common`: the password is easily guessed, also from the person's \
                name or e-mail."
        )
    ),
    security(())
)]
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
///
/// For anyone who is signed in and knows the current password. The other sessions of the person end at once; this
/// one goes on. The person is told by e-mail.
#[utoipa::path(
    post,
    path = "/api/v1/me/password",
    tag = "Passwords",
    request_body = ChangePassword,
    responses(
        (status = 204, description = "The password is changed, and the other sessions have ended."),
        (status = 401, description = "`wrong_credentials`: the current password is wrong."),
        (
            status = 422,
            description = "`password_too_common`: the password is easily guessed, also from the person's \
                name or e-mail."
        ),
        (
            status = 429,
            description = "`rate_limited`: too many wrong passwords for this login (10 in 15 minutes) or \
                from your network (100)."
        )
    ),
    security(("identity_token" = []))
)]
pub async fn change_password(
    me: SignedIn,
    app: web::Data<App>,
    Body(body): Body<ChangePassword>,
) -> Result<HttpResponse, ApiError> {
    password::change::change(&app.services, me.ctx, me.person, body).await?;
    app.outbox.wake();
    Ok(done())
}
