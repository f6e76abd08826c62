//! Receiving webhooks: what a program does with a request that says it comes from the portal.
//!
//! ```no_run
//! use portal_client::api_types::{Secret, WebhookEventType};
//! use portal_client::webhook::{self, Headers};
//!
//! # fn handle(id: &str, timestamp: &str, signature: &str, body: &[u8]) -> Result<(), webhook::Rejected> {
//! let secret = Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
//! let headers = Headers { id, timestamp, signature };
//! let event = webhook::verify(&secret, &headers, body, chrono::Utc::now())?;
//! if event.known_type() == Some(WebhookEventType::AccessRevoked) {
//!     // ...
//! }
//! # Ok(())
//! # }
//! ```

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use portal_api_types::{Secret, WebhookEvent};

/// How far the sender's clock may be from ours. What is older may be somebody's recording.
const TOLERANCE: TimeDelta = TimeDelta::minutes(5);

/// The three headers of a webhook's request.
#[derive(Debug, Clone, Copy)]
pub struct Headers<'a> {
    /// `webhook-id`: the event. The same event may come twice; keep the ids that you have seen.
    pub id: &'a str,
    /// `webhook-timestamp`: when it was sent, in seconds since 1970.
    pub timestamp: &'a str,
    /// `webhook-signature`: one signature or several, parted by blanks.
    pub signature: &'a str,
}

/// Why a request is not taken for the portal's. Answer 401 or 400, and nothing more.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// The secret is not `whsec_` and base64: a mistake of the receiver's configuration.
    #[error("the secret is not one of a webhook")]
    BadSecret,
    /// The time is missing, or more than five minutes away.
    #[error("the message is too old, too new, or has no time")]
    BadTimestamp,
    /// No signature is by this secret.
    #[error("the signature is not right")]
    BadSignature,
    /// It is the portal's, but no event of this version: never so with a body that was left as it came.
    #[error("the body is not an event")]
    BadBody,
}

/// Checks that a request is the portal's and fresh, and reads its event. The body must be the very bytes that came. The
/// comparison takes as long for every wrong signature.
///
/// # Errors
/// Why it is not.
pub fn verify(
    secret: &Secret,
    headers: &Headers<'_>,
    body: &[u8],
    now: DateTime<Utc>,
) -> Result<WebhookEvent, Rejected> {
    let encoded = secret.reveal().strip_prefix("whsec_").unwrap_or(secret.reveal());
    let bytes = STANDARD.decode(encoded).map_err(|_| Rejected::BadSecret)?;
    let sent = headers.timestamp.parse().ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    if sent.is_none_or(|sent| (now - sent).abs() > TOLERANCE) {
        return Err(Rejected::BadTimestamp);
    }
    let key = hmac::Key::new(hmac::HMAC_SHA256, &bytes);
    let signed = [headers.id.as_bytes(), b".", headers.timestamp.as_bytes(), b".", body].concat();
    let is_ours = |signature: &str| {
        let tag = signature.strip_prefix("v1,").and_then(|encoded| STANDARD.decode(encoded).ok());
        tag.is_some_and(|tag| hmac::verify(&key, &signed, &tag).is_ok())
    };
    if !headers.signature.split(' ').any(is_ours) {
        return Err(Rejected::BadSignature);
    }
    serde_json::from_slice(body).map_err(|_| Rejected::BadBody)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const BODY: &[u8] = b"{\"test\": 2432232314}";
    /// The example of the specification's reference libraries.
    const EXAMPLE: Headers<'static> = Headers {
        id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp: "1614265330",
        signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    };

    fn check(headers: Headers<'_>, body: &[u8], seconds_later: i64) -> Rejected {
        let now = DateTime::from_timestamp(1_614_265_330 + seconds_later, 0).expect("a time");
        verify(&Secret::new(SECRET), &headers, body, now).expect_err("it is no event")
    }

    #[test]
    fn only_what_is_signed_and_fresh_comes_through() {
        // The example is no event of ours: that it is asked at all means that the signature was right.
        assert_eq!(check(EXAMPLE, BODY, 0), Rejected::BadBody);
        for late in [-301, 301, 1_000_000] {
            assert_eq!(check(EXAMPLE, BODY, late), Rejected::BadTimestamp);
        }
        assert_eq!(check(EXAMPLE, BODY, 300), Rejected::BadBody);
        assert_eq!(check(EXAMPLE, b"{\"test\": 2432232315}", 0), Rejected::BadSignature);
        assert_eq!(check(Headers { id: "msg_other", ..EXAMPLE }, BODY, 0), Rejected::BadSignature);
        assert_eq!(check(Headers { timestamp: "1614265331", ..EXAMPLE }, BODY, 0), Rejected::BadSignature);
        assert_eq!(check(Headers { timestamp: "soon", ..EXAMPLE }, BODY, 0), Rejected::BadTimestamp);
        for signature in ["", "v1,", "v1,AAAA", "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", "v2,AAAA"] {
            assert_eq!(check(Headers { signature, ..EXAMPLE }, BODY, 0), Rejected::BadSignature);
        }
        let both = format!("v1,AAAA v1a,BBBB {}", EXAMPLE.signature);
        assert_eq!(check(Headers { signature: &both, ..EXAMPLE }, BODY, 0), Rejected::BadBody);
        let now = DateTime::from_timestamp(1_614_265_330, 0).expect("a time");
        let verified = verify(&Secret::new("whsec_%"), &EXAMPLE, BODY, now);
        assert_eq!(verified.expect_err("no secret"), Rejected::BadSecret);
    }
}
