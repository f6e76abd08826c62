//! One-time tokens: what the links of mails carry; and refresh tokens, which follow from one another by the same key.
//!
//! A token exists in the mail only. The outbox keeps a random seed, from which the sender derives the token with a key
//! that is not in the database (HMAC-SHA-256, so the token has the seed's 256 random bits and cannot be found without
//! the key); what the token opens keeps its SHA-256. So a copy of the database opens nothing, while a mail that is sent
//! again carries the same link.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use portal_api_types::Secret;

use crate::clock::random_bytes;

/// What a link is for; the first letters of its token say so, for the browser app and for scanners of leaked secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkKind {
    /// Accepts an invitation.
    Invitation,
    /// Confirms a registration.
    Registration,
    /// Sets a new password.
    PasswordReset,
}

impl LinkKind {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Invitation => "inv_",
            Self::Registration => "reg_",
            Self::PasswordReset => "rst_",
        }
    }
}

/// The key that one-time tokens are derived with. Cheap to clone.
#[derive(Clone)]
pub struct LinkKey(aws_lc_rs::hmac::Key);

/// What a webhook's secret begins with.
pub const WEBHOOK_SECRET_PREFIX: &str = "whsec_";

/// A new one-time token, in the two forms that are stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedLink {
    /// What the outbox keeps.
    pub seed: String,
    /// What the invitation, registration or reset keeps.
    pub token_hash: String,
}

impl LinkKey {
    /// The key with these bytes.
    pub fn new(bytes: &[u8]) -> Self {
        Self(aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, bytes))
    }

    /// A new token.
    pub fn issue(&self, kind: LinkKind) -> IssuedLink {
        let seed = format!("{}{}", kind.prefix(), URL_SAFE_NO_PAD.encode(random_bytes::<32>()));
        let token_hash = hash(&self.token(&seed));
        IssuedLink { seed, token_hash }
    }

    /// The refresh token that comes after this one: the same for everybody who asks, and to be found by nobody without
    /// the key. No seed begins like this, so a link's token is never one.
    pub fn refresh_token_after(&self, token: &Secret) -> Secret {
        let input = format!("refresh {}", token.reveal());
        Secret::new(URL_SAFE_NO_PAD.encode(aws_lc_rs::hmac::sign(&self.0, input.as_bytes()).as_ref()))
    }

    /// The secret that a webhook's events are signed with, by the Standard Webhooks specification: `whsec_` and base64 of
    /// 32 bytes. It follows from the webhook's seed, which opens nothing by itself; and no seed of a link begins like this.
    pub fn webhook_secret(&self, seed: &str) -> Secret {
        let tag = aws_lc_rs::hmac::sign(&self.0, format!("webhook {seed}").as_bytes());
        Secret::new(format!("{WEBHOOK_SECRET_PREFIX}{}", STANDARD.encode(tag.as_ref())))
    }

    /// What the key is recognised by; nothing follows from it. No seed begins like this.
    pub fn fingerprint(&self) -> String {
        hash_of(aws_lc_rs::hmac::sign(&self.0, b"fingerprint").as_ref())
    }

    /// The token of this seed.
    pub fn token(&self, seed: &str) -> Secret {
        let tag = aws_lc_rs::hmac::sign(&self.0, seed.as_bytes());
        let prefix = seed.split_inclusive('_').next().unwrap_or_default();
        Secret::new(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(tag.as_ref())))
    }
}

/// The SHA-256 of a secret, in hexadecimal: the form that is stored and looked up.
pub fn hash(secret: &Secret) -> String {
    hash_of(secret.reveal().as_bytes())
}

/// The SHA-256 of bytes, in hexadecimal.
pub fn hash_of(bytes: &[u8]) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    digest.as_ref().iter().fold(String::with_capacity(64), |mut hex, byte| {
        use std::fmt::Write;
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// A new seed of a webhook's secret, of 256 random bits.
pub fn webhook_seed() -> String {
    URL_SAFE_NO_PAD.encode(random_bytes::<32>())
}

/// A random secret of 256 bits, for the first refresh token of a session.
pub fn random_secret() -> Secret {
    Secret::new(URL_SAFE_NO_PAD.encode(random_bytes::<32>()))
}

/// What the secrets of operator keys begin with, for scanners of leaked secrets.
pub const OPERATOR_KEY_PREFIX: &str = "opk_";

/// The secret of a new operator key: 256 random bits behind its prefix.
pub fn operator_secret() -> Secret {
    Secret::new(format!("{OPERATOR_KEY_PREFIX}{}", random_secret().reveal()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_follows_from_the_seed_and_the_key_only() {
        let (key, other) = (LinkKey::new(&[1; 32]), LinkKey::new(&[2; 32]));
        let issued = key.issue(LinkKind::Invitation);
        let token = key.token(&issued.seed);
        assert!(token.reveal().starts_with("inv_") && token.reveal().len() == 4 + 43, "{}", token.reveal());
        assert_eq!(hash(&token), issued.token_hash);
        assert_eq!(key.token(&issued.seed), token, "a mail that is sent again has the same link");
        assert_ne!(other.token(&issued.seed), token);
        assert!(!issued.seed.contains(token.reveal()));
        assert_ne!(key.issue(LinkKind::Invitation).seed, issued.seed);
    }

    #[test]
    fn a_refresh_token_has_one_successor_and_no_link_is_one() {
        let (key, other) = (LinkKey::new(&[1; 32]), LinkKey::new(&[2; 32]));
        let first = random_secret();
        let second = key.refresh_token_after(&first);
        assert_eq!(key.refresh_token_after(&first), second);
        assert_eq!(second.reveal().len(), first.reveal().len());
        assert_ne!(key.refresh_token_after(&second), second);
        assert_ne!(other.refresh_token_after(&first), second);
        assert_ne!(key.token(first.reveal()), second);
    }

    #[test]
    fn a_key_is_recognised_by_its_fingerprint() {
        let (key, other) = (LinkKey::new(&[1; 32]), LinkKey::new(&[2; 32]));
        assert_eq!(key.fingerprint(), LinkKey::new(&[1; 32]).fingerprint());
        assert_ne!(key.fingerprint(), other.fingerprint());
        assert_eq!(key.fingerprint().len(), 64);
    }

    #[test]
    fn the_hash_is_sha_256() {
        // FIPS 180-2, appendix B.1.
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hash(&Secret::new("abc")), expected);
    }
}
