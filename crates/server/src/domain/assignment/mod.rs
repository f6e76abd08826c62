//! Who works on which client account.

pub mod batch;
pub mod change;
pub mod list;
