//! Mails, written into the outbox in the transaction that causes them.

use portal_api_types::{Email, MailId};

use super::{Ctx, Outcome};
use crate::auth::link::IssuedLink;
use crate::db::Conn;
use crate::mail::Mail;
use crate::store::outbox::{self, NewMail};

/// Posts a mail without a secret.
pub fn notice(conn: &mut Conn, ctx: &Ctx, to: &Email, mail: &Mail) -> Outcome<()> {
    post(conn, ctx, to, mail, None)
}

/// Posts a mail that carries a link with a one-time token.
pub fn with_link(conn: &mut Conn, ctx: &Ctx, to: &Email, mail: &Mail, link: &IssuedLink) -> Outcome<()> {
    post(conn, ctx, to, mail, Some(link))
}

/// The link with this token is dead: its mail, if it still waits, is not sent.
pub fn withdraw(conn: &mut Conn, ctx: &Ctx, token_hash: &str) -> Outcome<()> {
    outbox::cancel(conn, token_hash, ctx.now)
}

fn post(conn: &mut Conn, ctx: &Ctx, to: &Email, mail: &Mail, link: Option<&IssuedLink>) -> Outcome<()> {
    let id = MailId::from_uuid(ctx.new_uuid());
    let new = NewMail {
        id: &id,
        recipient: to,
        mail,
        token_seed: link.map(|link| link.seed.as_str()),
        token_hash: link.map(|link| link.token_hash.as_str()),
        now: ctx.now,
    };
    outbox::insert(conn, &new)
}
