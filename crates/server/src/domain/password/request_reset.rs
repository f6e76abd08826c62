//! What happens when somebody forgot the password: if there is such a login, a link goes to its address. Who asks gets the
//! same answer either way.

use portal_api_types::Email;

use crate::auth::link::LinkKind;
use crate::db::Conn;
use crate::domain::rate_limit::{self, Limit};
use crate::domain::{Ctx, LINK_LIFE, Outcome, Refusal, Services, post};
use crate::mail::Mail;
use crate::store::password_resets;
use crate::store::users::{self, User};

/// Posts the link, if there is such a login.
pub async fn request_reset(services: &Services, ctx: Ctx, email: Email) -> Outcome<()> {
    let limited: Result<(), Refusal> = services
        .db
        .write(move |conn| {
            let limited = rate_limit::count(conn, &ctx, &Limit::PasswordReset(email.clone()))?;
            if limited.is_ok() {
                remember(conn, &ctx, &email)?;
            }
            Ok(limited)
        })
        .await?;
    Ok(limited?)
}

fn remember(conn: &mut Conn, ctx: &Ctx, email: &Email) -> Outcome<()> {
    let Some(user) = users::by_email(conn, email)?.filter(User::is_active) else { return Ok(()) };
    let link = ctx.links.issue(LinkKind::PasswordReset);
    let expires_at = ctx.now + LINK_LIFE;
    password_resets::insert(conn, &link.token_hash, &user.id, ctx.now, expires_at)?;
    let mail = Mail::PasswordReset { name: user.name.to_string(), expires_at: expires_at.and_utc() };
    post::with_link(conn, ctx, &user.email(), user.locale(), &mail, &link)
}
