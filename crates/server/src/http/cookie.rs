//! The refresh token's cookie, and the requests that it opens.

use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use portal_api_types::{Secret, Session, TokenType};

use crate::app::App;
use crate::auth::token::ACCESS_TOKEN_SECONDS;
use crate::domain::session::begin::{OpenSession, SESSION_LIFE};
use crate::error::ApiError;

const NAME: &str = "portal_refresh";

fn cookie(app: &App, value: &str) -> Cookie<'static> {
    Cookie::build(NAME, value.to_owned())
        .path("/api/v1/sessions")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(app.config.is_https())
        .finish()
}

/// The refresh token of a request.
pub fn refresh_token(request: &HttpRequest) -> Option<Secret> {
    request.cookie(NAME).map(|cookie| Secret::new(cookie.value()))
}

/// The browser forgets the refresh token.
pub fn forget(app: &App) -> Cookie<'static> {
    let mut cookie = cookie(app, "");
    cookie.make_removal();
    cookie
}

/// The answer that signs somebody in: the identity token in the body, the refresh token in the cookie.
///
/// # Errors
/// When the token cannot be signed.
pub fn signed_in(
    app: &App,
    session: OpenSession,
    mut answer: actix_web::HttpResponseBuilder,
) -> Result<HttpResponse, ApiError> {
    let access_token = app.tokens.issue_identity(&session.user.id, &session.session_id)?;
    let mut cookie = cookie(app, session.refresh_token.reveal());
    cookie.set_max_age(Duration::seconds(SESSION_LIFE.num_seconds()));
    let body = Session {
        access_token: Secret::new(access_token),
        token_type: TokenType::Bearer,
        expires_in: ACCESS_TOKEN_SECONDS,
        user: session.user,
    };
    Ok(answer.cookie(cookie).json(body))
}

/// Refuses what another site's page sends along with the cookie. Programs, which send no `Origin`, are let through.
///
/// # Errors
/// 403 for a foreign origin.
pub fn check_origin(app: &App, request: &HttpRequest) -> Result<(), ApiError> {
    let headers = request.headers();
    let Some(origin) = headers.get(header::ORIGIN).map(|origin| origin.to_str().unwrap_or_default()) else {
        return Ok(());
    };
    let own = origin_of(app.config.public_url());
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let same_host = !host.is_empty()
        && [format!("http://{host}"), format!("https://{host}")].iter().any(|own| own == origin);
    if origin == own || same_host || app.config.cors_origins.iter().any(|allowed| allowed == origin) {
        Ok(())
    } else {
        Err(ApiError::forbidden("This request came from a page of another site."))
    }
}

/// Scheme, host and port of a URL.
fn origin_of(url: &str) -> &str {
    let after_scheme = url.find("://").map_or(0, |at| at + 3);
    let end = url[after_scheme..].find('/').map_or(url.len(), |at| after_scheme + at);
    &url[..end]
}
