//! Event streams: who hears what, and who does not.

use std::collections::HashSet;
use std::time::Duration;

use portal_api_types::{
    AccountId, AddMember, AssignmentBatch, AssignmentPair, Change, EmployeeRole, EmployeeStatus, FirmId,
    MemberRole, NewAccount, RenameAccount, RenameFirm, UpdateEmployee, UpdateMe,
};
use portal_client::{Events, PortalEvent, SignedIn};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout, timeout_at};

use crate::app::{TestApp, address, named};

/// Within which time a change must have been told.
pub const PROMPTLY: Duration = Duration::from_secs(1);
/// For how long it is listened for what must not come. Longer than polling and gathering take together.
const A_WHILE: Duration = Duration::from_millis(500);

/// Somebody's open stream, read as fast as it comes.
pub struct Tab {
    who: &'static str,
    heard: mpsc::UnboundedReceiver<PortalEvent>,
}

impl Tab {
    /// Opens a stream and waits until it is live.
    pub async fn open(who: &'static str, me: &SignedIn) -> Self {
        let mut events = me.events().await.expect("a stream");
        assert_eq!(events.next().await.expect("an event").expect("a good one"), PortalEvent::Ready);
        let mut tab = Self::read(who, events);
        // What happened just before is told a moment after it, and perhaps to this stream.
        while timeout(A_WHILE, tab.heard.recv()).await.is_ok_and(|event| event.is_some()) {}
        tab
    }

    /// Goes on reading a stream.
    pub fn read(who: &'static str, mut events: Events) -> Self {
        let (sender, heard) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Some(Ok(event)) = events.next().await {
                if sender.send(event).is_err() {
                    break;
                }
            }
        });
        Self { who, heard }
    }

    /// The stream says all of these promptly, and nothing else for a while.
    pub async fn hears(&mut self, changes: impl IntoIterator<Item = Change>) {
        let expected: HashSet<Change> = changes.into_iter().collect();
        let mut heard = HashSet::new();
        let deadline = Instant::now() + PROMPTLY;
        while heard != expected {
            let event = timeout_at(deadline, self.heard.recv()).await;
            let Ok(Some(PortalEvent::Change(change))) = event else {
                assert_eq!(heard, expected, "{} heard the first, then {event:?}", self.who);
                return;
            };
            heard.insert(change);
        }
        self.hears_only(&expected).await;
    }

    /// The stream says nothing else for a while.
    async fn hears_only(&mut self, expected: &HashSet<Change>) {
        let deadline = Instant::now() + A_WHILE;
        while let Ok(event) = timeout_at(deadline, self.heard.recv()).await {
            let expected = matches!(&event, Some(PortalEvent::Change(change)) if expected.contains(change));
            assert!(expected, "{} heard {event:?}", self.who);
        }
    }

    /// Whether the stream says within this time that something has changed.
    pub async fn hears_something(&mut self, within: Duration) -> bool {
        let deadline = Instant::now() + within;
        while let Ok(Some(event)) = timeout_at(deadline, self.heard.recv()).await {
            if matches!(event, PortalEvent::Change(_)) {
                return true;
            }
        }
        false
    }

    /// The stream is closed promptly, with this last word.
    pub async fn ends_with(&mut self, last: Option<PortalEvent>) {
        let mut said = None;
        let closed = timeout(PROMPTLY * 3, async {
            while let Some(event) = self.heard.recv().await {
                assert!(!matches!(said, Some(PortalEvent::End)), "nothing comes after the end");
                said = Some(event);
            }
        });
        let closed = closed.await;
        assert!(closed.is_ok(), "{}'s stream is open, and said {said:?}", self.who);
        assert_eq!(said, last, "{}", self.who);
    }
}

pub fn access(account: &AccountId) -> Change {
    Change::Access { account_id: Some(account.clone()) }
}

pub fn account(id: &AccountId) -> Change {
    Change::Account { account_id: id.clone() }
}

pub fn firm(id: &FirmId) -> Change {
    Change::Firm { firm_id: id.clone() }
}

pub const ALL: Change = Change::Access { account_id: None };

/// Each tab hears these, and no other.
macro_rules! hear {
    ($($tab:ident: [$($change:expr),*]),+ $(,)?) => {
        tokio::join!($($tab.hears([$($change),*])),+)
    };
}

#[tokio::test]
async fn attack_14_each_hears_of_what_they_may_reach_and_nobody_of_more() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let apple = app.firm(&owner, "Apple", "office@apple.example").await;
    let other = app.owner("Marco", "marco@cycles.example", "Cycles").await;
    let pear = app.firm(&other, "Pear", "office@pear.example").await;
    let none: &[AccountId] = &[];
    let employee = apple.hire(&app, "Ben", "ben@apple.example", EmployeeRole::Bookkeeper, none).await;
    let colleague = apple.hire(&app, "Carla", "carla@apple.example", EmployeeRole::Bookkeeper, none).await;
    let (bakery, apple_id) = (owner.account_id.clone(), apple.firm_id.clone());
    let (bakery, in_apple) = (&bakery, || firm(&apple_id));
    let mut olivia = Tab::open("Olivia", &owner.me).await;
    let mut marco = Tab::open("Marco", &other.me).await;
    let mut anna = Tab::open("Anna", &apple.me).await;
    let mut zoe = Tab::open("Zoe", &pear.me).await;
    let mut ben = Tab::open("Ben", &employee.me).await;
    let mut carla = Tab::open("Carla", &colleague.me).await;

    apple.firm.grant_account(&employee.id, bakery).await.unwrap();
    hear!(ben: [access(bakery)], anna: [account(bakery), in_apple()], olivia: [account(bakery)],
        carla: [], marco: [], zoe: []);
    apple.firm.revoke_account(&employee.id, bakery).await.unwrap();
    hear!(ben: [access(bakery)], anna: [account(bakery), in_apple()], olivia: [account(bakery)],
        carla: [], marco: [], zoe: []);

    // Blocked where he is not: nothing that he could have known of.
    owner.inside.block_person(&apple_id, &employee.id).await.unwrap();
    hear!(ben: [], anna: [account(bakery), in_apple()], olivia: [account(bakery)], carla: [], marco: [], zoe: []);
    // Granted while he is blocked: he may not enter, and is not told.
    apple.firm.grant_account(&employee.id, bakery).await.unwrap();
    hear!(ben: [], anna: [account(bakery), in_apple()], olivia: [account(bakery)], carla: [], marco: [], zoe: []);
    owner.inside.unblock_person(&apple_id, &employee.id).await.unwrap();
    hear!(ben: [access(bakery)], anna: [account(bakery), in_apple()], olivia: [account(bakery)],
        carla: [], marco: [], zoe: []);
    owner.inside.block_person(&apple_id, &employee.id).await.unwrap();
    hear!(ben: [access(bakery)], carla: [], marco: [], zoe: []);
    owner.inside.unblock_person(&apple_id, &employee.id).await.unwrap();
    hear!(ben: [access(bakery)], anna: [account(bakery), in_apple()], olivia: [account(bakery)], carla: []);

    owner.inside.rename_account(&RenameAccount { name: named("Blue Bakery") }).await.unwrap();
    hear!(ben: [account(bakery)], anna: [account(bakery)], olivia: [account(bakery)],
        carla: [], marco: [], zoe: []);
    apple.firm.rename_firm(&RenameFirm { name: named("Apple Solutions") }).await.unwrap();
    hear!(ben: [account(bakery), in_apple()], anna: [account(bakery), in_apple()], carla: [in_apple()],
        olivia: [account(bakery)], marco: [], zoe: []);

    owner.inside.disconnect_firm(&apple_id).await.unwrap();
    hear!(ben: [access(bakery), in_apple()], anna: [access(bakery), in_apple()], carla: [in_apple()],
        olivia: [account(bakery)], marco: [], zoe: []);
    owner.invite("Apple", "office@apple.example").await;
    hear!(ben: [in_apple()], anna: [access(bakery), in_apple()], carla: [in_apple()],
        olivia: [account(bakery)], marco: [], zoe: []);
}

#[tokio::test]
async fn who_is_put_out_of_a_firm_or_demoted_is_told_to_look_again_and_stays_signed_in() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let apple = app.firm(&owner, "Apple", "office@apple.example").await;
    let bakery = &owner.account_id.clone();
    let accounts = std::slice::from_ref(bakery);
    let employee = apple.hire(&app, "Ben", "ben@apple.example", EmployeeRole::Bookkeeper, accounts).await;
    let second = apple.hire(&app, "Dana", "dana@apple.example", EmployeeRole::Admin, &[]).await;
    let in_apple = || firm(&apple.firm_id);
    let mut olivia = Tab::open("Olivia", &owner.me).await;
    let mut anna = Tab::open("Anna", &apple.me).await;
    let mut ben = Tab::open("Ben", &employee.me).await;
    let mut dana = Tab::open("Dana", &second.me).await;

    let to = |status| UpdateEmployee { status: Some(status), ..UpdateEmployee::default() };
    apple.firm.update_employee(&employee.id, &to(EmployeeStatus::Deactivated)).await.unwrap();
    hear!(ben: [ALL], anna: [account(bakery), in_apple()], olivia: [account(bakery)]);
    dana.hears([account(bakery), in_apple()]).await;
    apple.firm.update_employee(&employee.id, &to(EmployeeStatus::Active)).await.unwrap();
    hear!(ben: [ALL], anna: [account(bakery), in_apple()], olivia: [account(bakery)],
        dana: [account(bakery), in_apple()]);

    let demote = UpdateEmployee { role: Some(EmployeeRole::Bookkeeper), ..UpdateEmployee::default() };
    apple.firm.update_employee(&second.id, &demote).await.unwrap();
    hear!(dana: [ALL, in_apple()], anna: [account(bakery), in_apple()], olivia: [account(bakery)],
        ben: [account(bakery), in_apple()]);
    // A bookkeeper hears nothing of the work of others.
    apple.firm.revoke_account(&employee.id, bakery).await.unwrap();
    hear!(dana: [], ben: [access(bakery)], anna: [account(bakery), in_apple()]);
    apple.firm.remove_employee(&employee.id).await.unwrap();
    hear!(ben: [ALL], dana: [in_apple()], anna: [in_apple()]);
    employee.me.read_me().await.unwrap();
}

#[tokio::test]
async fn a_person_hears_of_their_own_name_and_sessions_and_of_joining_and_leaving() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let kim = app.owner("Kim", "kim@x.example", "Elsewhere").await;
    let (bakery, elsewhere) = (&owner.account_id.clone(), &kim.account_id.clone());
    let mut olivia = Tab::open("Olivia", &owner.me).await;
    let mut tab = Tab::open("Kim", &kim.me).await;

    kim.me.update_me(&UpdateMe { name: Some(named("Kimberly")), ..Default::default() }).await.unwrap();
    hear!(tab: [Change::Me, account(elsewhere)], olivia: []);
    let second = app.sign_in("kim@x.example").await;
    hear!(tab: [Change::Me], olivia: []);
    second.end_current_session().await.unwrap();
    hear!(tab: [Change::Me], olivia: []);

    let add = AddMember { name: named("Kim"), email: address("kim@x.example"), role: MemberRole::Member };
    owner.inside.add_member(&add).await.unwrap();
    hear!(tab: [], olivia: [account(bakery)]);
    app.join("kim@x.example", 2).await;
    // Accepting signs in.
    hear!(tab: [access(bakery), Change::Me], olivia: [account(bakery)]);
    owner.inside.remove_member(&kim.me.user().id).await.unwrap();
    hear!(tab: [access(bakery)], olivia: [account(bakery)]);
    let opened = kim.me.open_account(&NewAccount { name: named("One more") }).await.unwrap();
    hear!(tab: [access(&opened.id)], olivia: []);
}

#[tokio::test]
async fn a_change_through_another_process_is_heard() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let apple = app.firm(&owner, "Apple", "office@apple.example").await;
    let employee = apple.hire(&app, "Ben", "ben@apple.example", EmployeeRole::Bookkeeper, &[]).await;
    let other = app.start_sharing(|_| {});
    let session = serde_json::from_value(serde_json::json!({
        "access_token": employee.me.token(), "token_type": "Bearer", "expires_in": 900, "user": employee.me.user(),
    }));
    let there = SignedIn::from_session(other.portal(), session.unwrap());
    let mut ben = Tab::open("Ben", &there).await;
    for _ in 0..3 {
        apple.firm.grant_account(&employee.id, &owner.account_id).await.unwrap();
        ben.hears([access(&owner.account_id)]).await;
        apple.firm.revoke_account(&employee.id, &owner.account_id).await.unwrap();
        ben.hears([access(&owner.account_id)]).await;
    }
    employee.me.end_current_session().await.unwrap();
    ben.ends_with(Some(PortalEvent::End)).await;
}

#[tokio::test]
async fn a_batch_is_told_as_one_change() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery 0").await;
    let apple = app.firm(&owner, "Apple", "office@apple.example").await;
    let employee = apple.hire(&app, "Ben", "ben@apple.example", EmployeeRole::Bookkeeper, &[]).await;
    let mut accounts = vec![owner.account_id.clone()];
    for number in 1..60 {
        let name = named(&format!("Bakery {number}"));
        let opened = owner.me.open_account(&NewAccount { name }).await.unwrap();
        let inside = owner.me.enter(&opened.id).await.unwrap();
        let company =
            portal_api_types::InviteFirm { name: named("Apple"), email: address("office@apple.example") };
        inside.invite_firm(&company).await.unwrap();
        accounts.push(opened.id);
    }
    let mut ben = Tab::open("Ben", &employee.me).await;
    let mut olivia = Tab::open("Olivia", &owner.me).await;
    let pair = |account_id: &AccountId| AssignmentPair {
        employee_id: employee.id.clone(),
        account_id: account_id.clone(),
    };
    let grant = AssignmentBatch { grant: accounts.iter().map(pair).collect(), ..AssignmentBatch::default() };
    assert_eq!(apple.firm.assign_accounts(&grant).await.unwrap().granted, 60);
    hear!(ben: [ALL], olivia: [Change::Lagged]);
    let revoke =
        AssignmentBatch { revoke: accounts.iter().take(3).map(pair).collect(), ..AssignmentBatch::default() };
    apple.firm.assign_accounts(&revoke).await.unwrap();
    hear!(ben: [access(&accounts[0]), access(&accounts[1]), access(&accounts[2])],
        olivia: [account(&accounts[0]), account(&accounts[1]), account(&accounts[2])]);
}
