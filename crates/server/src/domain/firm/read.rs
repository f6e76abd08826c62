//! A firm by itself.

use portal_api_types::Firm;

use crate::auth::scope::FirmScope;
use crate::db::Conn;
use crate::domain::{Outcome, Refusal};
use crate::store::firms;

/// The firm with its counts.
pub fn read(conn: &mut Conn, firm: &FirmScope) -> Outcome<Firm> {
    firms::read(conn, firm)?.ok_or_else(|| Refusal::NotFound("There is no such firm.").into())
}
