//! What can go wrong, and how an answer that is not the expected one is read.

use portal_api_types::{ErrorCode, OAuthError, Problem};
use serde::Deserialize;

use crate::json;

/// Why a call has no result.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The portal refused, and says why.
    #[error("{} ({}): {}", problem.title, problem.code.as_str(), problem.detail)]
    Problem {
        /// The portal's error answer.
        problem: Box<Problem>,
        /// The header `Retry-After`, in seconds, if there was one.
        retry_after: Option<u64>,
    },
    /// An OAuth endpoint refused, in the form of its standard.
    #[error("{}: {}", .error.error, .error.error_description)]
    OAuth {
        /// The HTTP status.
        status: u16,
        /// What it says.
        error: Box<OAuthError>,
        /// The header `Retry-After`, in seconds, if there was one.
        retry_after: Option<u64>,
    },
    /// The portal was not reached or its answer was cut off: whether the call took effect is not known.
    #[error("the portal cannot be reached")]
    Transport(#[from] reqwest::Error),
    /// Something answered, but not as the API does: a proxy in between, or a portal of another version.
    #[error("unexpected answer with status {status}: {reason}")]
    UnexpectedAnswer {
        /// The HTTP status.
        status: u16,
        /// The header `Retry-After`, in seconds, if there was one.
        retry_after: Option<u64>,
        /// In what the answer differs from an expected one.
        reason: String,
    },
}

impl Error {
    /// The portal's error answer, if that is what it is.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Problem { problem, .. } => Some(problem),
            Self::OAuth { .. } | Self::Transport(_) | Self::UnexpectedAnswer { .. } => None,
        }
    }

    /// The machine-readable code of the portal's error answer.
    pub fn code(&self) -> Option<ErrorCode> {
        self.problem().map(|problem| problem.code)
    }

    /// The HTTP status, if there was a whole answer.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Problem { problem, .. } => Some(problem.status),
            Self::Transport(_) => None,
            Self::OAuth { status, .. } | Self::UnexpectedAnswer { status, .. } => Some(*status),
        }
    }

    /// In how many seconds to try again, if the answer says so.
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Problem { retry_after, .. }
            | Self::OAuth { retry_after, .. }
            | Self::UnexpectedAnswer { retry_after, .. } => *retry_after,
            Self::Transport(_) => None,
        }
    }

    /// An answer of the right status with a body that is not the right one.
    pub(crate) fn wrong_body(status: u16, reason: impl Into<String>) -> Self {
        Self::UnexpectedAnswer { status, retry_after: None, reason: reason.into() }
    }

    /// Reads an answer that has not the expected status.
    pub(crate) fn from_answer(status: u16, expected: u16, retry_after: Option<&str>, body: &[u8]) -> Self {
        let retry_after = retry_after.and_then(parse_retry_after);
        if let Ok(error) = json::from_slice(body) {
            return Self::OAuth { status, error: Box::new(error), retry_after };
        }
        // A proxy or a test may serve a problem with another status than the one in its body: what came counts.
        match json::from_slice::<Problem>(body) {
            Ok(problem) => Self::Problem { problem: Box::new(Problem { status, ..problem }), retry_after },
            Err(_) => Self::UnexpectedAnswer { status, retry_after, reason: describe(expected, body) },
        }
    }
}

/// A problem with a code that this version does not know.
#[derive(Debug, Deserialize)]
struct NewerProblem {
    code: String,
    detail: String,
}

fn describe(expected: u16, body: &[u8]) -> String {
    match json::from_slice::<NewerProblem>(body) {
        Ok(problem) => format!("{}: {}", problem.code, problem.detail),
        Err(_) => format!("status {expected} or a problem document was expected"),
    }
}

/// The header's form in seconds, which is the portal's. The form with a date, which a proxy might send, counts as none.
fn parse_retry_after(header: &str) -> Option<u64> {
    header.trim().parse().ok()
}

/// What is wrong with a JSON body, without quoting it: the string that serde stumbled over may be a token.
pub(crate) fn describe_json_error(error: &serde_json::Error) -> String {
    let message = error.to_string();
    if message.contains('"') {
        return format!("a field of another type, at line {} column {}", error.line(), error.column());
    }
    message
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TOO_MANY: &str = r#"{"type": "urn:accounting-portal:problem:rate_limited", "title": "Too many requests",
        "status": 400, "detail": "Try again later.", "code": "rate_limited", "request_id": "r-1"}"#;

    #[test]
    fn a_problem_keeps_its_code_its_status_and_when_to_come_back() {
        let error = Error::from_answer(429, 201, Some("30"), TOO_MANY.as_bytes());
        assert_eq!(error.code(), Some(ErrorCode::RateLimited));
        assert_eq!(error.status(), Some(429), "the status of the answer, not the one written in it");
        assert_eq!(error.retry_after(), Some(30));
        assert_eq!(error.problem().map(|problem| problem.request_id.as_str()), Some("r-1"));
        assert_eq!(error.to_string(), "Too many requests (rate_limited): Try again later.");
    }

    #[test]
    fn a_refusal_of_oauth_is_one() {
        let body = br#"{"error": "invalid_client", "error_description": "There is no such client."}"#;
        let error = Error::from_answer(401, 200, None, body);
        assert!(matches!(error, Error::OAuth { status: 401, .. }), "{error:?}");
        assert_eq!((error.status(), error.code()), (Some(401), None));
        assert_eq!(error.to_string(), "invalid_client: There is no such client.");
    }

    #[test]
    fn what_is_not_a_problem_is_unexpected() {
        for body in ["", "<html>Bad gateway</html>", "{}", "null"] {
            let error = Error::from_answer(502, 200, None, body.as_bytes());
            assert!(matches!(error, Error::UnexpectedAnswer { status: 502, .. }), "{error:?}");
            assert_eq!((error.code(), error.status(), error.retry_after()), (None, Some(502), None));
        }
        let maintenance = Error::from_answer(503, 200, Some(" 120 "), b"closed");
        assert_eq!(maintenance.retry_after(), Some(120));
    }

    #[test]
    fn a_code_of_a_newer_portal_is_told_in_words() {
        let newer = TOO_MANY.replace("rate_limited", "moon_is_full");
        let error = Error::from_answer(409, 201, None, newer.as_bytes());
        assert_eq!(error.to_string(), "unexpected answer with status 409: moon_is_full: Try again later.");
    }

    proptest! {
        #[test]
        fn no_answer_is_a_riddle(
            status in 100_u16..600,
            header in any::<String>(),
            body in prop::collection::vec(any::<u8>(), 0..300),
            code in "[a-z_]{0,20}",
        ) {
            let problem = TOO_MANY.replace("rate_limited", &code);
            for body in [&body[..], problem.as_bytes(), &problem.as_bytes()[..body.len() % problem.len()]] {
                let error = Error::from_answer(status, 200, Some(&header), body);
                prop_assert_eq!(error.status(), Some(status));
                prop_assert!(!error.to_string().is_empty());
            }
        }
    }

    #[test]
    fn retry_after_counts_in_seconds_only() {
        assert_eq!(parse_retry_after("0"), Some(0));
        for other in ["", "-1", "1.5", "soon", "Wed, 21 Oct 2026 07:28:00 GMT", "99999999999999999999"] {
            assert_eq!(parse_retry_after(other), None, "{other:?}");
        }
    }

    #[test]
    fn a_body_is_not_quoted() {
        let wrong_type =
            serde_json::from_str::<u32>(r#""eyJ.secret.sig""#).expect_err("a string is no number");
        assert_eq!(describe_json_error(&wrong_type), "a field of another type, at line 1 column 16");
        let missing = serde_json::from_str::<NewerProblem>("{}").expect_err("both fields are missing");
        assert_eq!(describe_json_error(&missing), "missing field `code` at line 1 column 2");
    }
}
