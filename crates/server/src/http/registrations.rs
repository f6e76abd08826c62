//! Signing up.

use actix_web::{HttpResponse, web};
use portal_api_types::{CheckLink, ConfirmRegistration, MailedTo, Registration, Session};

use super::body::Body;
use super::cookie;
use super::query::ok;
use crate::app::App;
use crate::auth::actor::Anyone;
use crate::auth::link::hash;
use crate::domain::registration;
use crate::error::ApiError;

/// Sign up
///
/// Anyone may call this. A link to confirm the address goes out by e-mail, and the account comes to be only when it
/// is opened.
///
/// The answer is the same whether or not the address has a login already; only the mail, which its owner alone
/// reads, tells. The link works for 7 days. The mail, and later ones, are in the language `locale`, else in the one
/// that the header `Accept-Language` likes best.
#[utoipa::path(
    post,
    path = "/api/v1/registrations",
    tag = "Registrations",
    request_body = Registration,
    responses(
        (status = 202, description = "A mail is on its way, whoever the address belongs to."),
        (
            status = 429,
            description = "`rate_limited`: more than 20 registrations from your network within an hour."
        )
    ),
    security(())
)]
pub async fn register(
    anyone: Anyone,
    app: web::Data<App>,
    Body(wish): Body<Registration>,
) -> Result<HttpResponse, ApiError> {
    registration::request::request(&app.services, anyone.ctx, wish).await?;
    app.outbox.wake();
    Ok(HttpResponse::Accepted().finish())
}

/// Check a registration's link
///
/// Anyone who has the token of the mailed link may call this, as often as they like: looking changes nothing.
#[utoipa::path(
    post,
    path = "/api/v1/registrations/check",
    tag = "Registrations",
    request_body = CheckLink,
    responses(
        (status = 200, description = "The link works: whose sign-up it is.", body = MailedTo),
        (
            status = 410,
            description = "`invitation_gone`: the link was used already, was cancelled or replaced, or has \
                expired."
        )
    ),
    security(())
)]
pub async fn check_registration(
    anyone: Anyone,
    app: web::Data<App>,
    Body(body): Body<CheckLink>,
) -> Result<HttpResponse, ApiError> {
    let wish = app
        .services
        .db
        .read(move |conn| registration::confirm::find(conn, &hash(&body.token), anyone.ctx.now))
        .await?;
    let email = wish.email();
    Ok(ok(MailedTo { name: wish.name, email, account_name: Some(wish.account_name) }))
}

/// Confirm a registration
///
/// Anyone who has the token of the mailed link may call this, once. It makes the person's login with the chosen
/// password and opens their first account, of which they are the owner.
///
/// They are signed in at once: the body has an identity token, and the cookie the refresh token.
#[utoipa::path(
    post,
    path = "/api/v1/registrations/confirm",
    tag = "Registrations",
    request_body = ConfirmRegistration,
    responses(
        (
            status = 201,
            description = "The person has a login and owns an account; they are signed in. Sets the \
                cookie.",
            body = Session,
            headers(("Set-Cookie" = String, description = "The refresh token."))
        ),
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
pub async fn confirm_registration(
    anyone: Anyone,
    app: web::Data<App>,
    Body(body): Body<ConfirmRegistration>,
) -> Result<HttpResponse, ApiError> {
    let session = registration::confirm::confirm(&app.services, anyone.ctx, body).await?;
    cookie::signed_in(&app, session, HttpResponse::Created())
}
