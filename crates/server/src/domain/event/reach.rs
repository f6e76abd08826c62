//! What a person may reach, as a stream remembers it: for knowing whom a change concerns without asking the database, and
//! for saying of an account that it was lost to nobody but who had it.

use std::collections::BTreeMap;

use portal_api_types::{AccountId, AccountRole, Change, EmployeeId, EmployeeRole, FirmId};

use crate::auth::scope::PersonScope;
use crate::db::Conn;
use crate::domain::Outcome;
use crate::store::{access, employees};

/// Accounts that a stream remembers. Who has more is asked for when something changes, and told of changes of access
/// without the account's id.
const REMEMBERED: usize = 1_000;
/// Accounts that are named one by one when access changes.
const NAMED: usize = 20;

/// The person's places in firms.
pub type Places = BTreeMap<FirmId, (EmployeeId, EmployeeRole)>;
/// How the person enters an account.
type Way = (AccountRole, Option<FirmId>);

/// What a person may reach, at some moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// The firms that the person works for.
    pub places: Places,
    /// The accounts with the strongest way into each; nothing when there are too many.
    accounts: Option<BTreeMap<AccountId, Way>>,
}

impl Reach {
    /// Reads it, by the rule of access.
    pub fn read(conn: &mut Conn, person: &PersonScope) -> Outcome<Self> {
        let ways = access::ways_of_person(conn, person, REMEMBERED + 1)?;
        let accounts = (ways.len() <= REMEMBERED).then(|| {
            let mut strongest = BTreeMap::new();
            for (account, role, firm) in ways {
                strongest.entry(account).or_insert((role, firm));
            }
            strongest
        });
        Ok(Self { places: places(conn, person)?, accounts })
    }

    /// How many accounts it remembers; nothing when there are too many.
    pub fn remembered(&self) -> Option<usize> {
        self.accounts.as_ref().map(BTreeMap::len)
    }

    /// The accounts that it remembers.
    pub fn accounts(&self) -> impl Iterator<Item = &AccountId> {
        self.accounts.iter().flat_map(BTreeMap::keys)
    }

    /// Whether it has this account, or may have it.
    pub fn may_have(&self, account: &AccountId) -> bool {
        self.accounts.as_ref().is_none_or(|accounts| accounts.contains_key(account))
    }

    /// What to say to who had `self` and has `now`.
    pub fn changes_to(&self, now: &Self) -> Vec<Change> {
        let all = vec![Change::Access { account_id: None }];
        let (Some(before), Some(after)) = (&self.accounts, &now.accounts) else { return all };
        if self.places != now.places {
            return all;
        }
        let lost = before.keys().filter(|account| !after.contains_key(account));
        let gained = after.iter().filter(|(account, way)| before.get(account) != Some(way));
        let changed: Vec<AccountId> = lost.chain(gained.map(|(account, _)| account)).cloned().collect();
        if changed.len() > NAMED {
            return all;
        }
        changed.into_iter().map(|account| Change::Access { account_id: Some(account) }).collect()
    }
}

/// The firms that the person works for now.
pub fn places(conn: &mut Conn, person: &PersonScope) -> Outcome<Places> {
    let firms = employees::firms_of(conn, person.user_id())?;
    Ok(firms.into_iter().map(|firm| (firm.firm_id, (firm.employee_id, firm.role))).collect())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn account(number: u128) -> AccountId {
        AccountId::from_uuid(Uuid::from_u128(number))
    }

    fn reach(accounts: impl IntoIterator<Item = (u128, AccountRole)>) -> Reach {
        let accounts = accounts.into_iter().map(|(number, role)| (account(number), (role, None)));
        Reach { places: BTreeMap::new(), accounts: Some(accounts.collect()) }
    }

    fn access(number: u128) -> Change {
        Change::Access { account_id: Some(account(number)) }
    }

    #[test]
    fn what_was_gained_lost_or_changed_is_named_and_nothing_else() {
        let before = reach([(1, AccountRole::Owner), (2, AccountRole::Member), (3, AccountRole::Bookkeeper)]);
        let after = reach([(1, AccountRole::Owner), (2, AccountRole::Owner), (4, AccountRole::Bookkeeper)]);
        assert_eq!(before.changes_to(&after), [access(3), access(2), access(4)]);
        assert!(before.changes_to(&before.clone()).is_empty());
    }

    #[test]
    fn many_changes_and_another_place_in_a_firm_are_told_as_one() {
        let all = [Change::Access { account_id: None }];
        let many = reach((0..30).map(|number| (number, AccountRole::Bookkeeper)));
        assert_eq!(reach([]).changes_to(&many), all);
        let mut promoted = reach([]);
        let place = (EmployeeId::from_uuid(Uuid::nil()), EmployeeRole::Admin);
        promoted.places.insert(FirmId::from_uuid(Uuid::nil()), place);
        assert_eq!(reach([]).changes_to(&promoted), all);
        let countless = Reach { places: BTreeMap::new(), accounts: None };
        assert_eq!(many.changes_to(&countless), all);
    }
}
