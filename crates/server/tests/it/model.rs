//! The rule of access against a small model of it: after each of many random steps, both say the same of everybody.

use portal_api_types::{AccountId, EmployeeId, EmployeeRole, EmployeeStatus, UpdateEmployee};
use portal_client::Operator;

use crate::app::{FirmAdmin, Hired, Owner, TestApp, environment, short_or_long, status};

const FIRMS: usize = 2;
const ACCOUNTS: usize = 3;
/// Where each person works: the first two in one firm, the next two in the other, the last in both.
const PLACES: [(usize, usize); 6] = [(0, 0), (1, 0), (2, 1), (3, 1), (4, 0), (4, 1)];
const PEOPLE: usize = 5;

/// The rule in five lines, over what has been done so far.
#[derive(Debug, Clone, Default)]
struct Model {
    connected: [[bool; ACCOUNTS]; FIRMS],
    assigned: [[bool; ACCOUNTS]; PLACES.len()],
    admin: [bool; PLACES.len()],
    deactivated: [bool; PLACES.len()],
    blocked: [[bool; ACCOUNTS]; PEOPLE],
    account_suspended: [bool; ACCOUNTS],
    firm_suspended: [bool; FIRMS],
    person_suspended: [bool; PEOPLE],
}

impl Model {
    fn may_enter(&self, person: usize, account: usize) -> bool {
        let works = |place: usize| {
            let firm = PLACES[place].1;
            let staff =
                !self.deactivated[place] && !self.firm_suspended[firm] && self.connected[firm][account];
            PLACES[place].0 == person && staff && (self.admin[place] || self.assigned[place][account])
        };
        let out =
            self.person_suspended[person] || self.account_suspended[account] || self.blocked[person][account];
        !out && (0..PLACES.len()).any(works)
    }

    /// Whether a firm sees an account among its clients, by an admin who may act.
    fn is_client(&self, firm: usize, account: usize) -> bool {
        self.connected[firm][account] && !self.account_suspended[account] && !self.firm_suspended[firm]
    }
}

/// One step: the kind, and whom or what it is about.
type Step = (usize, usize, usize);

/// Numbers by a seed (`SplitMix64`), so that a run that failed can be had again.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % sides as u64).unwrap()
    }
}

struct World {
    owners: Vec<Owner>,
    firms: Vec<FirmAdmin>,
    people: Vec<Hired>,
    places: Vec<EmployeeId>,
    operator: Operator,
    model: Model,
}

fn office(firm: usize) -> String {
    format!("office@firm{firm}.example")
}

fn email(person: usize) -> String {
    format!("person{person}@x.example")
}

impl World {
    async fn on(app: &TestApp) -> Self {
        let mut owners = Vec::new();
        for account in 0..ACCOUNTS {
            owners.push(app.owner("Olivia", &format!("olivia{account}@x.example"), "Bakery").await);
        }
        let mut model = Model::default();
        let mut firms = Vec::new();
        for (firm, owner) in owners.iter().take(FIRMS).enumerate() {
            firms.push(app.firm(owner, "Apple", &office(firm)).await);
            model.connected[firm][firm] = true;
        }
        let (mut people, mut places): (Vec<Hired>, Vec<EmployeeId>) = Default::default();
        for (person, firm) in PLACES {
            let hired = firms[firm].hire(app, "Ben", &email(person), EmployeeRole::Bookkeeper, &[]).await;
            places.push(hired.id.clone());
            people.truncate(person);
            people.push(hired);
        }
        Self { owners, firms, people, places, operator: app.operator().await, model }
    }

    fn account(&self, account: usize) -> &AccountId {
        &self.owners[account].account_id
    }

    fn is_suspended(&self, kind: usize, person: usize, account: usize, firm: usize) -> bool {
        match kind {
            7 => self.model.account_suspended[account],
            8 => self.model.firm_suspended[firm],
            _ => self.model.person_suspended[person],
        }
    }

    /// Does a step in the portal and in the model. What the model does not allow has to be refused, and changes nothing.
    async fn take(&mut self, (kind, first, second): Step) {
        let (place, account) = (first % PLACES.len(), second % ACCOUNTS);
        let (person, firm) = PLACES[place];
        let is_client = self.model.is_client(firm, account);
        let answer = match kind {
            0 | 1 => {
                let (employee, id) = (&self.places[place], self.account(account));
                let answer = if kind == 0 {
                    self.firms[firm].firm.grant_account(employee, id).await
                } else {
                    self.firms[firm].firm.revoke_account(employee, id).await
                };
                if is_client {
                    self.model.assigned[place][account] = kind == 0;
                }
                (answer, is_client)
            }
            2 | 3 => {
                let possible = !self.model.firm_suspended[firm];
                let role = [EmployeeRole::Admin, EmployeeRole::Bookkeeper][second % 2];
                let status = [EmployeeStatus::Deactivated, EmployeeStatus::Active, EmployeeStatus::Active]
                    [second / 7 % 3];
                let change = if kind == 2 {
                    UpdateEmployee { role: Some(role), ..UpdateEmployee::default() }
                } else {
                    UpdateEmployee { status: Some(status), ..UpdateEmployee::default() }
                };
                let answer = self.firms[firm].firm.update_employee(&self.places[place], &change).await;
                if possible && kind == 2 {
                    self.model.admin[place] = role == EmployeeRole::Admin;
                } else if possible {
                    self.model.deactivated[place] = status == EmployeeStatus::Deactivated;
                }
                (answer.map(drop), possible)
            }
            4 | 5 => {
                // Who is on the list of whom to keep out is the list's own matter.
                if !is_client || self.model.deactivated[place] {
                    return;
                }
                let (inside, firm_id) = (&self.owners[account].inside, &self.firms[firm].firm_id);
                let answer = if kind == 4 {
                    inside.block_person(firm_id, &self.places[place]).await
                } else {
                    inside.unblock_person(firm_id, &self.places[place]).await
                };
                self.model.blocked[person][account] = kind == 4;
                (answer, true)
            }
            6 => {
                if self.model.account_suspended[account] || self.model.firm_suspended[firm] {
                    return;
                }
                if self.model.connected[firm][account] {
                    if second % 5 != 0 {
                        return;
                    }
                    let gone = self.owners[account].inside.disconnect_firm(&self.firms[firm].firm_id).await;
                    for (other, (_, of)) in PLACES.iter().enumerate() {
                        self.model.assigned[other][account] &= *of != firm;
                    }
                    self.model.connected[firm][account] = false;
                    (gone, true)
                } else {
                    self.owners[account].invite("Apple", &office(firm)).await;
                    self.model.connected[firm][account] = true;
                    (Ok(()), true)
                }
            }
            7..=9 if second % 4 != 0 && !self.is_suspended(kind, person, account, firm) => return,
            7 => {
                self.model.account_suspended[account] ^= true;
                let id = self.account(account).clone();
                let answer = if self.model.account_suspended[account] {
                    self.operator.suspend_account(&id).await
                } else {
                    self.operator.resume_account(&id).await
                };
                (answer.map(drop), true)
            }
            8 => {
                self.model.firm_suspended[firm] ^= true;
                let id = &self.firms[firm].firm_id;
                let answer = if self.model.firm_suspended[firm] {
                    self.operator.suspend_firm(id).await
                } else {
                    self.operator.resume_firm(id).await
                };
                (answer.map(drop), true)
            }
            _ => {
                self.model.person_suspended[person] ^= true;
                let id = &self.people[person].me.user().id;
                let answer = if self.model.person_suspended[person] {
                    self.operator.suspend_user(id).await
                } else {
                    self.operator.resume_user(id).await
                };
                (answer.map(drop), true)
            }
        };
        let (answer, possible) = answer;
        assert_eq!(answer.is_ok(), possible, "{kind} {first} {second}: {answer:?}");
        assert!(possible || status(answer) == 404);
    }

    /// Whether this person gets into this account.
    async fn enters(&self, person: usize, account: usize) -> bool {
        match self.people[person].me.enter(self.account(account)).await {
            Ok(inside) => {
                inside.read_account().await.expect("a token of just now is good");
                true
            }
            refused => {
                assert!([401, 404].contains(&status(refused)));
                false
            }
        }
    }

    /// Before their tokens expire, those who act in it sign in again.
    async fn sign_in_again(&mut self, app: &TestApp) {
        for person in 0..PEOPLE {
            if std::mem::take(&mut self.model.person_suspended[person]) {
                self.operator.resume_user(&self.people[person].me.user().id).await.unwrap();
            }
            self.people[person].me = app.sign_in(&email(person)).await;
        }
        for firm in 0..FIRMS {
            self.firms[firm].me = app.sign_in(&office(firm)).await;
            self.firms[firm].firm = self.firms[firm].me.firm(&self.firms[firm].firm_id);
        }
        for account in 0..ACCOUNTS {
            if std::mem::take(&mut self.model.account_suspended[account]) {
                self.operator.resume_account(self.account(account)).await.unwrap();
            }
            let me = app.sign_in(&format!("olivia{account}@x.example")).await;
            self.owners[account].inside = me.enter(self.account(account)).await.unwrap();
            self.owners[account].me = me;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_every_step_the_portal_lets_in_whom_the_model_lets_in() {
    let app = TestApp::start();
    let mut world = World::on(&app).await;
    app.pause_mail();
    let seed = environment("PORTAL_TEST_SEED").map_or_else(
        || u64::from_be_bytes(portal_server::clock::random_bytes()),
        |seed| seed.parse().expect("a number"),
    );
    let mut dice = Dice(seed);
    let mut verdicts = [0, 0];
    for number in 0..short_or_long(1_200, 100_000) {
        if number % 5_000 == 4_999 {
            world.sign_in_again(&app).await;
        }
        // Those that open doors are more frequent, or soon all are shut.
        let kind = [0, 0, 0, 0, 1, 2, 3, 3, 4, 5, 5, 5, 6, 6, 7, 8, 9][dice.roll(17)];
        let step = (kind, dice.roll(PLACES.len()), dice.roll(60));
        world.take(step).await;
        let (person, account) = (dice.roll(PEOPLE), dice.roll(ACCOUNTS));
        for (person, account) in [(PLACES[step.1].0, step.2 % ACCOUNTS), (person, account)] {
            let expected = world.model.may_enter(person, account);
            let entered = world.enters(person, account).await;
            assert_eq!(
                entered, expected,
                "PORTAL_TEST_SEED={seed}, step {number} {step:?}: {person} into {account} by {:?}",
                world.model
            );
            verdicts[usize::from(entered)] += 1;
        }
    }
    for person in 0..PEOPLE {
        for account in 0..ACCOUNTS {
            assert_eq!(world.enters(person, account).await, world.model.may_enter(person, account));
        }
    }
    assert!(verdicts.iter().all(|count| *count > 50), "both verdicts were met: {verdicts:?}, seed {seed}");
}
