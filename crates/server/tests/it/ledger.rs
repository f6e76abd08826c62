//! People who work while servers die, and remember what they were answered; and the comparison with what then is there.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use diesel::prelude::*;
use portal_api_types::{
    AccountId, EmployeeId, EmployeeRole, FirmId, IdempotencyKey, InviteEmployee, RenameAccount, Session,
};
use portal_client::{InFirm, Portal, SignedIn};
use portal_server::schema::{accounts, activity, employees};

use crate::app::{TestApp, address, named};
use crate::fleet::{Fleet, Outcome, outcome, session};

/// One admin, who invites people and lets a bookkeeper in and out.
pub struct Worker {
    number: usize,
    session: Session,
    firm_id: FirmId,
    account_id: AccountId,
    bookkeeper: EmployeeId,
    /// The owner's token of the account, and the bookkeeper's.
    owner_token: String,
    token: String,
    /// What came of each invitation, by its address.
    invited: HashMap<String, Outcome>,
    /// What came of each new name of the account, which is its number.
    renamed: Vec<Outcome>,
    /// How often the bookkeeper was let in, and put out.
    granted: i64,
    revoked: i64,
    /// Requests of the bookkeeper while put out.
    probes: usize,
}

impl Worker {
    /// A firm with a client, an admin and a bookkeeper.
    pub async fn hire(app: &TestApp, number: usize) -> Self {
        let host = format!("firm{number}.example");
        let owner = app.owner("Olivia", &format!("olivia@client-of-{host}"), "Bakery").await;
        let firm = app.firm(&owner, "Apple", &format!("office@{host}")).await;
        let accounts = std::slice::from_ref(&owner.account_id);
        let ben = firm.hire(app, "Ben", &format!("ben@{host}"), EmployeeRole::Bookkeeper, accounts).await;
        let token = ben.me.enter(&owner.account_id).await.unwrap().token().to_owned();
        Self {
            number,
            session: session(&firm.me),
            firm_id: firm.firm_id,
            owner_token: owner.inside.token().to_owned(),
            account_id: owner.account_id,
            bookkeeper: ben.id,
            token,
            invited: HashMap::new(),
            renamed: Vec::new(),
            granted: 1,
            revoked: 0,
            probes: 0,
        }
    }

    fn firm(&self, portal: Portal) -> InFirm {
        SignedIn::from_session(portal, self.session.clone()).firm(&self.firm_id)
    }

    /// Works until told to stop.
    pub async fn work(mut self, fleet: Arc<Fleet>, stop: Arc<AtomicBool>) -> Self {
        let mut step = 0;
        while !stop.load(Ordering::SeqCst) {
            let wish = InviteEmployee {
                name: named("New"),
                email: address(&format!("new{step}@firm{}.example", self.number)),
                role: EmployeeRole::Bookkeeper,
                account_ids: Vec::new(),
            };
            let email = wish.email.as_str().to_owned();
            if step % 2 == 0 {
                let answer = self.firm(fleet.portal()).invite_employee(&wish).await;
                self.invited.insert(email, outcome(&answer));
            } else {
                let key: IdempotencyKey = format!("w{}-{step}", self.number).parse().unwrap();
                let invite = |portal| {
                    let firm = self.firm(portal).with_idempotency_key(key.clone());
                    let wish = &wish;
                    async move { firm.invite_employee(wish).await }
                };
                fleet.until_answered("an invitation", invite).await;
                self.invited.insert(email, Outcome::Done);
            }
            for _ in 0..6 {
                let rename = RenameAccount { name: named(&format!("Number {}", self.renamed.len())) };
                let inside = fleet.portal().in_account(&self.owner_token);
                self.renamed.push(outcome(&inside.rename_account(&rename).await));
            }
            if step % 4 == 3 {
                self.put_out_and_let_in(&fleet).await;
            }
            step += 1;
        }
        self
    }

    async fn put_out_and_let_in(&mut self, fleet: &Fleet) {
        let (employee, account) = (self.bookkeeper.clone(), self.account_id.clone());
        let revoke = |portal| {
            let firm = self.firm(portal);
            let (employee, account) = (&employee, &account);
            async move { firm.revoke_account(employee, account).await }
        };
        fleet.until_answered("a revocation", revoke).await;
        self.revoked += 1;
        for _ in 0..4 {
            let seen = fleet.portal().in_account(&self.token).read_account().await;
            let error = seen.expect_err("whoever was put out does not get in");
            assert!(matches!(error.status(), None | Some(401 | 503)), "{error:?}");
            self.probes += 1;
        }
        let grant = |portal| {
            let firm = self.firm(portal);
            let (employee, account) = (&employee, &account);
            async move { firm.grant_account(employee, account).await }
        };
        fleet.until_answered("a grant", grant).await;
        self.granted += 1;
        let read = |portal: Portal| {
            let inside = portal.in_account(&self.token);
            async move { inside.read_account().await }
        };
        fleet.until_answered("whoever was let in", read).await;
    }

    /// The name is the last that was answered, or a later one whose answer is not known; each has its entry.
    fn compare_names(&self, entries: usize, name: &str) {
        let count = |which| self.renamed.iter().filter(|outcome| **outcome == which).count();
        let (done, open) = (count(Outcome::Done), count(Outcome::Open));
        assert!(
            (done..=done + open).contains(&entries),
            "{entries} entries of {done} new names, {open} unknown"
        );
        let last_done =
            self.renamed.iter().rposition(|outcome| *outcome == Outcome::Done).expect("one at least");
        let number: usize = name.trim_start_matches("Number ").parse().expect("one of ours");
        assert!(number >= last_done, "{name} is there, and {last_done} was answered");
        assert_ne!(self.renamed[number], Outcome::NotDone, "{name} was answered as not done");
    }

    /// How much was done, so that a test can tell that something was: invitations that were answered, and looks at a closed door.
    pub fn done(&self) -> (usize, usize) {
        (self.invited.values().filter(|outcome| **outcome == Outcome::Done).count(), self.probes)
    }

    /// Compares with what is in the database, and with whom mails were sent to.
    pub async fn compare(&self, app: &TestApp, mailed: &HashMap<String, usize>) {
        let (firm, account) = (self.firm_id.to_string(), self.account_id.to_string());
        let there = app.app.services.db.read(move |conn| {
            let people: Vec<(String, String)> = employees::table
                .filter(employees::firm_id.eq(&firm))
                .filter(employees::email.like("new%"))
                .select((employees::email, employees::id))
                .load(conn)?;
            let trail: Vec<(String, Option<String>)> = activity::table
                .filter(activity::firm_id.eq(&firm))
                .select((activity::action, activity::target_id))
                .load(conn)?;
            let renames = activity::table
                .filter(activity::account_id.eq(&account))
                .filter(activity::action.eq("account.renamed"))
                .count()
                .get_result::<i64>(conn)?;
            let name: String = accounts::table.find(&account).select(accounts::name).first(conn)?;
            Ok((people, trail, renames, name))
        });
        let (people, trail, renames, name) = there.await.unwrap();
        self.compare_names(usize::try_from(renames).unwrap(), &name);
        let entries = |action: &str, target: &str| {
            trail.iter().filter(|entry| entry.0 == action && entry.1.as_deref() == Some(target)).count()
        };
        let people: HashMap<String, String> = people.into_iter().collect();
        for (email, outcome) in &self.invited {
            let (row, mails) = (people.get(email), mailed.get(email).copied().unwrap_or(0));
            match outcome {
                Outcome::Done => assert!(row.is_some(), "{email} was answered as invited, and is lost"),
                Outcome::NotDone => {
                    assert!(row.is_none(), "{email} was answered as not invited, and is there")
                }
                Outcome::Open => {}
            }
            let written = row.map_or(0, |id| entries("employee.invited", id));
            assert_eq!(written, usize::from(row.is_some()), "{email}: entries in the trail");
            assert_eq!(mails > 0, row.is_some(), "{email}: {mails} mails");
        }
        assert_eq!(people.len(), people.keys().filter(|email| self.invited.contains_key(*email)).count());
        let count =
            |action: &str| i64::try_from(trail.iter().filter(|entry| entry.0 == action).count()).unwrap();
        assert_eq!(
            (count("assignment.granted"), count("assignment.revoked")),
            (self.granted, self.revoked),
            "each grant and each revocation is in the trail once"
        );
    }
}
