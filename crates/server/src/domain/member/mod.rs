//! People who are in an account without a firm.

pub mod add;
pub mod power;
pub mod remove;
