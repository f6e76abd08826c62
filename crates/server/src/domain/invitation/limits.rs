//! How many invitations may be sent: limited per inviter, per firm and per recipient, whoever it is.

use crate::domain::rate_limit::{self, Limit};
use crate::domain::{Ctx, Outcome, Refusal, Services};

/// Counts an invitation that is about to be sent; a refused one counts too.
pub async fn count(services: &Services, ctx: &Ctx, limits: impl IntoIterator<Item = Limit>) -> Outcome<()> {
    let ctx = ctx.clone();
    let limits: Vec<Limit> = limits.into_iter().collect();
    let counted: Result<(), Refusal> = services
        .db
        .write(move |conn| {
            for limit in &limits {
                if let Err(refusal) = rate_limit::count(conn, &ctx, limit)? {
                    return Ok(Err(refusal));
                }
            }
            Ok(Ok(()))
        })
        .await?;
    Ok(counted?)
}
