//! Access tokens: JWTs by RFC 9068, signed with EdDSA. `aud` tells the two kinds apart.
//!
//! A token says who and where, never that it is still allowed: `auth::actor` asks the database at each request.

#[cfg(test)]
mod hostile;
mod program;

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header};
use portal_api_types::{AccountId, AccountRole, ExternalId, FirmId, SessionId, UserId};
use quick_cache::sync::Cache;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub use self::program::{AccountBearer, ProgramClaims};
use super::keys::Keys;
use super::scope::PersonScope;
use crate::clock::{Clock, Time, uuid_at};

/// How long an access token is good for, in seconds.
pub const ACCESS_TOKEN_SECONDS: u32 = 900;
/// The client that people's tokens are for: the portal's own.
pub const PUBLIC_CLIENT: &str = "portal";
/// How far ahead the clocks of other processes may be, in seconds.
const LEEWAY_SECONDS: i64 = 30;

/// What both kinds of token say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registered {
    iss: String,
    aud: String,
    /// Who: a user's id.
    pub sub: UserId,
    iat: i64,
    exp: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nbf: Option<i64>,
    jti: String,
    client_id: String,
    /// The session that the token came from.
    pub sid: SessionId,
}

impl Registered {
    /// The token's own id: by it the token is revoked.
    pub fn id(&self) -> &str {
        &self.jti
    }

    /// Until when the token is good.
    pub fn expires_at(&self) -> Time {
        end_of(self.exp)
    }

    /// The person who has the token: what the database is asked about.
    pub(super) fn person(&self) -> PersonScope {
        PersonScope::new(self.sub.clone(), self.sid.clone(), self.jti.clone())
    }
}

fn digest(token: &str) -> Digest {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, token.as_bytes());
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest.as_ref());
    bytes
}

fn end_of(exp: i64) -> Time {
    // Checked to be ahead of now; a time that no calendar has is long ahead.
    chrono::DateTime::from_timestamp(exp, 0).map_or(Time::MAX, |at| at.naive_utc())
}

/// An identity token's claims.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityClaims {
    /// What both kinds say.
    #[serde(flatten)]
    pub registered: Registered,
}

/// An account token's claims.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountClaims {
    /// What both kinds say.
    #[serde(flatten)]
    pub registered: Registered,
    /// Where.
    pub account_id: AccountId,
    /// In which role, when the token was made.
    pub role: AccountRole,
    /// Through which firm, when the token was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub firm_id: Option<FirmId>,
    /// What the operator's own product called the account, when the token was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<ExternalId>,
}

/// A token that is not ours, is of the other kind, or has expired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the token is not valid")]
pub struct InvalidToken;

/// Tokens whose signatures are remembered, of each kind. An entry is about a kilobyte.
const REMEMBERED: usize = 4_096;

/// A token that was found to be ours, and of its kind: who remembers it need not check the signature again, which is a
/// good part of what a request in an account costs. It says nothing of the time, or of what is still allowed.
#[derive(Clone)]
struct Genuine<T> {
    kid: Arc<str>,
    claims: Arc<T>,
}

/// By the SHA-256 of the token, so that no token lies around in memory.
type Seen<T> = Cache<Digest, Genuine<T>>;
type Digest = [u8; 32];

struct SeenTokens {
    identities: Seen<IdentityClaims>,
    accounts: Seen<AccountBearer>,
}

/// Makes and checks access tokens. Cheap to clone.
#[derive(Clone)]
pub struct Tokens {
    keys: Arc<Keys>,
    clock: Clock,
    issuer: Arc<str>,
    seen: Arc<SeenTokens>,
}

/// The two kinds of access token.
#[derive(Clone, Copy)]
enum Audience {
    Identity,
    Account,
}

impl Tokens {
    /// Tokens of the portal at this public URL.
    pub fn new(keys: Arc<Keys>, clock: Clock, public_url: &str) -> Self {
        let seen = SeenTokens { identities: Cache::new(REMEMBERED), accounts: Cache::new(REMEMBERED) };
        Self { keys, clock, issuer: public_url.into(), seen: Arc::new(seen) }
    }

    /// The signing keys.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// The `iss` of all tokens: the portal's public URL.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    fn audience(&self, audience: Audience) -> String {
        match audience {
            Audience::Identity => format!("{}/api/v1", self.issuer),
            Audience::Account => format!("{}/api/v1/account", self.issuer),
        }
    }

    fn registered(&self, audience: Audience, user: &UserId, session: &SessionId) -> Registered {
        let now = self.clock.now();
        let iat = now.and_utc().timestamp();
        Registered {
            iss: self.issuer.to_string(),
            aud: self.audience(audience),
            sub: user.clone(),
            iat,
            exp: iat + i64::from(ACCESS_TOKEN_SECONDS),
            nbf: None,
            jti: uuid_at(now).to_string(),
            client_id: PUBLIC_CLIENT.to_owned(),
            sid: session.clone(),
        }
    }

    /// An identity token.
    ///
    /// # Errors
    /// When the cryptography library refuses to sign.
    pub fn issue_identity(
        &self,
        user: &UserId,
        session: &SessionId,
    ) -> Result<String, jsonwebtoken::errors::Error> {
        self.sign(&IdentityClaims { registered: self.registered(Audience::Identity, user, session) })
    }

    /// An account token.
    ///
    /// # Errors
    /// When the cryptography library refuses to sign.
    pub fn issue_account(
        &self,
        user: &UserId,
        session: &SessionId,
        account_id: AccountId,
        role: AccountRole,
        firm_id: Option<FirmId>,
        external_id: Option<ExternalId>,
    ) -> Result<String, jsonwebtoken::errors::Error> {
        let registered = self.registered(Audience::Account, user, session);
        self.sign(&AccountClaims { registered, account_id, role, firm_id, external_id })
    }

    fn sign<T: Serialize>(&self, claims: &T) -> Result<String, jsonwebtoken::errors::Error> {
        // A new key is found here: no token of it comes in before one was signed.
        let ring = self.keys.reloaded();
        let key = ring.signing();
        let header = Header {
            typ: Some("at+jwt".to_owned()),
            kid: Some(key.kid().to_owned()),
            ..Header::new(Algorithm::EdDSA)
        };
        // The compact serialisation of RFC 7515 section 7.1, here as `jsonwebtoken` derives the key anew for each token.
        let encoded = |part: Vec<u8>| URL_SAFE_NO_PAD.encode(part);
        let mut token = encoded(serde_json::to_vec(&header)?);
        token.push('.');
        token.push_str(&encoded(serde_json::to_vec(claims)?));
        let signature = key.sign(token.as_bytes());
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature.as_ref(), &mut token);
        Ok(token)
    }

    /// Checks an identity token: signature, kind, issuer, time.
    ///
    /// # Errors
    /// [`InvalidToken`], without telling what is wrong with it.
    pub fn check_identity(&self, token: &str) -> Result<Arc<IdentityClaims>, InvalidToken> {
        let claims = self.verify(token, Audience::Identity, &self.seen.identities)?;
        let Registered { iat, nbf, exp, .. } = claims.registered;
        self.check_time(iat, nbf, exp)?;
        Ok(claims)
    }

    /// Checks an account token, of a person or of a program: signature, kind, issuer, time.
    ///
    /// # Errors
    /// [`InvalidToken`], without telling what is wrong with it.
    pub fn check_account(&self, token: &str) -> Result<Arc<AccountBearer>, InvalidToken> {
        let bearer = self.verify(token, Audience::Account, &self.seen.accounts)?;
        let (iat, nbf, exp) = bearer.times();
        self.check_time(iat, nbf, exp)?;
        Ok(bearer)
    }

    /// Checks everything but the time. What was found of a token once stays so, as long as its key is one of ours.
    fn verify<T: DeserializeOwned + Clone>(
        &self,
        token: &str,
        audience: Audience,
        seen: &Seen<T>,
    ) -> Result<Arc<T>, InvalidToken> {
        let hash = digest(token);
        if let Some(genuine) = seen.get(&hash)
            && self.keys.ring().verifying(&genuine.kid).is_some()
        {
            return Ok(genuine.claims);
        }
        let (kid, claims) = self.verify_signature(token, audience)?;
        let claims = Arc::new(claims);
        seen.insert(hash, Genuine { kid: kid.into(), claims: Arc::clone(&claims) });
        Ok(claims)
    }

    fn verify_signature<T: DeserializeOwned>(
        &self,
        token: &str,
        audience: Audience,
    ) -> Result<(String, T), InvalidToken> {
        let header = decode_header(token).map_err(|_| InvalidToken)?;
        // RFC 8725 section 3.11: a JWT of another kind is not one of ours, whoever signed it.
        if header.typ.as_deref() != Some("at+jwt") {
            return Err(InvalidToken);
        }
        let kid = header.kid.ok_or(InvalidToken)?;
        let mut ring = self.keys.ring();
        if ring.verifying(&kid).is_none() {
            ring = self.keys.reloaded();
        }
        let key = ring.verifying(&kid).ok_or(InvalidToken)?;
        // The algorithm is ours to choose, never the token's (RFC 8725 section 3.1).
        let mut rules = Validation::new(Algorithm::EdDSA);
        rules.set_audience(&[self.audience(audience)]);
        rules.set_issuer(&[&self.issuer]);
        rules.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
        // By our own clock, below.
        rules.validate_exp = false;
        let claims = decode::<T>(token, key, &rules).map_err(|_| InvalidToken)?.claims;
        Ok((kid, claims))
    }

    fn check_time(&self, iat: i64, nbf: Option<i64>, exp: i64) -> Result<(), InvalidToken> {
        let now = self.clock.now().and_utc().timestamp();
        let not_before = nbf.unwrap_or(iat).max(iat);
        if now < exp && not_before <= now + LEEWAY_SECONDS { Ok(()) } else { Err(InvalidToken) }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use portal_api_types::{SessionId, UserId};

    use super::*;

    fn tokens(directory: &std::path::Path, clock: &Clock) -> Tokens {
        Tokens::new(Arc::new(Keys::open(directory, clock).unwrap()), clock.clone(), "https://portal.test")
    }

    fn identity(tokens: &Tokens, clock: &Clock) -> String {
        let (user, session) =
            (UserId::from_uuid(uuid_at(clock.now())), SessionId::from_uuid(uuid_at(clock.now())));
        tokens.issue_identity(&user, &session).unwrap()
    }

    #[test]
    fn a_remembered_token_is_refused_once_it_has_expired_or_its_key_is_gone() {
        let directory = tempfile::tempdir().unwrap();
        let clock = Clock::default();
        let tokens = tokens(directory.path(), &clock);
        let token = identity(&tokens, &clock);
        let first = tokens.check_identity(&token).unwrap();
        assert!(
            Arc::ptr_eq(&first, &tokens.check_identity(&token).unwrap()),
            "the second time it is remembered"
        );
        assert!(tokens.check_account(&token).is_err(), "as what it is, and not as the other kind");

        let elsewhere = tempfile::tempdir().unwrap();
        let before: Vec<_> =
            std::fs::read_dir(directory.path()).unwrap().map(|file| file.unwrap().path()).collect();
        Keys::rotate(directory.path(), clock.now()).unwrap();
        for path in before {
            if path.extension().is_some_and(|extension| extension == "pk8") {
                std::fs::rename(&path, elsewhere.path().join(path.file_name().unwrap())).unwrap();
            }
        }
        clock.advance(Duration::from_secs(2));
        identity(&tokens, &clock);
        assert_eq!(tokens.check_identity(&token), Err(InvalidToken), "its key has been taken away");
        for file in std::fs::read_dir(elsewhere.path()).unwrap() {
            let path = file.unwrap().path();
            std::fs::rename(&path, directory.path().join(path.file_name().unwrap())).unwrap();
        }
        clock.advance(Duration::from_secs(2));
        identity(&tokens, &clock);
        assert!(tokens.check_identity(&token).is_ok(), "its key is back");
        clock.advance(Duration::from_secs(u64::from(ACCESS_TOKEN_SECONDS)));
        assert_eq!(tokens.check_identity(&token), Err(InvalidToken), "it has expired");
    }

    #[test]
    fn a_token_that_differs_from_a_remembered_one_by_a_letter_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let clock = Clock::default();
        let tokens = tokens(directory.path(), &clock);
        let token = identity(&tokens, &clock);
        tokens.check_identity(&token).unwrap();
        for place in (0..token.len()).step_by(7) {
            let mut bytes = token.clone().into_bytes();
            bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert_eq!(tokens.check_identity(&changed), Err(InvalidToken), "letter {place}");
        }
    }
}
