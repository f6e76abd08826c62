//! What happens when somebody signs in with e-mail and password.

use portal_api_types::{Email, Password, UserRef};

use super::begin::{OpenSession, begin};
use crate::auth::password::Verified;
use crate::domain::rate_limit::{self, Limit};
use crate::domain::{Ctx, Outcome, Refusal, Services};
use crate::store::users::{self, User};

/// A password was right.
pub struct Proof {
    /// Whose.
    pub user: User,
    /// The hash by today's parameters, if the stored one is by weaker ones.
    pub upgraded: Option<String>,
}

/// Signs in. An unknown e-mail and a wrong password get the same answer after the same work.
pub async fn sign_in(
    services: &Services,
    ctx: Ctx,
    email: Email,
    password: Password,
) -> Outcome<OpenSession> {
    let proof = prove(services, &ctx, email.clone(), password).await?;
    services
        .db
        .write(move |conn| {
            accept(conn, &ctx, &proof)?;
            let user = &proof.user;
            begin(conn, &ctx, UserRef { id: user.id.clone(), name: user.name.clone(), email: user.email() })
        })
        .await
}

/// Finds out whether this is the password of this e-mail's login, and counts the failure if it is not. Everything that
/// takes an existing password goes through here, so that no path lets one guess without limit.
pub async fn prove(services: &Services, ctx: &Ctx, email: Email, password: Password) -> Outcome<Proof> {
    services.passwords.check_room()?;
    let (before, address) = (ctx.clone(), email.clone());
    let user = services
        .db
        .read(move |conn| {
            for limit in limits(&before, &address) {
                rate_limit::check(conn, &before, &limit)?;
            }
            users::by_email(conn, &address)
        })
        .await?
        .filter(User::is_active);
    let verified =
        services.passwords.verify(password, user.as_ref().map(|user| user.password_hash.clone())).await?;
    match (user, verified) {
        (Some(user), Verified::Right { upgraded }) => Ok(Proof { user, upgraded }),
        _ => Err(count_failure(services, ctx.clone(), email).await?.into()),
    }
}

/// Takes a proof in a transaction. The limit is asked again: of guesses made in parallel, only as many tell as it allows.
pub fn accept(conn: &mut crate::db::Conn, ctx: &Ctx, proof: &Proof) -> Outcome<()> {
    let email = proof.user.email();
    rate_limit::check(conn, ctx, &Limit::SignInAccount(email.clone()))?;
    rate_limit::clear(conn, &Limit::SignInAccount(email))?;
    if let Some(upgraded) = &proof.upgraded {
        users::upgrade_password(conn, &proof.user.id, &proof.user.password_hash, upgraded)?;
    }
    Ok(())
}

fn limits(ctx: &Ctx, email: &Email) -> [Limit; 2] {
    [Limit::SignInAccount(email.clone()), Limit::SignInNetwork(ctx.ip.clone())]
}

async fn count_failure(services: &Services, ctx: Ctx, email: Email) -> Outcome<Refusal> {
    metrics::counter!("portal_sign_in_failures_total").increment(1);
    services
        .db
        .write(move |conn| {
            let mut refusal = Refusal::WrongCredentials;
            for limit in limits(&ctx, &email) {
                if let Err(limited) = rate_limit::count(conn, &ctx, &limit)? {
                    refusal = limited;
                }
            }
            Ok(refusal)
        })
        .await
}
