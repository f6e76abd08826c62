//! Accounts, and who gets into them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    AccountId, AccountRole, ConnectionStatus, Email, EmployeeId, EmployeeRole, ExternalId, FirmId, FirmRef,
    InvitationId, MemberRole, Name, UserId, Via,
};

/// An owner opens one more account.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    /// The account's name.
    pub name: Name,
}

/// An owner renames the account.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RenameAccount {
    /// The account's new name.
    pub name: Name,
}

/// An account that the person may act in: a row of the switcher.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MyAccount {
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

/// The account of the token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Account {
    /// The account's id.
    pub id: AccountId,
    /// The account's name.
    pub name: Name,
    /// In which role the caller acts here, now.
    pub role: AccountRole,
    /// Through which firm, if through one.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub firm: Option<FirmRef>,
    /// What the operator's own product calls the account, if it does.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub external_id: Option<ExternalId>,
    /// When the account was opened.
    pub created_at: DateTime<Utc>,
}

/// A person who is in the account without a firm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Person {
    /// The person's id.
    pub user_id: UserId,
    /// The person's name.
    pub name: Name,
    /// The person's e-mail; only owners are told.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub email: Option<Email>,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// An open invitation of a person without a firm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserInvitation {
    /// The invitation's id.
    pub invitation_id: InvitationId,
    /// The invited person's name.
    pub name: Name,
    /// Where the invitation went; only owners are told.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub email: Option<Email>,
    /// The role that it offers.
    pub role: MemberRole,
    /// When the link stops working.
    pub expires_at: DateTime<Utc>,
}

/// An employee of a connected firm who gets into the account, or would if the owner had not blocked them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FirmPerson {
    /// The person's place in the firm.
    pub employee_id: EmployeeId,
    /// The person's name.
    pub name: Name,
    /// The person's role in the firm.
    pub role: EmployeeRole,
    /// As an admin or by an assignment.
    pub via: Via,
}

/// An accounting company in the account: invited, or connected with its people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountFirm {
    /// The firm's id, once it is connected.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub firm_id: Option<FirmId>,
    /// The open invitation's id, until it is connected.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub invitation_id: Option<InvitationId>,
    /// The company's name.
    pub name: Name,
    /// The company's main e-mail; only owners are told.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub email: Option<Email>,
    /// Invited or connected.
    pub status: ConnectionStatus,
    /// The firm's people who get in.
    pub people: Vec<FirmPerson>,
    /// The firm's people whom the owner keeps out; only owners are told.
    pub blocked: Vec<FirmPerson>,
}

/// Everyone who can get into the account, and who is invited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountUsers {
    /// The owners.
    pub owners: Vec<Person>,
    /// The members: people without a firm.
    pub members: Vec<Person>,
    /// The accounting companies, with their people.
    pub firms: Vec<AccountFirm>,
    /// Open invitations of people without a firm.
    pub invitations: Vec<UserInvitation>,
}

/// Invites an accounting company.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct InviteFirm {
    /// The company's name.
    pub name: Name,
    /// The company's main e-mail: what it is known by.
    pub email: Email,
}

/// Invites a person without a firm.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AddMember {
    /// The person's name.
    pub name: Name,
    /// The person's e-mail.
    pub email: Email,
    /// As what the person comes in.
    pub role: MemberRole,
}

/// A person whom the owner has invited without a firm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MemberRow {
    /// The person's id; null until the invitation is accepted.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub user_id: Option<UserId>,
    /// The open invitation's id.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub invitation_id: Option<InvitationId>,
    /// The person's name.
    pub name: Name,
    /// The person's e-mail.
    pub email: Email,
    /// As what the person comes in.
    pub role: MemberRole,
    /// Invited, until the mailed link is opened.
    pub status: ConnectionStatus,
}
