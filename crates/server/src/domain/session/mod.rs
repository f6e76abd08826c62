//! Being signed in.

pub mod begin;
pub mod end;
pub mod list;
pub mod refresh;
pub mod sign_in;
