//! Mails: what they say, and how they are sent.

mod template;
pub mod transport;
mod words;

pub use template::{EndedAccess, Links, Mail, Rendered, TemplateError, Templates};
