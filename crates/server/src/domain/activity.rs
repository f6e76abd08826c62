//! The audit trail: every change of access is one entry, written in the change's own transaction.

use std::collections::BTreeMap;

use portal_api_types::{AccountRef, ActivityEntry, ActivityId, FirmRef};

use super::{By, Ctx, Outcome};
use crate::clock::Time;
use crate::db::{Conn, check_wanted};
use crate::store::After;
use crate::store::activity::{self, NewEntry};
pub use crate::store::activity::{ActivityFilter, Trail};

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $word:literal;)+) => {
        /// What can be done to access. The words are part of the API: the filter `action` takes them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Action {
            $($(#[$doc])* $name,)+
        }

        impl Action {
            /// Every action there is.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The word on the wire and in the database.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }
        }
    };
}

actions! {
    /// An account was opened.
    AccountOpened = "account.opened";
    /// An account was renamed.
    AccountRenamed = "account.renamed";
    /// The operator gave an account another external id.
    AccountLinked = "account.linked";
    /// The operator has suspended an account: nobody can enter it.
    AccountSuspended = "account.suspended";
    /// The operator has resumed an account.
    AccountResumed = "account.resumed";
    /// The operator has closed an account for good.
    AccountClosed = "account.closed";
    /// An accounting company was invited into an account.
    FirmInvited = "firm.invited";
    /// An accounting company was connected to an account.
    FirmConnected = "firm.connected";
    /// An accounting company was cut off from an account, by either side.
    FirmDisconnected = "firm.disconnected";
    /// A firm came to the portal.
    FirmFounded = "firm.founded";
    /// A firm was renamed.
    FirmRenamed = "firm.renamed";
    /// The operator has suspended a firm: nobody can act for it.
    FirmSuspended = "firm.suspended";
    /// The operator has resumed a firm.
    FirmResumed = "firm.resumed";
    /// The operator has suspended a person, who is in this account or firm.
    UserSuspended = "user.suspended";
    /// The operator has resumed a person, who is in this account or firm.
    UserResumed = "user.resumed";
    /// An owner keeps a person of a firm out.
    PersonBlocked = "person.blocked";
    /// An owner lets a person of a firm in again.
    PersonUnblocked = "person.unblocked";
    /// A person without a firm was invited into an account.
    MemberInvited = "member.invited";
    /// A person without a firm came into an account.
    MemberJoined = "member.joined";
    /// A person without a firm was taken out of an account.
    MemberRemoved = "member.removed";
    /// An invitation was sent again, with a new link.
    InvitationResent = "invitation.resent";
    /// An invitation was cancelled.
    InvitationCancelled = "invitation.cancelled";
    /// An employee was invited into a firm.
    EmployeeInvited = "employee.invited";
    /// An employee came into a firm.
    EmployeeJoined = "employee.joined";
    /// An employee was renamed.
    EmployeeRenamed = "employee.renamed";
    /// An employee got another role.
    EmployeeRoleChanged = "employee.role_changed";
    /// An employee cannot act for the firm any more.
    EmployeeDeactivated = "employee.deactivated";
    /// An employee can act for the firm again.
    EmployeeReactivated = "employee.reactivated";
    /// An employee was removed from a firm.
    EmployeeRemoved = "employee.removed";
    /// An account was assigned to an employee.
    AssignmentGranted = "assignment.granted";
    /// An account was taken away from an employee.
    AssignmentRevoked = "assignment.revoked";
    /// An owner made a key for a program.
    ApiKeyCreated = "api_key.created";
    /// A key was revoked, or ended with its owner's right to the account.
    ApiKeyRevoked = "api_key.revoked";
    /// A webhook was made.
    WebhookCreated = "webhook.created";
    /// A webhook was changed, or switched on or off.
    WebhookUpdated = "webhook.updated";
    /// A webhook got a new secret.
    WebhookSecretRotated = "webhook.secret_rotated";
    /// A webhook was deleted.
    WebhookDeleted = "webhook.deleted";
}

/// A change to put on record.
#[derive(Debug, Clone)]
pub struct Change {
    entry: NewEntry,
    detail: BTreeMap<&'static str, String>,
}

impl Change {
    /// Somebody did something.
    pub fn by<'a>(who: impl Into<By<'a>>, action: Action) -> Self {
        let mut entry = NewEntry { action: action.as_str(), ..NewEntry::default() };
        match who.into() {
            By::Person(actor) => {
                entry.actor = Some(match &actor.api_key {
                    Some(key) => (key.id.to_string(), key.name.to_string()),
                    None => (actor.user_id.to_string(), actor.name.to_string()),
                });
                entry.firm = actor.firm.as_ref().map(|firm| (firm.id.to_string(), firm.name.to_string()));
            }
            By::Operator(operator) => {
                entry.operator = Some((operator.key_id().to_string(), operator.name().to_string()));
            }
        }
        Self { entry, detail: BTreeMap::new() }
    }

    /// The portal has done something by itself.
    pub fn by_portal(action: Action) -> Self {
        let entry = NewEntry { action: action.as_str(), ..NewEntry::default() };
        Self { entry, detail: BTreeMap::new() }
    }

    /// In which account.
    pub fn in_account(mut self, account: &AccountRef) -> Self {
        self.entry.account = Some((account.id.to_string(), account.name.to_string()));
        self
    }

    /// In, by or to which firm.
    pub fn in_firm(mut self, firm: &FirmRef) -> Self {
        self.entry.firm = Some((firm.id.to_string(), firm.name.to_string()));
        self
    }

    /// On whom or what.
    pub fn on(mut self, id: impl ToString, name: impl ToString) -> Self {
        self.entry.target = Some((id.to_string(), name.to_string()));
        self
    }

    /// What else is worth knowing. Never a secret.
    pub fn with(mut self, key: &'static str, value: impl ToString) -> Self {
        self.detail.insert(key, value.to_string());
        self
    }

    fn into_entry(self, ctx: &Ctx) -> NewEntry {
        let id = ActivityId::from_uuid(ctx.new_uuid()).to_string();
        // A map of texts always serialises.
        let detail = serde_json::to_string(&self.detail).unwrap_or_else(|_| "{}".to_owned());
        NewEntry { id, ip: ctx.ip.clone(), detail, ..self.entry }
    }

    /// Puts the change on record.
    pub fn record(self, conn: &mut Conn, ctx: &Ctx) -> Outcome<()> {
        record_all(conn, ctx, [self])
    }
}

/// Puts many changes on record.
pub fn record_all(conn: &mut Conn, ctx: &Ctx, changes: impl IntoIterator<Item = Change>) -> Outcome<()> {
    // Every change comes by here, each of a large one too.
    check_wanted()?;
    let entries: Vec<NewEntry> = changes.into_iter().map(|change| change.into_entry(ctx)).collect();
    activity::insert(conn, &entries, ctx.now)
}

/// A page of a trail, newest first; one entry more than asked for when there is a next page.
pub fn list(
    conn: &mut Conn,
    trail: &Trail,
    filter: &ActivityFilter,
    after: Option<&After<Time>>,
    limit: usize,
) -> Outcome<Vec<ActivityEntry>> {
    activity::list(conn, trail, filter, after, limit + 1)
}
