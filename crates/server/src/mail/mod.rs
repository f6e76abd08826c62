//! Mails: what they say, and how they are sent.

mod message;
mod template;
pub mod transport;
mod typed;
mod words;

pub use message::{EndedAccess, Mail};
pub use template::{Links, Rendered, TemplateError, Templates};
