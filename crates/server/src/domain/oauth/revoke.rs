//! What happens when somebody revokes a token (RFC 7009): an access token opens nothing from then on, and with a refresh token
//! goes its session. A token that is none, or is good no more, is revoked already.

use portal_api_types::{OAuthErrorCode, Secret};

use super::Denial;
use crate::auth::client::{self, Client, Credentials};
use crate::auth::link::hash;
use crate::auth::token::{AccountBearer, Tokens};
use crate::clock::Time;
use crate::db::Conn;
use crate::domain::{Ctx, Outcome, Services};
use crate::store::{revoked_tokens, sessions};

/// What is revoked.
enum Revoked {
    /// An access token, by its id and until when it would have been good.
    Access(String, Time),
    /// Perhaps a refresh token.
    Other(Secret),
}

/// Revokes the token. That of a program only its own key can revoke, by its secret; that of a person, whoever has it: people's
/// tokens belong to no client with a secret.
pub async fn revoke(
    services: &Services,
    tokens: &Tokens,
    ctx: &Ctx,
    credentials: Option<Credentials>,
    token: Secret,
) -> Result<(), Denial> {
    let client = match credentials {
        Some(credentials) => Some(client::authenticate(services, ctx, credentials).await?),
        None => None,
    };
    let is_clients = client.is_some();
    let revoked = find(tokens, client.as_ref(), token)?;
    let now = ctx.now;
    let done = services.db.write(move |conn| end(conn, &revoked, is_clients, now)).await?;
    if done { Ok(()) } else { Err(not_yours()) }
}

fn not_yours() -> Denial {
    Denial::no(OAuthErrorCode::UnauthorizedClient, "The token was not given to this client.")
}

fn find(tokens: &Tokens, client: Option<&Client>, token: Secret) -> Result<Revoked, Denial> {
    if let Ok(claims) = tokens.check_identity(token.reveal()) {
        let registered = &claims.registered;
        return match client {
            None => Ok(Revoked::Access(registered.id().to_owned(), registered.expires_at())),
            Some(_) => Err(not_yours()),
        };
    }
    let Ok(bearer) = tokens.check_account(token.reveal()) else { return Ok(Revoked::Other(token)) };
    let (id, until) = bearer.id_and_end();
    match (&*bearer, client) {
        (AccountBearer::Person(_), None) => Ok(Revoked::Access(id.to_owned(), until)),
        (AccountBearer::Program(claims), Some(client)) if claims.key_id() == client.key.id() => {
            Ok(Revoked::Access(id.to_owned(), until))
        }
        (AccountBearer::Program(_), None) => Err(Denial::no(
            OAuthErrorCode::InvalidClient,
            "A program's token is revoked by the program, which proves itself by its secret.",
        )),
        (AccountBearer::Person(_) | AccountBearer::Program(_), Some(_)) => Err(not_yours()),
    }
}

/// Ends it; false when it is a session's and a program asks.
fn end(conn: &mut Conn, revoked: &Revoked, is_clients: bool, now: Time) -> Outcome<bool> {
    match revoked {
        Revoked::Access(id, until) => revoked_tokens::insert(conn, id, *until)?,
        Revoked::Other(token) => {
            if let Some(known) = sessions::refresh_token(conn, &hash(token), now)?.filter(|known| known.alive)
            {
                if is_clients {
                    return Ok(false);
                }
                sessions::end(conn, &known.session_id, now)?;
            }
        }
    }
    Ok(true)
}
