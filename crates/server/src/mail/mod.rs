//! Mails: what they say, and how they are sent.

mod template;
pub mod transport;

pub use template::{EndedAccess, Links, Mail, Rendered, TemplateError, Templates};
