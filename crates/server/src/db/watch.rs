//! Hears from the database what has changed, whichever process changed it: by LISTEN on PostgreSQL, by polling the newest
//! rows on SQLite. What is heard is a hint: nothing is decided by it.
//!
//! One thread a process does this, on a connection of its own, and only while somebody listens. It looks every
//! [`PERIOD`]; on PostgreSQL that reads what has arrived on the socket, and asks the server nothing.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TryRecvError, bounded};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use tokio::sync::{broadcast, watch};

use super::keeper::{Keeper, Pulse};
use super::{Address, Conn, DbError};

/// How often it is looked whether something has changed.
const PERIOD: Duration = Duration::from_millis(100);
/// How often a connection on which nothing is heard is asked whether it is still there.
const CHECK_PERIOD: Duration = Duration::from_secs(5);
/// For how long the connection is kept when nobody listens any more.
const IDLE: Duration = Duration::from_secs(30);
/// The longest pause between two tries to reach the database.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How long somebody who begins to listen waits for the connection.
const OPENING: Duration = Duration::from_secs(2);
/// What may wait to be read by a slow listener; who is slower than that is told of a gap.
const BACKLOG: usize = 256;

macro_rules! topics {
    ($($(#[$doc:meta])* $name:ident = $word:literal;)+) => {
        /// What a change is about. The migrations say what each is told for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Topic {
            $($(#[$doc])* $name,)+
        }

        impl Topic {
            /// The topic that the database calls this. A newer portal's migration may know more than this program.
            fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$name),)+ _ => None }
            }
        }
    };
}

topics! {
    /// A person's own data or sessions; a user's id.
    Me = "me";
    /// What a person may enter; a user's id.
    Access = "access";
    /// Which accounts a firm is connected to; a firm's id.
    Clients = "clients";
    /// What everybody of a firm may enter; a firm's id.
    Staff = "staff";
    /// What everybody who works for a firm can see; a firm's id.
    Firm = "firm";
    /// What the admins of a firm can see; a firm's id.
    Office = "office";
    /// What everybody in an account can see; an account's id.
    Account = "account";
    /// An access token that was revoked; its `jti`.
    Token = "token";
}

/// Changes that were heard of together.
#[derive(Debug, Default)]
pub struct Changes {
    told: HashMap<Topic, HashSet<String>>,
    /// Firms whose people are seen differently in their client accounts, until it is looked up which these are.
    people: HashSet<String>,
}

impl Changes {
    fn add(&mut self, topic: &str, subject: &str) {
        if topic == "people" {
            self.people.insert(subject.to_owned());
        } else if let Some(topic) = Topic::parse(topic) {
            self.told.entry(topic).or_default().insert(subject.to_owned());
        }
    }

    /// Whether there is one of this.
    pub fn has(&self, topic: Topic, subject: &str) -> bool {
        self.told.get(&topic).is_some_and(|subjects| subjects.contains(subject))
    }

    /// Of how many things there is one.
    pub fn count(&self, topic: Topic) -> usize {
        self.told.get(&topic).map_or(0, HashSet::len)
    }

    /// Of what there is one.
    pub fn of(&self, topic: Topic) -> impl Iterator<Item = &str> {
        self.told.get(&topic).into_iter().flatten().map(String::as_str)
    }
}

/// What a listener hears.
#[derive(Debug, Clone)]
pub enum Heard {
    /// Something has changed.
    Changes(Arc<Changes>),
    /// Something may have changed that was not heard of: the database was away.
    Gap,
}

/// The listening thread, seen from those who want to hear. It ends with the last of them.
#[derive(Clone)]
pub(super) struct Watch {
    heard: broadcast::Sender<Heard>,
    live: watch::Receiver<bool>,
    wanted: Sender<()>,
}

impl Watch {
    /// Starts the thread; it does nothing yet.
    pub(super) fn start(keeper: &mut Keeper, address: &Address) -> Self {
        let (heard, _) = broadcast::channel(BACKLOG);
        let (live, is_live) = watch::channel(false);
        let (wanted, wants) = bounded(1);
        let thread = Thread { address: address.clone(), heard: heard.clone(), live, wants };
        keeper.start_thread("db-watch", move |pulse| thread.run(pulse));
        Self { heard, live: is_live, wanted }
    }

    /// Begins to listen: what is committed after the answer will be heard.
    pub(super) async fn listen(&self) -> Result<broadcast::Receiver<Heard>, DbError> {
        // First: the thread goes on as long as there is a receiver.
        let receiver = self.heard.subscribe();
        // Full: it is being woken already.
        let _ = self.wanted.try_send(());
        let mut live = self.live.clone();
        match tokio::time::timeout(OPENING, live.wait_for(|live| *live)).await {
            // From here on, without the gap that a new connection begins with.
            Ok(Ok(_)) => Ok(receiver.resubscribe()),
            _ => Err(DbError::Unreachable("changes cannot be heard of".to_owned())),
        }
    }
}

struct Thread {
    address: Address,
    heard: broadcast::Sender<Heard>,
    live: watch::Sender<bool>,
    wants: Receiver<()>,
}

impl Thread {
    fn run(&self, pulse: &Pulse) {
        // The thread before this one may have left it so.
        self.live.send_replace(false);
        // Somebody may have come while the last connection was being closed, or waits since before this thread.
        while self.heard.receiver_count() > 0 || self.wants.recv().is_ok() {
            let mut pause = PERIOD;
            while self.heard.receiver_count() > 0 {
                let connected = pulse.during(|| Ear::open(&self.address)).and_then(|ear| {
                    pause = PERIOD;
                    self.listen(ear, pulse)
                });
                if pulse.is_replaced() {
                    return;
                }
                self.live.send_replace(false);
                let Err(error) = connected else { break };
                tracing::warn!(%error, "changes cannot be heard of; trying again");
                match self.wants.recv_timeout(pause) {
                    Err(RecvTimeoutError::Disconnected) => return,
                    // Not at once for each newcomer: the database may be having a hard time.
                    Ok(()) => std::thread::sleep(PERIOD),
                    Err(RecvTimeoutError::Timeout) => {}
                }
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }

    /// Listens until nobody wants to hear any more, or the connection breaks.
    fn listen(&self, mut ear: Ear, pulse: &Pulse) -> Result<(), DbError> {
        if pulse.is_replaced() {
            return Ok(());
        }
        // Whoever was here before has missed what happened since the last connection.
        let _ = self.heard.send(Heard::Gap);
        self.live.send_replace(true);
        let mut last_wanted = Instant::now();
        loop {
            let changes = pulse.during(|| ear.hear())?;
            if pulse.is_replaced() {
                return Ok(());
            }
            if !changes.told.is_empty() {
                // Fails when nobody listens.
                let _ = self.heard.send(Heard::Changes(Arc::new(changes)));
            }
            if self.heard.receiver_count() > 0 {
                last_wanted = Instant::now();
            } else if last_wanted.elapsed() > IDLE
                || matches!(self.wants.try_recv(), Err(TryRecvError::Disconnected))
            {
                return Ok(());
            }
            std::thread::sleep(PERIOD);
        }
    }
}

#[derive(QueryableByName)]
struct Positions {
    #[diesel(sql_type = BigInt)]
    entry: i64,
    #[diesel(sql_type = BigInt)]
    version: i64,
}

#[derive(QueryableByName)]
struct ChangeRow {
    #[diesel(sql_type = Text)]
    topic: String,
    #[diesel(sql_type = Text)]
    subject: String,
}

/// A connection on which changes are heard of.
enum Ear {
    /// Notifications come by themselves.
    Postgres { conn: PgConnection, checked: Instant },
    /// Rows are read that are newer than the last that were read.
    Sqlite { conn: SqliteConnection, read: Positions },
}

impl Ear {
    fn open(address: &Address) -> Result<Self, DbError> {
        match address.connect()? {
            Conn::Postgres(mut conn) => {
                conn.batch_execute("LISTEN portal_changes")?;
                Ok(Self::Postgres { conn, checked: Instant::now() })
            }
            Conn::Sqlite(mut conn) => {
                let read = positions(&mut conn)?;
                Ok(Self::Sqlite { conn, read })
            }
        }
    }

    fn hear(&mut self) -> Result<Changes, DbError> {
        let mut changes = self.gather()?;
        for firm in std::mem::take(&mut changes.people) {
            let clients = diesel::sql_query(
                "SELECT 'account' AS topic, c.account_id AS subject FROM firm_accounts c WHERE c.firm_id = $1",
            )
            .bind::<Text, _>(firm);
            let clients: Vec<ChangeRow> = match self {
                Self::Postgres { conn, .. } => clients.load(conn)?,
                Self::Sqlite { conn, .. } => clients.load(conn)?,
            };
            clients.iter().for_each(|row| changes.add(&row.topic, &row.subject));
        }
        Ok(changes)
    }

    fn gather(&mut self) -> Result<Changes, DbError> {
        let mut changes = Changes::default();
        match self {
            Self::Postgres { conn, checked } => {
                if checked.elapsed() > CHECK_PERIOD {
                    // A server that vanished without a word is noticed only by talking to it.
                    conn.batch_execute("SELECT 1")?;
                    *checked = Instant::now();
                }
                for notification in conn.notifications_iter() {
                    let payload = notification?.payload;
                    let mut words = payload.split(' ');
                    let topic = words.next().unwrap_or_default();
                    words.for_each(|subject| changes.add(topic, subject));
                }
            }
            Self::Sqlite { conn, read } => {
                // Positions first: what is written between the two statements is read again rather than not at all.
                let now = positions(conn)?;
                if now.entry > read.entry || now.version > read.version {
                    let rows: Vec<ChangeRow> = diesel::sql_query(
                        "SELECT topic, subject FROM activity_changes WHERE position > $1 \
                         UNION SELECT topic, subject FROM changes WHERE version > $2",
                    )
                    .bind::<BigInt, _>(read.entry)
                    .bind::<BigInt, _>(read.version)
                    .load(conn)?;
                    rows.iter().for_each(|row| changes.add(&row.topic, &row.subject));
                    *read = now;
                }
            }
        }
        Ok(changes)
    }
}

/// The newest entry of the audit trail and the newest other change.
fn positions(conn: &mut SqliteConnection) -> Result<Positions, DbError> {
    Ok(diesel::sql_query(
        "SELECT COALESCE((SELECT MAX(rowid) FROM activity), 0) AS entry, \
         COALESCE((SELECT MAX(version) FROM changes), 0) AS version",
    )
    .get_result(conn)?)
}
