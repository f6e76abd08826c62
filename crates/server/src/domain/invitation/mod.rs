//! Invitations: one mechanism for all that arrives by e-mail.

pub mod accept;
pub mod cancel;
pub mod limits;
pub mod lookup;
pub mod resend;
