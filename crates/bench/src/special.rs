//! What is measured once and not as a load: large changes, the start, memory.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use diesel::connection::SimpleConnection;
use diesel::{Connection, RunQueryDsl, sql_query};
use portal_api_types::{
    AccountRole, AssignmentBatch, AssignmentPair, Email, EmployeeStatus, Name, Secret, Session, TokenType,
    UpdateEmployee, UserRef,
};
use portal_client::{InFirm, Portal, SignedIn};
use portal_server::clock::Clock;
use portal_server::store::assignments;

use crate::floor::connect;
use crate::load::{Request, Wrk, finish};
use crate::measure::{CONNECTIONS, median};
use crate::seed::{CLIENTS, Person, pairs_of};
use crate::server::{Ask, Server};
use crate::stage::Stage;
use crate::usage;

/// How often each is done; the median counts.
const TIMES: usize = 5;
/// Pairs of a batch.
const BATCH: usize = 10_000;

/// What large changes take, and what they do to others.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Large {
    /// A batch of 10,000 grants, from the request to the answer.
    pub(crate) batch: Duration,
    /// The same rows by the bare statement, in one transaction.
    pub(crate) bare: Duration,
    /// p99 of reads while batches run, against p99 before.
    pub(crate) others: f64,
    /// The answer to the deactivation of somebody with 10,000 accounts.
    pub(crate) person: Duration,
    /// The answer to an owner who cuts off a firm of 10,000 accounts and 2,000 employees.
    pub(crate) firm: Duration,
}

/// Large changes in the large firm.
pub(crate) async fn large(stage: &Stage, server: &Server, wrk: &Wrk) -> Result<Large> {
    let office = &stage.seeded.large;
    let firm = signed_in(stage, server, &office.admin)?.firm(office.scope.id());
    let person = office.staff.last().context("the large firm has staff")?;
    // One person gets all accounts, and another loses them.
    let pairs = pairs_of(person, &office.accounts);
    let pairs = &pairs[..BATCH.min(pairs.len())];
    let (grant, revoke) = (batch(pairs, &[]), batch(&[], pairs));
    firm.assign_accounts(&revoke).await?;
    let quiet = others(stage, server, wrk, Duration::from_secs(3))?;
    let busy = begin_others(stage, server, wrk, Duration::from_secs(6))?;
    let (mut batches, begun) = (Vec::new(), Instant::now());
    while begun.elapsed() < Duration::from_secs(5) {
        batches.push(timed(firm.assign_accounts(&grant)).await?);
        firm.assign_accounts(&revoke).await?;
    }
    let busy = actix_web::web::block(move || finish(busy)).await??.p99;
    let mut alone = Vec::new();
    for _ in 0..TIMES {
        alone.push(timed(firm.assign_accounts(&grant)).await?);
        firm.assign_accounts(&revoke).await?;
    }
    let bare = bare(stage, pairs)?;
    // A new connection: the server has closed the old one meanwhile, and nobody was there to see it.
    let firm = signed_in(stage, server, &office.admin)?.firm(office.scope.id());
    let person = deactivate(&firm, person, &grant).await?;
    let firm = cut_firm(stage, server).await?;
    println!(
        "  batch of 10,000: {:.0} ms (while others read: {:.0} ms), bare {:.0} ms; others' p99 {quiet:.0} -> {busy:.0} us",
        median(alone.clone()) * 1e3,
        median(batches) * 1e3,
        bare * 1e3
    );
    println!(
        "  deactivate one with 10,000 accounts: {:.0} ms; cut off the firm: {:.0} ms",
        person * 1e3,
        firm * 1e3
    );
    Ok(Large {
        batch: Duration::from_secs_f64(median(alone)),
        bare: Duration::from_secs_f64(bare),
        others: busy / quiet,
        person: Duration::from_secs_f64(person),
        firm: Duration::from_secs_f64(firm),
    })
}

fn batch(grant: &[AssignmentPair], revoke: &[AssignmentPair]) -> AssignmentBatch {
    AssignmentBatch { grant: grant.to_vec(), revoke: revoke.to_vec(), ..AssignmentBatch::default() }
}

/// Seconds.
async fn timed<T, E>(work: impl Future<Output = Result<T, E>>) -> Result<f64>
where
    anyhow::Error: From<E>,
{
    let begun = Instant::now();
    work.await?;
    Ok(begun.elapsed().as_secs_f64())
}

/// The same rows by the store's statement alone, durable, in one transaction.
fn bare(stage: &Stage, pairs: &[AssignmentPair]) -> Result<f64> {
    let mut conn = connect(&stage.url)?;
    let mut pairs = pairs.to_vec();
    pairs.sort();
    let (scope, now) = (&stage.seeded.large.scope, Clock::default().now());
    let mut runs = Vec::new();
    for _ in 0..TIMES {
        let begun = Instant::now();
        conn.transaction(|conn| assignments::grant(conn, scope, &pairs, now))
            .map_err(|failure| anyhow!("{failure}"))?;
        runs.push(begun.elapsed().as_secs_f64());
        conn.transaction(|conn| assignments::revoke(conn, scope, &pairs))
            .map_err(|failure| anyhow!("{failure}"))?;
    }
    Ok(median(runs))
}

/// Deactivates somebody who has 10,000 accounts. The median of several.
async fn deactivate(firm: &InFirm, person: &Person, grant: &AssignmentBatch) -> Result<f64> {
    let employee = person.employee.as_ref().context("an employee")?;
    let to = |status| UpdateEmployee { status: Some(status), ..UpdateEmployee::default() };
    let mut runs = Vec::new();
    for _ in 0..TIMES {
        firm.assign_accounts(grant).await?;
        runs.push(timed(firm.update_employee(employee, &to(EmployeeStatus::Deactivated))).await?);
        firm.update_employee(employee, &to(EmployeeStatus::Active)).await?;
    }
    Ok(median(runs))
}

/// An owner cuts the large firm off from an account that each of its employees works on. Once: it comes back by a mail only.
async fn cut_firm(stage: &Stage, server: &Server) -> Result<f64> {
    let office = &stage.seeded.large;
    let first = &office.accounts[0];
    let everybody: Vec<AssignmentPair> =
        office.staff.iter().flat_map(|person| pairs_of(person, std::slice::from_ref(first))).collect();
    let firm = signed_in(stage, server, &office.admin)?.firm(office.scope.id());
    firm.assign_accounts(&batch(&everybody, &[])).await?;
    let token = stage.account(&stage.seeded.owner, first, AccountRole::Owner, None)?;
    let owner = Portal::new(format!("http://{}", server.address))?.in_account(token);
    timed(owner.disconnect_firm(office.scope.id())).await
}

fn reads(stage: &Stage, wrk: &Wrk) -> Result<std::path::PathBuf> {
    let office = &stage.seeded.firms[0];
    let requests = (0..CLIENTS)
        .map(|place| Ok(Request::get("/api/v1/account", stage.bookkeeper(office, place)?)))
        .collect::<Result<Vec<_>>>()?;
    wrk.prepare("others", &requests)
}

/// p99 of reads that nothing disturbs.
fn others(stage: &Stage, server: &Server, wrk: &Wrk, time: Duration) -> Result<f64> {
    Ok(wrk.run(server.address, &reads(stage, wrk)?, CONNECTIONS, time)?.p99)
}

fn begin_others(stage: &Stage, server: &Server, wrk: &Wrk, time: Duration) -> Result<std::process::Child> {
    wrk.start(server.address, &reads(stage, wrk)?, CONNECTIONS, time)
}

fn signed_in(stage: &Stage, server: &Server, person: &Person) -> Result<SignedIn> {
    let portal = Portal::new(format!("http://{}", server.address))?;
    let access_token = Secret::new(stage.identity(person)?);
    let name = Name::parse("Bench").map_err(|invalid| anyhow!("{invalid}"))?;
    let email = Email::parse(&person.email).map_err(|invalid| anyhow!("{invalid}"))?;
    let user = UserRef { id: person.user.clone(), name, email };
    let session = Session { access_token, token_type: TokenType::Bearer, expires_in: 900, user };
    Ok(SignedIn::from_session(portal, session))
}

/// From the start of the process to the first answer that needed the database. The median of several starts.
pub(crate) fn start(stage: &Stage, program: &std::path::Path) -> Result<Duration> {
    let token = stage.bookkeeper(&stage.seeded.firms[0], 0)?;
    let ask = Ask { path: "/api/v1/account".to_owned(), token: Some(&token) };
    let mut runs = Vec::new();
    for _ in 0..TIMES {
        runs.push(Server::portal(program, &stage.settings(), &ask)?.started_in.as_secs_f64());
    }
    Ok(Duration::from_secs_f64(median(runs)))
}

/// The path of a list's 200th page, found as a program finds it: page by page.
pub(crate) async fn deep(server: &Server, path: &str, token: &str) -> Result<String> {
    let portal = Portal::new(format!("http://{}", server.address))?;
    let mut at = path.to_owned();
    for _ in 1..200 {
        let answer =
            portal.http().get(portal.url(&at)).bearer_auth(token).send().await?.error_for_status()?;
        let page: serde_json::Value = serde_json::from_slice(&answer.bytes().await?)?;
        let cursor =
            page["next_cursor"].as_str().with_context(|| format!("{path} has less than 200 pages"))?;
        at = format!("{path}&cursor={cursor}");
    }
    Ok(at)
}

/// Processor seconds of one hash of a password, in this process.
pub(crate) async fn hash_seconds() -> Result<f64> {
    let before = usage::processor_time(std::process::id())?;
    let hashes = 20;
    for _ in 0..hashes {
        crate::seed::password_hash().await?;
    }
    let used = usage::processor_time(std::process::id())?.saturating_sub(before);
    ensure!(used > Duration::ZERO, "the processor's clock stands still");
    Ok(used.as_secs_f64() / f64::from(hashes))
}

/// Empties what the operating system and the databases have put off until later, so that it hits nobody's run.
pub(crate) fn settle(stage: &Stage) -> Result<()> {
    let mut conn = connect(&stage.url)?;
    match conn {
        portal_server::db::Conn::Sqlite(_) => {
            conn.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)")?;
        }
        portal_server::db::Conn::Postgres(_) => {
            sql_query("CHECKPOINT").execute(&mut conn)?;
            sql_query("VACUUM ANALYZE").execute(&mut conn)?;
        }
    }
    Ok(())
}
