//! On what grounds somebody was let in, to be asked for again while a long answer goes out: by the statements that let them in.

use std::sync::Arc;

use portal_api_types::{AccountRole, EmployeeRole, FirmId, Scope};

use super::actor::{AccountOwner, FirmAdmin, Operator};
use super::programs::ForPrograms;
use super::scope::PersonScope;
use super::standing::{self, Standing};
use super::token::AccountBearer;
use crate::clock::Time;
use crate::db::Db;
use crate::domain::{Outcome, operator};
use crate::store::access::{self, FirmEntryRow};

/// What an actor's right is from.
#[derive(Debug, Clone)]
pub struct Grounds(Kind);

#[derive(Debug, Clone)]
enum Kind {
    Admin(PersonScope, FirmId),
    Owner(Arc<AccountBearer>, Option<Scope>),
    Operator(String),
}

impl Grounds {
    /// Whether they hold now. Not whether the token would be taken for another request: an answer may take longer than what is
    /// left of its fifteen minutes.
    pub async fn hold(&self, db: &Db, now: Time) -> Outcome<bool> {
        match &self.0 {
            Kind::Admin(person, firm) => {
                let Some(row) = db.ask::<FirmEntryRow>(access::enter_firm(person, firm, now)).await? else {
                    return Ok(false);
                };
                Ok(row.parse()?.place.is_some_and(|place| place.role == EmployeeRole::Admin))
            }
            Kind::Owner(bearer, scope) => Ok(match standing::of(db, bearer, now).await? {
                Some(Standing::Person(entry)) => entry.role == AccountRole::Owner,
                Some(Standing::Program(entry)) => scope.is_some_and(|scope| entry.scopes.contains(scope)),
                None => false,
            }),
            Kind::Operator(secret_hash) => {
                Ok(operator::keys::find(db, secret_hash.clone(), now).await?.is_some())
            }
        }
    }
}

impl From<&FirmAdmin> for Grounds {
    fn from(admin: &FirmAdmin) -> Self {
        Self(Kind::Admin(admin.person.clone(), admin.firm.id().clone()))
    }
}

impl<S: ForPrograms> From<&AccountOwner<S>> for Grounds {
    fn from(owner: &AccountOwner<S>) -> Self {
        Self(Kind::Owner(Arc::clone(&owner.bearer), S::SCOPE))
    }
}

impl From<&Operator> for Grounds {
    fn from(operator: &Operator) -> Self {
        Self(Kind::Operator(operator.secret_hash.clone()))
    }
}
