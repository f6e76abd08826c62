//! Accounting companies.

use diesel::prelude::*;
use portal_api_types::{Email, Firm, FirmId, FirmRef, Name, UserId};

use super::parse;
use crate::auth::scope::FirmScope;
use crate::clock::Time;
use crate::db::Conn;
use crate::domain::Outcome;
use crate::schema::{address_locks, employees, firms};

/// A new firm. Fails as a duplicate when the main e-mail is taken.
pub fn insert(conn: &mut Conn, id: &FirmId, name: &Name, email: &Email, now: Time) -> Outcome<()> {
    diesel::insert_into(firms::table)
        .values((
            firms::id.eq(id.as_str()),
            firms::name.eq(name.as_str()),
            firms::name_key.eq(name.sort_key()),
            firms::email.eq(email.as_str()),
            firms::email_display.eq(email.display()),
            firms::created_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// The firm that is known by this main e-mail.
pub fn by_email(conn: &mut Conn, email: &Email) -> Outcome<Option<FirmRef>> {
    let row: Option<(String, String)> = firms::table
        .filter(firms::email.eq(email.as_str()))
        .select((firms::id, firms::name))
        .first(conn)
        .optional()?;
    row.map(|(id, name)| Ok(FirmRef { id: parse(&id)?, name: parse(&name)? })).transpose()
}

/// The firm with this id, by name: for what an invitation that was accepted points at.
pub fn reference(conn: &mut Conn, id: &FirmId) -> Outcome<Option<FirmRef>> {
    let name: Option<String> = firms::table.find(id.as_str()).select(firms::name).first(conn).optional()?;
    name.map(|name| Ok(FirmRef { id: id.clone(), name: parse(&name)? })).transpose()
}

/// A firm's main e-mail.
pub fn email_of(conn: &mut Conn, id: &FirmId) -> Outcome<Email> {
    let (email, display) =
        firms::table.find(id.as_str()).select((firms::email, firms::email_display)).first(conn)?;
    Ok(Email::from_stored(email, display))
}

/// The firm with its counts.
pub fn read(conn: &mut Conn, firm: &FirmScope) -> Outcome<Option<Firm>> {
    let employee_count = employees::table
        .filter(employees::firm_id.eq(firms::id).and(employees::status.ne("deactivated")))
        .count()
        .single_value()
        .assume_not_null();
    let row: Option<(String, String, String, Time, i64, i64)> = firms::table
        .find(firm.id().as_str())
        .select((
            firms::name,
            firms::email,
            firms::email_display,
            firms::created_at,
            employee_count,
            firms::account_count,
        ))
        .first(conn)
        .optional()?;
    row.map(|(name, email, display, created_at, employee_count, account_count)| {
        Ok(Firm {
            id: firm.id().clone(),
            name: parse(&name)?,
            email: Email::from_stored(email, display),
            created_at: created_at.and_utc(),
            employee_count,
            account_count,
        })
    })
    .transpose()
}

/// How many client accounts the firm has that are active.
pub fn count_accounts(conn: &mut Conn, firm: &FirmScope) -> Outcome<i64> {
    Ok(firms::table.find(firm.id().as_str()).select(firms::account_count).first(conn)?)
}

/// Renames the firm.
pub fn rename(conn: &mut Conn, firm: &FirmScope, name: &Name) -> Outcome<()> {
    diesel::update(firms::table.find(firm.id().as_str()))
        .set((firms::name.eq(name.as_str()), firms::name_key.eq(name.sort_key())))
        .execute(conn)?;
    Ok(())
}

/// Takes the firm's row for this transaction: changes of who is in the firm queue here.
pub fn lock(conn: &mut Conn, firm: &FirmId) -> Outcome<()> {
    diesel::update(firms::table.find(firm.as_str()))
        .set(firms::version.eq(firms::version + 1))
        .execute(conn)?;
    Ok(())
}

/// Takes the rows of all firms that the person has a place in, one after the other, as [`lock`] does.
pub fn lock_all_of(conn: &mut Conn, user: &UserId) -> Outcome<()> {
    let places: Vec<String> = employees::table
        .filter(employees::user_id.eq(user.as_str()))
        .order(employees::firm_id)
        .select(employees::firm_id)
        .load(conn)?;
    for firm in places {
        diesel::update(firms::table.find(firm)).set(firms::version.eq(firms::version + 1)).execute(conn)?;
    }
    Ok(())
}

/// Takes a firm address for this transaction: invitations to it and the founding of its firm queue here, so that a client
/// who invites finds either the firm or is found by it.
pub fn lock_address(conn: &mut Conn, email: &Email) -> Outcome<()> {
    let touched = diesel::update(address_locks::table.find(email.as_str()))
        .set(address_locks::version.eq(address_locks::version + 1))
        .execute(conn)?;
    if touched == 0 {
        // MultiConnection has no `on_conflict` in its query builder; this statement means the same to both databases.
        diesel::sql_query(
            "INSERT INTO address_locks (email) VALUES ($1) \
             ON CONFLICT (email) DO UPDATE SET version = address_locks.version + 1",
        )
        .bind::<diesel::sql_types::Text, _>(email.as_str())
        .execute(conn)?;
    }
    Ok(())
}
