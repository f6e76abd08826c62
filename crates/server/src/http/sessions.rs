//! Being signed in.

use actix_web::{HttpRequest, HttpResponse, web};
use portal_api_types::{SessionId, SignIn};

use super::body::Body;
use super::cookie;
use super::query::{PageQuery, Path, Query, after, done, ok, page};
use crate::app::App;
use crate::auth::actor::{Anyone, SignedIn};
use crate::clock::Time;
use crate::domain::session;
use crate::error::ApiError;

/// Sign in
pub async fn sign_in(
    anyone: Anyone,
    app: web::Data<App>,
    Body(body): Body<SignIn>,
) -> Result<HttpResponse, ApiError> {
    let session = session::sign_in::sign_in(&app.services, anyone.ctx, body.email, body.password).await?;
    cookie::signed_in(&app, session, HttpResponse::Created())
}

/// Refresh the session
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
pub async fn end_session(
    me: SignedIn,
    app: web::Data<App>,
    Path(id): Path<SessionId>,
) -> Result<HttpResponse, ApiError> {
    app.services.db.write(move |conn| session::end::end(conn, &me.ctx, &me.person, &id)).await?;
    Ok(done())
}

/// Sign out
pub async fn end_current_session(me: SignedIn, app: web::Data<App>) -> Result<HttpResponse, ApiError> {
    let current = me.person.session_id().clone();
    app.services.db.write(move |conn| session::end::end(conn, &me.ctx, &me.person, &current)).await?;
    Ok(HttpResponse::NoContent().cookie(cookie::forget(&app)).finish())
}
