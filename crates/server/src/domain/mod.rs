//! Use cases: the answer to "what happens when ..." is one file, read from top to bottom.

pub mod account;
pub mod activity;
pub mod api_key;
pub mod assignment;
pub mod demo;
pub mod employee;
pub mod event;
pub mod export;
pub mod firm;
pub mod idempotency;
pub mod import;
pub mod invitation;
pub mod keys;
pub mod member;
pub mod oauth;
pub mod operator;
pub mod password;
pub mod person;
pub mod post;
pub mod rate_limit;
pub mod registration;
pub mod session;
pub mod table;
pub mod webhook;

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use chrono::TimeDelta;
use portal_api_types::{
    ApiKeyRef, ErrorCode, FieldError, FirmRef, InvalidValue, Locale, MAX_WEBHOOKS, Name, UserId,
};

use crate::auth::link::LinkKey;
use crate::auth::password::Passwords;
use crate::auth::scope::OperatorScope;
use crate::clock::{Time, numbered_uuid_at};
use crate::db::{Db, DbError};
pub use crate::store::After;

/// How long the link of a mail works.
pub const LINK_LIFE: TimeDelta = TimeDelta::days(7);

/// What a use case knows of the request that it serves.
#[derive(Clone)]
pub struct Ctx {
    /// Now: the same moment for everything that the use case writes.
    pub now: Time,
    /// From which address.
    pub ip: Option<String>,
    /// What the browser or program calls itself.
    pub user_agent: Option<String>,
    /// The language that the browser or program asks for.
    pub locale: Locale,
    /// How many ids were made so far.
    pub made: Arc<AtomicU16>,
    /// Makes the one-time tokens of links.
    pub links: LinkKey,
    /// What the limits per network, inviter and address are multiplied by.
    pub rate_limit_factor: u32,
}

impl Ctx {
    /// A new id of any kind. Those of one request sort in the order of their making: what happened in one transaction is
    /// listed as it happened.
    pub fn new_uuid(&self) -> uuid::Uuid {
        numbered_uuid_at(self.now, self.made.fetch_add(1, Ordering::Relaxed))
    }
}

/// What use cases need that hash passwords in between: these cannot be one transaction.
#[derive(Clone)]
pub struct Services {
    /// The database.
    pub db: Db,
    /// The hashing threads.
    pub passwords: Passwords,
}

/// Who does something, for the audit trail and for mails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The person; for a program the owner by whose right it acts.
    pub user_id: UserId,
    /// The person's name.
    pub name: Name,
    /// Through which firm, if through one.
    pub firm: Option<FirmRef>,
    /// By which key, if it is a program that acts. The audit trail names the key then, and not the person.
    pub api_key: Option<ApiKeyRef>,
}

/// Who did something: a person, or the operator.
#[derive(Debug, Clone, Copy)]
pub enum By<'a> {
    /// A person.
    Person(&'a Actor),
    /// The operator.
    Operator(&'a OperatorScope),
}

impl<'a> From<&'a Actor> for By<'a> {
    fn from(actor: &'a Actor) -> Self {
        Self::Person(actor)
    }
}

impl<'a> From<&'a OperatorScope> for By<'a> {
    fn from(operator: &'a OperatorScope) -> Self {
        Self::Operator(operator)
    }
}

/// Why a use case did not do what it was asked: a refusal, with a sentence for a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It does not exist, or the caller has no right to know that it does.
    #[error("{0}")]
    NotFound(&'static str),
    /// Ids in the body that do not exist, or that the caller has no right to know of.
    #[error("Something that the body names does not exist here: nothing was changed.")]
    NamesUnknown(Vec<FieldError>),
    /// No valid session or no valid token.
    #[error("Sign in to do this: there is no valid token with the request.")]
    Unauthenticated,
    /// E-mail and password do not fit.
    #[error("The e-mail or the password is wrong.")]
    WrongCredentials,
    /// A link that was used, cancelled, replaced or has expired.
    #[error("This link was used already, was cancelled or replaced, or has expired. Ask for a new one.")]
    InvitationGone,
    /// The same invitation is open already.
    #[error("There is an open invitation for this e-mail already. Send it again instead.")]
    AlreadyInvited,
    /// The firm is in the account already.
    #[error("This accounting company is connected to the account already.")]
    AlreadyConnected,
    /// The person is in the account already.
    #[error("This person is an owner or a member of the account already.")]
    AlreadyMember,
    /// The firm has an employee with that e-mail.
    #[error("The firm has an employee with this e-mail already.")]
    AlreadyEmployee,
    /// The account would lose its last owner.
    #[error("This is the account's last owner. Make somebody else an owner first.")]
    LastOwner,
    /// The firm would lose its last active admin.
    #[error("This is the firm's last active admin. Make somebody else an admin first.")]
    LastAdmin,
    /// An invited employee can be neither activated nor deactivated.
    #[error("This employee has not joined yet: resend the invitation or remove the employee.")]
    EmployeeInvited,
    /// There is no invitation to send again.
    #[error("This employee has joined already: there is no invitation to send again.")]
    EmployeeJoined,
    /// The account is closed for good.
    #[error("This account is closed for good: nothing can be changed in it any more.")]
    AccountClosed,
    /// Another account has the external id.
    #[error("Another account has this external id already.")]
    ExternalIdTaken,
    /// The same idempotency key came before with another body.
    #[error(
        "This Idempotency-Key came with another body within the last 24 hours: use a new one for a new request."
    )]
    IdempotencyKeyReused,
    /// The same request came before, and its answer had a secret.
    #[error(
        "This was done already, at the first request with this Idempotency-Key. Its answer had a secret, which is kept \
         nowhere: if it is lost, delete what was made and make it anew, with another key."
    )]
    AnswerNotKept,
    /// There are as many webhooks as there may be.
    #[error("There are {MAX_WEBHOOKS} webhooks already, which is the most. Delete one first.")]
    TooManyWebhooks,
    /// Too many tries.
    #[error("Too many tries. Try again in {} seconds.", retry_after_seconds)]
    RateLimited {
        /// When to come back.
        retry_after_seconds: i64,
    },
    /// The session has as many event streams open as it may.
    #[error("This session has 16 event streams open already. Close one first.")]
    TooManyStreams,
    /// Fields of the body are not as they must be.
    #[error("{}", .0.first().map_or("A field is not valid.", |error| error.detail.as_str()))]
    InvalidFields(Vec<FieldError>),
}

impl Refusal {
    /// One field of the body is not as it must be.
    pub fn invalid_field(pointer: &str, invalid: InvalidValue) -> Self {
        Self::InvalidFields(vec![FieldError {
            pointer: pointer.to_owned(),
            code: invalid.code,
            detail: invalid.detail,
        }])
    }

    /// The code on the wire.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::NotFound(_) | Self::NamesUnknown(_) => ErrorCode::NotFound,
            Self::Unauthenticated => ErrorCode::Unauthenticated,
            Self::WrongCredentials => ErrorCode::WrongCredentials,
            Self::InvitationGone => ErrorCode::InvitationGone,
            Self::AlreadyInvited => ErrorCode::AlreadyInvited,
            Self::AlreadyConnected => ErrorCode::AlreadyConnected,
            Self::AlreadyMember => ErrorCode::AlreadyMember,
            Self::AlreadyEmployee => ErrorCode::AlreadyEmployee,
            Self::LastOwner => ErrorCode::LastOwner,
            Self::LastAdmin => ErrorCode::LastAdmin,
            Self::EmployeeInvited => ErrorCode::EmployeeInvited,
            Self::EmployeeJoined => ErrorCode::EmployeeJoined,
            Self::AccountClosed => ErrorCode::AccountClosed,
            Self::ExternalIdTaken => ErrorCode::ExternalIdTaken,
            Self::IdempotencyKeyReused => ErrorCode::IdempotencyKeyReused,
            Self::AnswerNotKept => ErrorCode::AnswerNotKept,
            Self::TooManyWebhooks => ErrorCode::TooManyWebhooks,
            Self::RateLimited { .. } | Self::TooManyStreams => ErrorCode::RateLimited,
            Self::InvalidFields(errors) => errors.first().map_or(ErrorCode::InvalidValue, |error| error.code),
        }
    }
}

/// How a use case or a query fails: refused by a rule, or by a database that is away.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A rule says no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The database did not do it.
    #[error(transparent)]
    Database(DbError),
    /// A bug of ours.
    #[error("the job panicked")]
    Panicked,
    /// The cryptography library refused to sign a token.
    #[error("a token could not be signed")]
    Signing(#[from] jsonwebtoken::errors::Error),
}

impl From<DbError> for Failure {
    fn from(error: DbError) -> Self {
        Self::Database(error)
    }
}

impl Failure {
    /// A violated rule of uniqueness becomes `refusal`; everything else stays what it is.
    pub fn duplicate_as(self, refusal: Refusal) -> Self {
        match self {
            Self::Database(error) if error.is_duplicate() => Self::Refused(refusal),
            other => other,
        }
    }

    /// A violated rule of uniqueness is tried again, in a new transaction that sees what was there first.
    pub fn duplicate_as_conflict(self) -> Self {
        match self {
            Self::Database(error) if error.is_duplicate() => Self::Database(DbError::Conflict),
            other => other,
        }
    }

    /// A reference to something that is not there any more is tried again, in a new transaction that does not find it.
    pub fn dangling_as_conflict(self) -> Self {
        match self {
            Self::Database(error) if error.is_dangling() => Self::Database(DbError::Conflict),
            other => other,
        }
    }

    /// A reference to something that is not there becomes `refusal`; everything else stays what it is.
    pub fn dangling_as(self, refusal: Refusal) -> Self {
        match self {
            Self::Database(error) if error.is_dangling() => Self::Refused(refusal),
            other => other,
        }
    }
}

/// What use cases and queries answer.
pub type Outcome<T> = Result<T, Failure>;
