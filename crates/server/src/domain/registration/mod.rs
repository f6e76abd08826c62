//! Signing up.

pub mod confirm;
pub mod request;
