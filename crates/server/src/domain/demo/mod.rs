//! The demo: the people of the product's story, who do in a fresh database what people do.

pub mod cast;
pub mod play;
pub mod roster;
