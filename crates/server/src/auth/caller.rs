//! Whose idempotency keys the requests of an actor have.

use super::actor::{AccountOwner, FirmAdmin, Operator, SignedIn};
use crate::domain::idempotency::Caller;

impl SignedIn {
    /// Whose idempotency keys a request's is.
    pub fn caller(&self) -> Caller {
        Caller::Person(self.person.user_id().clone())
    }
}

impl FirmAdmin {
    /// Whose idempotency keys a request's is.
    pub fn caller(&self) -> Caller {
        Caller::Person(self.actor.user_id.clone())
    }
}

impl<S> AccountOwner<S> {
    /// Whose idempotency keys a request's is.
    pub fn caller(&self) -> Caller {
        match &self.actor.api_key {
            Some(key) => Caller::Program(key.id.clone()),
            None => Caller::InAccount(self.actor.user_id.clone(), self.account.id().clone()),
        }
    }
}

impl Operator {
    /// Whose idempotency keys a request's is.
    pub fn caller(&self) -> Caller {
        Caller::Operator(self.scope.key_id().clone())
    }
}
