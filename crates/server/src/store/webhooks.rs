//! Where accounts and the operator want to be told what happens.

use diesel::prelude::*;
use diesel::sql_types::Bool;
use portal_api_types::{
    AccountId, FirmId, UserId, Webhook, WebhookDescription, WebhookDisabledReason, WebhookEventType,
    WebhookId,
};

use super::parse;
use crate::auth::scope::{AccountScope, WebhookScope};
use crate::clock::Time;
use crate::db::Conn;
use crate::domain::Outcome;
use crate::schema::{
    account_members, accounts, employees, firm_accounts, live_webhooks, operator_lock, webhooks,
};

/// A webhook's row.
#[derive(Debug, Clone, Queryable)]
pub struct WebhookRecord {
    /// The id.
    #[diesel(deserialize_as = String)]
    pub id: WebhookId,
    account_id: Option<String>,
    made_by: Option<String>,
    /// Where events are posted to.
    pub url: String,
    description: String,
    events: String,
    /// What its secret is derived from.
    pub secret_seed: String,
    /// What the secret before is derived from.
    pub old_secret_seed: Option<String>,
    /// Until when that one signs too.
    pub old_secret_until: Option<Time>,
    disabled_reason: Option<String>,
    /// Since when nothing has been taken.
    pub failing_since: Option<Time>,
    created_at: Time,
}

impl WebhookRecord {
    /// Whose: an account's, or (without one) the operator's.
    pub fn account_id(&self) -> Outcome<Option<AccountId>> {
        self.account_id.as_deref().map(parse).transpose()
    }

    /// Whether events are sent.
    pub fn is_enabled(&self) -> bool {
        self.disabled_reason.is_none()
    }

    /// What is shown of it.
    pub fn to_wire(&self, now: Time) -> Outcome<Webhook> {
        let events = self.events.split_whitespace().map(parse).collect::<Outcome<Vec<WebhookEventType>>>()?;
        Ok(Webhook {
            id: self.id.clone(),
            url: self.url.clone(),
            description: parse::<WebhookDescription>(&self.description)?,
            events,
            enabled: self.is_enabled(),
            disabled_reason: self.disabled_reason.as_deref().map(parse).transpose()?,
            failing_since: self.failing_since.map(|at| at.and_utc()),
            made_by: self.made_by.as_deref().map(parse).transpose()?,
            old_secret_until: self.old_secret_until.filter(|until| *until > now).map(|at| at.and_utc()),
            created_at: self.created_at.and_utc(),
        })
    }
}

/// The scope's webhooks: what every query of them starts from.
#[diesel::dsl::auto_type]
fn of(scope: &WebhookScope) -> _ {
    let account: Option<String> = scope.account().map(|account| account.id().to_string());
    let is_operators: diesel::dsl::AsExprOf<bool, Bool> = scope.account().is_none().into_sql::<Bool>();
    webhooks::table
        .filter(webhooks::account_id.eq(account).or(webhooks::account_id.is_null().and(is_operators)))
}

fn words(events: &[WebhookEventType]) -> String {
    events.iter().map(|event| event.as_str()).collect::<Vec<_>>().join(" ")
}

/// A webhook to add.
pub struct NewRow<'a> {
    /// Its id.
    pub id: &'a WebhookId,
    /// The owner who makes it; nobody for the operator's.
    pub made_by: Option<&'a UserId>,
    /// Where events are posted to.
    pub url: &'a str,
    /// What it is for.
    pub description: &'a WebhookDescription,
    /// What it wants.
    pub events: &'a [WebhookEventType],
    /// Whether it is on.
    pub enabled: bool,
    /// What its secret is derived from.
    pub secret_seed: &'a str,
    /// Now.
    pub now: Time,
}

/// Takes the row on which it queues how many webhooks the scope has.
pub fn lock(conn: &mut Conn, scope: &WebhookScope) -> Outcome<()> {
    let Some(account) = scope.account() else {
        diesel::update(operator_lock::table)
            .set(operator_lock::version.eq(operator_lock::version + 1))
            .execute(conn)?;
        return Ok(());
    };
    super::accounts::lock(conn, account)
}

/// Adds a webhook.
pub fn insert(conn: &mut Conn, scope: &WebhookScope, new: &NewRow<'_>) -> Outcome<()> {
    let account = scope.account();
    diesel::insert_into(webhooks::table)
        .values((
            webhooks::id.eq(new.id.as_str()),
            webhooks::account_id.eq(account.map(|account| account.id().as_str())),
            webhooks::made_by.eq(new.made_by.map(UserId::as_str)),
            webhooks::url.eq(new.url),
            webhooks::description.eq(new.description.as_str()),
            webhooks::events.eq(words(new.events)),
            webhooks::secret_seed.eq(new.secret_seed),
            webhooks::disabled_reason.eq((!new.enabled).then_some(WebhookDisabledReason::ByHand.as_str())),
            webhooks::created_at.eq(new.now),
        ))
        .execute(conn)?;
    Ok(())
}

/// The scope's webhooks, the first to come first. There are never many.
pub fn list(conn: &mut Conn, scope: &WebhookScope) -> Outcome<Vec<WebhookRecord>> {
    Ok(of(scope).order((webhooks::created_at, webhooks::id)).load(conn)?)
}

/// The scope's webhook with this id.
pub fn read(conn: &mut Conn, scope: &WebhookScope, id: &WebhookId) -> Outcome<Option<WebhookRecord>> {
    Ok(of(scope).filter(webhooks::id.eq(id.as_str())).first(conn).optional()?)
}

/// The webhook with this id, whosever it is: for the sender.
pub fn by_id(conn: &mut Conn, id: &WebhookId) -> Outcome<Option<WebhookRecord>> {
    Ok(webhooks::table.find(id.as_str()).first(conn).optional()?)
}

/// Changes what is told, and where.
pub fn set(
    conn: &mut Conn,
    id: &WebhookId,
    url: &str,
    description: &WebhookDescription,
    events: &[WebhookEventType],
) -> Outcome<()> {
    diesel::update(webhooks::table.find(id.as_str()))
        .set((
            webhooks::url.eq(url),
            webhooks::description.eq(description.as_str()),
            webhooks::events.eq(words(events)),
        ))
        .execute(conn)?;
    Ok(())
}

/// Makes a person answer for an account's webhook; nobody for the operator's.
pub fn set_maker(conn: &mut Conn, id: &WebhookId, user: Option<&UserId>) -> Outcome<()> {
    diesel::update(webhooks::table.find(id.as_str()))
        .set(webhooks::made_by.eq(user.map(UserId::as_str)))
        .execute(conn)?;
    Ok(())
}

/// Switches a webhook on, as if it had never failed.
pub fn switch_on(conn: &mut Conn, id: &WebhookId) -> Outcome<()> {
    diesel::update(webhooks::table.find(id.as_str()))
        .set((webhooks::disabled_reason.eq(None::<String>), webhooks::failing_since.eq(None::<Time>)))
        .execute(conn)?;
    Ok(())
}

/// Switches a webhook off; false when it was off already.
pub fn switch_off(conn: &mut Conn, id: &WebhookId, reason: WebhookDisabledReason) -> Outcome<bool> {
    let on = webhooks::table.find(id.as_str()).filter(webhooks::disabled_reason.is_null());
    Ok(diesel::update(on).set(webhooks::disabled_reason.eq(reason.as_str())).execute(conn)? == 1)
}

/// Gives a webhook a new secret; the one before signs too for a while.
pub fn rotate(conn: &mut Conn, webhook: &WebhookRecord, seed: &str, old_until: Time) -> Outcome<()> {
    diesel::update(webhooks::table.find(webhook.id.as_str()))
        .set((
            webhooks::secret_seed.eq(seed),
            webhooks::old_secret_seed.eq(webhook.secret_seed.as_str()),
            webhooks::old_secret_until.eq(old_until),
        ))
        .execute(conn)?;
    Ok(())
}

/// Removes a webhook, with its deliveries.
pub fn delete(conn: &mut Conn, id: &WebhookId) -> Outcome<()> {
    diesel::delete(webhooks::table.find(id.as_str())).execute(conn)?;
    Ok(())
}

/// The receiver has taken something.
pub fn note_success(conn: &mut Conn, id: &WebhookId) -> Outcome<()> {
    diesel::update(webhooks::table.find(id.as_str()).filter(webhooks::failing_since.is_not_null()))
        .set(webhooks::failing_since.eq(None::<Time>))
        .execute(conn)?;
    Ok(())
}

/// The receiver has not taken something.
pub fn note_failure(conn: &mut Conn, id: &WebhookId, now: Time) -> Outcome<()> {
    diesel::update(webhooks::table.find(id.as_str()).filter(webhooks::failing_since.is_null()))
        .set(webhooks::failing_since.eq(now))
        .execute(conn)?;
    Ok(())
}

/// The account's webhooks that are on and that this person answers for.
pub fn made_by(conn: &mut Conn, account: &AccountScope, user: &UserId) -> Outcome<Vec<WebhookRecord>> {
    Ok(webhooks::table
        .filter(webhooks::account_id.eq(account.id().as_str()).and(webhooks::made_by.eq(user.as_str())))
        .filter(webhooks::disabled_reason.is_null())
        .order(webhooks::id)
        .load(conn)?)
}

/// A webhook that is told something now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// Its id.
    pub id: WebhookId,
    /// Whose: an account's, or (without one) the operator's.
    pub account_id: Option<AccountId>,
    events: String,
}

impl Listener {
    /// Whether it wants to hear of this. An account's never hears of what is for the operator only.
    pub fn wants(&self, event: WebhookEventType) -> bool {
        let chosen =
            self.events.is_empty() || self.events.split_whitespace().any(|word| word == event.as_str());
        chosen && (self.account_id.is_none() || !event.is_operators())
    }
}

/// Whose webhooks may be told of a change, beside the operator's.
#[derive(Debug, Clone, Copy)]
pub enum Audience<'a> {
    /// Those of these accounts; no more than one request can name.
    Accounts(&'a [AccountId]),
    /// Those of a firm's clients.
    ClientsOf(&'a FirmId),
    /// Those of all accounts that a person could be in. Not the person's own: one sleeps while its maker is suspended.
    PlacesOf(&'a UserId),
}

/// The webhooks that are told something now: the operator's, and those of the audience. One statement, by indexes.
pub fn listeners(conn: &mut Conn, audience: Audience<'_>) -> Outcome<Vec<Listener>> {
    let mut query = live_webhooks::table
        .inner_join(webhooks::table.on(webhooks::id.eq(live_webhooks::id)))
        .order(live_webhooks::id)
        .select((live_webhooks::id, live_webhooks::account_id, live_webhooks::events))
        .into_boxed();
    let operators = live_webhooks::account_id.is_null();
    query = match audience {
        Audience::Accounts(accounts) => {
            let accounts: Vec<&str> = accounts.iter().map(AccountId::as_str).collect();
            match accounts[..] {
                // Most requests name one, by a statement that is kept.
                [one] => query.filter(operators.or(live_webhooks::account_id.eq(one))),
                _ => query.filter(operators.or(live_webhooks::account_id.eq_any(accounts))),
            }
        }
        Audience::ClientsOf(firm) => {
            let clients = firm_accounts::table
                .inner_join(accounts::table.on(accounts::id.eq(firm_accounts::account_id)))
                .filter(firm_accounts::firm_id.eq(firm.as_str()).and(accounts::status.ne("closed")))
                .select(firm_accounts::account_id.nullable());
            query.filter(operators.or(live_webhooks::account_id.eq_any(clients)))
        }
        Audience::PlacesOf(user) => {
            let own = account_members::table
                .filter(account_members::user_id.eq(user.as_str()))
                .select(account_members::account_id.nullable());
            let clients = firm_accounts::table
                .inner_join(employees::table.on(employees::firm_id.eq(firm_accounts::firm_id)))
                .filter(employees::user_id.eq(user.as_str()))
                .select(firm_accounts::account_id.nullable());
            let places = live_webhooks::account_id.eq_any(own).or(live_webhooks::account_id.eq_any(clients));
            query.filter(operators.or(places.and(webhooks::made_by.ne(user.as_str()))))
        }
    };
    let rows: Vec<(String, Option<String>, String)> = query.load(conn)?;
    rows.into_iter()
        .map(|(id, account, events)| {
            let account_id = account.as_deref().map(parse).transpose()?;
            Ok(Listener { id: parse(&id)?, account_id, events })
        })
        .collect()
}
