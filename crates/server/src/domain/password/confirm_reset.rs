//! What happens when the link of a reset is opened and a new password chosen: every session of the person ends.

use portal_api_types::{ConfirmPasswordReset, UserId};

use crate::auth::link::hash;
use crate::clock::Time;
use crate::db::Conn;
use crate::domain::rate_limit::{self, Limit};
use crate::domain::{Ctx, Outcome, Refusal, Services, post};
use crate::mail::Mail;
use crate::store::{password_resets, sessions, users};

/// Sets the new password.
pub async fn confirm_reset(services: &Services, ctx: Ctx, body: ConfirmPasswordReset) -> Outcome<()> {
    let token_hash = hash(&body.token);
    let (looked_up, now) = (token_hash.clone(), ctx.now);
    let user = services.db.read(move |conn| find(conn, &looked_up, now)).await?;
    let about = vec![user.name.to_string(), user.email().as_str().to_owned()];
    let password_hash = services
        .passwords
        .hash_new(body.password, about)
        .await?
        .map_err(|weak| Refusal::invalid_field("/password", weak))?;
    services.db.write(move |conn| set(conn, &ctx, &token_hash, &user, &password_hash)).await
}

/// The person whose password this token resets, while its link works.
pub fn find(conn: &mut Conn, token_hash: &str, now: Time) -> Outcome<users::User> {
    let user = match password_resets::open(conn, token_hash, now)? {
        Some(id) => users::by_id(conn, &id)?,
        None => None,
    };
    Ok(user.ok_or(Refusal::InvitationGone)?)
}

fn set(conn: &mut Conn, ctx: &Ctx, token_hash: &str, user: &users::User, password_hash: &str) -> Outcome<()> {
    if !password_resets::mark_used(conn, token_hash, ctx.now)? {
        return Err(Refusal::InvitationGone.into());
    }
    let id: &UserId = &user.id;
    password_resets::close_all_of(conn, id, ctx.now)?;
    users::set_password(conn, id, password_hash)?;
    sessions::end_all_of(conn, id, None, ctx.now)?;
    // Whoever guessed too often has locked the rightful person out only until here.
    rate_limit::clear(conn, &Limit::SignInAccount(user.email()))?;
    post::notice(conn, ctx, &user.email(), &Mail::PasswordChanged { name: user.name.to_string() })
}
