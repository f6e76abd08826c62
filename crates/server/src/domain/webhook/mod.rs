//! Webhooks: other programs are told what happens, at addresses that an account's owners or the operator have named.

pub mod by_hand;
pub mod create;
pub mod delete;
pub mod list;
pub mod rotate;
pub mod settle;
pub mod switch_off;
pub mod tell;
pub mod update;
pub mod watch;

use portal_api_types::{AccountRole, MemberRole, UserId, WebhookId, WebhookPerson};

use super::activity::{Action, Change};
use super::{By, Ctx, Outcome, Refusal, member};
use crate::auth::scope::WebhookScope;
use crate::db::Conn;
use crate::store::members::Member;
use crate::store::webhooks::{self, WebhookRecord};

/// Somebody without a firm, as events name them.
pub fn person(member: &Member) -> Option<WebhookPerson> {
    let person = &member.person;
    Some(WebhookPerson {
        user_id: person.user_id.clone(),
        employee_id: None,
        name: person.name.clone(),
        email: person.email.clone()?,
        role: Some(match member.role {
            MemberRole::Owner => AccountRole::Owner,
            MemberRole::Member => AccountRole::Member,
        }),
    })
}

/// The scope's webhook with this id.
fn find(conn: &mut Conn, scope: &WebhookScope, id: &WebhookId) -> Outcome<WebhookRecord> {
    let not_here = Refusal::NotFound("There is no such webhook here.");
    Ok(webhooks::read(conn, scope, id)?.ok_or(not_here)?)
}

/// The person whose right a webhook lives by: the operator's live by none.
fn answerable(by: By<'_>) -> Option<&UserId> {
    match by {
        By::Person(actor) => Some(&actor.user_id),
        By::Operator(_) => None,
    }
}

/// An entry of the account's trail; the operator's webhooks are in no account, and are in the operator's own.
fn record(
    conn: &mut Conn,
    ctx: &Ctx,
    by: By<'_>,
    scope: &WebhookScope,
    (action, id, url): (Action, &WebhookId, &str),
    details: &[(&'static str, String)],
) -> Outcome<()> {
    // Who has lost the right meanwhile has changed nothing: the transaction is not committed.
    if let (By::Person(actor), Some(account)) = (by, scope.account()) {
        member::power::check_still_owner(conn, account, actor)?;
    }
    let change = Change::by(by, action).on(id, place_of(url));
    let change = scope.account().iter().fold(change, |change, account| change.in_account(&account.as_ref()));
    details.iter().fold(change, |change, (key, value)| change.with(key, value)).record(conn, ctx)
}

/// What a webhook is called where it is talked of: the host of its URL. The rest of a URL may be a secret of the receiver's.
pub fn place_of(url: &str) -> String {
    url::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}
