//! Refusals in the form of OAuth (RFC 6749 section 5.2), which is not that of the rest of the API.

use std::fmt;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use portal_api_types::{OAuthError, OAuthErrorCode};

use crate::domain::oauth::Denial;
use crate::domain::{Failure, Refusal};
use crate::error::ApiError;

/// How a client is asked to prove itself.
const BASIC: &str = "Basic realm=\"oauth\", charset=\"UTF-8\"";

/// A refusal: its status, and what it says.
#[derive(Debug, Clone)]
pub struct OAuthRefusal {
    status: StatusCode,
    said: OAuthError,
    retry_after_seconds: Option<i64>,
}

impl OAuthRefusal {
    /// A refusal, with the status that the code comes with.
    pub fn new(error: OAuthErrorCode, description: impl Into<String>) -> Self {
        let status = match error {
            OAuthErrorCode::InvalidClient | OAuthErrorCode::InvalidToken => StatusCode::UNAUTHORIZED,
            OAuthErrorCode::TemporarilyUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            OAuthErrorCode::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
            OAuthErrorCode::InvalidRequest
            | OAuthErrorCode::UnauthorizedClient
            | OAuthErrorCode::UnsupportedGrantType
            | OAuthErrorCode::InvalidScope
            | OAuthErrorCode::InvalidTarget => StatusCode::BAD_REQUEST,
        };
        let said = OAuthError { error, error_description: description.into() };
        Self { status, said, retry_after_seconds: None }
    }

    /// The request is not well-formed.
    pub fn invalid_request(description: impl Into<String>) -> Self {
        Self::new(OAuthErrorCode::InvalidRequest, description)
    }

    /// The client did not prove who it is.
    pub fn invalid_client(description: impl Into<String>) -> Self {
        Self::new(OAuthErrorCode::InvalidClient, description)
    }
}

impl fmt::Display for OAuthRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.said.error_description)
    }
}

impl std::error::Error for OAuthRefusal {}

impl ResponseError for OAuthRefusal {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut answer = HttpResponse::build(self.status);
        match self.said.error {
            OAuthErrorCode::InvalidToken => {
                answer.insert_header((header::WWW_AUTHENTICATE, "Bearer error=\"invalid_token\""));
            }
            _ if self.status == StatusCode::UNAUTHORIZED => {
                answer.insert_header((header::WWW_AUTHENTICATE, BASIC));
            }
            _ => {}
        }
        if let Some(seconds) = self.retry_after_seconds {
            answer.insert_header((header::RETRY_AFTER, seconds));
        }
        answer.insert_header((header::CACHE_CONTROL, "no-store"));
        answer.insert_header((header::PRAGMA, "no-cache"));
        answer.json(&self.said)
    }
}

impl From<Denial> for OAuthRefusal {
    fn from(denial: Denial) -> Self {
        match denial {
            Denial::No(code, sentence) => Self::new(code, sentence),
            Denial::Failed(Failure::Refused(refusal @ Refusal::RateLimited { .. })) => {
                Self { status: StatusCode::TOO_MANY_REQUESTS, ..ApiError::from(refusal).into() }
            }
            Denial::Failed(failure) => ApiError::from(failure).into(),
        }
    }
}

/// What the rest of the portal refuses, in this form: a body that cannot be read, a database that is away.
impl From<ApiError> for OAuthRefusal {
    fn from(error: ApiError) -> Self {
        let code = match error.code.status() {
            429 | 503 => OAuthErrorCode::TemporarilyUnavailable,
            500 => OAuthErrorCode::ServerError,
            _ => OAuthErrorCode::InvalidRequest,
        };
        Self { retry_after_seconds: error.retry_after_seconds, ..Self::new(code, error.detail) }
    }
}
