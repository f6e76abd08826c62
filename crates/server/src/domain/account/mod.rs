//! Client accounts.

pub mod enter;
pub mod list_users;
pub mod open;
pub mod rename;
