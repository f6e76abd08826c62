//! Is this a token of the portal, for accounts, and not expired? By the portal's public keys, without asking it (RFC 9068
//! section 4). Whether it still opens anything is another question: `access.rs`.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use portal_client::Portal;
use serde::Deserialize;
use tokio::sync::Mutex;

use crate::refusal::Refusal;

/// How long to wait between two fetches, so that made-up key ids are no way to make us call the portal. The portal signs with a
/// new key when it has been public for five seconds: whoever brings a token of it finds this pause over.
const PAUSE: Duration = Duration::from_secs(4);
/// How old the set may grow before it is fetched again although it has the key: a key that was taken away is not good for ever.
const MAX_AGE: Duration = Duration::from_secs(600);

/// What of a token's claims counts here. What RFC 9068 demands must be there, whether we use it or not.
#[derive(Debug, Clone, Deserialize)]
pub struct Claims {
    /// The token's own id.
    pub jti: String,
    #[serde(rename = "sub")]
    _sub: String,
    #[serde(rename = "client_id")]
    _client_id: String,
    #[serde(rename = "iat")]
    _iat: i64,
}

/// Checks tokens of one portal.
pub struct Tokens {
    portal: Portal,
    rules: Validation,
    set: RwLock<Arc<KeySet>>,
    last_fetch: Mutex<Option<Fetch>>,
}

#[derive(Default)]
struct KeySet {
    keys: HashMap<String, DecodingKey>,
    fetched_at: Option<Instant>,
}

#[derive(Clone, Copy)]
struct Fetch {
    at: Instant,
    succeeded: bool,
}

impl Tokens {
    /// Tokens of the portal whose public URL is `issuer`.
    pub fn new(portal: Portal, issuer: &str) -> Self {
        // The algorithm is ours to choose, never the token's (RFC 8725 section 3.1).
        let mut rules = Validation::new(Algorithm::EdDSA);
        rules.set_issuer(&[issuer]);
        // Not that of an identity token, which is `{issuer}/api/v1`.
        rules.set_audience(&[format!("{issuer}/api/v1/account")]);
        rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        rules.validate_nbf = true;
        // For clocks that differ a little. The portal's own clock has the last word, when it is asked about the token.
        rules.leeway = 5;
        Self { portal, rules, set: RwLock::default(), last_fetch: Mutex::default() }
    }

    /// Checks signature, kind, issuer, audience and time.
    ///
    /// # Errors
    /// [`Refusal::InvalidToken`], or [`Refusal::PortalAway`] when its keys are not known and cannot be fetched.
    pub async fn check(&self, token: &str) -> Result<Claims, Refusal> {
        let header = decode_header(token).map_err(|_| Refusal::InvalidToken)?;
        let is_access_token = header.typ.is_some_and(|typ| {
            let typ = typ.to_ascii_lowercase();
            typ.strip_prefix("application/").unwrap_or(&typ) == "at+jwt"
        });
        // `crit` names what a reader must understand (RFC 7515 section 4.1.11); the portal has nothing of that kind.
        if !is_access_token || header.alg != Algorithm::EdDSA || header.crit.is_some() {
            return Err(Refusal::InvalidToken);
        }
        let key = self.key(&header.kid.ok_or(Refusal::InvalidToken)?).await?;
        decode::<Claims>(token, &key, &self.rules).map(|data| data.claims).map_err(|_| Refusal::InvalidToken)
    }

    async fn key(&self, kid: &str) -> Result<DecodingKey, Refusal> {
        let set = self.set();
        if let Some(key) = set.keys.get(kid)
            && set.fetched_at.is_some_and(|at| at.elapsed() < MAX_AGE)
        {
            return Ok(key.clone());
        }
        let (set, succeeded) = self.fetched_after(&set).await;
        // A set that has grown old while the portal is away is as good as it was.
        set.keys.get(kid).cloned().ok_or(if succeeded { Refusal::InvalidToken } else { Refusal::PortalAway })
    }

    fn set(&self) -> Arc<KeySet> {
        Arc::clone(&self.set.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// A newer set than `seen` if there is one, and whether the last fetch succeeded. One request at a time fetches; the others
    /// wait for what it brings.
    async fn fetched_after(&self, seen: &Arc<KeySet>) -> (Arc<KeySet>, bool) {
        let mut last = self.last_fetch.lock().await;
        let known = self.set();
        if !Arc::ptr_eq(&known, seen) {
            return (known, true);
        }
        if let Some(fetch) = *last
            && fetch.at.elapsed() < PAUSE
        {
            return (known, fetch.succeeded);
        }
        let fetched = self.fetch().await;
        *last = Some(Fetch { at: Instant::now(), succeeded: fetched.is_some() });
        match fetched {
            Some(keys) => {
                let set = Arc::new(KeySet { keys, fetched_at: Some(Instant::now()) });
                *self.set.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&set);
                (set, true)
            }
            None => (known, false),
        }
    }

    async fn fetch(&self) -> Option<HashMap<String, DecodingKey>> {
        let set = match self.portal.read_jwks().await {
            Ok(set) => set,
            Err(error) => {
                tracing::warn!(%error, "the portal's keys cannot be fetched");
                return None;
            }
        };
        match serde_json::from_value::<JwkSet>(set) {
            Ok(set) => Some(set.keys.iter().filter_map(usable).collect()),
            Err(error) => {
                tracing::error!(%error, "the portal's keys are no JWK set");
                None
            }
        }
    }
}

/// An Ed25519 key for signatures that has a name. Others are left: the portal may have more kinds some day.
fn usable(jwk: &Jwk) -> Option<(String, DecodingKey)> {
    let for_signatures = matches!(jwk.common.public_key_use, None | Some(PublicKeyUse::Signature));
    let is_ed25519 = matches!(&jwk.algorithm, AlgorithmParameters::OctetKeyPair(pair) if pair.curve == EllipticCurve::Ed25519);
    let kid = jwk.common.key_id.clone().filter(|_| for_signatures && is_ed25519)?;
    Some((kid, DecodingKey::from_jwk(jwk).ok()?))
}
