//! The accounts that a person was in last, in this browser: names for the switcher's first rows. No rights follow
//! from it; what is shown is checked against the portal first.

use portal_client::api_types::{AccountId, AccountRole, TokenAccount};
use portal_client::json;
use serde::{Deserialize, Serialize};

use crate::browser;
use crate::session::Session;

/// How many the switcher shows.
const SHOWN: usize = 5;
/// How many are kept, those that have ended included: a link to one should say which account it was.
const KEPT: usize = 20;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Recent {
    id: AccountId,
    name: String,
    #[serde(default)]
    ended: bool,
    #[serde(default)]
    owned: bool,
}

fn key(session: Session) -> Option<String> {
    Some(format!("portal.recent.{}", session.user_id()?))
}

fn load(session: Session) -> Vec<Recent> {
    let text = key(session).and_then(|key| browser::stored(&key)).unwrap_or_default();
    json::from_slice(text.as_bytes()).unwrap_or_default()
}

fn save(session: Session, recents: &[Recent]) {
    if let (Some(key), Ok(text)) = (key(session), serde_json::to_string(recents)) {
        browser::store(&key, &text);
    }
}

/// The account that the person was in last.
pub(crate) fn last(session: Session) -> Option<AccountId> {
    names(session).into_iter().next().map(|(id, _)| id)
}

/// The name that an account had when the person was in it last.
pub(crate) fn name(session: Session, id: &AccountId) -> Option<String> {
    load(session).into_iter().find(|recent| recent.id == *id).map(|recent| recent.name)
}

/// The account that the person was in last, if they own it.
pub(crate) fn owned(session: Session) -> Option<AccountId> {
    let last = load(session).into_iter().find(|recent| !recent.ended)?;
    last.owned.then_some(last.id)
}

/// Those that the switcher shows with the names that they had, last first.
pub(crate) fn names(session: Session) -> Vec<(AccountId, String)> {
    let recents = load(session).into_iter().filter(|recent| !recent.ended);
    recents.map(|recent| (recent.id, recent.name)).take(SHOWN).collect()
}

/// Puts an account in front.
pub(crate) fn remember(session: Session, account: &TokenAccount) {
    let mut recents = load(session);
    let recent = Recent {
        id: account.id.clone(),
        name: account.name.to_string(),
        ended: false,
        owned: account.role == AccountRole::Owner,
    };
    if recents.first() == Some(&recent) {
        return;
    }
    recents.retain(|known| known.id != account.id);
    recents.insert(0, recent);
    recents.truncate(KEPT);
    save(session, &recents);
}

/// Takes an account out of the switcher that cannot be entered any more; its name stays known.
pub(crate) fn end(session: Session, id: &AccountId) {
    let mut recents = load(session);
    for recent in recents.iter_mut().filter(|recent| recent.id == *id) {
        recent.ended = true;
    }
    save(session, &recents);
}

/// Forgets them all: who signs out leaves no names behind.
pub(crate) fn forget(session: Session) {
    if let Some(key) = key(session) {
        browser::forget(&key);
    }
}
