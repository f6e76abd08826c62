//! Firms, their employees, and who works for which client.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::session::present;
use crate::{AccountId, Email, EmployeeId, EmployeeRole, EmployeeStatus, FirmId, Name, Via};

/// An accounting company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Firm {
    /// The firm's id.
    pub id: FirmId,
    /// The firm's name.
    pub name: Name,
    /// The main e-mail: what clients invite the firm by.
    pub email: Email,
    /// When the firm joined the portal.
    pub created_at: DateTime<Utc>,
    /// How many employees it has: active and invited ones.
    #[cfg_attr(feature = "openapi", schema(example = 5))]
    pub employee_count: i64,
    /// How many client accounts are connected to it.
    #[cfg_attr(feature = "openapi", schema(example = 3))]
    pub account_count: i64,
}

/// An admin renames the firm.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RenameFirm {
    /// The firm's new name.
    pub name: Name,
}

/// An employee, as the firm's admins see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Employee {
    /// The employee's id in this firm.
    pub id: EmployeeId,
    /// The employee's name.
    pub name: Name,
    /// The employee's e-mail.
    pub email: Email,
    /// Admin or bookkeeper.
    pub role: EmployeeRole,
    /// Invited, active or deactivated.
    pub status: EmployeeStatus,
    /// How many client accounts the role and the assignments come to (blocks by owners not counted off).
    #[cfg_attr(feature = "openapi", schema(example = 2))]
    pub account_count: i64,
    /// When the employee last signed in or refreshed a session; null before the first time.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub last_active_at: Option<DateTime<Utc>>,
}

/// An invitation of an employee that is still open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OpenInvitation {
    /// The invited employee's id.
    pub employee_id: EmployeeId,
    /// The invited employee's name.
    pub name: Name,
    /// Where the invitation went.
    pub email: Email,
}

/// One employee, with what goes when the employee goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EmployeeDetail {
    /// The employee.
    #[serde(flatten)]
    pub employee: Employee,
    /// Open invitations that this employee made: they end with the employee's being an admin.
    pub open_invitations: Vec<OpenInvitation>,
}

/// Invites an employee.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct InviteEmployee {
    /// The employee's name.
    pub name: Name,
    /// The employee's e-mail.
    pub email: Email,
    /// Admin or bookkeeper.
    pub role: EmployeeRole,
    /// The client accounts to work on, from the first moment.
    #[serde(default)]
    pub account_ids: Vec<AccountId>,
}

/// Changes of an employee; what is left out stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdateEmployee {
    /// The new name.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub name: Option<Name>,
    /// The new role.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub role: Option<EmployeeRole>,
    /// `active` or `deactivated`.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub status: Option<EmployeeStatus>,
}

/// A client account of the firm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClientAccount {
    /// The account's id.
    pub id: AccountId,
    /// The account's name.
    pub name: Name,
    /// The name of the account's first owner.
    pub owner_name: Name,
    /// When the account was connected to the firm.
    pub connected_at: DateTime<Utc>,
    /// How many employees are assigned to it. Admins, who have every account, are not counted.
    #[cfg_attr(feature = "openapi", schema(example = 2))]
    pub employee_count: i64,
}

/// A client account that an employee may open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EmployeeAccount {
    /// The account's id.
    pub id: AccountId,
    /// The account's name.
    pub name: Name,
    /// As an admin or by an assignment.
    pub via: Via,
}

/// An employee who works on a client account, or will once they get in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountEmployee {
    /// The employee's id.
    pub id: EmployeeId,
    /// The name.
    pub name: Name,
    /// The e-mail address.
    pub email: Email,
    /// Admin or bookkeeper.
    pub role: EmployeeRole,
    /// Invited, active or deactivated.
    pub status: EmployeeStatus,
    /// As an admin or by an assignment.
    pub via: Via,
    /// Whether the employee gets in now: not before they have joined, not while they are deactivated, and not while the
    /// account's owner keeps them out.
    #[cfg_attr(feature = "openapi", schema(example = true))]
    pub has_access: bool,
}

/// An employee and an account.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AssignmentPair {
    /// The employee.
    pub employee_id: EmployeeId,
    /// The client account.
    pub account_id: AccountId,
}

/// Many assignments at once: all or nothing.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AssignmentBatch {
    /// The pairs to assign.
    #[serde(default)]
    pub grant: Vec<AssignmentPair>,
    /// The pairs to take away.
    #[serde(default)]
    pub revoke: Vec<AssignmentPair>,
    /// Whether it is only to be tried: nothing is changed then, and the answer is the same.
    #[serde(default, skip_serializing_if = "is_false")]
    #[cfg_attr(feature = "openapi", schema(example = false))]
    pub dry_run: bool,
    /// Whether the answer also lists what has changed.
    #[serde(default, skip_serializing_if = "is_false")]
    #[cfg_attr(feature = "openapi", schema(example = true))]
    pub list_changes: bool,
}

fn is_false(value: &bool) -> bool {
    !value
}

/// What a batch has done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AssignmentResult {
    /// How many assignments are new.
    #[cfg_attr(feature = "openapi", schema(example = 12))]
    pub granted: usize,
    /// How many assignments are gone.
    #[cfg_attr(feature = "openapi", schema(example = 3))]
    pub revoked: usize,
    /// How many pairs were as wanted already.
    #[cfg_attr(feature = "openapi", schema(example = 1))]
    pub unchanged: usize,
    /// Exactly what has changed, if `list_changes` asked for it: the same batch with the two lists swapped undoes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub changes: Option<AssignmentChanges>,
}

/// What has changed, pair by pair.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AssignmentChanges {
    /// Assignments that are new.
    pub granted: Vec<AssignmentPair>,
    /// Assignments that are gone.
    pub revoked: Vec<AssignmentPair>,
}

/// Those of some pairs that are assigned.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Assignments {
    /// The pairs, by employee and account.
    pub items: Vec<AssignmentPair>,
}
