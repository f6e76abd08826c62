//! Whoever is put out is out: under load, through another process, in six ways, and before the next thing is written.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use portal_api_types::{EmployeeRole, EmployeeStatus, RenameAccount, UpdateEmployee};
use portal_client::{InAccount, Operator};

use crate::app::{FirmAdmin, Hired, Owner, TestApp, named, short_or_long, status};
use crate::fleet::PATIENCE;
use crate::processes::Process;

/// Clients who ask without a pause. Epochs count up: odd while somebody is put out and the answer to that is in hand. What
/// began and ended within one odd epoch must not have succeeded.
struct Hammer {
    epoch: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
    late: Arc<AtomicUsize>,
    refused: Arc<AtomicUsize>,
    clients: Vec<tokio::task::JoinHandle<()>>,
}

impl Hammer {
    fn start(count: usize, doors: &[InAccount]) -> Self {
        let mut hammer = Self {
            epoch: Arc::default(),
            stop: Arc::default(),
            late: Arc::default(),
            refused: Arc::default(),
            clients: Vec::new(),
        };
        for index in 0..count {
            let door = doors[index % doors.len()].clone();
            let (epoch, stop) = (Arc::clone(&hammer.epoch), Arc::clone(&hammer.stop));
            let (late, refused) = (Arc::clone(&hammer.late), Arc::clone(&hammer.refused));
            hammer.clients.push(tokio::spawn(async move {
                while !stop.load(Ordering::SeqCst) {
                    let before = epoch.load(Ordering::SeqCst);
                    let answer = door.read_account().await;
                    if before % 2 == 1 && epoch.load(Ordering::SeqCst) == before {
                        late.fetch_add(usize::from(answer.is_ok()), Ordering::SeqCst);
                        refused.fetch_add(usize::from(answer.is_err()), Ordering::SeqCst);
                    }
                }
            }));
        }
        hammer
    }

    /// Waits until the clients were refused so many times more.
    async fn wait_for_refusals(&self, count: usize) {
        let (goal, deadline) = (self.refused.load(Ordering::SeqCst) + count, Instant::now() + PATIENCE);
        while self.refused.load(Ordering::SeqCst) < goal {
            assert_eq!(self.late.load(Ordering::SeqCst), 0, "late successes");
            assert!(Instant::now() < deadline, "the clients look while somebody is out");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    fn next_epoch(&self) {
        self.epoch.fetch_add(1, Ordering::SeqCst);
    }

    async fn end(self) -> usize {
        self.stop.store(true, Ordering::SeqCst);
        for client in self.clients {
            client.await.unwrap();
        }
        assert_eq!(self.late.load(Ordering::SeqCst), 0, "late successes");
        self.refused.load(Ordering::SeqCst)
    }
}

struct Scene {
    owner: Owner,
    firm: FirmAdmin,
    ben: Hired,
    operator: Operator,
}

/// The ways to put somebody out that can be taken back.
const WAYS: usize = 6;

impl Scene {
    async fn on(app: &TestApp) -> Self {
        let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
        let firm = app.firm(&owner, "Apple", "office@apple.example").await;
        let accounts = std::slice::from_ref(&owner.account_id);
        let ben = firm.hire(app, "Ben", "ben@apple.example", EmployeeRole::Bookkeeper, accounts).await;
        Self { owner, firm, ben, operator: app.operator().await }
    }

    async fn put_out(&self, way: usize) {
        let (account, firm) = (&self.owner.account_id, &self.firm);
        let user = &self.ben.me.user().id;
        match way {
            0 => firm.firm.revoke_account(&self.ben.id, account).await.unwrap(),
            1 => self.set_status(EmployeeStatus::Deactivated).await,
            2 => self.owner.inside.block_person(&firm.firm_id, &self.ben.id).await.unwrap(),
            3 => drop(self.operator.suspend_account(account).await.unwrap()),
            4 => drop(self.operator.suspend_firm(&firm.firm_id).await.unwrap()),
            _ => drop(self.operator.suspend_user(user).await.unwrap()),
        }
    }

    async fn let_in(&self, way: usize) {
        let (account, firm) = (&self.owner.account_id, &self.firm);
        let user = &self.ben.me.user().id;
        match way {
            0 => firm.firm.grant_account(&self.ben.id, account).await.unwrap(),
            1 => self.set_status(EmployeeStatus::Active).await,
            2 => self.owner.inside.unblock_person(&firm.firm_id, &self.ben.id).await.unwrap(),
            3 => drop(self.operator.resume_account(account).await.unwrap()),
            4 => drop(self.operator.resume_firm(&firm.firm_id).await.unwrap()),
            _ => drop(self.operator.resume_user(user).await.unwrap()),
        }
    }

    async fn set_status(&self, status: EmployeeStatus) {
        let change = UpdateEmployee { status: Some(status), ..UpdateEmployee::default() };
        self.firm.firm.update_employee(&self.ben.id, &change).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_revocations_of_six_kinds_under_eight_clients_none_is_late() {
    let app = TestApp::start();
    let other = Process::serve(&app);
    let scene = Scene::on(&app).await;
    let here = scene.ben.me.enter(&scene.owner.account_id).await.unwrap();
    let there = other.portal().in_account(here.token());
    let hammer = Hammer::start(8, &[here.clone(), there.clone()]);
    let rounds = short_or_long(60, 1_000);
    for round in 0..rounds {
        scene.put_out(round % WAYS).await;
        hammer.next_epoch();
        assert_eq!(status(here.read_account().await), 401);
        assert_eq!(status(there.read_account().await), 401);
        hammer.wait_for_refusals(4).await;
        hammer.next_epoch();
        scene.let_in(round % WAYS).await;
        there.read_account().await.expect("in again");
    }
    assert!(hammer.end().await >= rounds * 4);
}

/// The 'new enemy': a secret that is written after somebody was put out, by another process than the one that put them out,
/// is never read by them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_written_after_a_revocation_is_never_read_by_who_was_put_out() {
    let app = TestApp::start();
    let other = Process::serve(&app);
    let scene = Scene::on(&app).await;
    let here = scene.ben.me.enter(&scene.owner.account_id).await.unwrap();
    let there = other.portal().in_account(here.token());
    let owner_there = other.portal().in_account(scene.owner.inside.token());
    let (stop, read) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let readers: Vec<_> = (0..8)
        .map(|index| {
            let door = if index % 2 == 0 { here.clone() } else { there.clone() };
            let (stop, read) = (Arc::clone(&stop), Arc::clone(&read));
            tokio::spawn(async move {
                while !stop.load(Ordering::SeqCst) {
                    if let Ok(account) = door.read_account().await {
                        assert_eq!(account.name.as_str(), "Bakery", "a secret was read");
                        read.fetch_add(1, Ordering::SeqCst);
                    }
                }
            })
        })
        .collect();
    for round in 0..short_or_long(60_usize, 1_000) {
        let seen = read.load(Ordering::SeqCst);
        let deadline = Instant::now() + PATIENCE;
        while read.load(Ordering::SeqCst) == seen {
            assert!(Instant::now() < deadline, "the readers read while they may");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        // Through one process out, through the other the secret; and the other way round.
        let way = round % 3;
        scene.put_out(way).await;
        let writer = if round % 2 == 0 { &owner_there } else { &scene.owner.inside };
        let rename = |name: &str| RenameAccount { name: named(name) };
        writer.rename_account(&rename(&format!("Secret {round}"))).await.unwrap();
        tokio::time::sleep(Duration::from_millis(5)).await;
        writer.rename_account(&rename("Bakery")).await.unwrap();
        scene.let_in(way).await;
    }
    stop.store(true, Ordering::SeqCst);
    for reader in readers {
        reader.await.expect("no secret was read");
    }
}
