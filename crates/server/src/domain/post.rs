//! Mails, written into the outbox in the transaction that causes them, and in the language of whom they go to: that of the
//! address's login if it has one, else that of whoever causes the mail.

use portal_api_types::{Email, Locale, MailId, MemberRole};

use super::{Actor, Ctx, Outcome};
use crate::auth::link::IssuedLink;
use crate::auth::scope::AccountScope;
use crate::db::Conn;
use crate::mail::Mail;
use crate::store::outbox::{self, NewMail};
use crate::store::{members, users};

/// Posts a mail without a secret, to an address that has a login.
pub fn notice(conn: &mut Conn, ctx: &Ctx, to: &Email, mail: &Mail) -> Outcome<()> {
    let locale = users::locale_at(conn, to)?.unwrap_or_default();
    post(conn, ctx, to, locale, mail, None)
}

/// Posts a mail without a secret to each owner of the account, by name.
pub fn to_owners(
    conn: &mut Conn,
    ctx: &Ctx,
    account: &AccountScope,
    mail: impl Fn(String) -> Mail,
) -> Outcome<()> {
    for member in members::list(conn, account)? {
        if member.role == MemberRole::Owner
            && let Some(email) = &member.person.email
        {
            notice(conn, ctx, email, &mail(member.person.name.to_string()))?;
        }
    }
    Ok(())
}

/// Posts a mail by which somebody invites, with its link.
pub fn invitation(
    conn: &mut Conn,
    ctx: &Ctx,
    inviter: &Actor,
    to: &Email,
    mail: &Mail,
    link: &IssuedLink,
) -> Outcome<()> {
    let locale = match users::locale_at(conn, to)? {
        Some(locale) => locale,
        None => users::locale_of(conn, &inviter.user_id)?.unwrap_or_default(),
    };
    with_link(conn, ctx, to, locale, mail, link)
}

/// Posts a mail that carries a link with a one-time token, in this language.
pub fn with_link(
    conn: &mut Conn,
    ctx: &Ctx,
    to: &Email,
    locale: Locale,
    mail: &Mail,
    link: &IssuedLink,
) -> Outcome<()> {
    post(conn, ctx, to, locale, mail, Some(link))
}

/// The link with this token is dead: its mail, if it still waits, is not sent.
pub fn withdraw(conn: &mut Conn, ctx: &Ctx, token_hash: &str) -> Outcome<()> {
    outbox::cancel(conn, token_hash, ctx.now)
}

fn post(
    conn: &mut Conn,
    ctx: &Ctx,
    to: &Email,
    locale: Locale,
    mail: &Mail,
    link: Option<&IssuedLink>,
) -> Outcome<()> {
    let id = MailId::from_uuid(ctx.new_uuid());
    let new = NewMail {
        id: &id,
        recipient: to,
        locale,
        mail,
        token_seed: link.map(|link| link.seed.as_str()),
        token_hash: link.map(|link| link.token_hash.as_str()),
        now: ctx.now,
    };
    outbox::insert(conn, &new)
}
