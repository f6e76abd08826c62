//! Keys by which programs act in an account.

pub mod create;
pub mod list;
pub mod revoke;
