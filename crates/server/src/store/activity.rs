//! The audit trail: written with the change it is about, read by owners and admins, never changed.

use std::collections::BTreeMap;

use diesel::prelude::*;
use portal_api_types::{
    AccountRef, ActivityEntry, ActivityTarget, Actor, ApiKeyId, ApiKeyRef, FirmRef, OperatorRef,
};

use super::{After, json_rows, parse, rows};
use crate::auth::scope::{AccountScope, FirmScope, OperatorScope};
use crate::clock::Time;
use crate::db::{Conn, Question, Value};
use crate::domain::Outcome;
use crate::schema::activity;

/// An entry to write.
#[derive(Debug, Clone, Default)]
pub struct NewEntry {
    /// Its id.
    pub id: String,
    /// What was done.
    pub action: &'static str,
    /// Who: id and name, of a person or of a program's key.
    pub actor: Option<(String, String)>,
    /// The operator, if it was not a person: the key's id and name.
    pub operator: Option<(String, String)>,
    /// Where: id and name.
    pub account: Option<(String, String)>,
    /// Through, in or to which firm: id and name.
    pub firm: Option<(String, String)>,
    /// On whom or what: id and name.
    pub target: Option<(String, String)>,
    /// From which address.
    pub ip: Option<String>,
    /// A JSON object of texts.
    pub detail: String,
}

/// Entries that one statement writes: so many that there are few statements, and each is a few megabytes at most.
const CHUNK: usize = 10_000;

impl NewEntry {
    /// What the entries of a batch have in common: all but where and on whom.
    fn occasion(&self) -> impl PartialEq + '_ {
        (self.action, &self.actor, &self.operator, &self.firm, &self.ip, &self.detail)
    }
}

/// Writes entries.
pub fn insert(conn: &mut Conn, entries: &[NewEntry], now: Time) -> Outcome<()> {
    for of_occasion in entries.chunk_by(|a, b| a.occasion() == b.occasion()) {
        for chunk in of_occasion.chunks(CHUNK) {
            insert_chunk(conn, chunk, now)?;
        }
    }
    Ok(())
}

fn insert_chunk(conn: &mut Conn, entries: &[NewEntry], now: Time) -> Outcome<()> {
    fn halves(pair: Option<&(String, String)>) -> [Option<&str>; 2] {
        [pair.map(|(id, _)| id.as_str()), pair.map(|(_, name)| name.as_str())]
    }
    let Some(first) = entries.first() else { return Ok(()) };
    let rows: Vec<[Option<&str>; 5]> = entries
        .iter()
        .map(|entry| {
            let [account, account_name] = halves(entry.account.as_ref());
            let [target, target_name] = halves(entry.target.as_ref());
            [Some(entry.id.as_str()), account, account_name, target, target_name]
        })
        .collect();
    let mut question = Question::new(
        "INSERT INTO activity (id, at, action, detail, actor_id, actor_name, firm_id, firm_name, operator_id, operator_name, \
         ip, account_id, account_name, target_id, target_name) \
         SELECT e.value ->> 0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, e.value ->> 1, e.value ->> 2, e.value ->> 3, \
         e.value ->> 4 FROM json_each($11) e",
    )
    .time(now)
    .text(first.action)
    .text(&*first.detail);
    for pair in [&first.actor, &first.firm, &first.operator] {
        for half in halves(pair.as_ref()) {
            question = question.with(Value::Text(half.map(ToOwned::to_owned)));
        }
    }
    question.with(Value::Text(first.ip.clone())).text(json_rows(&rows)?).execute(conn)?;
    Ok(())
}

/// Whose trail to read.
#[derive(Debug, Clone)]
pub enum Trail {
    /// The account's.
    Account(AccountScope),
    /// The firm's.
    Firm(FirmScope),
    /// The operator's: what its keys did, wherever, and what is in no account and no firm.
    Operator(OperatorScope),
}

/// Which entries to list.
#[derive(Debug, Clone, Default)]
pub struct ActivityFilter {
    /// Only this action.
    pub action: Option<String>,
    /// Only what this person did.
    pub actor: Option<String>,
    /// Only what was done by this key.
    pub api_key: Option<String>,
    /// Not before.
    pub from: Option<Time>,
    /// Before.
    pub to: Option<Time>,
}

#[derive(Queryable)]
struct Row {
    id: String,
    at: Time,
    action: String,
    actor_id: Option<String>,
    actor_name: Option<String>,
    account_id: Option<String>,
    account_name: Option<String>,
    firm_id: Option<String>,
    firm_name: Option<String>,
    target_id: Option<String>,
    target_name: Option<String>,
    ip: Option<String>,
    detail: String,
    _operator_id: Option<String>,
    operator_name: Option<String>,
}

impl Row {
    fn parse(self) -> Outcome<ActivityEntry> {
        // The prefix of the id says what acted.
        let (actor, api_key) = match self.actor_id.zip(self.actor_name) {
            Some((id, name)) => match ApiKeyId::parse(&id) {
                Ok(id) => (None, Some(ApiKeyRef { id, name: parse(&name)? })),
                Err(_) => (Some(Actor { user_id: parse(&id)?, name }), None),
            },
            None => (None, None),
        };
        let account = match self.account_id.zip(self.account_name) {
            Some((id, name)) => Some(AccountRef { id: parse(&id)?, name: parse(&name)? }),
            None => None,
        };
        let firm = match self.firm_id.zip(self.firm_name) {
            Some((id, name)) => Some(FirmRef { id: parse(&id)?, name: parse(&name)? }),
            None => None,
        };
        let detail: BTreeMap<String, String> = serde_json::from_str(&self.detail).unwrap_or_default();
        Ok(ActivityEntry {
            id: parse(&self.id)?,
            at: self.at.and_utc(),
            action: self.action,
            actor,
            operator: self.operator_name.map(|name| OperatorRef { name }),
            api_key,
            account,
            firm,
            target: self.target_id.zip(self.target_name).map(|(id, name)| ActivityTarget { id, name }),
            ip: self.ip,
            detail,
        })
    }
}

/// A trail's entries, newest first.
pub fn list(
    conn: &mut Conn,
    trail: &Trail,
    filter: &ActivityFilter,
    after: Option<&After<Time>>,
    limit: usize,
) -> Outcome<Vec<ActivityEntry>> {
    let mut query = activity::table.into_boxed();
    query = match trail {
        Trail::Account(account) => query.filter(activity::account_id.eq(account.id().as_str())),
        Trail::Firm(firm) => query.filter(activity::firm_id.eq(firm.id().as_str())),
        // In the words of its index.
        Trail::Operator(_) => query.filter(
            activity::operator_id
                .is_not_null()
                .or(activity::account_id.is_null().and(activity::firm_id.is_null())),
        ),
    };
    if let Some(action) = &filter.action {
        query = query.filter(activity::action.eq(action.as_str()));
    }
    // Who is named by both would be a person and a program: nobody is.
    for actor in [&filter.actor, &filter.api_key].into_iter().flatten() {
        query = query.filter(activity::actor_id.eq(actor.as_str()));
    }
    if let Some(from) = filter.from {
        query = query.filter(activity::at.ge(from));
    }
    if let Some(to) = filter.to {
        query = query.filter(activity::at.lt(to));
    }
    if let Some(after) = after {
        query = query
            .filter(activity::at.le(after.key))
            .filter(activity::at.lt(after.key).or(activity::id.lt(after.id.as_str())));
    }
    let found: Vec<Row> =
        query.order((activity::at.desc(), activity::id.desc())).limit(rows(limit)).load(conn)?;
    found.into_iter().map(Row::parse).collect()
}
