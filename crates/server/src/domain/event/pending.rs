//! What a stream has heard and not yet looked after.

use std::collections::BTreeSet;

use portal_api_types::{AccountId, EmployeeRole, FirmId};

use super::reach::Reach;
use crate::auth::scope::PersonScope;
use crate::db::{Changes, Topic};

/// Accounts that a stream asks about at once. Who hears of more is told to ask for everything.
const AT_ONCE: usize = 50;

/// What concerns the person, by what the stream remembers of their reach.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pending {
    /// Their own data or sessions.
    pub me: bool,
    /// What they may enter.
    pub access: bool,
    /// The token that opened the stream.
    pub token: bool,
    /// Something was missed.
    pub lagged: bool,
    /// Something in these accounts.
    pub accounts: BTreeSet<AccountId>,
    /// Something in these firms.
    pub firms: BTreeSet<FirmId>,
}

impl Pending {
    /// Whether there is nothing to look after.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Takes what concerns the person out of what has changed. This runs for every stream at every change, and so asks
    /// nobody.
    pub fn take_in(&mut self, changes: &Changes, person: &PersonScope, reach: &Reach) {
        let user = person.user_id().as_str();
        self.me |= changes.has(Topic::Me, user);
        self.access |= changes.has(Topic::Access, user);
        self.token |= changes.has(Topic::Token, person.token_id());
        for (firm, (_, role)) in &reach.places {
            let (id, admin) = (firm.as_str(), *role == EmployeeRole::Admin);
            self.access |= changes.has(Topic::Staff, id) || (admin && changes.has(Topic::Clients, id));
            if changes.has(Topic::Firm, id) || (admin && changes.has(Topic::Office, id)) {
                self.firms.insert(firm.clone());
            }
        }
        // By the shorter of the two lists.
        if reach.remembered().is_some_and(|remembered| remembered < changes.count(Topic::Account)) {
            let known = reach.accounts().filter(|account| changes.has(Topic::Account, account.as_str()));
            self.accounts.extend(known.cloned());
        } else {
            let heard = changes.of(Topic::Account).filter_map(|account| account.parse().ok());
            self.accounts.extend(heard.filter(|account| reach.may_have(account)));
        }
        if self.accounts.len() > AT_ONCE {
            self.lagged = true;
            self.accounts.clear();
        }
    }
}
