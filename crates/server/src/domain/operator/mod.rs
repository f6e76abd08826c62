//! The operator: the vendor whose product already has accounts and owners.

pub mod account_status;
pub mod add_owner;
pub mod create_account;
pub mod firm_status;
pub mod keys;
pub mod read;
pub mod update_account;
pub mod user_status;

pub use crate::store::directory::Filter;
