//! Errors as answers: problem details by RFC 9457.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use portal_api_types::{ErrorCode, FieldError, Problem, Scope};

use crate::db::DbError;
use crate::domain::{Failure, Refusal};
use crate::telemetry::request_id;

/// Seconds after which it is worth coming back when the server or its database is busy or away.
const RETRY_AFTER_SECONDS: i64 = 2;
/// Seconds after which it is worth trying again to open one more event stream.
const STREAM_RETRY_SECONDS: i64 = 3;

/// Why a request was not served. The middleware `http::answer` turns it into the answer's body.
#[derive(Debug, Clone)]
pub struct ApiError {
    /// What kind of error.
    pub code: ErrorCode,
    /// What is wrong this time and what to do.
    pub detail: String,
    /// The fields that are wrong.
    pub errors: Vec<FieldError>,
    /// When to come back.
    pub retry_after_seconds: Option<i64>,
    /// What `WWW-Authenticate` says, where it is more than the kind of token.
    pub challenge: Option<String>,
}

impl ApiError {
    /// An error with its sentence.
    pub fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), errors: Vec::new(), retry_after_seconds: None, challenge: None }
    }

    /// No valid token.
    pub fn unauthenticated() -> Self {
        Refusal::Unauthenticated.into()
    }

    /// The caller may know that it exists, but not do this.
    pub fn forbidden(detail: &str) -> Self {
        Self::new(ErrorCode::Forbidden, detail)
    }

    /// The token of a program does not reach as far as the operation needs (RFC 6750 section 3.1), or the operation is for
    /// people and no scope opens it.
    pub fn insufficient_scope(needed: Option<Scope>) -> Self {
        let (detail, scope) = match needed {
            Some(scope) => {
                (format!("This needs a token with the scope {scope}."), format!(", scope=\"{scope}\""))
            }
            None => ("This is for people: no API key may do it.".to_owned(), String::new()),
        };
        let challenge = Some(format!("Bearer error=\"insufficient_scope\"{scope}"));
        Self { challenge, ..Self::new(ErrorCode::Forbidden, detail) }
    }

    /// More connections than this process serves.
    pub fn overloaded() -> Self {
        let detail = "Too many are connected to the portal just now. Nothing was changed. Try again shortly.";
        Self { retry_after_seconds: Some(RETRY_AFTER_SECONDS), ..Self::new(ErrorCode::Unavailable, detail) }
    }

    /// More large bodies come at this moment than there is memory for.
    pub fn busy_with_large_bodies() -> Self {
        let detail =
            "Too much is being sent to the portal at this moment. Nothing was changed. Try again shortly.";
        Self { retry_after_seconds: Some(RETRY_AFTER_SECONDS), ..Self::new(ErrorCode::Unavailable, detail) }
    }

    /// Something in the path or the query is not well-formed.
    pub fn malformed_parameter(detail: impl Into<String>) -> Self {
        Self::new(ErrorCode::MalformedParameter, detail)
    }

    /// A bug of ours; what it is goes to the log, not into the answer.
    pub fn internal() -> Self {
        Self::new(
            ErrorCode::InternalError,
            "Something went wrong on our side. It has been logged under the request id.",
        )
    }

    /// The problem, not yet tied to a request.
    pub fn problem(&self) -> Problem {
        Problem { errors: self.errors.clone(), ..Problem::new(self.code, self.detail.clone()) }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for ApiError {}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        let mut error = Self::new(refusal.code(), refusal.to_string());
        match refusal {
            Refusal::RateLimited { retry_after_seconds } => {
                error.retry_after_seconds = Some(retry_after_seconds)
            }
            // One that its reader has left is noticed by then.
            Refusal::TooManyStreams => error.retry_after_seconds = Some(STREAM_RETRY_SECONDS),
            Refusal::NamesUnknown(errors) | Refusal::InvalidFields(errors) => error.errors = errors,
            _ => {}
        }
        error
    }
}

impl From<Failure> for ApiError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusal) => refusal.into(),
            Failure::Database(
                error @ (DbError::Busy | DbError::Unreachable(_) | DbError::Conflict | DbError::Migration(_)),
            ) => {
                tracing::warn!(request_id = request_id(), %error, "the database could not serve a request");
                let detail =
                    "The portal is busy or its database is away. Nothing was changed. Try again shortly.";
                Self {
                    retry_after_seconds: Some(RETRY_AFTER_SECONDS),
                    ..Self::new(ErrorCode::Unavailable, detail)
                }
            }
            Failure::Database(error @ DbError::OutcomeUnknown(_)) => {
                tracing::error!(request_id = request_id(), %error, "the outcome of a write is not known");
                let detail = "The database went away at the last moment. Look whether the change was made before you try again.";
                Self {
                    retry_after_seconds: Some(RETRY_AFTER_SECONDS),
                    ..Self::new(ErrorCode::Unavailable, detail)
                }
            }
            Failure::Database(error) => {
                tracing::error!(request_id = request_id(), %error, "a statement failed");
                Self::internal()
            }
            Failure::Panicked => Self::internal(),
            Failure::Signing(error) => error.into(),
        }
    }
}

impl From<jsonwebtoken::errors::Error> for ApiError {
    fn from(error: jsonwebtoken::errors::Error) -> Self {
        tracing::error!(request_id = request_id(), %error, "a token could not be signed");
        Self::internal()
    }
}
