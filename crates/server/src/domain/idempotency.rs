//! What happens when a request with an `Idempotency-Key` comes again: it gets the first answer, and nothing happens twice.
//!
//! The answer is kept in the transaction of the change itself. So there is no moment at which a crash leaves one without the
//! other, and of two equal requests at the same time the second waits in the database for the first. A refusal is not kept:
//! it has changed nothing, and the same request may do better later.

use chrono::TimeDelta;
use portal_api_types::{
    AccountFirm, AccountId, ApiKeyId, AssignmentResult, Employee, HandoverResult, IdempotencyKey,
    ImportResult, MemberRow, MyAccount, OperatorAccountDetail, OperatorKeyId, Secret, UserId,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Failure, Outcome, Refusal};
use crate::auth::link::hash;
use crate::clock::Time;
use crate::db::{Conn, Db};
use crate::store::idempotency;

/// How long an answer is kept.
const LIFE: TimeDelta = TimeDelta::hours(24);

/// An answer that may be kept, in the clear. **Never one that holds a secret**: the type of such an answer is not in this list,
/// and what makes it takes part by [`Once::write_secret`].
pub trait Kept: Serialize + DeserializeOwned + Send + 'static {
    /// Whether it says what was done. What says that nothing was done is as good as a refusal, and is not kept.
    fn is_success(&self) -> bool {
        true
    }
}

impl Kept for AccountFirm {}
impl Kept for AssignmentResult {}
impl Kept for Employee {}
impl Kept for HandoverResult {}
impl Kept for ImportResult {
    fn is_success(&self) -> bool {
        self.applied
    }
}
impl Kept for MemberRow {}
impl Kept for MyAccount {}
impl Kept for OperatorAccountDetail {}

/// Whose keys are told apart: nobody gets an answer that was meant for another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// A person, by an identity token.
    Person(UserId),
    /// A person in an account, by an account token.
    InAccount(UserId, AccountId),
    /// A program, by a key of one account.
    Program(ApiKeyId),
    /// The operator, by one of its keys.
    Operator(OperatorKeyId),
}

/// The right to do something once; without a key, as often as it is asked for.
#[derive(Debug, Clone, Default)]
pub struct Once(Option<Claim>);

#[derive(Debug, Clone)]
struct Claim {
    id: String,
    body_hash: String,
}

impl Once {
    /// For this caller's request of this operation (method and path) with this body.
    pub fn new(caller: &Caller, operation: &str, key: &IdempotencyKey, body_hash: String) -> Self {
        let caller = match caller {
            Caller::Person(user) => user.to_string(),
            Caller::InAccount(user, account) => format!("{user} {account}"),
            Caller::Program(key) => key.to_string(),
            Caller::Operator(key) => key.to_string(),
        };
        // None of the parts has a line break.
        let id = hash(&Secret::new(format!("{caller}\n{operation}\n{}", key.as_str())));
        Self(Some(Claim { id, body_hash }))
    }

    /// The answer that was given already. For use cases that do something before they write, such as counting a limit.
    pub async fn earlier<T: Kept>(&self, db: &Db, now: Time) -> Outcome<Option<T>> {
        let Some(claim) = self.0.clone() else { return Ok(None) };
        db.read(move |conn| claim.answer(conn, now)).await
    }

    /// Runs a use case in one transaction, as [`Db::write`] does, or answers what it answered before.
    pub async fn write<T, F>(self, db: &Db, now: Time, job: F) -> Outcome<T>
    where
        T: Kept,
        F: Fn(&mut Conn) -> Outcome<T> + Send + 'static,
    {
        let Some(claim) = self.0 else { return db.write(job).await };
        db.write(move |conn| claim.run(conn, now, &job)).await
    }

    /// Runs a use case whose answer has a secret, in one transaction. It happens once too, but the answer is kept nowhere: the
    /// same request again is told that it was done.
    pub async fn write_secret<T, F>(self, db: &Db, now: Time, job: F) -> Outcome<T>
    where
        T: Send + 'static,
        F: Fn(&mut Conn) -> Outcome<T> + Send + 'static,
    {
        let Some(claim) = self.0 else { return db.write(job).await };
        db.write(move |conn| {
            if claim.earlier(conn, now)?.is_some() {
                return Err(Refusal::AnswerNotKept.into());
            }
            claim.take(conn, now)?;
            job(conn)
        })
        .await
    }
}

impl Claim {
    /// What is kept of the same request.
    fn earlier(&self, conn: &mut Conn, now: Time) -> Outcome<Option<idempotency::Kept>> {
        let kept = idempotency::read(conn, &self.id, now)?;
        if kept.as_ref().is_some_and(|kept| kept.body_hash != self.body_hash) {
            return Err(Refusal::IdempotencyKeyReused.into());
        }
        Ok(kept)
    }

    fn answer<T: Kept>(&self, conn: &mut Conn, now: Time) -> Outcome<Option<T>> {
        self.earlier(conn, now)?.map(|kept| kept.answer()).transpose()
    }

    /// Claims the key for this transaction. Somebody else who was first has finished by now: the next try finds the answer.
    fn take(&self, conn: &mut Conn, now: Time) -> Outcome<()> {
        idempotency::forget(conn, &self.id, now)?;
        idempotency::claim(conn, &self.id, &self.body_hash, now + LIFE)
            .map_err(Failure::duplicate_as_conflict)
    }

    fn run<T: Kept>(&self, conn: &mut Conn, now: Time, job: &dyn Fn(&mut Conn) -> Outcome<T>) -> Outcome<T> {
        if let Some(answer) = self.answer(conn, now)? {
            return Ok(answer);
        }
        self.take(conn, now)?;
        let answer = job(conn)?;
        if !answer.is_success() {
            idempotency::release(conn, &self.id)?;
            return Ok(answer);
        }
        // Wire types always serialise.
        idempotency::keep(conn, &self.id, &serde_json::to_string(&answer).unwrap_or_default())?;
        Ok(answer)
    }
}
