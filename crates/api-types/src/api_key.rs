//! Keys by which programs act in an account.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::session::present;
use crate::text::InvalidValue;
use crate::{Actor, ApiKeyId, ErrorCode, Name, Scope, Secret};

/// What a key, or a token of it, may do: at least one scope, each once, in the order of [`Scope::ALL`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Scopes(Vec<Scope>);

impl Scopes {
    /// These scopes, in whatever order and however often each is named.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidValue`] when none is named.
    pub fn new(named: &[Scope]) -> Result<Self, InvalidValue> {
        let scopes: Vec<Scope> = Scope::ALL.iter().copied().filter(|scope| named.contains(scope)).collect();
        if scopes.is_empty() {
            return Err(InvalidValue::new(ErrorCode::InvalidValue, "Name at least one scope."));
        }
        Ok(Self(scopes))
    }

    /// Every scope there is.
    pub fn all() -> Self {
        Self(Scope::ALL.to_vec())
    }

    /// Whether this scope is among them.
    pub fn contains(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    /// Whether all of them are among `others`.
    pub fn is_within(&self, others: &Self) -> bool {
        self.0.iter().all(|scope| others.contains(*scope))
    }

    /// One by one.
    pub fn as_slice(&self) -> &[Scope] {
        &self.0
    }
}

/// As a token and a request for one name them: words separated by blanks (RFC 6749 section 3.3).
impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, scope) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope.as_str())?;
        }
        Ok(())
    }
}

impl std::str::FromStr for Scopes {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named: Result<Vec<Scope>, InvalidValue> =
            text.split(' ').filter(|word| !word.is_empty()).map(str::parse).collect();
        Self::new(&named?)
    }
}

impl<'de> Deserialize<'de> for Scopes {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(&Vec::deserialize(deserializer)?).map_err(InvalidValue::into_serde)
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Scopes {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ArrayBuilder::new()
            .items(utoipa::openapi::Ref::from_schema_name("Scope"))
            .description(Some("What a key, or a token of it, may do."))
            .min_items(Some(1))
            .examples([serde_json::json!(["account:read", "users:read"])])
            .into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Scopes {
    fn name() -> std::borrow::Cow<'static, str> {
        "Scopes".into()
    }

    fn schemas(schemas: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::schema::Schema>)>) {
        schemas.push(("Scope".to_owned(), <Scope as utoipa::PartialSchema>::schema()));
    }
}

/// An owner makes a key for a program.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewApiKey {
    /// What to know the key by: usually the program's name.
    pub name: Name,
    /// What the program may do.
    pub scopes: Scopes,
    /// When the key stops working: within ten years from now. Left out, it works until it is revoked.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[cfg_attr(feature = "openapi", schema(nullable = false, example = "2027-11-24T00:00:00Z"))]
    pub expires_at: Option<DateTime<Utc>>,
}

/// A key, as owners see it. Its secret is not here: it is told once, when the key is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiKey {
    /// The key's id: the program's `client_id`.
    pub id: ApiKeyId,
    /// What the key is known by.
    pub name: Name,
    /// What the program may do.
    pub scopes: Scopes,
    /// Whether it works now: false when it has expired, or when who made it is not an owner of the account now.
    pub active: bool,
    /// Who made it, and by whose right it acts.
    pub created_by: Actor,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it stops working; null when it has no end of its own.
    #[cfg_attr(feature = "openapi", schema(required = true, example = "2027-11-24T00:00:00Z"))]
    pub expires_at: Option<DateTime<Utc>>,
    /// When its secret was last used, to the minute; null before the first time.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub last_used_at: Option<DateTime<Utc>>,
    /// From which address that was.
    #[cfg_attr(feature = "openapi", schema(required = true, example = "192.0.2.17"))]
    pub last_used_ip: Option<String>,
}

/// A new key with its secret, which is told this once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiKeySecret {
    /// The key.
    #[serde(flatten)]
    pub key: ApiKey,
    /// The program's `client_secret`: 256 random bits. The portal keeps only its SHA-256.
    #[cfg_attr(feature = "openapi", schema(example = "key_v0rTg3m2s1ZcS9nq7Jw8yB4kXhU5dLxE6aPfQoRiTzM"))]
    pub secret: Secret,
}

/// A key, as the audit trail names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiKeyRef {
    /// The key's id.
    pub id: ApiKeyId,
    /// The key's name at that time.
    pub name: Name,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_a_set_with_one_spelling() {
        let scopes: Scopes = "users:read  account:read users:read".parse().unwrap();
        assert_eq!(scopes.to_string(), "account:read users:read");
        assert_eq!(serde_json::to_string(&scopes).unwrap(), r#"["account:read","users:read"]"#);
        assert_eq!(serde_json::from_str::<Scopes>(r#"["users:read","account:read"]"#).unwrap(), scopes);
        assert!(scopes.contains(Scope::UsersRead) && !scopes.contains(Scope::FirmsManage));
        assert!(scopes.is_within(&Scopes::all()) && !Scopes::all().is_within(&scopes));
        for bad in
            ["", " ", "users", "USERS:READ", "users:read,account:read", "users:read\taccount:read", "*"]
        {
            assert!(bad.parse::<Scopes>().is_err(), "{bad:?}");
        }
        assert!(serde_json::from_str::<Scopes>("[]").is_err());
    }
}
