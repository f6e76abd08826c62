//! How a request gets its power.
//!
//! [`keys`] and [`token`] make and check the signed tokens, [`link`] the one-time tokens of mails, [`password`] the hashes.
//! `actor` has the extractors: what a handler names as its first argument is what its caller must be. An actor yields a
//! [`scope`], which every query of a tenant's rows demands and which cannot be made elsewhere.

pub mod actor;
pub mod keys;
pub mod link;
pub mod password;
pub mod scope;
pub mod signature;
pub mod token;
