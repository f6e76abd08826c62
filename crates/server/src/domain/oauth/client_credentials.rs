//! What happens when a program asks for a token by its key's secret (RFC 6749 section 4.4).

use portal_api_types::{AccountId, OAuthErrorCode, OAuthToken, Scopes, Secret, TokenType};

use super::Denial;
use crate::auth::client::{self, Credentials};
use crate::auth::token::Tokens;
use crate::domain::{Ctx, Failure, Services};

/// A token of the key's account, for all that the key may do or for less. It is never good beyond the key's own end; and each
/// request with it asks whether the key still is.
pub async fn grant(
    services: &Services,
    tokens: &Tokens,
    ctx: &Ctx,
    credentials: Credentials,
    account: Option<AccountId>,
    scope: Option<&str>,
) -> Result<OAuthToken, Denial> {
    let client = client::authenticate(services, ctx, credentials).await?;
    if account.is_some_and(|account| account != *client.key.account_id()) {
        return Err(Denial::no(
            OAuthErrorCode::InvalidTarget,
            "The key opens its own account, and no other.",
        ));
    }
    let beyond = Denial::no(OAuthErrorCode::InvalidScope, "The key has not all of these scopes.");
    let scopes = match scope.map(str::parse::<Scopes>) {
        None => client.entry.scopes,
        Some(Ok(wanted)) if wanted.is_within(&client.entry.scopes) => wanted,
        Some(_) => return Err(beyond),
    };
    let (ends, external_id) = (client.entry.expires_at, client.entry.external_id);
    let (token, expires_in) =
        tokens.issue_program(&client.key, &scopes, ends, external_id).map_err(Failure::from)?;
    Ok(OAuthToken {
        access_token: Secret::new(token),
        token_type: TokenType::Bearer,
        expires_in,
        scope: Some(scopes.to_string()),
        issued_token_type: None,
    })
}
