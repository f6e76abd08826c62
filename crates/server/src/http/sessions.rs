//! Being signed in.

use actix_web::{HttpRequest, HttpResponse, web};
use portal_api_types::{Page, Session, SessionId, SessionInfo, SignIn};

use super::body::Body;
use super::cookie;
use super::query::{PageQuery, Path, Query, after, done, ok, page};
use crate::app::App;
use crate::auth::actor::{Anyone, SignedIn};
use crate::clock::Time;
use crate::domain::session;
use crate::error::ApiError;

/// Sign in
///
/// Anyone may call this. With the right password a session begins: the body has an identity token for 15 minutes,
/// the cookie a refresh token that prolongs the session.
///
/// An unknown e-mail and a wrong password get the same answer after the same time. After 10 failures for one e-mail
/// within 15 minutes that login is closed for a while; a password reset opens it again.
#[utoipa::path(
    post,
    path = "/api/v1/sessions",
    tag = "Sessions",
    request_body = SignIn,
    responses(
        (
            status = 201,
            description = "A session has begun. Sets the cookie.",
            body = Session,
            headers(("Set-Cookie" = String, description = "The refresh token."))
        ),
        (status = 401, description = "`wrong_credentials`: there is no login with this e-mail and password."),
        (
            status = 429,
            description = "`rate_limited`: too many failures for this e-mail (10 in 15 minutes) or from \
                your network (100)."
        )
    ),
    security(())
)]
pub async fn sign_in(
    anyone: Anyone,
    app: web::Data<App>,
    Body(body): Body<SignIn>,
) -> Result<HttpResponse, ApiError> {
    let session = session::sign_in::sign_in(&app.services, anyone.ctx, body.email, body.password).await?;
    cookie::signed_in(&app, session, HttpResponse::Created())
}

/// Refresh the session
///
/// For whoever has the cookie with the refresh token; there is no body. It answers a new identity token and
/// replaces the refresh token, and the session lasts 30 days from now.
///
/// Each refresh token works once. If an old one comes a second time, somebody has copied it, and the session ends
/// for both. There is one exception, for the tabs of a browser that refresh at the same moment, and for an answer
/// that got lost: within 10 seconds of its replacement, from the same network and user agent, and as long as the new
/// token has not been used, the old one gets that same new token again. Still make one such call at a time where you
/// can. A browser's request must come from the portal's own origin or one that its operator has allowed.
#[utoipa::path(
    post,
    path = "/api/v1/sessions/refresh",
    tag = "Sessions",
    responses(
        (
            status = 200,
            description = "The session goes on. Sets the cookie anew.",
            body = Session,
            headers(("Set-Cookie" = String, description = "The refresh token."))
        ),
        (status = 403, description = "`forbidden`: the request came from a page of another site.")
    ),
    security(("refresh_cookie" = []))
)]
pub async fn refresh_session(
    anyone: Anyone,
    app: web::Data<App>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    cookie::check_origin(&app, &request)?;
    let token = cookie::refresh_token(&request).ok_or_else(ApiError::unauthenticated)?;
    let refreshed =
        app.services.db.write(move |conn| session::refresh::refresh(conn, &anyone.ctx, &token)).await?;
    cookie::signed_in(&app, refreshed?, HttpResponse::Ok())
}

/// List my sessions
///
/// For anyone who is signed in. The browsers and programs in which you are signed in now, newest first, with the
/// address and the program's own name for each. `current` marks the session of this request.
#[utoipa::path(
    get,
    path = "/api/v1/sessions",
    tag = "Sessions",
    params(PageQuery),
    responses((status = 200, description = "A page of your sessions.", body = Page<SessionInfo>)),
    security(("identity_token" = []))
)]
pub async fn list_sessions(
    me: SignedIn,
    app: web::Data<App>,
    Query(query): Query<PageQuery>,
) -> Result<HttpResponse, ApiError> {
    let after = after::<Time>(query.cursor.as_deref())?;
    let limit = query.limit;
    let found = app
        .services
        .db
        .read(move |conn| session::list::list(conn, &me.ctx, &me.person, after.as_ref(), limit.get()))
        .await?;
    Ok(ok(page(
        found,
        limit,
        |session| (session.created_at.naive_utc(), session.id.to_string()),
        |session| session,
    )))
}

/// Sign one session out
///
/// For anyone who is signed in; only your own sessions can be ended. The next request with one of its tokens is
/// refused, on every node: the identity token, the account tokens made from it, and the refresh token.
#[utoipa::path(
    delete,
    path = "/api/v1/sessions/{id}",
    tag = "Sessions",
    params(("id" = SessionId, Path, description = "One of your sessions.")),
    responses((status = 204, description = "The session has ended.")),
    security(("identity_token" = []))
)]
pub async fn end_session(
    me: SignedIn,
    app: web::Data<App>,
    Path(id): Path<SessionId>,
) -> Result<HttpResponse, ApiError> {
    app.services.db.write(move |conn| session::end::end(conn, &me.ctx, &me.person, &id)).await?;
    Ok(done())
}

/// Sign out
///
/// For anyone who is signed in. Ends the session of this request with all its tokens, at once, and has the browser
/// forget the refresh token.
#[utoipa::path(
    delete,
    path = "/api/v1/sessions/current",
    tag = "Sessions",
    responses(
        (
            status = 204,
            description = "You are signed out. Removes the cookie.",
            headers(("Set-Cookie" = String, description = "Removes the refresh token."))
        )
    ),
    security(("identity_token" = []))
)]
pub async fn end_current_session(me: SignedIn, app: web::Data<App>) -> Result<HttpResponse, ApiError> {
    let current = me.person.session_id().clone();
    app.services.db.write(move |conn| session::end::end(conn, &me.ctx, &me.person, &current)).await?;
    Ok(HttpResponse::NoContent().cookie(cookie::forget(&app)).finish())
}
