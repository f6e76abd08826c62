//! How a program proves which key it has: by the key's secret (RFC 6749 section 2.3.1).

use chrono::TimeDelta;
use portal_api_types::{ApiKeyId, OAuthErrorCode, Secret};

use super::link::hash;
use super::scope::KeyScope;
use crate::db::Conn;
use crate::domain::oauth::Denial;
use crate::domain::rate_limit::{self, Limit};
use crate::domain::{Ctx, Outcome, Services};
use crate::store::access::by_key::{self, KeyEntry, KeyEntryRow};
use crate::store::api_keys;

/// How precisely a key's last use is kept: programs that get many tokens do not make a write of each.
const PRECISION: TimeDelta = TimeDelta::seconds(60);

/// What a client says of itself.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Which key it claims to have. Whatever was sent.
    pub client_id: String,
    /// By what it proves that.
    pub secret: Secret,
}

/// A program that has proved its key, which is good now.
#[derive(Debug, Clone)]
pub struct Client {
    /// The key.
    pub key: KeyScope,
    /// What is so of it now.
    pub entry: KeyEntry,
}

/// Finds out whether the key is good and the secret is the key's. The secret is looked up by its hash, so that the time tells
/// nothing of it; and a key that is unknown, revoked, expired, or whose owner is one no more gets the same words as a wrong
/// secret.
///
/// Wrong secrets are counted. Unlike a password, the right one is taken whatever was counted before: nobody finds 256 random
/// bits by guessing, and who knows a key's id, which is no secret, must not be able to keep its program out.
///
/// # Errors
/// `invalid_client`, or that there were too many tries.
pub async fn authenticate(
    services: &Services,
    ctx: &Ctx,
    credentials: Credentials,
) -> Result<Client, Denial> {
    let (asked, before) = (credentials.clone(), ctx.clone());
    let found = services.db.read(move |conn| find(conn, &before, &asked)).await?;
    if let Some((client, stale)) = found {
        if stale {
            let (key, now, ip) = (client.key.clone(), ctx.now, ctx.ip.clone());
            services.db.write(move |conn| api_keys::touch(conn, &key, now, ip.as_deref())).await?;
        }
        return Ok(client);
    }
    metrics::counter!("portal_client_failures_total").increment(1);
    let counting = ctx.clone();
    let limits = limits(ctx, &credentials);
    let counted = services.db.write(move |conn| {
        for limit in &limits {
            if let Err(refusal) = rate_limit::count(conn, &counting, limit)? {
                return Ok(Err(refusal));
            }
        }
        Ok(Ok(()))
    });
    counted.await?.map_err(|refusal| Denial::Failed(refusal.into()))?;
    Err(Denial::no(OAuthErrorCode::InvalidClient, "There is no such client, or its secret is another."))
}

fn limits(ctx: &Ctx, credentials: &Credentials) -> [Limit; 2] {
    [Limit::Client(credentials.client_id.clone()), Limit::ClientNetwork(ctx.ip.clone())]
}

/// The client, and whether its last use is to be noted anew.
fn find(conn: &mut Conn, ctx: &Ctx, credentials: &Credentials) -> Outcome<Option<(Client, bool)>> {
    if let Ok(id) = ApiKeyId::parse(&credentials.client_id)
        && let Some((account, owner)) = by_key::by_secret(conn, &id, &hash(&credentials.secret))?
    {
        let key = KeyScope::new(id, account, owner, String::new());
        if let Some(row) = by_key::enter(&key, ctx.now).ask::<KeyEntryRow>(conn)? {
            let entry = row.parse()?;
            let (at, ip) = api_keys::last_use(conn, &key)?;
            let stale = ip != ctx.ip || at.is_none_or(|at| ctx.now - at >= PRECISION);
            return Ok(Some((Client { key, entry }, stale)));
        }
    }
    for limit in limits(ctx, credentials) {
        rate_limit::check(conn, ctx, &limit)?;
    }
    Ok(None)
}
