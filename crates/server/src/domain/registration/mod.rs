//! Signing up.

pub mod confirm;
pub mod create_owner;
pub mod request;
