//! What happens when somebody exchanges an identity token for an account token (RFC 8693): the same as when they switch to the
//! account by `POST /accounts/{account_id}/token`, in the words of the standard.

use portal_api_types::{ACCESS_TOKEN_TYPE, AccountId, OAuthErrorCode, OAuthToken, Secret};

use super::Denial;
use crate::auth::standing;
use crate::auth::token::Tokens;
use crate::domain::account::enter::enter;
use crate::domain::{Ctx, Failure, Refusal, Services};

/// A token of the account.
pub async fn exchange(
    services: &Services,
    tokens: &Tokens,
    ctx: &Ctx,
    subject: &Secret,
    account: AccountId,
) -> Result<OAuthToken, Denial> {
    let person = standing::of_identity(&services.db, tokens, subject.reveal(), ctx.now).await?;
    // RFC 8693 section 2.2.2: what is wrong with the subject's token is wrong with the request.
    let person = person.ok_or(Denial::no(
        OAuthErrorCode::InvalidRequest,
        "The subject_token is not an identity token, has expired, or its session has ended.",
    ))?;
    let entered = enter(services, tokens, ctx, person, account).await.map_err(|failure| match failure {
        Failure::Refused(Refusal::NotFound(why)) => Denial::no(OAuthErrorCode::InvalidTarget, why),
        other => other.into(),
    })?;
    Ok(OAuthToken {
        access_token: entered.access_token,
        token_type: entered.token_type,
        expires_in: entered.expires_in,
        scope: None,
        issued_token_type: Some(ACCESS_TOKEN_TYPE.to_owned()),
    })
}
