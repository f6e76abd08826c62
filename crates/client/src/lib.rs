//! A typed client of the accounting portal's REST API, for native programs and for the browser.
//!
//! The types say which token opens what:
//!
//! | value | how it is got | what it can do |
//! | --- | --- | --- |
//! | [`Portal`] | [`Portal::new`] | what needs no token: sign up, sign in, reset a password, open an invitation |
//! | [`SignedIn`] | [`Portal::sign_in`], [`Portal::accept_invitation`], ... | `/me`, `/sessions`, and entering an account |
//! | [`InFirm`] | [`SignedIn::firm`] | one firm: its people and who works for which client |
//! | [`InAccount`] | [`SignedIn::enter`], [`Portal::client_credentials`], [`Portal::in_account`] | one account: who gets in, and its audit trail |
//! | [`Operator`] | [`Portal::operator`] | the vendor's own product: accounts, suspending accounts, firms and people, webhooks |
//!
//! Each operation of the API is one method, named like its operation id, and answers an [`Answer`], which is sent when it is
//! awaited. Bodies and answers are the types of [`api_types`]; a list takes a query ([`ListQuery`], ...) and answers a
//! [`Page`](api_types::Page).
//!
//! ```no_run
//! use portal_client::api_types::{Email, Password, SignIn};
//! use portal_client::{ListQuery, Portal};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let portal = Portal::new("https://portal.example")?;
//! let ben = portal
//!     .sign_in(&SignIn {
//!         email: Email::parse("ben@apple-solutions.example")?,
//!         password: Password::new("violet-harbour-41"),
//!     })
//!     .await?;
//! let accounts = ben.list_my_accounts(&ListQuery::default()).await?;
//! if let Some(first) = accounts.items.first() {
//!     let account = ben.enter(&first.id).await?;
//!     println!("In {} as {}", first.name, account.read_account().await?.role);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Errors
//! Every method answers an [`Error`]: the portal's own refusal as a [`Problem`](api_types::Problem) with its
//! machine-readable [`ErrorCode`](api_types::ErrorCode), a portal that was not reached, or an answer that is not one
//! of the API. The methods name the codes that are their own; those of the table can come from any:
//!
//! | code | when |
//! | --- | --- |
//! | `unauthenticated` | the token is invalid, expired or revoked: refresh the session, or sign in again |
//! | `forbidden` | the role is not enough for this |
//! | `not_found` | it does not exist, or the caller has no right to know that it does |
//! | 422, such as `invalid_name` | a field of the body is wrong; [`Problem::errors`](api_types::Problem::errors) says which |
//! | `rate_limited`, `unavailable` | come back after [`Error::retry_after`] seconds |
//!
//! # Asking twice
//! A call whose answer got lost may have taken effect. Each handle has a `with_idempotency_key`: what creates something by
//! the handle that it answers takes effect once, however often it is sent, and answers the first answer.
//! The endpoints of OAuth refuse in a form of their own, [`Error::OAuth`].
//!
//! # Programs
//! A program acts in one account by an API key, which an owner makes with [`InAccount::create_api_key`]:
//!
//! ```no_run
//! use portal_client::Portal;
//! use portal_client::api_types::{ApiKeyId, Secret};
//!
//! # async fn run(secret: String) -> Result<(), Box<dyn std::error::Error>> {
//! let portal = Portal::new("https://portal.example")?;
//! let key = ApiKeyId::parse("akey_01h455vb4pex5vsknk084sn02q")?;
//! let account = portal.client_credentials(&key, &Secret::new(secret), None).await?;
//! println!("{} owners", account.list_account_users().await?.owners.len());
//! # Ok(())
//! # }
//! ```
//!
//! # Events
//! [`SignedIn::events`] opens a stream that says what has changed, while it happens: a courtesy to who looks at it.
//!
//! # Webhooks
//! `webhook::verify` checks what the portal posts to a program (not in the browser's build, which receives nothing).
//!
//! # Tokens
//! A token is good for 15 minutes, and only as long as what it opens is still allowed. The refresh token is a cookie:
//! the browser's, or natively that of the [`Portal`]'s own jar. No `Debug` form of this crate's types and no error
//! shows a token.

mod account;
mod answer;
mod bulk;
mod error;
mod events;
mod firm;
pub mod json;
mod operator;
mod operator_webhooks;
mod portal;
mod query;
mod signed_in;
mod sse;
mod transport;
#[cfg(not(target_arch = "wasm32"))]
pub mod webhook;
mod webhooks;

pub use portal_api_types as api_types;

pub use account::InAccount;
pub use answer::{Answer, Body, Reader, Receiving};
pub use error::Error;
pub use events::{Events, PortalEvent};
pub use firm::InFirm;
pub use operator::Operator;
pub use portal::Portal;
pub use query::{
    ActivityQuery, EmployeeQuery, FirmAccountQuery, ListQuery, OperatorAccountQuery, OperatorFirmQuery,
    OperatorUserQuery, PageQuery,
};
pub use signed_in::SignedIn;
