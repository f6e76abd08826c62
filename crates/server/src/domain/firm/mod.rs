//! Accounting companies, in accounts and by themselves.

pub mod block_person;
pub mod client;
pub mod disconnect;
pub mod invite;
pub mod list_accounts;
pub mod read;
pub mod rename;
