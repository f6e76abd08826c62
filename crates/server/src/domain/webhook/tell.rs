//! What happens when access changes and a webhook listens: the event is written in the change's own transaction, once for each
//! webhook, to be sent by the sender of whichever process comes first. A rollback tells nothing.
//!
//! Who listens is asked for once in a change: where nobody does, that is all it costs.

use std::collections::HashMap;

use portal_api_types::{
    AccessReason, AccountId, AccountRef, Actor as WireActor, ExternalId, FirmRef, Name, WEBHOOK_VERSION,
    WebhookAccount, WebhookDeliveryId, WebhookEvent, WebhookEventData, WebhookEventId, WebhookEventType,
    WebhookInvitation, WebhookPerson,
};

use crate::db::Conn;
use crate::domain::{Actor, By, Ctx, Failure, Outcome};
use crate::store::accounts;
use crate::store::deliveries::{self, NewDelivery};
use crate::store::webhooks::{self, Audience, Listener};

/// Something to tell.
#[derive(Debug, Clone)]
pub struct Event {
    kind: WebhookEventType,
    account: Option<AccountRef>,
    /// Everything but the account, whose external id is looked up when somebody is told.
    data: WebhookEventData,
    /// Whether the operator is told by another event.
    only_in_account: bool,
}

impl Event {
    /// Somebody has done something. Of the operator no more is said than of the portal itself.
    pub fn by<'a>(who: impl Into<By<'a>>, kind: WebhookEventType) -> Self {
        let mut event = Self::by_portal(kind);
        match who.into() {
            By::Person(Actor { api_key: Some(key), .. }) => event.data.api_key = Some(key.clone()),
            By::Person(actor) => {
                event.data.actor =
                    Some(WireActor { user_id: actor.user_id.clone(), name: actor.name.to_string() });
            }
            By::Operator(_) => {}
        }
        event
    }

    /// The portal itself has done something.
    pub fn by_portal(kind: WebhookEventType) -> Self {
        Self { kind, account: None, data: WebhookEventData::default(), only_in_account: false }
    }

    /// In which account.
    pub fn in_account(mut self, account: &AccountRef) -> Self {
        self.account = Some(account.clone());
        self
    }

    /// Only the account's own webhooks are told: the operator's hear of it once, and not once for each account.
    pub fn only_there(mut self) -> Self {
        self.only_in_account = true;
        self
    }

    /// Through, by or to which firm.
    pub fn of_firm(mut self, firm: &FirmRef) -> Self {
        self.data.firm = Some(firm.clone());
        self
    }

    /// Whom it is about.
    pub fn about(mut self, person: impl Into<Option<WebhookPerson>>) -> Self {
        self.data.person = person.into();
        self
    }

    /// By which invitation.
    pub fn inviting(mut self, invitation: WebhookInvitation) -> Self {
        self.data.invitation = Some(invitation);
        self
    }

    /// Why.
    pub fn because(mut self, reason: AccessReason) -> Self {
        self.data.reason = Some(reason);
        self
    }

    /// What it was called before.
    pub fn renamed_from(mut self, name: &Name) -> Self {
        self.data.old_name = Some(name.clone());
        self
    }

    /// Tells it to whoever listens.
    pub fn tell(self, conn: &mut Conn, ctx: &Ctx) -> Outcome<()> {
        let audience = Audience::Accounts(self.account_id().map_or(&[], std::slice::from_ref));
        Listeners::find(conn, audience)?.tell(conn, ctx, &[self])
    }

    pub(super) fn event_type(&self) -> &'static str {
        self.kind.as_str()
    }

    /// The body that is sent; `external_ids` are those of the accounts that have one.
    pub(super) fn body(&self, ctx: &Ctx, external_ids: &HashMap<AccountId, ExternalId>) -> String {
        let account = self.account.as_ref().map(|account| WebhookAccount {
            id: account.id.clone(),
            name: account.name.clone(),
            external_id: external_ids.get(&account.id).cloned(),
        });
        let event = WebhookEvent {
            event_type: self.kind.to_string(),
            version: WEBHOOK_VERSION,
            timestamp: ctx.now.and_utc(),
            data: WebhookEventData { account, ..self.data.clone() },
        };
        // Texts, numbers and times always serialise.
        serde_json::to_string(&event).unwrap_or_default()
    }

    fn account_id(&self) -> Option<&AccountId> {
        self.account.as_ref().map(|account| &account.id)
    }

    /// What it waits behind.
    fn lane(&self) -> &str {
        let firm = self.data.firm.as_ref().map(|firm| firm.id.as_str());
        self.account_id().map(AccountId::as_str).or(firm).unwrap_or_default()
    }
}

/// Who listens to a change: the webhooks of accounts, and (without one) the operator's.
#[derive(Debug, Default)]
pub struct Listeners(HashMap<Option<AccountId>, Vec<Listener>>);

impl Listeners {
    /// The operator's webhooks, and those of this audience.
    pub fn find(conn: &mut Conn, audience: Audience<'_>) -> Outcome<Self> {
        let mut found: HashMap<_, Vec<Listener>> = HashMap::new();
        for listener in webhooks::listeners(conn, audience)? {
            found.entry(listener.account_id.clone()).or_default().push(listener);
        }
        Ok(Self(found))
    }

    /// The accounts whose webhooks listen.
    pub fn accounts(&self) -> impl Iterator<Item = &AccountId> {
        self.0.keys().flatten()
    }

    /// Whether nobody listens.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn wanting<'a>(&'a self, event: &'a Event) -> Vec<&'a Listener> {
        let operators = self.0.get(&None).filter(|_| !event.only_in_account);
        let own = event.account_id().and_then(|account| self.0.get(&Some(account.clone())));
        let all = operators.into_iter().chain(own).flatten();
        all.filter(|listener| listener.wants(event.kind)).collect()
    }

    /// Tells them these events, in this order.
    pub fn tell(&self, conn: &mut Conn, ctx: &Ctx, events: &[Event]) -> Outcome<()> {
        let wanted = events.iter().map(|event| (event, self.wanting(event)));
        let wanted: Vec<_> = wanted.filter(|(_, wanting)| !wanting.is_empty()).collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let external_ids =
            accounts::external_ids(conn, wanted.iter().filter_map(|(event, _)| event.account_id()))?;
        let told: Vec<_> = wanted
            .into_iter()
            .map(|(event, wanting)| {
                let id = WebhookEventId::from_uuid(ctx.new_uuid());
                (event, wanting, id, event.body(ctx, &external_ids))
            })
            .collect();
        let rows = told.iter().flat_map(|(event, wanting, event_id, payload)| {
            wanting.iter().map(move |listener| NewDelivery {
                id: WebhookDeliveryId::from_uuid(ctx.new_uuid()),
                webhook_id: &listener.id,
                lane: event.lane(),
                event_id,
                event_type: event.event_type(),
                payload,
            })
        });
        // A webhook may have been deleted since it was asked who listens.
        deliveries::insert(conn, &rows.collect::<Vec<_>>(), ctx.now).map_err(Failure::dangling_as_conflict)
    }
}
