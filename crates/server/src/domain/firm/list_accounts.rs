//! A firm's client accounts.

use portal_api_types::ClientAccount;

use crate::auth::scope::FirmScope;
use crate::db::Conn;
use crate::domain::Outcome;
pub use crate::store::connections::ClientAccountFilter;
use crate::store::{After, connections};

/// A page of client accounts by name; one more than asked for when there is a next page.
pub fn list(
    conn: &mut Conn,
    firm: &FirmScope,
    filter: &ClientAccountFilter,
    after: Option<&After<String>>,
    limit: usize,
) -> Outcome<Vec<ClientAccount>> {
    connections::list_accounts(conn, firm, filter, after, limit + 1)
}
