//! How a request gets its power.
//!
//! [`keys`] and [`token`] make and check the signed tokens, [`link`] the one-time tokens of mails, [`password`] the hashes.
//! `actor` has the extractors: what a handler names as its first argument is what its caller must be; [`entering`] has that of
//! who switches. An actor yields a
//! [`scope`], which every query of a tenant's rows demands and which cannot be made elsewhere. [`programs`] says what programs
//! may do, [`client`] how one proves itself by its secret, [`standing`] what is so now of who has a token, and [`grounds`]
//! is asked again while a long answer goes out.

pub mod actor;
mod caller;
pub mod client;
pub mod entering;
pub mod grounds;
pub mod keys;
pub mod link;
pub mod password;
pub mod programs;
pub mod scope;
pub mod signature;
pub mod standing;
pub mod token;
