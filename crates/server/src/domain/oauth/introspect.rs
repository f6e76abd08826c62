//! What happens when somebody asks what is so of a token (RFC 7662): the same question is asked that a request with the token
//! would ask, at this moment.

use portal_api_types::{AccountId, AccountRole, Introspection, OAuthErrorCode, Secret};

use super::Denial;
use crate::auth::client::{self, Credentials};
use crate::auth::link::{self, OPERATOR_KEY_PREFIX};
use crate::auth::standing::{self, Standing};
use crate::auth::token::{AccountBearer, Tokens};
use crate::domain::{Ctx, Services, operator};

/// Who asks.
#[derive(Debug, Clone)]
pub enum Asker {
    /// A program, by its key's secret.
    Client(Credentials),
    /// Somebody with an account token, or the operator with a key.
    Bearer(Secret),
}

/// About which tokens somebody may ask. Others are to them as if they were none (RFC 7662 section 4).
#[derive(Debug, Clone, PartialEq, Eq)]
enum Reach {
    /// Those of one account: for who is in it.
    Account(AccountId),
    /// All: for the operator, whose product is shown the tokens of every account.
    All,
}

impl Reach {
    fn has(&self, token: &AccountBearer) -> bool {
        match self {
            Self::Account(id) => token.account_id() == id,
            Self::All => true,
        }
    }
}

/// What is so of the token now.
pub async fn introspect(
    services: &Services,
    tokens: &Tokens,
    ctx: &Ctx,
    asker: Asker,
    token: &Secret,
) -> Result<Introspection, Denial> {
    let reach = reach(services, tokens, ctx, asker).await?;
    let Ok(bearer) = tokens.check_account(token.reveal()) else { return Ok(Introspection::default()) };
    if !reach.has(&bearer) {
        return Ok(Introspection::default());
    }
    Ok(match standing::of(&services.db, &bearer, ctx.now).await? {
        None => Introspection::default(),
        Some(Standing::Person(entry)) => Introspection {
            role: Some(entry.role),
            firm_id: entry.firm.map(|firm| firm.id),
            external_id: entry.external_id,
            ..bearer.described()
        },
        Some(Standing::Program(entry)) => Introspection {
            role: Some(AccountRole::Integration),
            external_id: entry.external_id,
            ..bearer.described()
        },
    })
}

async fn reach(services: &Services, tokens: &Tokens, ctx: &Ctx, asker: Asker) -> Result<Reach, Denial> {
    match asker {
        Asker::Client(credentials) => {
            let client = client::authenticate(services, ctx, credentials).await?;
            Ok(Reach::Account(client.key.account_id().clone()))
        }
        Asker::Bearer(own) => {
            let refused = || {
                Denial::no(
                    OAuthErrorCode::InvalidToken,
                    "The bearer is no account token that opens its account now, and no key of the operator.",
                )
            };
            if own.reveal().starts_with(OPERATOR_KEY_PREFIX) {
                let key = operator::keys::find(&services.db, link::hash(&own), ctx.now).await?;
                return key.map(|_| Reach::All).ok_or_else(refused);
            }
            let bearer = tokens.check_account(own.reveal()).map_err(|_| refused())?;
            let standing = standing::of(&services.db, &bearer, ctx.now).await?;
            standing.map(|_| Reach::Account(bearer.account_id().clone())).ok_or_else(refused)
        }
    }
}
