//! What happens when an owner makes a key for a program: its secret is told once, and only the secret's hash is kept.

use chrono::{SubsecRound, TimeDelta};
use portal_api_types::{
    Actor as Maker, ApiKey, ApiKeyId, ApiKeySecret, ErrorCode, InvalidValue, NewApiKey, Secret,
};

use crate::auth::link::{hash, random_secret};
use crate::auth::scope::AccountScope;
use crate::clock::Time;
use crate::db::Conn;
use crate::domain::activity::{Action, Change};
use crate::domain::{Actor, Ctx, Outcome, Refusal, member};
use crate::store::{accounts, api_keys};

/// How far ahead a key's end may be.
const LONGEST: TimeDelta = TimeDelta::days(3_653);
/// What secrets begin with, for scanners of leaked ones.
const PREFIX: &str = "key_";

/// Makes a key that acts by the right of who makes it.
pub fn create(
    conn: &mut Conn,
    ctx: &Ctx,
    actor: &Actor,
    account: &AccountScope,
    new: NewApiKey,
) -> Outcome<ApiKeySecret> {
    let expires_at = new.expires_at.map(|at| at.naive_utc().trunc_subsecs(6));
    if expires_at.is_some_and(|at| !is_allowed(ctx.now, at)) {
        let detail = "A key ends after now and within ten years.".to_owned();
        return Err(Refusal::invalid_field(
            "/expires_at",
            InvalidValue::new(ErrorCode::InvalidValue, detail),
        )
        .into());
    }
    accounts::lock(conn, account)?;
    member::power::check_still_owner(conn, account, actor)?;
    let secret = Secret::new(format!("{PREFIX}{}", random_secret().reveal()));
    let id = ApiKeyId::from_uuid(ctx.new_uuid());
    let row = api_keys::NewKey {
        id: &id,
        owner: &actor.user_id,
        name: &new.name,
        secret_hash: &hash(&secret),
        scopes: &new.scopes,
        now: ctx.now,
        expires_at,
    };
    api_keys::insert(conn, account, &row)?;
    Change::by(actor, Action::ApiKeyCreated)
        .in_account(&account.as_ref())
        .on(&id, &new.name)
        .with("scopes", &new.scopes)
        .record(conn, ctx)?;
    let key = ApiKey {
        id,
        name: new.name,
        scopes: new.scopes,
        active: true,
        created_by: Maker { user_id: actor.user_id.clone(), name: actor.name.to_string() },
        created_at: ctx.now.and_utc(),
        expires_at: expires_at.map(|at| at.and_utc()),
        last_used_at: None,
        last_used_ip: None,
    };
    Ok(ApiKeySecret { key, secret })
}

fn is_allowed(now: Time, end: Time) -> bool {
    now < end && end <= now + LONGEST
}
