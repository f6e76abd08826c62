//! What arrives by e-mail.

use actix_web::{HttpResponse, web};
use portal_api_types::{AcceptInvitation, Invitation, LookupInvitation, Session};

use super::body::Body;
use super::cookie;
use super::query::ok;
use crate::app::App;
use crate::auth::actor::Anyone;
use crate::domain::invitation;
use crate::error::ApiError;

/// Look an invitation up
///
/// Anyone who has the token of a mailed link may call this, as often as they like: looking changes nothing. It
/// tells who invites whom into what, and whether to ask for the password of an existing login (`user_exists`) or
/// for a new one.
#[utoipa::path(
    post,
    path = "/api/v1/invitations/lookup",
    tag = "Invitations",
    request_body = LookupInvitation,
    responses(
        (
            status = 200,
            description = "What the invitation is about.",
            body = Invitation,
            example = json!({
                "kind": "firm", "email": "office@apple-solutions.example", "name": "Apple Solutions",
                "inviter_name": "Olivia Stone", "account_name": "Blue Bakery", "firm_name": "Apple Solutions",
                "role": null, "expires_at": "2026-12-01T09:30:00Z", "user_exists": false
            })
        ),
        (
            status = 410,
            description = "`invitation_gone`: the link was used already, was cancelled or replaced, or has \
                expired."
        )
    ),
    security(())
)]
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
///
/// Anyone who has the token of a mailed link may call this, once. If the address has a login, `password` must be
/// that login's; an invitation never sets it. Else the person gets a login with `password`.
///
/// What happens at once depends on the kind. `firm`: the firm comes to be with the person as its admin, connected
/// to every account that has invited its address. `employee`: the person works for the firm, with the assignments
/// made so far. `member`: the person is in the account. In each case they are signed in.
#[utoipa::path(
    post,
    path = "/api/v1/invitations/accept",
    tag = "Invitations",
    request_body = AcceptInvitation,
    responses(
        (
            status = 201,
            description = "The invitation is accepted, and the person is signed in. Sets the cookie.",
            body = Session,
            headers(("Set-Cookie" = String, description = "The refresh token."))
        ),
        (
            status = 401,
            description = "`wrong_credentials`: the address has a login, and this is not its password."
        ),
        (
            status = 409,
            description = "`already_member`: the person has come into the account by another way since."
        ),
        (
            status = 410,
            description = "`invitation_gone`: the link was used already, was cancelled or replaced, or has \
                expired."
        ),
        (
            status = 422,
            description = "`password_too_short`, `password_too_long`, `password_too_common`: a new login's \
                password is not by the rules. `invalid_value`: `firm_name` was given, but the invitation is \
                not for a firm."
        ),
        (
            status = 429,
            description = "`rate_limited`: too many wrong passwords for this address (10 in 15 minutes) or \
                from your network (100)."
        )
    ),
    security(())
)]
pub async fn accept_invitation(
    anyone: Anyone,
    app: web::Data<App>,
    Body(body): Body<AcceptInvitation>,
) -> Result<HttpResponse, ApiError> {
    let session = invitation::accept::accept(&app.services, anyone.ctx, body).await?;
    cookie::signed_in(&app, session, HttpResponse::Created())
}
