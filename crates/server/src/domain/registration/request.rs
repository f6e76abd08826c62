//! What happens when somebody signs up: a link goes out, and nothing else. Whether the address has a login is not told
//! to who asks, only to who reads the mail.

use portal_api_types::{Locale, Registration};

use crate::auth::link::{IssuedLink, LinkKind};
use crate::clock::Time;
use crate::db::Conn;
use crate::domain::rate_limit::{self, Limit};
use crate::domain::{Ctx, LINK_LIFE, Outcome, Refusal, Services, post};
use crate::mail::Mail;
use crate::store::{registrations, users};

/// Remembers the wish and posts the link.
pub async fn request(services: &Services, ctx: Ctx, wish: Registration) -> Outcome<()> {
    let counted = ctx.clone();
    let limited: Result<(), Refusal> = services
        .db
        .write(move |conn| rate_limit::count(conn, &counted, &Limit::Registration(counted.ip.clone())))
        .await?;
    limited?;
    services.db.write(move |conn| remember(conn, &ctx, &wish)).await
}

/// Remembers the wish and posts the link, or a notice to somebody who has a login.
pub fn remember(conn: &mut Conn, ctx: &Ctx, wish: &Registration) -> Outcome<()> {
    // Over the limit nobody is told: the answer must not depend on the address.
    if rate_limit::count(conn, ctx, &Limit::RegistrationAddress(wish.email.clone()))?.is_err() {
        return Ok(());
    }
    if let Some(user) = users::by_email(conn, &wish.email)? {
        return post::notice(
            conn,
            ctx,
            &user.email(),
            &Mail::AlreadyRegistered { name: user.name.to_string() },
        );
    }
    let (link, expires_at) = keep(conn, ctx, wish)?;
    let mail = Mail::Registration {
        name: wish.name.to_string(),
        account_name: wish.account_name.to_string(),
        expires_at: expires_at.and_utc(),
    };
    post::with_link(conn, ctx, &wish.email, language(ctx, wish), &mail, &link)
}

/// Keeps the wish until its link is opened.
pub(super) fn keep(conn: &mut Conn, ctx: &Ctx, wish: &Registration) -> Outcome<(IssuedLink, Time)> {
    let link = ctx.links.issue(LinkKind::Registration);
    let expires_at = ctx.now + LINK_LIFE;
    registrations::insert(
        conn,
        &registrations::NewRegistration {
            token_hash: &link.token_hash,
            email: &wish.email,
            name: &wish.name,
            account_name: &wish.account_name,
            locale: language(ctx, wish),
            created_at: ctx.now,
            expires_at,
        },
    )?;
    Ok((link, expires_at))
}

/// What was chosen, else what the browser asks for.
fn language(ctx: &Ctx, wish: &Registration) -> Locale {
    wish.locale.unwrap_or(ctx.locale)
}
