//! What happens when somebody changes their own data: their firms see a new name, and mails come in a new language.

use portal_api_types::{Me, UpdateMe};

use super::read::read;
use crate::auth::scope::PersonScope;
use crate::db::Conn;
use crate::domain::Outcome;
use crate::store::{employees, users};

/// Changes what is given, and answers the new state.
pub fn update(conn: &mut Conn, person: &PersonScope, changes: &UpdateMe) -> Outcome<Me> {
    if let Some(name) = &changes.name {
        users::rename(conn, person, name)?;
        employees::rename_person(conn, person.user_id(), name)?;
    }
    if let Some(locale) = changes.locale {
        users::set_locale(conn, person, locale)?;
    }
    read(conn, person)
}
