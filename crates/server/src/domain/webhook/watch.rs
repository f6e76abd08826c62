//! Who has lost and who has got a way into which account by a change: looked up before it and after it, by the rule of access
//! itself, so that what is told is what is true. Who listens is asked for once, before the change: where nobody does, that is
//! all it costs.
//!
//! A firm's own row is taken first where changes could pass each other unseen: a bookkeeper who is made an admin while an
//! account is taken away would else keep it without anybody being told. Where nobody listens, nothing waits for that.

use std::collections::BTreeSet;

use portal_api_types::{AccessReason, AccountId, AssignmentPair, EmployeeId, UserId, WebhookEventType};

use super::tell::{Event, Listeners};
use crate::auth::scope::FirmScope;
use crate::db::Conn;
use crate::domain::{Actor, Ctx, Outcome};
use crate::store::firms;
use crate::store::ways::{self, Way, Whose};
use crate::store::webhooks::Audience;

/// The ways in before a change, and who is told of the difference.
#[derive(Debug)]
pub struct Watch {
    listeners: Listeners,
    whose: Whose,
    before: Vec<Way>,
    /// What is told before the difference.
    first: Vec<Event>,
}

impl Watch {
    /// Before the power of one of the firm's employees changes. The caller holds the firm's row.
    pub fn employee(conn: &mut Conn, firm: &FirmScope, employee: &EmployeeId) -> Outcome<Self> {
        let listeners = Listeners::find(conn, Audience::ClientsOf(firm.id()))?;
        Self::begin(conn, listeners, Whose::Employee(employee.clone()))
    }

    /// Before a person is let in or out of all places at once: a login that is suspended or resumed.
    pub fn person(conn: &mut Conn, user: &UserId) -> Outcome<Self> {
        let listeners = Listeners::find(conn, Audience::PlacesOf(user))?;
        if !listeners.is_empty() {
            firms::lock_all_of(conn, user)?;
        }
        Self::begin(conn, listeners, Whose::Person(user.clone()))
    }

    /// Before an owner keeps a person of this firm out, or lets them in again.
    pub fn person_in(conn: &mut Conn, firm: &FirmScope, user: &UserId, account: &AccountId) -> Outcome<Self> {
        let listeners = Listeners::find(conn, Audience::Accounts(std::slice::from_ref(account)))?;
        Self::begin_in(conn, firm, listeners, Whose::PersonIn(user.clone(), account.clone()))
    }

    /// Before these assignments are made or taken away.
    pub fn pairs(conn: &mut Conn, firm: &FirmScope, pairs: &[AssignmentPair]) -> Outcome<Self> {
        let accounts: BTreeSet<&AccountId> = pairs.iter().map(|pair| &pair.account_id).collect();
        let accounts: Vec<AccountId> = accounts.into_iter().cloned().collect();
        let listeners = if accounts.is_empty() {
            Listeners::default()
        } else {
            Listeners::find(conn, Audience::Accounts(&accounts))?
        };
        Self::begin_in(conn, firm, listeners, Whose::Pairs(pairs.to_vec()))
    }

    fn begin_in(conn: &mut Conn, firm: &FirmScope, listeners: Listeners, whose: Whose) -> Outcome<Self> {
        if !listeners.is_empty() {
            firms::lock(conn, firm.id())?;
        }
        Self::begin(conn, listeners, whose)
    }

    fn begin(conn: &mut Conn, listeners: Listeners, whose: Whose) -> Outcome<Self> {
        let before = if listeners.is_empty() { Vec::new() } else { ways::listened(conn, &whose)? };
        Ok(Self { listeners, whose, before, first: Vec::new() })
    }

    /// Tells this too, before the difference.
    #[must_use]
    pub fn saying(mut self, event: Event) -> Self {
        self.first.push(event);
        self
    }

    /// After the change: tells who may not enter any more, and who may now. `actor` is nobody for the operator.
    pub fn tell(
        self,
        conn: &mut Conn,
        ctx: &Ctx,
        actor: Option<&Actor>,
        reason: AccessReason,
    ) -> Outcome<()> {
        if self.listeners.is_empty() {
            return Ok(());
        }
        let after = ways::listened(conn, &self.whose)?;
        let event = |kind: WebhookEventType, way: &Way| {
            let event = actor.map_or_else(|| Event::by_portal(kind), |actor| Event::by(actor, kind));
            let event = event.in_account(&way.account).about(way.person.clone()).because(reason);
            way.firm.iter().fold(event, Event::of_firm)
        };
        let (had, has): (BTreeSet<_>, BTreeSet<_>) =
            (self.before.iter().map(Way::key).collect(), after.iter().map(Way::key).collect());
        let lost = self.before.iter().filter(|way| !has.contains(&way.key()));
        let got = after.iter().filter(|way| !had.contains(&way.key()));
        let lost = lost.map(|way| event(WebhookEventType::AccessRevoked, way));
        let got = got.map(|way| event(WebhookEventType::AccessGranted, way));
        let events: Vec<Event> = self.first.into_iter().chain(lost).chain(got).collect();
        self.listeners.tell(conn, ctx, &events)
    }
}
