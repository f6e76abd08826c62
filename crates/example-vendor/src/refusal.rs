//! How we say no: a problem document (RFC 9457), and to who came with a token or should have, `WWW-Authenticate` (RFC 6750).

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use serde_json::json;

/// The scope that a program needs: of those that a key of the portal can have, the one for reading an account.
pub const SCOPE: portal_client::api_types::Scope = portal_client::api_types::Scope::AccountRead;

/// In how many seconds to try again when the portal does not answer.
const RETRY_AFTER: u32 = 2;

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no token.
    #[error("Send an account token of the portal: Authorization: Bearer ...")]
    NoToken,
    /// It is none of the portal's for accounts, or has expired. What is wrong with it is told to nobody.
    #[error("This is no account token of the portal, or it has expired.")]
    InvalidToken,
    /// The portal says that it opens nothing any more.
    #[error("This access has ended. What you can get into is in the portal.")]
    Ended,
    /// A program whose key may not read the account.
    #[error("The program's API key needs the scope account:read.")]
    InsufficientScope,
    /// An account of the portal that is none of ours.
    #[error("This account of the portal belongs to no account here.")]
    NotLinked,
    /// The portal cannot be asked, so nobody is let in.
    #[error("The portal does not answer at the moment, so nobody can be let in. Try again.")]
    PortalAway,
    /// What was posted is not the portal's, is too old, or has no name.
    #[error("This is not signed by our webhook's secret, or is too old.")]
    NotTheWebhook,
}

impl Refusal {
    const fn code(self) -> &'static str {
        match self {
            Self::NoToken => "no_token",
            Self::InvalidToken => "invalid_token",
            Self::Ended => "access_ended",
            Self::InsufficientScope => "insufficient_scope",
            Self::NotLinked => "account_not_linked",
            Self::PortalAway => "portal_away",
            Self::NotTheWebhook => "not_the_webhook",
        }
    }

    fn challenge(self) -> Option<String> {
        match self {
            // Who sent no token is told no error (RFC 6750 section 3).
            Self::NoToken | Self::NotLinked => Some("Bearer realm=\"example-vendor\"".to_owned()),
            Self::InvalidToken | Self::Ended => Some(format!(
                "Bearer realm=\"example-vendor\", error=\"invalid_token\", error_description=\"{self}\""
            )),
            Self::InsufficientScope => Some(format!(
                "Bearer realm=\"example-vendor\", error=\"insufficient_scope\", scope=\"{SCOPE}\""
            )),
            Self::PortalAway | Self::NotTheWebhook => None,
        }
    }
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::NoToken | Self::InvalidToken | Self::Ended => StatusCode::UNAUTHORIZED,
            Self::InsufficientScope | Self::NotLinked => StatusCode::FORBIDDEN,
            Self::PortalAway => StatusCode::SERVICE_UNAVAILABLE,
            Self::NotTheWebhook => StatusCode::BAD_REQUEST,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let status = self.status_code();
        let mut answer = HttpResponse::build(status);
        answer.content_type("application/problem+json").insert_header((header::CACHE_CONTROL, "no-store"));
        if let Some(challenge) = self.challenge() {
            answer.insert_header((header::WWW_AUTHENTICATE, challenge));
        }
        if *self == Self::PortalAway {
            answer.insert_header((header::RETRY_AFTER, RETRY_AFTER));
        }
        answer.json(json!({
            "title": status.canonical_reason().unwrap_or_default(),
            "status": status.as_u16(),
            "detail": self.to_string(),
            "code": self.code(),
        }))
    }
}
