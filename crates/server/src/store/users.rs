//! People with a login.

use diesel::prelude::*;
use portal_api_types::{Email, Locale, Name, UserId};

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
    locale: String,
}

impl User {
    /// The address.
    pub fn email(&self) -> Email {
        Email::from_stored(self.email.clone(), self.email_display.clone())
    }

    /// The language of the person's mails.
    pub fn locale(&self) -> Locale {
        known(&self.locale)
    }

    /// Whether the person may sign in.
    pub fn is_active(&self) -> bool {
        self.status == "active"
    }
}

/// A language that only a newer process knows is no reason to turn somebody away.
fn known(locale: &str) -> Locale {
    locale.parse().unwrap_or_default()
}

const COLUMNS: (
    users::id,
    users::email,
    users::email_display,
    users::name,
    users::password_hash,
    users::status,
    users::locale,
) = (
    users::id,
    users::email,
    users::email_display,
    users::name,
    users::password_hash,
    users::status,
    users::locale,
);

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

/// The language of the login with this address, if it has one.
pub fn locale_at(conn: &mut Conn, email: &Email) -> Outcome<Option<Locale>> {
    let row: Option<String> =
        users::table.filter(users::email.eq(email.as_str())).select(users::locale).first(conn).optional()?;
    Ok(row.as_deref().map(known))
}

/// The language of this person.
pub fn locale_of(conn: &mut Conn, id: &UserId) -> Outcome<Option<Locale>> {
    let row: Option<String> = users::table.find(id.as_str()).select(users::locale).first(conn).optional()?;
    Ok(row.as_deref().map(known))
}

/// A new person. Fails as a duplicate when the address has a login already.
pub fn insert(
    conn: &mut Conn,
    id: &UserId,
    email: &Email,
    name: &Name,
    password_hash: &str,
    locale: Locale,
    now: Time,
) -> Outcome<()> {
    diesel::insert_into(users::table)
        .values((
            users::id.eq(id.as_str()),
            users::email.eq(email.as_str()),
            users::email_display.eq(email.display()),
            users::name.eq(name.as_str()),
            users::name_key.eq(name.sort_key()),
            users::password_hash.eq(password_hash),
            users::status.eq("active"),
            users::created_at.eq(now),
            users::locale.eq(locale.as_str()),
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
        .set((users::name.eq(name.as_str()), users::name_key.eq(name.sort_key())))
        .execute(conn)?;
    Ok(())
}

/// Sets the language of the person's mails.
pub fn set_locale(conn: &mut Conn, person: &PersonScope, locale: Locale) -> Outcome<()> {
    diesel::update(users::table.find(person.user_id().as_str()))
        .set(users::locale.eq(locale.as_str()))
        .execute(conn)?;
    Ok(())
}
