//! What goes when an employee goes, and who takes over.

use serde::{Deserialize, Serialize};

use crate::role::words;
use crate::{Employee, EmployeeAccount, EmployeeId, OpenInvitation};

/// The most accounts and invitations that a departure names; the counts are of all.
pub const DEPARTURE_SAMPLE: usize = 10;

words! {
    /// What becomes of an employee whose accounts were handed over.
    AfterHandover {
        /// Nothing else: the employee stays as they are, without the accounts.
        Keep = "keep",
        /// Deactivated.
        Deactivate = "deactivate",
        /// Removed for good.
        Remove = "remove",
    }
}

/// Everything that goes, or is left without anybody, when an employee is deactivated or removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Departure {
    /// The employee.
    pub employee: Employee,
    /// Whether the employee is the firm's last active admin, and so can be neither deactivated nor removed.
    #[cfg_attr(feature = "openapi", schema(example = false))]
    pub is_last_admin: bool,
    /// How many accounts are assigned to the employee: what a handover moves. Those that the operator has suspended are counted,
    /// unlike in `employee.account_count`, `sole_count` and `accounts`.
    #[cfg_attr(feature = "openapi", schema(example = 1))]
    pub assigned_count: i64,
    /// How many accounts that are not suspended are assigned to this employee and to nobody else. Admins have every account, and are not counted unless assigned.
    #[cfg_attr(feature = "openapi", schema(example = 1))]
    pub sole_count: i64,
    /// The first ten accounts that are assigned, by name, without those that the operator has suspended.
    pub accounts: Vec<EmployeeAccount>,
    /// How many open invitations of colleagues the employee made, which are cancelled.
    #[cfg_attr(feature = "openapi", schema(example = 1))]
    pub open_invitation_count: usize,
    /// The first ten of them, in the order of their making.
    pub open_invitations: Vec<OpenInvitation>,
}

/// Hands an employee's accounts to a colleague.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Handover {
    /// The colleague: active or invited.
    pub to: EmployeeId,
    /// What becomes of the employee.
    pub then: AfterHandover,
}

/// What a handover has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HandoverResult {
    /// How many accounts the colleague has got.
    #[cfg_attr(feature = "openapi", schema(example = 12))]
    pub moved: usize,
    /// How many the colleague had already.
    #[cfg_attr(feature = "openapi", schema(example = 3))]
    pub already_there: usize,
    /// How many of the `moved` the colleague cannot enter, as the account's owner keeps them out.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required = true, example = 0))]
    pub kept_out: usize,
}
