//! Who am I, and whom do I work for?

use portal_api_types::Me;

use crate::auth::scope::PersonScope;
use crate::db::Conn;
use crate::domain::{Outcome, Refusal};
use crate::store::{employees, users};

/// The person with the firms that they work for.
pub fn read(conn: &mut Conn, person: &PersonScope) -> Outcome<Me> {
    let user = users::read(conn, person)?.ok_or(Refusal::Unauthenticated)?;
    let firms = employees::firms_of(conn, &user.id)?;
    Ok(Me { id: user.id.clone(), name: user.name.clone(), email: user.email(), locale: user.locale(), firms })
}
