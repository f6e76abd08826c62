//! What programs ask by the standards of OAuth 2.0.

pub mod client_credentials;
pub mod exchange;
pub mod introspect;
pub mod revoke;

use portal_api_types::OAuthErrorCode;

use super::Failure;

/// Why an OAuth endpoint did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Denial {
    /// By the standard: a code for programs, and a sentence for a person.
    #[error("{1}")]
    No(OAuthErrorCode, &'static str),
    /// Too many tries, or a database that is away.
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl Denial {
    /// A refusal by the standard.
    pub fn no(code: OAuthErrorCode, sentence: &'static str) -> Self {
        Self::No(code, sentence)
    }
}
