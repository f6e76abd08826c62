//! Account tokens of programs: what a key's secret is exchanged for.

use portal_api_types::{
    AccountId, AccountRole, ApiKeyId, ExternalId, Introspection, Scopes, TokenType, UserId,
};
use serde::{Deserialize, Serialize};

use super::{ACCESS_TOKEN_SECONDS, AccountClaims, Audience, Tokens, end_of};
use crate::auth::scope::KeyScope;
use crate::clock::{Time, uuid_at};

/// The claims of a program's account token. `sub` and `client_id` are the key (RFC 9068 section 2.2: a client that acts for
/// itself is the subject); there is no session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgramClaims {
    iss: String,
    aud: String,
    sub: ApiKeyId,
    iat: i64,
    exp: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nbf: Option<i64>,
    jti: String,
    client_id: ApiKeyId,
    account_id: AccountId,
    role: AccountRole,
    scope: String,
    /// By whose right the key acts: so that the database is asked about one person in one account.
    created_by: UserId,
    /// What the operator's own product called the account, when the token was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    external_id: Option<ExternalId>,
}

impl ProgramClaims {
    /// The program: what the database is asked about.
    pub(in crate::auth) fn key(&self) -> KeyScope {
        KeyScope::new(self.sub.clone(), self.account_id.clone(), self.created_by.clone(), self.jti.clone())
    }

    /// Which key the token was given to.
    pub fn key_id(&self) -> &ApiKeyId {
        &self.sub
    }

    /// What the program may do by this token; nothing when the claim is not as we write it.
    pub fn scopes(&self) -> Option<Scopes> {
        self.scope.parse().ok()
    }
}

/// Who has an account token. A person's token has a person as its subject and names a session, a program's has a key: no token
/// is both.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum AccountBearer {
    /// A person.
    Person(AccountClaims),
    /// A program.
    Program(ProgramClaims),
}

impl AccountBearer {
    pub(super) fn times(&self) -> (i64, Option<i64>, i64) {
        match self {
            Self::Person(AccountClaims { registered, .. }) => {
                (registered.iat, registered.nbf, registered.exp)
            }
            Self::Program(claims) => (claims.iat, claims.nbf, claims.exp),
        }
    }

    /// Which account the token opens.
    pub fn account_id(&self) -> &AccountId {
        match self {
            Self::Person(claims) => &claims.account_id,
            Self::Program(claims) => &claims.account_id,
        }
    }

    /// The token's own id and its end: by these it is revoked.
    pub fn id_and_end(&self) -> (&str, Time) {
        match self {
            Self::Person(claims) => (&claims.registered.jti, claims.registered.expires_at()),
            Self::Program(claims) => (&claims.jti, end_of(claims.exp)),
        }
    }

    /// What the token says of itself, for who asks about it and may know (RFC 7662 section 2.2). Role, firm and external id are left to who
    /// knows what is so now.
    pub fn described(&self) -> Introspection {
        let said = Introspection {
            active: true,
            token_type: Some(TokenType::Bearer),
            account_id: Some(self.account_id().clone()),
            ..Introspection::default()
        };
        match self {
            Self::Person(AccountClaims { registered, .. }) => Introspection {
                client_id: Some(registered.client_id.clone()),
                exp: Some(registered.exp),
                iat: Some(registered.iat),
                sub: Some(registered.sub.to_string()),
                aud: Some(registered.aud.clone()),
                iss: Some(registered.iss.clone()),
                jti: Some(registered.jti.clone()),
                ..said
            },
            Self::Program(claims) => Introspection {
                scope: Some(claims.scope.clone()),
                client_id: Some(claims.client_id.to_string()),
                exp: Some(claims.exp),
                iat: Some(claims.iat),
                sub: Some(claims.sub.to_string()),
                aud: Some(claims.aud.clone()),
                iss: Some(claims.iss.clone()),
                jti: Some(claims.jti.clone()),
                ..said
            },
        }
    }
}

impl Tokens {
    /// An account token of a program, and for how many seconds it is good: never beyond the key's own end.
    ///
    /// # Errors
    /// When the cryptography library refuses to sign.
    pub fn issue_program(
        &self,
        key: &KeyScope,
        scopes: &Scopes,
        key_ends_at: Option<Time>,
        external_id: Option<ExternalId>,
    ) -> Result<(String, u32), jsonwebtoken::errors::Error> {
        let now = self.clock.now();
        let iat = now.and_utc().timestamp();
        let left = key_ends_at.map_or(i64::MAX, |at| at.and_utc().timestamp() - iat);
        let life = u32::try_from(left.clamp(0, i64::from(ACCESS_TOKEN_SECONDS))).unwrap_or(0);
        let claims = ProgramClaims {
            iss: self.issuer.to_string(),
            aud: self.audience(Audience::Account),
            sub: key.id().clone(),
            iat,
            exp: iat + i64::from(life),
            nbf: None,
            jti: uuid_at(now).to_string(),
            client_id: key.id().clone(),
            account_id: key.account_id().clone(),
            role: AccountRole::Integration,
            scope: scopes.to_string(),
            created_by: key.owner_id().clone(),
            external_id,
        };
        Ok((self.sign(&claims)?, life))
    }
}
