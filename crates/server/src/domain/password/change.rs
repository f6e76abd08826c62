//! What happens when somebody changes the password: the person's other sessions end.

use portal_api_types::ChangePassword;

use crate::auth::scope::PersonScope;
use crate::domain::session::sign_in;
use crate::domain::{Ctx, Outcome, Refusal, Services, post};
use crate::mail::Mail;
use crate::store::{password_resets, sessions, users};

/// Changes the password of somebody who knows it.
pub async fn change(services: &Services, ctx: Ctx, person: PersonScope, body: ChangePassword) -> Outcome<()> {
    let own = person.clone();
    let user =
        services.db.read(move |conn| users::read(conn, &own)).await?.ok_or(Refusal::Unauthenticated)?;
    let proof = sign_in::prove(services, &ctx, user.email(), body.current_password).await?;
    let about = vec![user.name.to_string(), user.email().as_str().to_owned()];
    let password_hash = services
        .passwords
        .hash_new(body.new_password, about)
        .await?
        .map_err(|weak| Refusal::invalid_field("/new_password", weak))?;
    services
        .db
        .write(move |conn| {
            sign_in::accept(conn, &ctx, &proof)?;
            users::set_password(conn, &user.id, &password_hash)?;
            sessions::end_all_of(conn, &user.id, Some(person.session_id()), ctx.now)?;
            password_resets::close_all_of(conn, &user.id, ctx.now)?;
            post::notice(conn, &ctx, &user.email(), &Mail::PasswordChanged { name: user.name.to_string() })
        })
        .await
}
