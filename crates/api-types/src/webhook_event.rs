//! What webhooks tell other programs when access changes.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::role::words;
use crate::{
    AccountId, AccountRole, Actor, ApiKeyRef, Email, EmployeeId, ExternalId, FirmRef, InvitationId, Name,
    UserId,
};

/// The version of the form of [`WebhookEvent`]. New types and new fields come without a new version.
pub const WEBHOOK_VERSION: u16 = 1;

words! {
    /// What a webhook tells of.
    WebhookEventType {
        /// Somebody may enter the account now.
        AccessGranted = "access.granted",
        /// Somebody may not enter the account any more.
        AccessRevoked = "access.revoked",
        /// An accounting company was invited.
        FirmInvited = "firm.invited",
        /// An accounting company was connected: its admins may enter.
        FirmConnected = "firm.connected",
        /// An accounting company was cut off: none of its people may enter any more.
        FirmDisconnected = "firm.disconnected",
        /// A person without a firm was invited.
        MemberInvited = "member.invited",
        /// A person without a firm came in, as an owner or a member.
        MemberAdded = "member.added",
        /// An owner or a member was taken out.
        MemberRemoved = "member.removed",
        /// An account was opened.
        AccountOpened = "account.opened",
        /// The account was renamed.
        AccountRenamed = "account.renamed",
        /// The operator has suspended the account: nobody may enter.
        AccountSuspended = "account.suspended",
        /// The account may be entered again.
        AccountResumed = "account.resumed",
        /// The account was closed for good.
        AccountClosed = "account.closed",
        /// The operator has suspended a firm: none of its people may enter any account through it.
        FirmSuspended = "firm.suspended",
        /// The firm's people may enter again.
        FirmResumed = "firm.resumed",
        /// A firm has deactivated an employee.
        EmployeeDeactivated = "employee.deactivated",
        /// A firm has reactivated an employee.
        EmployeeReactivated = "employee.reactivated",
        /// Somebody wants to see whether the webhook works.
        WebhookTest = "webhook.test",
    }
    /// Why somebody may enter an account now, or may not any more.
    AccessReason {
        /// The firm has assigned the account.
        Assigned = "assigned",
        /// The firm has taken the account away.
        Unassigned = "unassigned",
        /// An owner keeps the person out.
        Blocked = "blocked",
        /// An owner lets the person in again.
        Unblocked = "unblocked",
        /// The person has joined the firm.
        Joined = "joined",
        /// The firm has removed the person.
        Removed = "removed",
        /// The firm has deactivated the person.
        Deactivated = "deactivated",
        /// The firm has reactivated the person.
        Reactivated = "reactivated",
        /// The firm has made the person an admin, or an admin no more.
        RoleChanged = "role_changed",
        /// The operator has suspended the person's login.
        Suspended = "suspended",
        /// The operator has let the person sign in again.
        Resumed = "resumed",
    }
}

impl WebhookEventType {
    /// Whether only the operator's webhooks are told: it is about a firm's own people, or about an account that cannot have
    /// a webhook yet.
    pub const fn is_operators(self) -> bool {
        matches!(self, Self::AccountOpened | Self::EmployeeDeactivated | Self::EmployeeReactivated)
    }
}

/// The account that an event is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookAccount {
    /// The account's id.
    pub id: AccountId,
    /// The account's name.
    pub name: Name,
    /// What the operator's own product calls the account, if it does.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub external_id: Option<ExternalId>,
}

/// Whom an event is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookPerson {
    /// The person's id.
    pub user_id: UserId,
    /// The person's place in the firm; null for somebody without a firm.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub employee_id: Option<EmployeeId>,
    /// The person's name.
    pub name: Name,
    /// The person's e-mail.
    pub email: Email,
    /// In which role the person may enter, or could until now; null where it is not about entering.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub role: Option<AccountRole>,
}

/// An invitation that an event is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookInvitation {
    /// The invitation's id; not its secret, which only the mail carries.
    pub id: InvitationId,
    /// Who is invited.
    pub name: Name,
    /// The address that was invited.
    pub email: Email,
}

/// What an event says. Every type has the same fields; what a type has no word about is null.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookEventData {
    /// The account; null for what is about a firm only.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub account: Option<WebhookAccount>,
    /// Through, by or to which firm.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub firm: Option<FirmRef>,
    /// Whom it is about.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub person: Option<WebhookPerson>,
    /// The invitation, for `firm.invited` and `member.invited`.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub invitation: Option<WebhookInvitation>,
    /// Why, for `access.granted` and `access.revoked`.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub reason: Option<AccessReason>,
    /// The name before, for `account.renamed`.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub old_name: Option<Name>,
    /// Who did it; null for a program, for the portal itself and for its operator.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub actor: Option<Actor>,
    /// The API key by which a program did it, if one did.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub api_key: Option<ApiKeyRef>,
}

/// The body of a webhook's request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookEvent {
    /// What has happened. A word that you do not know is one of a newer portal: answer 2xx and leave it.
    #[serde(rename = "type")]
    #[cfg_attr(feature = "openapi", schema(example = "access.revoked"))]
    pub event_type: String,
    /// The version of this form: 1. New types and new fields come without a new version.
    #[cfg_attr(feature = "openapi", schema(example = 1))]
    pub version: u16,
    /// When it happened. The header `webhook-timestamp` says when it was sent.
    pub timestamp: DateTime<Utc>,
    /// What has happened, to whom, and why.
    pub data: WebhookEventData,
}

impl WebhookEvent {
    /// The type, if this version knows it.
    pub fn known_type(&self) -> Option<WebhookEventType> {
        self.event_type.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_has_its_form_on_the_wire_and_one_of_a_newer_portal_is_read() {
        let json = r#"{"type":"access.revoked","version":1,"timestamp":"2026-11-24T09:30:00Z","data":{
            "account":{"id":"acct_01h455vb4pex5vsknk084sn02q","name":"Blue Bakery","external_id":"store-4711"},"firm":null,"person":null,
            "invitation":null,"reason":"unassigned","old_name":null,"actor":null,"api_key":null}}"#;
        let event: WebhookEvent = serde_json::from_str(json).expect("an event");
        assert_eq!(event.known_type(), Some(WebhookEventType::AccessRevoked));
        assert_eq!(event.data.reason, Some(AccessReason::Unassigned));
        let expected: serde_json::Value = serde_json::from_str(json).expect("JSON");
        assert_eq!(serde_json::to_value(&event).expect("JSON"), expected);
        let newer =
            json.replace("access.revoked", "review.asked").replace("\"firm\"", "\"review\":7,\"firm\"");
        let event: WebhookEvent = serde_json::from_str(&newer).expect("an event of a newer portal");
        assert_eq!((event.event_type.as_str(), event.known_type()), ("review.asked", None));
    }
}
