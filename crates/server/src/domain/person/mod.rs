//! The person who is signed in.

pub mod accounts;
pub mod read;
pub mod update;
