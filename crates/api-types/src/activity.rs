//! The audit trail.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{AccountId, ActivityId, ApiKeyRef, FirmRef, Name, UserId};

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Actor {
    /// The person's id.
    pub user_id: UserId,
    /// The person's name at that time.
    #[cfg_attr(feature = "openapi", schema(example = "Anna Reyes"))]
    pub name: String,
}

/// The operator that did it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OperatorRef {
    /// The name of the key that it used.
    #[cfg_attr(feature = "openapi", schema(example = "Till & Shelf"))]
    pub name: String,
}

/// On whom or what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ActivityTarget {
    /// The target's id; its prefix tells the kind.
    #[cfg_attr(feature = "openapi", schema(example = "empl_01h455vb4pex5vsknk084sn02q"))]
    pub id: String,
    /// The target's name at that time.
    #[cfg_attr(feature = "openapi", schema(example = "Ben Ortiz"))]
    pub name: String,
}

/// The account that something was done in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountRef {
    /// The account's id.
    pub id: AccountId,
    /// The account's name at that time.
    pub name: Name,
}

/// An entry of the audit trail: one change of access.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ActivityEntry {
    /// The entry's id.
    pub id: ActivityId,
    /// When.
    pub at: DateTime<Utc>,
    /// What was done.
    #[cfg_attr(feature = "openapi", schema(example = "assignment.granted"))]
    pub action: String,
    /// Who did it; null for a program, for the portal itself and for its operator.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub actor: Option<Actor>,
    /// The operator of the portal, if it was the operator who did it; `actor` is null then.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub operator: Option<OperatorRef>,
    /// The API key by which a program did it, if one did.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub api_key: Option<ApiKeyRef>,
    /// The account that it was done in; null for what concerns only a firm.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub account: Option<AccountRef>,
    /// The firm that it was done in, by or to.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub firm: Option<FirmRef>,
    /// On whom or what.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub target: Option<ActivityTarget>,
    /// From which address.
    #[cfg_attr(feature = "openapi", schema(required = true, example = "192.0.2.17"))]
    pub ip: Option<String>,
    /// What else is worth knowing, such as the old and the new role.
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, String>, example = json!({"role": "admin"})))]
    pub detail: BTreeMap<String, String>,
}
