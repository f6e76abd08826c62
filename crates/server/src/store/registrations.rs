//! Sign-ups that wait for their link to be opened.

use diesel::prelude::*;
use portal_api_types::{Email, Locale, Name};

use crate::clock::Time;
use crate::db::Conn;
use crate::domain::Outcome;
use crate::schema::registrations;

/// A sign-up.
#[derive(Clone, Queryable)]
pub struct Registration {
    email: String,
    email_display: String,
    /// The person's name.
    #[diesel(deserialize_as = String)]
    pub name: Name,
    /// The first account's name.
    #[diesel(deserialize_as = String)]
    pub account_name: Name,
    locale: String,
}

impl Registration {
    /// The address that the link went to.
    pub fn email(&self) -> Email {
        Email::from_stored(self.email.clone(), self.email_display.clone())
    }

    /// The language that was asked for.
    pub fn locale(&self) -> Locale {
        self.locale.parse().unwrap_or_default()
    }
}

/// A new sign-up.
pub struct NewRegistration<'a> {
    /// The hash of the link's token.
    pub token_hash: &'a str,
    /// The address that the link goes to.
    pub email: &'a Email,
    /// The person's name.
    pub name: &'a Name,
    /// The first account's name.
    pub account_name: &'a Name,
    /// The language of the person's mails.
    pub locale: Locale,
    /// Now.
    pub created_at: Time,
    /// When the link stops working.
    pub expires_at: Time,
}

/// Remembers a sign-up.
pub fn insert(conn: &mut Conn, new: &NewRegistration<'_>) -> Outcome<()> {
    diesel::insert_into(registrations::table)
        .values((
            registrations::token_hash.eq(new.token_hash),
            registrations::email.eq(new.email.as_str()),
            registrations::email_display.eq(new.email.display()),
            registrations::name.eq(new.name.as_str()),
            registrations::account_name.eq(new.account_name.as_str()),
            registrations::created_at.eq(new.created_at),
            registrations::expires_at.eq(new.expires_at),
            registrations::locale.eq(new.locale.as_str()),
        ))
        .execute(conn)?;
    Ok(())
}

/// The sign-up that this token confirms, if the link still works.
pub fn open(conn: &mut Conn, token_hash: &str, now: Time) -> Outcome<Option<Registration>> {
    Ok(registrations::table
        .find(token_hash)
        .filter(registrations::used_at.is_null().and(registrations::expires_at.gt(now)))
        .select((
            registrations::email,
            registrations::email_display,
            registrations::name,
            registrations::account_name,
            registrations::locale,
        ))
        .first(conn)
        .optional()?)
}

/// Uses the link; false when somebody else was first.
pub fn mark_used(conn: &mut Conn, token_hash: &str, now: Time) -> Outcome<bool> {
    let used = diesel::update(
        registrations::table
            .find(token_hash)
            .filter(registrations::used_at.is_null().and(registrations::expires_at.gt(now))),
    )
    .set(registrations::used_at.eq(now))
    .execute(conn)?;
    Ok(used == 1)
}

/// Kills every open link of this address: it has a login now.
pub fn close_all_of(conn: &mut Conn, email: &Email, now: Time) -> Outcome<()> {
    diesel::update(
        registrations::table
            .filter(registrations::email.eq(email.as_str()).and(registrations::used_at.is_null())),
    )
    .set(registrations::used_at.eq(now))
    .execute(conn)?;
    Ok(())
}
