//! People with a login.

use diesel::prelude::*;
use portal_api_types::{Email, Name, UserId};

use crate::auth::scope::PersonScope;
use crate::clock::Time;
use crate::db::Conn;
use crate::domain::Outcome;
use crate::schema::users;

/// A person, with what signing in needs.
#[derive(Clone, Queryable)]
pub struct User {
    /// The id.
    #[diesel(deserialize_as = String)]
    pub id: UserId,
    email: String,
    email_display: String,
    /// The name.
    #[diesel(deserialize_as = String)]
    pub name: Name,
    /// The password's hash, a PHC string.
    pub password_hash: String,
    status: String,
}

impl User {
    /// The address.
    pub fn email(&self) -> Email {
        Email::from_stored(self.email.clone(), self.email_display.clone())
    }

    /// Whether the person may sign in.
    pub fn is_active(&self) -> bool {
        self.status == "active"
    }
}

const COLUMNS: (
    users::id,
    users::email,
    users::email_display,
    users::name,
    users::password_hash,
    users::status,
) = (users::id, users::email, users::email_display, users::name, users::password_hash, users::status);

/// The person with this address.
pub fn by_email(conn: &mut Conn, email: &Email) -> Outcome<Option<User>> {
    Ok(users::table.filter(users::email.eq(email.as_str())).select(COLUMNS).first(conn).optional()?)
}

/// The person of a scope.
pub fn read(conn: &mut Conn, person: &PersonScope) -> Outcome<Option<User>> {
    by_id(conn, person.user_id())
}

/// The person with this id.
pub fn by_id(conn: &mut Conn, id: &UserId) -> Outcome<Option<User>> {
    Ok(users::table.find(id.as_str()).select(COLUMNS).first(conn).optional()?)
}

/// A new person. Fails as a duplicate when the address has a login already.
pub fn insert(
    conn: &mut Conn,
    id: &UserId,
    email: &Email,
    name: &Name,
    password_hash: &str,
    now: Time,
) -> Outcome<()> {
    diesel::insert_into(users::table)
        .values((
            users::id.eq(id.as_str()),
            users::email.eq(email.as_str()),
            users::email_display.eq(email.display()),
            users::name.eq(name.as_str()),
            users::password_hash.eq(password_hash),
            users::status.eq("active"),
            users::created_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// Sets the password's hash.
pub fn set_password(conn: &mut Conn, id: &UserId, password_hash: &str) -> Outcome<()> {
    diesel::update(users::table.find(id.as_str()))
        .set(users::password_hash.eq(password_hash))
        .execute(conn)?;
    Ok(())
}

/// Replaces the hash only if it is still the one that was verified: a password that was changed meanwhile stays changed.
pub fn upgrade_password(conn: &mut Conn, id: &UserId, verified: &str, upgraded: &str) -> Outcome<()> {
    diesel::update(users::table.find(id.as_str()).filter(users::password_hash.eq(verified)))
        .set(users::password_hash.eq(upgraded))
        .execute(conn)?;
    Ok(())
}

/// Renames the person.
pub fn rename(conn: &mut Conn, person: &PersonScope, name: &Name) -> Outcome<()> {
    diesel::update(users::table.find(person.user_id().as_str()))
        .set(users::name.eq(name.as_str()))
        .execute(conn)?;
    Ok(())
}
