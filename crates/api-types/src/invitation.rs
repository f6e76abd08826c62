//! What arrives by e-mail: one mechanism for firms, employees and members.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::session::present;
use crate::{Email, FirmRole, InvitationKind, Locale, Name, Password, Secret};

/// Asks what a mailed link is about.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct LookupInvitation {
    /// The one-time token from the link.
    pub token: Secret,
}

/// Asks whether a mailed link still works, before a password is thought up for it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CheckLink {
    /// The one-time token from the link.
    pub token: Secret,
}

/// Whom the link of a sign-up or of a password reset was sent to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MailedTo {
    /// The person's name.
    pub name: Name,
    /// The address.
    pub email: Email,
    /// The account that comes to be, for a sign-up.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub account_name: Option<Name>,
}

/// What an invitation is about: what is shown here is what is accepted with the same token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Invitation {
    /// What it is for.
    pub kind: InvitationKind,
    /// Whom it was sent to.
    pub email: Email,
    /// The invited person's or company's name, as the inviter wrote it.
    pub name: Name,
    /// Who invites.
    pub inviter_name: Name,
    /// The account that it opens, unless it is for a place in a firm.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub account_name: Option<Name>,
    /// The firm that invites, or whose name was given by the inviter.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub firm_name: Option<Name>,
    /// The role that it offers, where there is a choice.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub role: Option<FirmRole>,
    /// When the link stops working.
    pub expires_at: DateTime<Utc>,
    /// Whether the e-mail has a login already: then its password is asked for.
    pub user_exists: bool,
}

/// Accepts an invitation.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AcceptInvitation {
    /// The one-time token from the link.
    pub token: Secret,
    /// The person's own password: the existing one (never set by an invitation), or the one chosen now, by the rules
    /// of new passwords.
    pub password: Password,
    /// The person's name, if it is not the invited one. Ignored for somebody who has a login.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub name: Option<Name>,
    /// The company's name, if it is not the invited one. Only for an invitation of a firm.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub firm_name: Option<Name>,
    /// The language of the person's mails. Left out, it is the best match of the header `Accept-Language`, else English.
    /// Ignored for somebody who has a login.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub locale: Option<Locale>,
}
