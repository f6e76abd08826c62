//! A firm's people.

pub mod accounts;
pub mod departure;
pub mod hand_over;
pub mod invite;
pub mod list;
pub mod power;
pub mod read;
pub mod remove;
pub mod resend;
pub mod update;
