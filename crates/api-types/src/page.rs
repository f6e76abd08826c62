//! Pages of lists.

use serde::{Deserialize, Serialize};

use crate::ErrorCode;
use crate::text::InvalidValue;

/// How many items a page has when nothing is asked for.
pub const ITEMS_PER_PAGE: u16 = 50;
/// The most items that a page can have.
pub const MAX_ITEMS_PER_PAGE: u16 = 200;

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// What to send as `cursor` for the next page; null on the last one.
    #[cfg_attr(
        feature = "openapi",
        schema(required = true, example = "626c75652062616b657279.acct_01h455vb4pex5vsknk084sn02q")
    )]
    pub next_cursor: Option<String>,
}

/// How many items a page may have: 1 to 200.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Limit(u16);

impl Limit {
    /// Checks the range.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidValue`] outside 1 to 200.
    pub fn new(limit: u16) -> Result<Self, InvalidValue> {
        match limit {
            1..=MAX_ITEMS_PER_PAGE => Ok(Self(limit)),
            _ => Err(InvalidValue::new(ErrorCode::InvalidValue, "A page has 1 to 200 items.")),
        }
    }

    /// The number of items.
    pub fn get(self) -> usize {
        usize::from(self.0)
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(ITEMS_PER_PAGE)
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(u16::deserialize(deserializer)?).map_err(InvalidValue::into_serde)
    }
}
