//! Signatures of webhooks, by the Standard Webhooks specification: HMAC-SHA-256 over `id.timestamp.body`.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use portal_api_types::Secret;

use super::link::WEBHOOK_SECRET_PREFIX;

/// The header `webhook-signature` of a message: one signature by each secret, parted by blanks, so that a receiver may
/// know either. `timestamp` is in seconds since 1970.
pub fn sign(secrets: &[Secret], id: &str, timestamp: i64, body: &str) -> String {
    let signatures: Vec<String> = secrets
        .iter()
        .map(|secret| {
            let encoded = secret.reveal().trim_start_matches(WEBHOOK_SECRET_PREFIX);
            // Ours always decode; nothing is ever signed with a key that everybody knows.
            let bytes = STANDARD.decode(encoded).unwrap_or_else(|_| secret.reveal().as_bytes().to_vec());
            let key = hmac::Key::new(hmac::HMAC_SHA256, &bytes);
            let tag = hmac::sign(&key, format!("{id}.{timestamp}.{body}").as_bytes());
            format!("v1,{}", STANDARD.encode(tag.as_ref()))
        })
        .collect();
    signatures.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::link::{LinkKey, webhook_seed};

    #[test]
    fn the_signature_is_that_of_the_specification() {
        // The example of the specification's reference libraries.
        let secret = Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let signed = sign(&[secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, "{\"test\": 2432232314}");
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_secret_follows_from_seed_and_key_only_and_two_secrets_sign_side_by_side() {
        let (key, other) = (LinkKey::new(&[1; 32]), LinkKey::new(&[2; 32]));
        let seed = webhook_seed();
        let secret = key.webhook_secret(&seed);
        assert_eq!(secret, key.webhook_secret(&seed));
        assert_ne!(secret, other.webhook_secret(&seed), "a copy of the database signs nothing");
        assert_ne!(secret, key.webhook_secret(&webhook_seed()));
        let bytes = STANDARD.decode(secret.reveal().strip_prefix(WEBHOOK_SECRET_PREFIX).unwrap()).unwrap();
        assert_eq!(bytes.len(), 32);
        let next = key.webhook_secret(&webhook_seed());
        let both = sign(&[next.clone(), secret.clone()], "m", 7, "{}");
        let each = [sign(&[next], "m", 7, "{}"), sign(&[secret], "m", 7, "{}")];
        assert_eq!(both, each.join(" "));
    }
}
