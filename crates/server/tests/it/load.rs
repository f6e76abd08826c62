//! A long day of ordinary work: everything mixed, through several servers. In the end the portal is as quick and as small as it was
//! in the beginning, and what was granted is granted, no more and no less.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use diesel::prelude::*;
use portal_api_types::{
    AccountId, AssignmentBatch, EmployeeId, EmployeeRole, FirmId, Password, RenameAccount, SignIn,
};
use portal_client::{ActivityQuery, EmployeeQuery, Error, InFirm, ListQuery, Portal, SignedIn};
use portal_server::schema::{activity, assignments};

use crate::app::{PASSWORD, TestApp, address, environment, measured, named, on_postgres, short_or_long};
use crate::bulk::{clients, pairs};
use crate::fleet::{Fleet, Outcome, elsewhere, outcome};
use crate::goodput::effort;
use crate::overload::memory;

/// How long somebody stays signed in before they do it again.
const SESSION: Duration = Duration::from_secs(480);
/// The pause of an office between two things that it does. What is measured is the portal and not a queue before it.
const PAUSE: Duration = Duration::from_millis(20);

/// What requests took, one list for each part of the run.
struct Meter {
    started: Instant,
    part: Duration,
    taken: Mutex<Vec<Vec<Duration>>>,
    busy: Mutex<usize>,
}

impl Meter {
    fn new(lasts: Duration, parts: u32) -> Arc<Self> {
        let taken = Mutex::new(vec![Vec::new(); parts as usize]);
        Arc::new(Self { started: Instant::now(), part: lasts / parts, taken, busy: Mutex::default() })
    }

    /// What came of a request: none if the portal was too busy for it, which it may say now and then.
    async fn answer<T>(&self, call: impl Future<Output = Result<T, Error>>) -> Option<T> {
        self.verdict(call).await.map(|answer| answer.expect("it may be"))
    }

    /// The same, of one that may be refused as it is about what the caller may not reach.
    async fn verdict<T>(&self, call: impl Future<Output = Result<T, Error>>) -> Option<Option<T>> {
        let began = Instant::now();
        let answer = call.await;
        self.note(began);
        match answer {
            Err(error) if error.status() == Some(404) => Some(None),
            answer => {
                let came = outcome(&answer);
                assert_ne!(came, Outcome::Open, "nothing breaks here: {:?}", answer.err());
                *self.busy.lock().unwrap() += usize::from(came == Outcome::NotDone);
                answer.ok().map(Some)
            }
        }
    }

    fn note(&self, began: Instant) {
        let part = (began - self.started).as_nanos() / self.part.as_nanos();
        if let Some(part) = self.taken.lock().unwrap().get_mut(usize::try_from(part).unwrap()) {
            part.push(began.elapsed());
        }
    }

    fn is_over(&self) -> bool {
        let parts = u32::try_from(self.taken.lock().unwrap().len()).unwrap();
        self.started.elapsed() >= self.part * parts
    }

    /// How many requests there were in each part, and what the slowest in a hundred took.
    fn parts(&self) -> Vec<(usize, Duration)> {
        let mut taken = self.taken.lock().unwrap();
        let slow = |part: &mut Vec<Duration>| {
            part.sort_unstable();
            (part.len(), part.get(part.len() * 99 / 100).copied().unwrap_or_default())
        };
        taken.iter_mut().map(slow).collect()
    }
}

/// Somebody with a session, which is a new one now and then.
struct Login {
    email: String,
    me: SignedIn,
    since: Instant,
}

impl Login {
    fn new(email: &str, me: &SignedIn) -> Self {
        Self { email: email.to_owned(), me: me.clone(), since: Instant::now() }
    }

    async fn sign_in(&mut self, portal: &Portal) {
        let credentials = SignIn { email: address(&self.email), password: Password::new(PASSWORD) };
        // Too busy: the old session is good for a while.
        if let Ok(me) = portal.sign_in(&credentials).await {
            (self.me, self.since) = (me, Instant::now());
        }
    }

    async fn through(&mut self, portal: Portal) -> SignedIn {
        if self.since.elapsed() > SESSION {
            self.sign_in(&portal).await;
        }
        elsewhere(&self.me, portal)
    }
}

/// A firm at work: its admin, its people and its clients, and what it knows of who works for whom.
struct Office {
    admin: Login,
    owner: Login,
    shop: AccountId,
    firm_id: FirmId,
    people: Vec<(EmployeeId, Login)>,
    accounts: Vec<AccountId>,
    granted: BTreeSet<(usize, usize)>,
    grants: usize,
    dice: u64,
}

impl Office {
    async fn open(app: &TestApp, number: usize, people: usize, accounts: usize) -> Self {
        let host = format!("office{number}.example");
        let (olivia, anna) = (format!("olivia@{host}"), format!("anna@{host}"));
        let owner = app.owner("Olivia", &olivia, "Shop").await;
        let firm = app.firm(&owner, "Office", &anna).await;
        let accounts = clients(app, &firm, accounts).await;
        let mut staff = Vec::new();
        for index in 0..people {
            let email = format!("ben{index}@{host}");
            let hired = firm.hire(app, "Ben", &email, EmployeeRole::Bookkeeper, &[]).await;
            staff.push((hired.id, Login::new(&email, &hired.me)));
        }
        Self {
            admin: Login::new(&anna, &firm.me),
            owner: Login::new(&olivia, &owner.me),
            shop: owner.account_id,
            firm_id: firm.firm_id,
            people: staff,
            accounts,
            granted: BTreeSet::new(),
            grants: 0,
            dice: 0x9e37_79b9 + number as u64,
        }
    }

    fn roll(&mut self, sides: usize) -> usize {
        self.dice = self.dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.dice >> 33).unwrap() % sides
    }

    async fn firm(&mut self, fleet: &Fleet) -> InFirm {
        self.admin.through(fleet.portal()).await.firm(&self.firm_id)
    }

    async fn work(mut self, fleet: Arc<Fleet>, meter: Arc<Meter>) -> Self {
        while !meter.is_over() {
            let (person, account) = (self.roll(self.people.len()), self.roll(self.accounts.len()));
            match self.roll(100) {
                0..45 => self.look(&fleet, &meter, person, account).await,
                45..65 => self.change(&fleet, &meter, person, account).await,
                65..75 => self.list(&fleet, &meter, person).await,
                75..88 => self.read(&fleet, &meter).await,
                88..93 => self.change_all(&fleet, &meter, person).await,
                93..97 => self.rename(&fleet, &meter).await,
                _ => self.people[person].1.sign_in(&fleet.portal()).await,
            }
            tokio::time::sleep(PAUSE).await;
        }
        self
    }

    /// Somebody enters, or not, and looks around.
    async fn look(&mut self, fleet: &Fleet, meter: &Meter, person: usize, account: usize) {
        let me = self.people[person].1.through(fleet.portal()).await;
        let Some(inside) = meter.verdict(me.enter(&self.accounts[account])).await else { return };
        assert_eq!(inside.is_some(), self.granted.contains(&(person, account)), "who was let in gets in");
        if let Some(inside) = inside {
            let there = fleet.portal().in_account(inside.token());
            meter.answer(there.read_account()).await;
        }
    }

    /// Lets somebody in or puts them out, which the next request knows, whichever server it goes to.
    async fn change(&mut self, fleet: &Fleet, meter: &Meter, person: usize, account: usize) {
        let (firm, pair) = (self.firm(fleet).await, (person, account));
        let (employee, id) = (&self.people[person].0, &self.accounts[account]);
        if self.granted.contains(&pair) {
            if meter.answer(firm.revoke_account(employee, id)).await.is_some() {
                self.granted.remove(&pair);
            }
        } else if meter.answer(firm.grant_account(employee, id)).await.is_some() {
            self.granted.insert(pair);
            self.grants += 1;
        }
        self.look(fleet, meter, person, account).await;
    }

    /// Lets somebody into all accounts, or out of them.
    async fn change_all(&mut self, fleet: &Fleet, meter: &Meter, person: usize) {
        let firm = self.firm(fleet).await;
        let all = pairs(&self.people[person].0, &self.accounts);
        let has = self.granted.iter().filter(|pair| pair.0 == person).count();
        if has * 2 > self.accounts.len() {
            let batch = AssignmentBatch { revoke: all, ..AssignmentBatch::default() };
            if meter.answer(firm.assign_accounts(&batch)).await.is_some() {
                self.granted.retain(|pair| pair.0 != person);
            }
        } else {
            let batch = AssignmentBatch { grant: all, ..AssignmentBatch::default() };
            if meter.answer(firm.assign_accounts(&batch)).await.is_some() {
                self.granted.extend((0..self.accounts.len()).map(|account| (person, account)));
                self.grants += self.accounts.len() - has;
            }
        }
    }

    async fn list(&mut self, fleet: &Fleet, meter: &Meter, person: usize) {
        let me = self.people[person].1.through(fleet.portal()).await;
        let Some(page) = meter.answer(me.list_my_accounts(&ListQuery::default())).await else { return };
        let found: BTreeSet<&AccountId> = page.items.iter().map(|account| &account.id).collect();
        let mine = self.granted.iter().filter(|pair| pair.0 == person);
        assert_eq!(found, mine.map(|pair| &self.accounts[pair.1]).collect(), "the list is what was granted");
    }

    async fn read(&mut self, fleet: &Fleet, meter: &Meter) {
        let firm = self.firm(fleet).await;
        match self.roll(4) {
            0 => drop(meter.answer(firm.list_employees(&EmployeeQuery::default())).await),
            1 => drop(meter.answer(firm.list_firm_activity(&ActivityQuery::default())).await),
            2 => drop(meter.answer(firm.read_firm()).await),
            _ => {
                let export = meter.answer(firm.export_assignments()).await;
                let rows = export.map(|export| export.lines().count() - 1);
                assert!(rows.is_none_or(|rows| rows == self.granted.len()), "{rows:?} rows");
            }
        }
    }

    async fn rename(&mut self, fleet: &Fleet, meter: &Meter) {
        let owner = self.owner.through(fleet.portal()).await;
        let Some(shop) = meter.answer(owner.enter(&self.shop)).await else { return };
        let name = format!("Shop {}", self.roll(1_000));
        meter.answer(shop.rename_account(&RenameAccount { name: named(&name) })).await;
        meter.answer(shop.list_account_users()).await;
    }

    /// Every grant is there, and nothing else; for the database and for who asks; and each has its entry.
    async fn verify(mut self, app: &TestApp, fleet: &Fleet) {
        let firm = self.firm_id.to_string();
        let read = app.app.services.db.read(move |conn| {
            let rows: Vec<(String, String)> = assignments::table
                .filter(assignments::firm_id.eq(&firm))
                .select((assignments::employee_id, assignments::account_id))
                .load(conn)?;
            let trail = activity::table.filter(activity::firm_id.eq(&firm));
            let entries = trail.filter(activity::action.eq("assignment.granted")).count();
            Ok((rows, entries.get_result::<i64>(conn)?))
        });
        let (rows, entries) = read.await.unwrap();
        let pair = |&(person, account): &(usize, usize)| {
            (self.people[person].0.to_string(), self.accounts[account].to_string())
        };
        let meant: BTreeSet<_> = self.granted.iter().map(pair).collect();
        assert_eq!(rows.into_iter().collect::<BTreeSet<_>>(), meant);
        assert_eq!(usize::try_from(entries).unwrap(), self.grants, "an entry for each grant");
        for person in 0..self.people.len() {
            for account in 0..self.accounts.len() {
                let me = self.people[person].1.through(fleet.portal()).await;
                let inside = me.enter(&self.accounts[account]).await;
                assert_eq!(inside.is_ok(), self.granted.contains(&(person, account)), "{:?}", inside.err());
            }
        }
    }
}

fn median<T: Ord + Copy>(some: impl Iterator<Item = T>) -> T {
    let mut some: Vec<T> = some.collect();
    some.sort_unstable();
    some[some.len() / 2]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_long_day_it_is_as_quick_and_as_small_as_in_the_morning_and_every_grant_is_there() {
    let minutes = environment("PORTAL_TEST_LOAD_MINUTES").map(|minutes| minutes.parse::<u64>().unwrap());
    let is_long = minutes.is_some() || short_or_long(false, true);
    let lasts = if is_long { minutes.unwrap_or(30) * 60 } else { 8 };
    let (offices, people, accounts, parts) = if is_long { (12, 6, 20, 20) } else { (4, 2, 6, 8) };
    let app = TestApp::start();
    let open = (0..offices).map(|number| Office::open(&app, number, people, accounts));
    let offices = futures_util::future::join_all(open).await;
    let servers = if on_postgres() { 2 } else { 1 };
    let fleet = Fleet::start(&app, servers, &[("PORTAL_LOG", "warn,portal_server::cli=info")]);

    let meter = Meter::new(Duration::from_secs(lasts), parts);
    let work: Vec<_> = offices
        .into_iter()
        .map(|office| tokio::spawn(office.work(Arc::clone(&fleet), Arc::clone(&meter))))
        .collect();
    let (mut sizes, mut efforts) = (Vec::new(), Vec::new());
    let spent = || (0..servers).map(|server| effort(fleet.pid(server))).sum::<Duration>();
    let mut before = spent();
    for _ in 0..parts {
        tokio::time::sleep(meter.part).await;
        sizes.push((0..servers).map(|server| memory(fleet.pid(server))).max().unwrap());
        let now = spent();
        efforts.push(now - before);
        before = now;
    }
    for office in work {
        let office = office.await.expect("no office has met an answer that may not be");
        office.verify(&app, &fleet).await;
    }

    let (slow, busy) = (meter.parts(), *meter.busy.lock().unwrap());
    let count: usize = slow.iter().map(|part| part.0).sum();
    measured(&format!("{count} requests, {busy} refused as it was busy; p99 {slow:?}; kB {sizes:?}"));
    assert!(busy * 1_000 <= count, "{busy} of {count} were refused: it was too much");
    // Of the first part it is not said how long it takes until everything is warm.
    let few = slow.len() / 4;
    let (morning, evening) = (1..=few, slow.len() - few..slow.len());
    let counts = |parts: &mut dyn Iterator<Item = usize>| median(parts.map(|part| slow[part].0)).max(1);
    let p99 = |parts: &mut dyn Iterator<Item = usize>| median(parts.map(|part| slow[part].1));
    // Offices do less when the machine has other work, and wait longer: by as much, what it takes may differ.
    let (some, fewer) = (counts(&mut morning.clone()), counts(&mut evening.clone()));
    let (quick, slower) = (p99(&mut morning.clone()), p99(&mut evening.clone()));
    let slowed = (some as f64 / fewer as f64).max(1.0);
    let allowed = quick.mul_f64(slowed * if is_long { 1.5 } else { 4.0 })
        + Duration::from_millis(if is_long { 20 } else { 200 });
    assert!(slower <= allowed, "p99 of {slower:?} in the evening, {quick:?} in the morning");
    // Processor time is steadier.
    let each = |parts: &mut dyn Iterator<Item = usize>| {
        median(parts.map(|part| efforts[part] / u32::try_from(slow[part].0.max(1)).unwrap()))
    };
    let (light, heavier) = (each(&mut morning.clone()), each(&mut evening.clone()));
    measured(&format!("processor time of a request: {light:?} in the morning, {heavier:?} in the evening"));
    let allowed = light.mul_f64(if is_long { 1.3 } else { 2.0 });
    assert!(heavier <= allowed, "{heavier:?} of processor time in the evening, {light:?} in the morning");
    let (small, larger) = (sizes[few], sizes[sizes.len() - 1]);
    assert!(larger <= small * 6 / 5 + 8 * 1024, "{larger} kB in the evening, {small} in the morning");
}
