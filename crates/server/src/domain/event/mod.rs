//! What a person is told while it happens. A courtesy: nothing is enforced by it, and each word is asked for by the rule
//! of access before it is said.

pub mod follow;
pub mod pending;
pub mod reach;
pub mod streams;
