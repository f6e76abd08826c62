//! What the portal said of tokens a moment ago.
//!
//! It is in this process only. With several processes behind one address, each webhook reaches one of them: pass what it cuts
//! on to the others (a channel that they all listen to), or live with the few seconds.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use portal_client::api_types::{Introspection, WebhookEventData};

/// The most answers that are kept.
const MAX_ENTRIES: usize = 10_000;

/// Answers of the portal, by the token's own id (`jti`).
#[derive(Debug)]
pub struct Cache {
    life: Duration,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    entries: HashMap<String, (Instant, Introspection)>,
    /// How often something was cut.
    cuts: u64,
}

/// The moment at which the portal is asked.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    at: Instant,
    cuts: u64,
}

impl Cache {
    /// Keeps each answer for this long.
    pub fn new(life: Duration) -> Self {
        Self { life, kept: Mutex::default() }
    }

    /// What the portal said of this token, if that was a moment ago.
    pub fn get(&self, jti: &str) -> Option<Introspection> {
        let kept = self.kept();
        let (asked_at, answer) = kept.entries.get(jti)?;
        (asked_at.elapsed() < self.life).then(|| answer.clone())
    }

    /// To be called before the portal is asked: what it says is as old as the question.
    pub fn asking(&self) -> Asked {
        Asked { at: Instant::now(), cuts: self.kept().cuts }
    }

    /// Keeps an answer, unless something was cut while it was on its way: it may be from before the change that was told.
    pub fn put(&self, asked: Asked, jti: String, answer: Introspection) {
        let mut kept = self.kept();
        if kept.cuts != asked.cuts {
            return;
        }
        if kept.entries.len() >= MAX_ENTRIES {
            kept.entries.retain(|_, (at, _)| at.elapsed() < self.life);
            if kept.entries.len() >= MAX_ENTRIES {
                // It costs a question for each, and no access.
                kept.entries.clear();
            }
        }
        kept.entries.insert(jti, (asked.at, answer));
    }

    /// Forgets what an event may have changed. Too much costs a question; too little lets somebody in. So it is all of the
    /// account, whomever the event names; without an account all of the firm; else all of the person.
    pub fn cut(&self, event: &WebhookEventData) {
        let mut kept = self.kept();
        kept.cuts += 1;
        kept.entries.retain(|_, (_, answer)| {
            // An answer that says nothing but "not active" does not say whose it is.
            let concerned = match (&event.account, &event.firm, &event.person) {
                (Some(account), ..) => answer.account_id.as_ref().is_none_or(|id| *id == account.id),
                (None, Some(firm), _) => !answer.active || answer.firm_id.as_ref() == Some(&firm.id),
                (None, None, Some(person)) => {
                    answer.sub.as_deref().is_none_or(|sub| sub == person.user_id.as_str())
                }
                (None, None, None) => false,
            };
            !concerned
        });
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use portal_client::api_types::{AccountId, FirmId, FirmRef, UserId, WebhookAccount, WebhookPerson};

    use super::*;

    const ACCOUNTS: [&str; 2] = ["acct_01h455vb4pex5vsknk084sn02q", "acct_01h455vb4pex5vsknk084sn02r"];
    const FIRM: &str = "firm_01h455vb4pex5vsknk084sn02q";
    const BEN: &str = "user_01h455vb4pex5vsknk084sn02q";

    fn answer(account: &str, firm: Option<&str>) -> Introspection {
        Introspection {
            active: true,
            account_id: Some(AccountId::parse(account).unwrap()),
            firm_id: firm.map(|id| FirmId::parse(id).unwrap()),
            sub: Some(BEN.to_owned()),
            ..Introspection::default()
        }
    }

    fn filled() -> Cache {
        let cache = Cache::new(Duration::from_secs(60));
        let none = Introspection::default();
        for (jti, answer) in
            [("one", answer(ACCOUNTS[0], None)), ("two", answer(ACCOUNTS[1], Some(FIRM))), ("off", none)]
        {
            cache.put(cache.asking(), jti.to_owned(), answer);
        }
        cache
    }

    fn left(event: &WebhookEventData) -> Vec<&'static str> {
        let cache = filled();
        cache.cut(event);
        ["one", "two", "off"].into_iter().filter(|jti| cache.get(jti).is_some()).collect()
    }

    #[test]
    fn an_event_cuts_what_it_may_have_changed() {
        let account = Some(WebhookAccount {
            id: AccountId::parse(ACCOUNTS[0]).unwrap(),
            name: "One".parse().unwrap(),
            external_id: None,
        });
        let firm = Some(FirmRef { id: FirmId::parse(FIRM).unwrap(), name: "Apple".parse().unwrap() });
        let person = Some(WebhookPerson {
            user_id: UserId::parse(BEN).unwrap(),
            employee_id: None,
            name: "Ben".parse().unwrap(),
            email: "ben@apple.example".parse().unwrap(),
            role: None,
        });
        let nothing = WebhookEventData::default();
        let of_account =
            WebhookEventData { account, firm: firm.clone(), person: person.clone(), ..nothing.clone() };
        assert_eq!(left(&of_account), ["two"]);
        assert_eq!(left(&WebhookEventData { firm, person: person.clone(), ..nothing.clone() }), ["one"]);
        assert_eq!(left(&WebhookEventData { person, ..nothing.clone() }), Vec::<&str>::new());
        assert_eq!(left(&nothing), ["one", "two", "off"]);
    }

    #[test]
    fn an_answer_that_was_on_its_way_when_something_was_cut_is_not_kept() {
        let cache = filled();
        let asked = cache.asking();
        cache.cut(&WebhookEventData::default());
        cache.put(asked, "late".to_owned(), answer(ACCOUNTS[0], None));
        assert!(cache.get("late").is_none());
    }

    #[test]
    fn it_forgets_by_time_and_has_an_end() {
        let off = Cache::new(Duration::ZERO);
        off.put(off.asking(), "one".to_owned(), answer(ACCOUNTS[0], None));
        assert!(off.get("one").is_none());
        let cache = Cache::new(Duration::from_secs(60));
        for number in 0..=MAX_ENTRIES {
            cache.put(cache.asking(), number.to_string(), Introspection::default());
        }
        assert!(cache.kept().entries.len() <= MAX_ENTRIES);
        assert!(cache.get(&MAX_ENTRIES.to_string()).is_some());
    }
}
