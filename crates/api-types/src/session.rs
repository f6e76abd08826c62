//! Signing up, signing in, and the person who is signed in.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    AccountId, AccountRole, Email, EmployeeId, EmployeeRole, ExternalId, FirmId, Locale, Name, NewPassword,
    Password, Secret, SessionId, TokenType, UserId,
};

/// A store owner signs up.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Registration {
    /// The person's name.
    pub name: Name,
    /// Where the confirming link goes.
    pub email: Email,
    /// The name of the person's first account: usually the business.
    pub account_name: Name,
    /// The language of the person's mails. Left out, it is the best match of the header `Accept-Language`, else English.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::session::present")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub locale: Option<Locale>,
}

/// The mailed link was opened and a password chosen.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ConfirmRegistration {
    /// The one-time token from the link.
    pub token: Secret,
    /// The password to sign in with from now on.
    pub password: NewPassword,
}

/// Sign in.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// The person's e-mail.
    pub email: Email,
    /// The person's password.
    pub password: Password,
}

/// A person, as others are told of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserRef {
    /// The person's id.
    pub id: UserId,
    /// The person's name.
    pub name: Name,
    /// The person's e-mail.
    pub email: Email,
}

/// A session: the identity token of somebody who is signed in. The refresh token comes beside it, as a cookie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Session {
    /// The identity token (a JWT by RFC 9068).
    #[cfg_attr(
        feature = "openapi",
        schema(example = "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSJ9.eyJzdWIi.c2ln")
    )]
    pub access_token: Secret,
    /// Always `Bearer`.
    pub token_type: TokenType,
    /// How long the token is good for, in seconds.
    #[cfg_attr(feature = "openapi", schema(example = 900))]
    pub expires_in: u32,
    /// Who is signed in.
    pub user: UserRef,
}

/// One place where a person is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionInfo {
    /// The session's id.
    pub id: SessionId,
    /// When the person signed in.
    pub created_at: DateTime<Utc>,
    /// When the session was last refreshed.
    pub last_used_at: DateTime<Utc>,
    /// When the session ends if it is not used any more.
    pub expires_at: DateTime<Utc>,
    /// The address that it was last used from.
    #[cfg_attr(feature = "openapi", schema(required = true, example = "192.0.2.17"))]
    pub ip: Option<String>,
    /// What the browser or program calls itself.
    #[cfg_attr(feature = "openapi", schema(required = true, example = "Mozilla/5.0"))]
    pub user_agent: Option<String>,
    /// Whether it is the session of this very request.
    pub current: bool,
}

/// Somebody forgot the password.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RequestPasswordReset {
    /// Where the link goes, if there is such a login.
    pub email: Email,
}

/// The mailed link was opened and a new password chosen.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ConfirmPasswordReset {
    /// The one-time token from the link.
    pub token: Secret,
    /// The password to sign in with from now on.
    pub password: NewPassword,
}

/// The person who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Me {
    /// The person's id.
    pub id: UserId,
    /// The person's name.
    pub name: Name,
    /// The person's e-mail.
    pub email: Email,
    /// The language of the person's mails.
    pub locale: Locale,
    /// The firms that the person works for.
    pub firms: Vec<MyFirm>,
}

/// A firm that the person works for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MyFirm {
    /// The firm's id.
    pub firm_id: FirmId,
    /// The firm's name.
    pub firm_name: Name,
    /// The person's place in the firm.
    pub employee_id: EmployeeId,
    /// The person's role in the firm.
    pub role: EmployeeRole,
}

/// Changes of the person's own data; what is left out stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdateMe {
    /// The new name.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::session::present")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub name: Option<Name>,
    /// The language of mails from now on.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::session::present")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub locale: Option<Locale>,
}

/// A field that may be left out but not be null: `null` is no name and no role.
pub(crate) fn present<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: serde::Deserializer<'de>,
{
    T::deserialize(deserializer).map(Some)
}

/// A new password, by somebody who knows the old one.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// The password so far.
    pub current_password: Password,
    /// The password from now on.
    pub new_password: NewPassword,
}

/// The firm through which somebody acts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FirmRef {
    /// The firm's id.
    pub id: FirmId,
    /// The firm's name.
    pub name: Name,
}

/// An account token: it opens one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountToken {
    /// The account token (a JWT by RFC 9068).
    #[cfg_attr(
        feature = "openapi",
        schema(example = "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSJ9.eyJzdWIi.c2ln")
    )]
    pub access_token: Secret,
    /// Always `Bearer`.
    pub token_type: TokenType,
    /// How long the token is good for, in seconds.
    #[cfg_attr(feature = "openapi", schema(example = 900))]
    pub expires_in: u32,
    /// The account that it opens.
    pub account: TokenAccount,
}

/// The account that a token opens, and in which role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TokenAccount {
    /// The account's id.
    pub id: AccountId,
    /// The account's name.
    pub name: Name,
    /// In which role the person acts there.
    pub role: AccountRole,
    /// Through which firm, if through one.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub firm: Option<FirmRef>,
    /// What the operator's own product calls the account, if it does.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub external_id: Option<ExternalId>,
}
