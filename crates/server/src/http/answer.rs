//! What every answer has: a request id, security headers, and for an error its problem details; and what is noted of it.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpRequest, HttpResponse, web};
use futures_util::FutureExt;
use portal_api_types::ErrorCode;
use tracing::field::Empty;
use tracing::{Instrument, Span};

use crate::app::App;
use crate::clock::uuid_at;
use crate::error::ApiError;
use crate::http::connections::Serving;
use crate::http::oauth::OAuthRefusal;
use crate::telemetry::{TRACE, continue_trace, name_span, serving};

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Serves a request and finishes its answer, whatever becomes of it.
pub async fn answer(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let id = request_id(&mut request);
    let span = tracing::debug_span!(
        target: TRACE,
        "request",
        request_id = id,
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = %request.method(),
        http.route = Empty,
        http.response.status_code = Empty,
    );
    if !span.is_disabled() {
        continue_trace(&span, request.headers());
    }
    let on_connection = Serving::begin(&request);
    let refused = on_connection.as_ref().is_some_and(|serving| serving.is_refused(request.path()));
    let handled = async {
        if refused {
            Serving::hold_back().await;
            return Ok(request.error_response(ApiError::overloaded()));
        }
        next.call(request).await.map(ServiceResponse::map_into_boxed_body)
    };
    // A panic is a bug; it must cost one answer, not a connection without one.
    let Ok(served) =
        AssertUnwindSafe(serving(id.clone(), handled).instrument(span.clone())).catch_unwind().await
    else {
        tracing::error!(request_id = id, "a handler panicked");
        let answer = problem(&ApiError::internal(), &id, StatusCode::INTERNAL_SERVER_ERROR);
        return Err(InternalError::from_response("a handler panicked", answer).into());
    };
    let mut response = with_problem(served?, &id);
    add_headers(&mut response, &id);
    note(&response, &id, started, &span);
    Ok(match on_connection {
        Some(serving) => serving.finish(response),
        None => response,
    })
}

/// The caller's id if it is sane, else a new one.
fn request_id(request: &mut ServiceRequest) -> String {
    let given = request.headers().get(&REQUEST_ID).and_then(|value| value.to_str().ok());
    let sane = |id: &&str| {
        (1..=64).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    match given.filter(sane) {
        Some(id) => id.to_owned(),
        None => {
            let now = request.app_data::<web::Data<App>>().map(|app| app.clock.now()).unwrap_or_default();
            uuid_at(now).simple().to_string()
        }
    }
}

/// Every error answer becomes a problem: ours as it is, those of the framework by their status.
fn with_problem(response: ServiceResponse, id: &str) -> ServiceResponse {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    if response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/problem+json") {
        return response;
    }
    // OAuth has a form of its own (RFC 6749 section 5.2).
    if response.response().error().is_some_and(|error| error.as_error::<OAuthRefusal>().is_some()) {
        return response;
    }
    let error = response.response().error().and_then(|error| error.as_error::<ApiError>()).cloned();
    let mut error = error.unwrap_or_else(|| by_status(status, response.request()));
    if error.code == ErrorCode::Unauthenticated && came_with_token(response.request()) {
        error.challenge = Some("Bearer error=\"invalid_token\"".to_owned());
    }
    let mut answer = problem(&error, id, status);
    for (name, value) in response.headers() {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH {
            answer.headers_mut().append(name.clone(), value.clone());
        }
    }
    let (request, _) = response.into_parts();
    ServiceResponse::new(request, answer)
}

/// Clients get a new token when theirs is no good, and ask a person when they had none (RFC 6750 section 3.1).
fn came_with_token(request: &HttpRequest) -> bool {
    let sent = request.headers().get(header::AUTHORIZATION).map(HeaderValue::as_bytes);
    sent.and_then(|value| value.get(..7)).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"bearer "))
}

/// The answer that an error is.
fn problem(error: &ApiError, id: &str, status: StatusCode) -> HttpResponse {
    let mut problem = error.problem();
    id.clone_into(&mut problem.request_id);
    let mut answer = HttpResponse::build(StatusCode::from_u16(problem.status).unwrap_or(status));
    if let Some(challenge) = &error.challenge {
        answer.insert_header((header::WWW_AUTHENTICATE, challenge.as_str()));
    } else if error.code == ErrorCode::Unauthenticated {
        answer.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
    }
    if let Some(seconds) = error.retry_after_seconds {
        answer.insert_header((header::RETRY_AFTER, seconds));
    }
    // A problem is texts and numbers: it always serialises.
    answer.content_type("application/problem+json").body(serde_json::to_string(&problem).unwrap_or_default())
}

fn by_status(status: StatusCode, request: &HttpRequest) -> ApiError {
    match status {
        StatusCode::NOT_FOUND => ApiError::new(ErrorCode::NotFound, "There is nothing at this path."),
        StatusCode::METHOD_NOT_ALLOWED => ApiError::new(
            ErrorCode::MethodNotAllowed,
            format!("{} is not possible here; the header Allow says what is.", request.method()),
        ),
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::new(ErrorCode::PayloadTooLarge, "The body is too large."),
        status if status.is_client_error() => {
            ApiError::new(ErrorCode::MalformedRequest, "The request is malformed.")
        }
        StatusCode::SERVICE_UNAVAILABLE => ApiError::new(ErrorCode::Unavailable, "Try again shortly."),
        _ => ApiError::internal(),
    }
}

fn add_headers(response: &mut ServiceResponse, id: &str) {
    let https = response.request().app_data::<web::Data<App>>().is_some_and(|app| app.config.is_https());
    let headers = response.headers_mut();
    let mut default = |name: HeaderName, value: &'static str| {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    default(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    default(header::X_FRAME_OPTIONS, "DENY");
    default(header::REFERRER_POLICY, "no-referrer");
    default(header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'; base-uri 'none'");
    default(header::CACHE_CONTROL, "no-store");
    default(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    default(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    default(HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()");
    if https {
        default(header::STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains");
    }
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID.clone(), id);
    }
}

/// The route's pattern, not the path: paths have ids in them, and there are too many.
fn note(response: &ServiceResponse, id: &str, started: Instant, span: &Span) {
    let request = response.request();
    let route = request.match_pattern().unwrap_or_else(|| "unmatched".to_owned());
    let status = response.status().as_u16();
    let seconds = started.elapsed().as_secs_f64();
    let labels =
        [("method", request.method().to_string()), ("route", route.clone()), ("status", status.to_string())];
    metrics::histogram!("http_request_duration_seconds", &labels).record(seconds);
    let method = request.method().as_str();
    let millis = seconds * 1_000.0;
    tracing::info!(request_id = id, method, route, status, millis, "served");
    if !span.is_disabled() {
        name_span(span, format!("{method} {route}"));
        span.record("http.route", route);
        span.record("http.response.status_code", status);
        if status >= 500 {
            span.record("otel.status_code", "ERROR");
        }
    }
}

/// What answers where no route does.
pub async fn not_found() -> HttpResponse {
    HttpResponse::NotFound().finish()
}
