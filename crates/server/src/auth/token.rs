//! Access tokens: JWTs by RFC 9068, signed with EdDSA. `aud` tells the two kinds apart.
//!
//! A token says who and where, never that it is still allowed: `auth::actor` asks the database at each request.

mod program;

use std::sync::Arc;

use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header, encode};
use portal_api_types::{AccountId, AccountRole, ExternalId, FirmId, SessionId, UserId};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub use self::program::{AccountBearer, ProgramClaims};
use super::keys::Keys;
use super::scope::PersonScope;
use crate::clock::{Clock, Time, uuid_at};

/// How long an access token is good for, in seconds.
pub const ACCESS_TOKEN_SECONDS: u32 = 900;
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

/// Makes and checks access tokens. Cheap to clone.
#[derive(Clone)]
pub struct Tokens {
    keys: Arc<Keys>,
    clock: Clock,
    issuer: String,
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
        Self { keys, clock, issuer: public_url.to_owned() }
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
            iss: self.issuer.clone(),
            aud: self.audience(audience),
            sub: user.clone(),
            iat,
            exp: iat + i64::from(ACCESS_TOKEN_SECONDS),
            nbf: None,
            jti: uuid_at(now).to_string(),
            client_id: "portal".to_owned(),
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
        let (kid, key) = ring.signing();
        let header = Header {
            typ: Some("at+jwt".to_owned()),
            kid: Some(kid.to_owned()),
            ..Header::new(Algorithm::EdDSA)
        };
        encode(&header, claims, key)
    }

    /// Checks an identity token: signature, kind, issuer, time.
    ///
    /// # Errors
    /// [`InvalidToken`], without telling what is wrong with it.
    pub fn check_identity(&self, token: &str) -> Result<IdentityClaims, InvalidToken> {
        let claims: IdentityClaims = self.verify(token, Audience::Identity)?;
        let Registered { iat, nbf, exp, .. } = claims.registered;
        self.check_time(iat, nbf, exp)?;
        Ok(claims)
    }

    /// Checks an account token, of a person or of a program: signature, kind, issuer, time.
    ///
    /// # Errors
    /// [`InvalidToken`], without telling what is wrong with it.
    pub fn check_account(&self, token: &str) -> Result<AccountBearer, InvalidToken> {
        let bearer: AccountBearer = self.verify(token, Audience::Account)?;
        let (iat, nbf, exp) = bearer.times();
        self.check_time(iat, nbf, exp)?;
        Ok(bearer)
    }

    fn verify<T: DeserializeOwned>(&self, token: &str, audience: Audience) -> Result<T, InvalidToken> {
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
        Ok(decode::<T>(token, key, &rules).map_err(|_| InvalidToken)?.claims)
    }

    fn check_time(&self, iat: i64, nbf: Option<i64>, exp: i64) -> Result<(), InvalidToken> {
        let now = self.clock.now().and_utc().timestamp();
        let not_before = nbf.unwrap_or(iat).max(iat);
        if now < exp && not_before <= now + LEEWAY_SECONDS { Ok(()) } else { Err(InvalidToken) }
    }
}
