//! What happens when an operator makes a store owner: the same as when somebody signs up, except that the link is told to
//! the operator and no mail goes out. It is never in the outbox, so that no running portal can send it.

use portal_api_types::{ConfirmRegistration, NewPassword, Registration, Secret};

use super::confirm::confirm;
use super::request::keep;
use crate::domain::{Ctx, Outcome, Services};
use crate::store::{sessions, users};

/// Keeps the wish and answers the token of its link; nothing when the address has a login.
pub async fn prepare(services: &Services, ctx: Ctx, wish: Registration) -> Outcome<Option<Secret>> {
    services
        .db
        .write(move |conn| {
            if users::by_email(conn, &wish.email)?.is_some() {
                return Ok(None);
            }
            let (link, _) = keep(conn, &ctx, &wish)?;
            Ok(Some(ctx.links.token(&link.seed)))
        })
        .await
}

/// Makes the owner and the account at once; false when the address has a login. Nobody is signed in.
pub async fn create(
    services: &Services,
    ctx: Ctx,
    wish: Registration,
    password: NewPassword,
) -> Outcome<bool> {
    let Some(token) = prepare(services, ctx.clone(), wish).await? else { return Ok(false) };
    let now = ctx.now;
    let session = confirm(services, ctx, ConfirmRegistration { token, password }).await?;
    services.db.write(move |conn| sessions::end(conn, &session.session_id, now)).await?;
    Ok(true)
}
