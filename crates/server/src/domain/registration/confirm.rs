//! What happens when the link of a sign-up is opened and a password chosen: the person and the first account come to be.

use portal_api_types::{ConfirmRegistration, UserId, UserRef};

use crate::auth::link::hash;
use crate::clock::Time;
use crate::db::Conn;
use crate::domain::session::begin::{OpenSession, begin};
use crate::domain::{Actor, Ctx, Outcome, Refusal, Services, account};
use crate::store::registrations::{self, Registration};
use crate::store::users;

/// Confirms a sign-up.
pub async fn confirm(services: &Services, ctx: Ctx, body: ConfirmRegistration) -> Outcome<OpenSession> {
    let token_hash = hash(&body.token);
    let (looked_up, now) = (token_hash.clone(), ctx.now);
    let wish = services.db.read(move |conn| find(conn, &looked_up, now)).await?;
    let about = vec![wish.name.to_string(), wish.email().as_str().to_owned(), wish.account_name.to_string()];
    let password_hash = services
        .passwords
        .hash_new(body.password, about)
        .await?
        .map_err(|weak| Refusal::invalid_field("/password", weak))?;
    services.db.write(move |conn| found(conn, &ctx, &token_hash, &wish, &password_hash)).await
}

/// The sign-up of this token, while its link works.
pub fn find(conn: &mut Conn, token_hash: &str, now: Time) -> Outcome<Registration> {
    Ok(registrations::open(conn, token_hash, now)?.ok_or(Refusal::InvitationGone)?)
}

fn found(
    conn: &mut Conn,
    ctx: &Ctx,
    token_hash: &str,
    wish: &Registration,
    password_hash: &str,
) -> Outcome<OpenSession> {
    if !registrations::mark_used(conn, token_hash, ctx.now)? {
        return Err(Refusal::InvitationGone.into());
    }
    let email = wish.email();
    let id = UserId::from_uuid(ctx.new_uuid());
    users::insert(conn, &id, &email, &wish.name, password_hash, wish.locale(), ctx.now)
        .map_err(|failure| failure.duplicate_as(Refusal::InvitationGone))?;
    registrations::close_all_of(conn, &email, ctx.now)?;
    let actor = Actor { user_id: id.clone(), name: wish.name.clone(), firm: None, api_key: None };
    account::open::open(conn, ctx, &actor, &wish.account_name)?;
    begin(conn, ctx, UserRef { id, name: wish.name.clone(), email })
}
