//! A mail server that goes away at the worst moments: no mail is lost, and what comes twice is known by its Message-ID. And one that
//! lets us wait: what was taken back meanwhile is not sent.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use portal_api_types::{EmployeeRole, Registration};

use crate::app::{TestApp, address, named};
use crate::fleet::PATIENCE;

/// When a connection ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cut {
    /// At once, without a greeting.
    Greeting,
    /// After the recipient.
    Recipient,
    /// In the midst of the mail.
    Data,
    /// The mail is taken, and the answer does not come.
    Answer,
    /// Not before the client ends it.
    Never,
}

/// When the tries that are still to come are cut. A connection that is only looked at is none.
type Cuts = Mutex<VecDeque<Cut>>;

/// Speaks to one client, and keeps the mails that were taken; ends when the client does, or sooner.
fn converse(stream: TcpStream, cuts: &Cuts, taken: &Mutex<Vec<String>>) -> Option<()> {
    if cuts.lock().unwrap().pop_front_if(|cut| *cut == Cut::Greeting).is_some() {
        return None;
    }
    let mut cut = Cut::Never;
    let (mut writer, mut reader) = (stream.try_clone().ok()?, BufReader::new(stream));
    writer.write_all(b"220 mail.test\r\n").ok()?;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return Some(());
        }
        let answer: &[u8] = match line.split([' ', '\r', ':']).next()?.to_uppercase().as_str() {
            "MAIL" => {
                cut = cuts.lock().unwrap().pop_front().unwrap_or(Cut::Never);
                b"250 ok\r\n"
            }
            "RCPT" if cut == Cut::Recipient => return None,
            "DATA" => {
                writer.write_all(b"354 go on\r\n").ok()?;
                let mut mail = String::new();
                while !mail.ends_with("\r\n.\r\n") {
                    if cut == Cut::Data || reader.read_line(&mut mail).ok()? == 0 {
                        return None;
                    }
                }
                taken.lock().unwrap().push(mail);
                if cut == Cut::Answer {
                    return None;
                }
                b"250 taken\r\n"
            }
            "QUIT" => b"221 bye\r\n",
            _ => b"250 ok\r\n",
        };
        writer.write_all(answer).ok()?;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_server_that_hangs_up_at_any_step_gets_the_mail_again_under_the_same_id() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    let taken: Arc<Mutex<Vec<String>>> = Arc::default();
    let inside = Arc::clone(&taken);
    std::thread::spawn(move || {
        let cuts = [Cut::Greeting, Cut::Recipient, Cut::Data, Cut::Answer];
        let cuts = Arc::new(Cuts::new(cuts.into()));
        for stream in listener.incoming().flatten() {
            let (taken, cuts) = (Arc::clone(&inside), Arc::clone(&cuts));
            std::thread::spawn(move || converse(stream, &cuts, &taken));
        }
    });
    let app = TestApp::start_with(|config| config.smtp_url = Some(url));
    let registration = Registration {
        name: named("Olivia"),
        email: address("olivia@bakery.example"),
        account_name: named("Bakery"),
        locale: None,
    };
    app.portal().register(&registration).await.unwrap();
    let deadline = Instant::now() + PATIENCE;
    while taken.lock().unwrap().len() < 2 {
        assert!(Instant::now() < deadline, "{} of 2 mails", taken.lock().unwrap().len());
        // The pauses between tries pass.
        app.clock.advance(Duration::from_secs(30));
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let taken = taken.lock().unwrap().clone();
    assert_eq!(taken.len(), 2, "once more where the answer was cut, and no more");
    let id = |mail: &String| mail.lines().find(|line| line.starts_with("Message-ID:")).unwrap().to_owned();
    assert_eq!(id(&taken[0]), id(&taken[1]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invitation_that_is_taken_back_while_the_mail_server_lets_us_wait_is_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    let (taken, waits) = (Arc::<Mutex<Vec<String>>>::default(), Arc::<AtomicBool>::default());
    let greets = Arc::new(AtomicBool::new(false));
    let inside = (Arc::clone(&taken), Arc::clone(&waits), Arc::clone(&greets));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (taken, waits, greets) = inside.clone();
            waits.store(true, Ordering::SeqCst);
            std::thread::spawn(move || {
                while !greets.load(Ordering::SeqCst) {
                    std::thread::sleep(Duration::from_millis(10));
                }
                converse(stream, &Cuts::default(), &taken)
            });
        }
    });
    let first = TestApp::start();
    let owner = first.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let firm = first.firm(&owner, "Apple", "office@apple.example").await;
    first.pause_mail();
    let _sender = first.start_sharing(|config| config.smtp_url = Some(url));
    let eve = firm.invite("Eve", "eve@apple.example", EmployeeRole::Bookkeeper, &[]).await;
    let deadline = Instant::now() + PATIENCE;
    while !waits.load(Ordering::SeqCst) {
        assert!(Instant::now() < deadline, "the mail server is asked");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    firm.firm.remove_employee(&eve.id).await.unwrap();
    greets.store(true, Ordering::SeqCst);
    firm.invite("Ben", "ben@apple.example", EmployeeRole::Bookkeeper, &[]).await;
    while taken.lock().unwrap().is_empty() {
        assert!(Instant::now() < deadline, "the next mail is sent");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let taken = taken.lock().unwrap();
    assert!(taken.iter().all(|mail| mail.contains("ben@apple.example")), "{taken:?}");
}
