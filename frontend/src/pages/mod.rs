//! One screen a file.

pub(crate) mod account;
pub(crate) mod firm;
pub(crate) mod forgot;
pub(crate) mod home;
pub(crate) mod join;
mod mailed;
pub(crate) mod not_found;
pub(crate) mod register;
pub(crate) mod reset;
pub(crate) mod security;
pub(crate) mod sign_in;
