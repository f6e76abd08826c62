//! Who has lost and who has got a way into which account by a change: looked up before it and after it, by the rule of access
//! itself, so that what is told is what is true. Only accounts that somebody listens to are looked at.
//!
//! A firm's own row is taken first where changes could pass each other unseen: a bookkeeper who is made an admin while an
//! account is taken away would else keep it without anybody being told. Where nobody listens, nothing waits for that.

use std::collections::BTreeSet;

use portal_api_types::{AccessReason, AccountId, AssignmentPair, EmployeeId, UserId, WebhookEventType};

use super::tell::{Event, tell};
use crate::auth::scope::FirmScope;
use crate::db::Conn;
use crate::domain::{Actor, Ctx, Outcome};
use crate::store::ways::{self, Way, Whose};
use crate::store::{firms, webhooks};

/// The ways in before a change.
#[derive(Debug)]
pub struct Watch {
    /// Nothing to look at again: nobody listens.
    whose: Option<Whose>,
    before: Vec<Way>,
}

impl Watch {
    /// Before an employee's power changes. The caller holds the firm's row.
    pub fn employee(conn: &mut Conn, employee: &EmployeeId) -> Outcome<Self> {
        Self::begin(conn, Whose::Employee(employee.clone()))
    }

    /// Before a person is let in or out of all places at once: a login that is suspended or resumed.
    pub fn person(conn: &mut Conn, user: &UserId) -> Outcome<Self> {
        Self::begin(conn, Whose::Person(user.clone()))
    }

    /// Before an owner keeps a person of this firm out, or lets them in again.
    pub fn person_in(conn: &mut Conn, firm: &FirmScope, user: &UserId, account: &AccountId) -> Outcome<Self> {
        if webhooks::listeners(conn, std::slice::from_ref(account))?.is_empty() {
            return Ok(Self { whose: None, before: Vec::new() });
        }
        firms::lock(conn, firm)?;
        Self::begin(conn, Whose::PersonIn(user.clone(), account.clone()))
    }

    /// Before these assignments are made or taken away.
    pub fn pairs(conn: &mut Conn, firm: &FirmScope, pairs: &[AssignmentPair]) -> Outcome<Self> {
        let accounts: BTreeSet<&AccountId> = pairs.iter().map(|pair| &pair.account_id).collect();
        let accounts: Vec<AccountId> = accounts.into_iter().cloned().collect();
        if accounts.is_empty() || webhooks::listeners(conn, &accounts)?.is_empty() {
            return Ok(Self { whose: None, before: Vec::new() });
        }
        firms::lock(conn, firm)?;
        Self::begin(conn, Whose::Pairs(pairs.to_vec()))
    }

    fn begin(conn: &mut Conn, whose: Whose) -> Outcome<Self> {
        let before = ways::listened(conn, &whose)?;
        Ok(Self { whose: Some(whose), before })
    }

    /// After the change: tells who may not enter any more, and who may now. `actor` is nobody for the operator.
    pub fn tell(
        self,
        conn: &mut Conn,
        ctx: &Ctx,
        actor: Option<&Actor>,
        reason: AccessReason,
    ) -> Outcome<()> {
        let Some(whose) = &self.whose else { return Ok(()) };
        let after = ways::listened(conn, whose)?;
        let event = |kind: WebhookEventType, way: &Way| {
            let event = actor.map_or_else(|| Event::by_portal(kind), |actor| Event::by(actor, kind));
            let event = event.in_account(&way.account).about(way.person.clone()).because(reason);
            way.firm.iter().fold(event, Event::of_firm)
        };
        let (had, has): (BTreeSet<_>, BTreeSet<_>) =
            (self.before.iter().map(Way::key).collect(), after.iter().map(Way::key).collect());
        let lost = self.before.iter().filter(|way| !has.contains(&way.key()));
        let got = after.iter().filter(|way| !had.contains(&way.key()));
        let events: Vec<Event> = lost
            .map(|way| event(WebhookEventType::AccessRevoked, way))
            .chain(got.map(|way| event(WebhookEventType::AccessGranted, way)))
            .collect();
        tell(conn, ctx, &events)
    }
}
