//! How many requests are under way at once, and whose: shares, so that nobody's receivers keep everybody's events waiting.

use std::collections::{HashMap, HashSet};

use portal_api_types::{AccountId, WebhookId};

use crate::store::deliveries::Due;

/// What a request takes a place in. It begins only if each of its shares has one left.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Share {
    /// Everything that this process sends.
    All,
    /// What goes to accounts' webhooks. The rest is left to the operator's, whose product cuts off people by what it hears.
    Accounts,
    /// What goes to accounts and was tried before: receivers that hang come again and again, and others' events are new.
    Again,
    /// One account, whatever number of webhooks it has.
    Account(AccountId),
    /// One webhook: the operator's has a lane for each account.
    Webhook(WebhookId),
}

impl Share {
    fn places(&self) -> usize {
        match self {
            Self::All => 256,
            Self::Accounts => 192,
            Self::Again => 96,
            Self::Account(_) | Self::Webhook(_) => 8,
        }
    }

    fn of(due: &Due) -> Vec<Self> {
        let mut shares = vec![Self::All, Self::Webhook(due.webhook_id.clone())];
        if let Some(account) = &due.account_id {
            shares.extend([Self::Accounts, Self::Account(account.clone())]);
            if due.was_tried {
                shares.push(Self::Again);
            }
        }
        shares
    }
}

/// Whether a delivery was begun.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Begun {
    /// It takes its places.
    Now,
    /// Its lane is under way: whoever works there comes to it.
    Already,
    /// One of its shares is taken up.
    NoRoom,
}

/// What this process is sending.
#[derive(Default)]
pub(super) struct Busy {
    /// Of a webhook a lane, or what was asked for by hand.
    lanes: HashSet<(WebhookId, String)>,
    taken: HashMap<Share, usize>,
}

fn lane(due: &Due) -> (WebhookId, String) {
    let lane = if due.is_by_hand() { due.id.to_string() } else { due.lane.clone() };
    (due.webhook_id.clone(), lane)
}

impl Busy {
    /// Takes the places of a delivery, if there are any.
    pub(super) fn begin(&mut self, due: &Due) -> Begun {
        if self.lanes.contains(&lane(due)) {
            return Begun::Already;
        }
        let shares = Share::of(due);
        if shares.iter().any(|share| self.taken.get(share).is_some_and(|taken| *taken >= share.places())) {
            return Begun::NoRoom;
        }
        for share in shares {
            *self.taken.entry(share).or_default() += 1;
        }
        self.lanes.insert(lane(due));
        Begun::Now
    }

    /// Gives back the places of a delivery.
    pub(super) fn end(&mut self, done: Result<Due, tokio::task::JoinError>) {
        match done {
            Ok(due) => {
                self.lanes.remove(&lane(&due));
                for share in Share::of(&due) {
                    if let Some(taken) = self.taken.get_mut(&share) {
                        *taken = taken.saturating_sub(1);
                    }
                }
                self.taken.retain(|_, taken| *taken > 0);
            }
            // Whose it was is not known any more. Claims keep what is still being sent from being sent twice.
            Err(error) => {
                tracing::error!(%error, "sending to a webhook panicked");
                *self = Self::default();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use portal_api_types::WebhookDeliveryId;
    use uuid::Uuid;

    use super::*;

    /// A delivery of its own lane.
    fn due(number: u128, webhook: u128, account: Option<u128>, was_tried: bool) -> Due {
        Due {
            id: WebhookDeliveryId::from_uuid(Uuid::from_u128(number)),
            webhook_id: WebhookId::from_uuid(Uuid::from_u128(webhook)),
            account_id: account.map(|account| AccountId::from_uuid(Uuid::from_u128(account))),
            lane: number.to_string(),
            was_tried,
        }
    }

    fn begun(busy: &mut Busy, all: impl Iterator<Item = Due>) -> usize {
        all.filter(|due| busy.begin(due) == Begun::Now).count()
    }

    #[test]
    fn an_account_has_its_share_however_many_webhooks_it_has() {
        let mut busy = Busy::default();
        assert_eq!(begun(&mut busy, (0..100).map(|number| due(number, number % 10, Some(1), false))), 8);
        assert_eq!(begun(&mut busy, (100..200).map(|number| due(number, 10, Some(2), false))), 8);
    }

    #[test]
    fn accounts_leave_room_to_each_others_new_events_and_to_the_operator() {
        let mut busy = Busy::default();
        assert_eq!(begun(&mut busy, (0..500).map(|number| due(number, number, Some(number), true))), 96);
        assert_eq!(begun(&mut busy, (500..1_000).map(|number| due(number, number, Some(number), false))), 96);
        assert_eq!(begun(&mut busy, (1_000..2_000).map(|number| due(number, number / 10, None, true))), 64);
    }

    #[test]
    fn places_come_back() {
        let mut busy = Busy::default();
        for _ in 0..3 {
            let all: Vec<Due> = (0..8).map(|number| due(number, 1, Some(1), true)).collect();
            assert_eq!(begun(&mut busy, all.iter().cloned()), 8);
            assert_eq!(busy.begin(&all[0]), Begun::Already);
            assert_eq!(busy.begin(&due(8, 2, Some(1), false)), Begun::NoRoom);
            all.into_iter().for_each(|done| busy.end(Ok(done)));
        }
        assert!(busy.taken.is_empty() && busy.lanes.is_empty());
    }
}
