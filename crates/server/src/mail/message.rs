//! The mails that there are, and what is put into each.

use chrono::{DateTime, Utc};
use portal_api_types::AccountStatus;
use serde::{Deserialize, Serialize};

/// What a mail tells its reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "template", rename_all = "snake_case")]
pub enum Mail {
    /// A store owner invites an accounting company; the link leads to joining.
    FirmInvitation {
        /// The owner who invites.
        inviter_name: String,
        /// The account that the company is to work in.
        account_name: String,
        /// The company, as the owner calls it.
        company_name: String,
        /// When the link stops working.
        expires_at: DateTime<Utc>,
    },
    /// A firm's admin invites an employee; the link leads to joining.
    EmployeeInvitation {
        /// The admin who invites.
        inviter_name: String,
        /// The firm to join.
        firm_name: String,
        /// The person invited.
        invitee_name: String,
        /// `admin` or `bookkeeper`.
        role: String,
        /// When the link stops working.
        expires_at: DateTime<Utc>,
    },
    /// An owner invites a person into an account without a firm; the link leads to joining.
    MemberInvitation {
        /// The owner who invites.
        inviter_name: String,
        /// The account to join.
        account_name: String,
        /// The person invited.
        invitee_name: String,
        /// `owner` or `member`.
        role: String,
        /// When the link stops working.
        expires_at: DateTime<Utc>,
    },
    /// Somebody signed up; the link proves the address and leads to choosing a password.
    Registration {
        /// The person who signed up.
        name: String,
        /// The account that will be opened.
        account_name: String,
        /// When the link stops working.
        expires_at: DateTime<Utc>,
    },
    /// Somebody signed up with an address that has a login; the link leads to signing in.
    AlreadyRegistered {
        /// The person whose login it is.
        name: String,
    },
    /// Somebody forgot a password; the link leads to choosing another.
    PasswordReset {
        /// The person whose login it is.
        name: String,
        /// When the link stops working.
        expires_at: DateTime<Utc>,
    },
    /// To a firm: a client has connected it; the link leads to the portal.
    ClientConnected {
        /// The client account.
        account_name: String,
        /// The owner who connected it.
        owner_name: String,
        /// The firm.
        firm_name: String,
    },
    /// Access is gone; the link leads to the portal.
    AccessEnded {
        /// Whom the mail addresses: a person, or a firm for [`EndedAccess::Client`].
        name: String,
        /// The account or firm that can no longer be opened.
        place_name: String,
        /// Which kind of access it was.
        kind: EndedAccess,
    },
    /// The operator has given somebody who has a login an account; the link leads to the portal.
    AccountGiven {
        /// The person who owns it now.
        name: String,
        /// The account.
        account_name: String,
        /// How people see the operator.
        operator_name: String,
    },
    /// To an owner: the operator has suspended, resumed or closed the account; the link leads to the portal.
    AccountStatusChanged {
        /// The owner.
        name: String,
        /// The account.
        account_name: String,
        /// How people see the operator.
        operator_name: String,
        /// What the account is now.
        status: AccountStatus,
    },
    /// To an owner: the portal has switched a webhook off; the link leads to the portal.
    WebhookDisabled {
        /// The owner.
        name: String,
        /// The account that the webhook is of.
        account_name: String,
        /// The host that events were posted to.
        host_name: String,
        /// `failing`, `gone` or `owner_left`.
        kind: String,
    },
    /// A password was changed; the link leads to 'forgot password', for the case that it was somebody else.
    PasswordChanged {
        /// The person whose login it is.
        name: String,
    },
}

/// Which access has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndedAccess {
    /// A person's access to an account.
    Account,
    /// A person's employment at a firm.
    Firm,
    /// A whole firm's access to a client account.
    Client,
}

impl Mail {
    /// When its link stops working, if it has one that does.
    pub(super) fn expires_at(&self) -> Option<DateTime<Utc>> {
        match self {
            Mail::FirmInvitation { expires_at, .. }
            | Mail::EmployeeInvitation { expires_at, .. }
            | Mail::MemberInvitation { expires_at, .. }
            | Mail::Registration { expires_at, .. }
            | Mail::PasswordReset { expires_at, .. } => Some(*expires_at),
            Mail::AlreadyRegistered { .. }
            | Mail::ClientConnected { .. }
            | Mail::AccessEnded { .. }
            | Mail::AccountGiven { .. }
            | Mail::AccountStatusChanged { .. }
            | Mail::WebhookDisabled { .. }
            | Mail::PasswordChanged { .. } => None,
        }
    }
}
