//! Handlers: decode, one use case, encode.

pub mod account;
pub mod account_firms;
pub mod account_members;
pub mod activity;
pub mod answer;
pub mod assignments;
pub mod body;
pub mod client;
pub mod cookie;
pub mod dev_mail;
pub mod docs;
pub mod employees;
pub mod events;
pub mod firm_accounts;
pub mod firms;
pub mod frontend;
pub mod invitations;
pub mod json;
pub mod me;
pub mod passwords;
pub mod query;
pub mod registrations;
pub mod sessions;
pub mod system;
pub mod webhooks;
