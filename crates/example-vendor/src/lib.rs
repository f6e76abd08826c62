//! An example to copy from: a small product of a vendor whose customers let their accounting companies in by the portal.
//!
//! It has accounts and invoices of its own, and no users: whoever comes brings an account token of the portal.
//!
//! | file | what |
//! | --- | --- |
//! | `provision.rs` | makes an account in the portal for each of its own, and may do so again and again |
//! | `token.rs` | checks a token by the portal's public keys: from the portal, for this product, not expired |
//! | `access.rs` | asks the portal whether the token opens its account *now*; the answer is kept for a moment (`cache.rs`) |
//! | `webhook.rs` | hears from the portal that access has changed, and forgets the answers that it kept |
//! | `invoices.rs` | what all this is for |
//! | `refusal.rs` | how it says no |
//!
//! **It fails closed.** While the portal does not answer, a request is answered by what the portal said at most
//! `VENDOR_CACHE_SECONDS` ago; after that it is refused with 503. A product for which showing old data to somebody who may be
//! gone is better than showing nothing would choose otherwise; with somebody else's invoices one should not.
//!
//! `docs/INTEGRATING.md` in the repository walks through it.

pub mod access;
pub mod app;
pub mod books;
pub mod cache;
pub mod config;
pub mod invoices;
pub mod provision;
pub mod refusal;
pub mod token;
pub mod webhook;
