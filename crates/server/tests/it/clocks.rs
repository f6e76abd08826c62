//! Processes whose clocks differ, by ten minutes and by a day; and keys that are replaced in the course of time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use portal_api_types::EmployeeRole;

use crate::app::{TestApp, short_or_long, status};

/// A token from the other clock is good or it is not; with a token of its own clock somebody gets in, and who was put out does
/// not, whichever process put them out and whichever is asked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_clock_lets_nobody_in_who_was_put_out() {
    for minutes in [10, 24 * 60] {
        let app = TestApp::start();
        let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
        let firm = app.firm(&owner, "Apple", "office@apple.example").await;
        let account = &owner.account_id;
        let ben = firm
            .hire(&app, "Ben", "ben@apple.example", EmployeeRole::Bookkeeper, std::slice::from_ref(account))
            .await;
        let ahead = app.start_sharing(|_| ());
        ahead.clock.advance(Duration::from_secs(60 * minutes));
        let (here, there) =
            (app.sign_in("ben@apple.example").await, ahead.sign_in("ben@apple.example").await);
        let boss_there = ahead.sign_in("office@apple.example").await.firm(&firm.firm_id);
        for round in 0..4 {
            let inside = [here.enter(account).await.unwrap(), there.enter(account).await.unwrap()];
            for own in &inside {
                own.read_account().await.expect("by its own clock");
            }
            for (portal, token) in [(app.portal(), &inside[1]), (ahead.portal(), &inside[0])] {
                let answer = portal.in_account(token.token()).read_account().await;
                assert!(answer.is_ok() || status(answer) == 401);
            }
            let (out, other) =
                if round % 2 == 0 { (&firm.firm, &boss_there) } else { (&boss_there, &firm.firm) };
            out.revoke_account(&ben.id, account).await.unwrap();
            for token in &inside {
                for portal in [app.portal(), ahead.portal()] {
                    assert_eq!(status(portal.in_account(token.token()).read_account().await), 401);
                }
            }
            for person in [&here, &there] {
                assert_eq!(status(person.enter(account).await), 404);
            }
            other.grant_account(&ben.id, account).await.unwrap();
        }
        // A session that was ended by one clock is ended by the other.
        there.portal().in_account(there.enter(account).await.unwrap().token()).read_account().await.unwrap();
        let sessions = here.list_sessions(&Default::default()).await.unwrap().items;
        for session in sessions.iter().filter(|session| !session.current) {
            here.end_session(&session.id).await.unwrap();
        }
        assert_eq!(status(there.read_me().await), 401);
        here.read_me().await.unwrap();
    }
}

/// While signing keys are replaced, tokens of the old ones and of the new ones are good, on every process.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_are_replaced_under_load_and_nobody_is_refused() {
    let app = TestApp::start();
    let other = crate::processes::Process::serve(&app);
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let (stop, served) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let portals = [app.portal(), other.portal()];
    let readers: Vec<_> = (0..4)
        .map(|index| {
            let (stop, served) = (Arc::clone(&stop), Arc::clone(&served));
            let (portal, old) = (portals[index % 2].clone(), owner.inside.token().to_owned());
            let (me, account) = (owner.me.clone(), owner.account_id.clone());
            tokio::spawn(async move {
                while !stop.load(Ordering::SeqCst) {
                    portal.in_account(&old).read_account().await.expect("a token of before is good");
                    let new = me.enter(&account).await.expect("a new token");
                    portal.in_account(new.token()).read_account().await.expect("a token of now is good");
                    served.fetch_add(1, Ordering::SeqCst);
                }
            })
        })
        .collect();
    for _ in 0..short_or_long(4, 40) {
        crate::commands::answer(&crate::commands::run(&app, &["keys", "rotate"]));
        // The other process has the true time, so that a rotation takes as long as it does.
        let goal = served.load(Ordering::SeqCst) + 20;
        let started = Instant::now();
        while served.load(Ordering::SeqCst) < goal || started.elapsed() < Duration::from_secs(2) {
            assert!(!readers.iter().any(tokio::task::JoinHandle::is_finished), "somebody was refused");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    stop.store(true, Ordering::SeqCst);
    for reader in readers {
        reader.await.expect("nobody was refused");
    }
}
