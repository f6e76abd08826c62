//! Forgotten and changed passwords.

pub mod change;
pub mod confirm_reset;
pub mod request_reset;
