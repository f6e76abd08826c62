//! Mails to send.

use diesel::dsl::{count_star, min};
use diesel::prelude::*;
use portal_api_types::{Email, Locale, MailId};
use serde::Serialize;

use crate::clock::Time;
use crate::db::Conn;
use crate::domain::Outcome;
use crate::schema::outbox;

/// A mail to write into the outbox.
pub struct NewMail<'a, M> {
    /// Its id; also its Message-ID, so that a mail that is sent twice can be recognised.
    pub id: &'a MailId,
    /// Whom it goes to.
    pub recipient: &'a Email,
    /// In which language.
    pub locale: Locale,
    /// What it says: kept as a JSON object that names its template.
    pub mail: &'a M,
    /// The seed of its link's one-time token.
    pub token_seed: Option<&'a str>,
    /// The hash of that token.
    pub token_hash: Option<&'a str>,
    /// Now.
    pub now: Time,
}

/// A mail that is due.
#[derive(Clone, Queryable)]
pub struct DueMail {
    /// Its id.
    #[diesel(deserialize_as = String)]
    pub id: MailId,
    /// Whom it goes to: a normalised address.
    pub recipient: String,
    /// What it says.
    pub mail: String,
    /// The seed of its link's one-time token.
    pub token_seed: Option<String>,
    /// How often it was tried.
    pub attempts: i32,
    /// When it was written.
    pub created_at: Time,
    locale: String,
}

impl DueMail {
    /// In which language. One that only a newer process knows becomes English: better than no mail.
    pub fn locale(&self) -> Locale {
        self.locale.parse().unwrap_or_default()
    }
}

/// Writes a mail.
pub fn insert<M: Serialize>(conn: &mut Conn, new: &NewMail<'_, M>) -> Outcome<()> {
    let mail = serde_json::to_string(new.mail)
        .map_err(|error| diesel::result::Error::SerializationError(Box::new(error)))?;
    diesel::insert_into(outbox::table)
        .values((
            outbox::id.eq(new.id.as_str()),
            outbox::recipient.eq(new.recipient.as_str()),
            outbox::mail.eq(mail),
            outbox::token_seed.eq(new.token_seed),
            outbox::token_hash.eq(new.token_hash),
            outbox::state.eq("pending"),
            outbox::attempts.eq(0),
            outbox::next_attempt_at.eq(new.now),
            outbox::created_at.eq(new.now),
            outbox::locale.eq(new.locale.as_str()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Mails that are due and that nobody is sending, the longest waiting first.
pub fn due(conn: &mut Conn, now: Time, limit: i64) -> Outcome<Vec<DueMail>> {
    Ok(outbox::table
        .filter(outbox::state.eq("pending").and(outbox::next_attempt_at.le(now)))
        .filter(outbox::claimed_until.is_null().or(outbox::claimed_until.le(now)))
        .order((outbox::next_attempt_at, outbox::id))
        .limit(limit)
        .select((
            outbox::id,
            outbox::recipient,
            outbox::mail,
            outbox::token_seed,
            outbox::attempts,
            outbox::created_at,
            outbox::locale,
        ))
        .load(conn)?)
}

/// Takes a mail to send it; false when another sender was first or it was cancelled.
pub fn claim(conn: &mut Conn, id: &MailId, now: Time, until: Time) -> Outcome<bool> {
    let free = outbox::table
        .find(id.as_str())
        .filter(outbox::state.eq("pending").and(outbox::next_attempt_at.le(now)))
        .filter(outbox::claimed_until.is_null().or(outbox::claimed_until.le(now)));
    Ok(diesel::update(free).set(outbox::claimed_until.eq(until)).execute(conn)? == 1)
}

/// Whether a mail is still to be sent.
pub fn is_pending(conn: &mut Conn, id: &MailId) -> Outcome<bool> {
    let pending = outbox::table.find(id.as_str()).filter(outbox::state.eq("pending"));
    Ok(diesel::select(diesel::dsl::exists(pending)).get_result(conn)?)
}

/// Notes that a mail was taken by the mail server. The seed of its link is forgotten.
pub fn mark_sent(conn: &mut Conn, id: &MailId, now: Time) -> Outcome<()> {
    diesel::update(outbox::table.find(id.as_str()).filter(outbox::state.eq("pending")))
        .set((
            outbox::state.eq("sent"),
            outbox::attempts.eq(outbox::attempts + 1),
            outbox::finished_at.eq(now),
            outbox::claimed_until.eq(None::<Time>),
            outbox::token_seed.eq(None::<String>),
            outbox::token_hash.eq(None::<String>),
            outbox::last_error.eq(None::<String>),
        ))
        .execute(conn)?;
    Ok(())
}

/// Notes that a mail was not taken, and when to try again.
pub fn mark_deferred(conn: &mut Conn, id: &MailId, error: &str, next_attempt_at: Time) -> Outcome<()> {
    diesel::update(outbox::table.find(id.as_str()).filter(outbox::state.eq("pending")))
        .set((
            outbox::attempts.eq(outbox::attempts + 1),
            outbox::next_attempt_at.eq(next_attempt_at),
            outbox::claimed_until.eq(None::<Time>),
            outbox::last_error.eq(error),
        ))
        .execute(conn)?;
    Ok(())
}

/// Gives a mail up.
pub fn mark_failed(conn: &mut Conn, id: &MailId, error: &str, now: Time) -> Outcome<()> {
    diesel::update(outbox::table.find(id.as_str()).filter(outbox::state.eq("pending")))
        .set((
            outbox::state.eq("failed"),
            outbox::attempts.eq(outbox::attempts + 1),
            outbox::finished_at.eq(now),
            outbox::claimed_until.eq(None::<Time>),
            outbox::token_seed.eq(None::<String>),
            outbox::token_hash.eq(None::<String>),
            outbox::last_error.eq(error),
        ))
        .execute(conn)?;
    Ok(())
}

/// The link with this token is dead: a mail that carries it and waits is not sent any more.
pub fn cancel(conn: &mut Conn, token_hash: &str, now: Time) -> Outcome<()> {
    diesel::update(outbox::table.filter(outbox::token_hash.eq(token_hash).and(outbox::state.eq("pending"))))
        .set((
            outbox::state.eq("cancelled"),
            outbox::finished_at.eq(now),
            outbox::token_seed.eq(None::<String>),
            outbox::token_hash.eq(None::<String>),
        ))
        .execute(conn)?;
    Ok(())
}

/// How many mails wait, and since when the oldest does, for the metrics.
pub fn pending(conn: &mut Conn) -> Outcome<(i64, Option<Time>)> {
    let count_and_oldest = (count_star(), min(outbox::created_at));
    Ok(outbox::table.filter(outbox::state.eq("pending")).select(count_and_oldest).first(conn)?)
}

/// The seed of the newest link that waits for this address: for the demo data, which opens its own mails.
pub fn newest_seed_for(conn: &mut Conn, recipient: &Email) -> Outcome<Option<String>> {
    let seed: Option<Option<String>> = outbox::table
        .filter(outbox::recipient.eq(recipient.as_str()).and(outbox::token_seed.is_not_null()))
        .order((outbox::created_at.desc(), outbox::id.desc()))
        .select(outbox::token_seed)
        .first(conn)
        .optional()?;
    Ok(seed.flatten())
}
