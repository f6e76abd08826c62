//! What the operator asks for: the vendor whose product already has accounts and owners.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::session::present;
use crate::{
    AccountId, AccountStatus, Email, ExternalId, FirmId, FirmStatus, Locale, MemberRow, Name, UserId,
    UserStatus,
};

/// Who is to own an account.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewOwner {
    /// The person's name.
    pub name: Name,
    /// The person's e-mail.
    pub email: Email,
    /// The language of the mail to the person; English if left out. Somebody who has a login gets mails in their own.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub locale: Option<Locale>,
}

/// The operator makes an account.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateAccount {
    /// The account's name.
    pub name: Name,
    /// What the operator's own product calls the account.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub external_id: Option<ExternalId>,
    /// The first owner. Without one, nobody can enter the account until somebody is made an owner.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub owner: Option<NewOwner>,
}

/// The operator makes sure that there is an account of this name with the external id in the path.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UpsertAccount {
    /// The account's name. An account that is there with another name is renamed.
    pub name: Name,
    /// The first owner of an account that is made; it does not count for one that is there.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub owner: Option<NewOwner>,
}

/// Changes of an account by the operator; what is left out stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdateAccount {
    /// The new name.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub name: Option<Name>,
    /// The new external id.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub external_id: Option<ExternalId>,
}

/// An account, as the operator sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OperatorAccount {
    /// The account's id.
    pub id: AccountId,
    /// The account's name.
    pub name: Name,
    /// What the operator's own product calls the account.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub external_id: Option<ExternalId>,
    /// Whether it can be entered.
    pub status: AccountStatus,
    /// When the account was opened.
    pub created_at: DateTime<Utc>,
}

/// One account with those who own it or are invited to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OperatorAccountDetail {
    /// The account.
    #[serde(flatten)]
    pub account: OperatorAccount,
    /// The owners, and behind them those who have not opened their mailed link yet.
    pub owners: Vec<MemberRow>,
}

/// An accounting company, as the operator sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OperatorFirm {
    /// The firm's id.
    pub id: FirmId,
    /// The firm's name.
    pub name: Name,
    /// The main e-mail: what clients invite the firm by.
    pub email: Email,
    /// Whether its people can act for it.
    pub status: FirmStatus,
    /// When the firm joined the portal.
    pub created_at: DateTime<Utc>,
}

/// A person with a login, as the operator sees them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OperatorUser {
    /// The person's id.
    pub id: UserId,
    /// The person's name.
    pub name: Name,
    /// The person's e-mail: what they sign in with.
    pub email: Email,
    /// Whether they can act anywhere.
    pub status: UserStatus,
    /// When they got their login.
    pub created_at: DateTime<Utc>,
}
