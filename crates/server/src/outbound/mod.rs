//! Requests of the portal to addresses that its users have named: to whom it speaks at all, and how much it lets itself be
//! told. [`addresses`] is the rule, [`post`] the one kind of request.

pub mod addresses;
pub mod post;

pub use addresses::Targets;
#[cfg(feature = "otlp")]
pub(crate) use post::tls_config;
pub use post::{Answer, Poster, SetupError};
