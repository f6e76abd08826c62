//! What people and programs do all day.

use anyhow::Result;
use portal_api_types::{AccountId, Email, Password, SignIn};

use crate::load::{Request, Wrk};
use crate::measure::Scenario;
use crate::seed::{CLIENTS, LARGE_CLIENTS, PASSWORD, Person};
use crate::stage::{Kind, Stage};

/// Floors: one row by its key, a hundred rows, a durable row; and one row by the asynchronous driver.
pub(crate) const GET: &str = "get";
pub(crate) const LIST: &str = "list";
pub(crate) const WRITE: &str = "write";
pub(crate) const TOKIO: &str = "tokio-postgres";
/// Pairs that are granted and revoked in turns: few, so that hardly any is found as wanted when a run begins anew.
const PAIRS: usize = 400;
/// Requests that a list is asked for by, so that not one row alone is read.
const SPREAD: usize = 500;

/// Everything that has a floor to be measured against.
pub(crate) fn against_floors(stage: &Stage, wrk: &Wrk) -> Result<Vec<Scenario>> {
    let get = floor_paths(stage, "/get/", "GET");
    let list = floor_paths(stage, "/list/", "GET");
    let write = floor_writes();
    let mut get_floors = vec![(GET, get)];
    if stage.kind == Kind::Postgres {
        get_floors.push((TOKIO, floor_paths(stage, "/tokio/", "GET")));
    }
    Ok(vec![
        Scenario::prepare(wrk, "GET in an account", &in_accounts(stage)?, &get_floors)?,
        Scenario::prepare(wrk, "switch", &switches(stage)?, &[(GET, floor_paths(stage, "/get/", "GET"))])?,
        Scenario::prepare(wrk, "list of 100 accounts", &lists(stage)?, &[(LIST, list)])?,
        Scenario::prepare(wrk, "grant + revoke", &grants_and_revokes(stage)?, &[(WRITE, write)])?,
    ])
}

/// What has no floor but the machine.
pub(crate) fn alone(stage: &Stage, wrk: &Wrk) -> Result<Vec<Scenario>> {
    Ok(vec![
        Scenario::prepare(wrk, "search of 10,000 accounts", &searches(stage)?, &[])?,
        Scenario::prepare(wrk, "sign-in", &sign_ins(stage)?, &[])?,
    ])
}

/// What must cost the same however many assignments there are.
pub(crate) fn growing(stage: &Stage, wrk: &Wrk) -> Result<Vec<Scenario>> {
    let large = &stage.seeded.large;
    let (admin, firm) = (stage.identity(&large.admin)?, large.scope.id());
    let bookkeeper = stage.identity(&large.bookkeeper)?;
    let switches: Vec<Request> =
        (0..CLIENTS).map(|place| switch(&large.accounts[place], bookkeeper.clone())).collect();
    let gets = (0..CLIENTS)
        .map(|place| Ok(Request::get("/api/v1/account", stage.bookkeeper(large, place)?)))
        .collect::<Result<Vec<_>>>()?;
    let mut scenarios = vec![
        Scenario::prepare(wrk, "GET in an account (large)", &gets, &[])?,
        Scenario::prepare(wrk, "switch (large)", &switches, &[])?,
    ];
    let lists = [
        ("accounts of an admin", "/api/v1/me/accounts?limit=50".to_owned(), &admin),
        ("accounts of a bookkeeper", "/api/v1/me/accounts?limit=50".to_owned(), &bookkeeper),
        ("clients of a firm", format!("/api/v1/firms/{firm}/accounts?limit=50"), &admin),
        ("employees of a firm", format!("/api/v1/firms/{firm}/employees?limit=10"), &admin),
        ("activity of a firm", format!("/api/v1/firms/{firm}/activity?limit=50"), &admin),
    ];
    for (name, path, token) in lists {
        scenarios.push(Scenario::prepare(wrk, name, &[Request::get(path, token.clone())], &[])?);
    }
    Ok(scenarios)
}

/// The lists of which the 200th page is asked for too, with the names of both scenarios.
pub(crate) fn deep_lists(stage: &Stage) -> Result<Vec<(&'static str, String, String)>> {
    let large = &stage.seeded.large;
    let (admin, firm) = (stage.identity(&large.admin)?, large.scope.id());
    Ok(vec![
        ("accounts of an admin, page 200", "/api/v1/me/accounts?limit=50".to_owned(), admin.clone()),
        ("clients of a firm, page 200", format!("/api/v1/firms/{firm}/accounts?limit=50"), admin.clone()),
        ("employees of a firm, page 200", format!("/api/v1/firms/{firm}/employees?limit=10"), admin),
    ])
}

/// A request of a page.
pub(crate) fn page(wrk: &Wrk, name: &'static str, path: &str, token: &str) -> Result<Scenario> {
    Scenario::prepare(wrk, name, &[Request::get(path, token)], &[])
}

fn in_accounts(stage: &Stage) -> Result<Vec<Request>> {
    let offices = stage.seeded.firms.iter();
    offices
        .flat_map(|office| (0..5).map(move |place| (office, place)))
        .map(|(office, place)| Ok(Request::get("/api/v1/account", stage.bookkeeper(office, place)?)))
        .collect()
}

fn switches(stage: &Stage) -> Result<Vec<Request>> {
    let mut requests = Vec::new();
    for office in &stage.seeded.firms {
        let token = stage.identity(&office.bookkeeper)?;
        requests.extend(office.accounts.iter().take(5).map(|account| switch(account, token.clone())));
    }
    Ok(requests)
}

fn switch(account: &AccountId, token: String) -> Request {
    Request {
        method: "POST",
        path: format!("/api/v1/accounts/{account}/token"),
        token: Some(token),
        body: None,
    }
}

fn lists(stage: &Stage) -> Result<Vec<Request>> {
    let bookkeepers = stage.seeded.firms.iter().map(|office| &office.bookkeeper);
    bookkeepers
        .map(|person| Ok(Request::get("/api/v1/me/accounts?limit=100", stage.identity(person)?)))
        .collect()
}

/// First all are granted, then all revoked: half of what follows each other in the file is of the same firm.
fn grants_and_revokes(stage: &Stage) -> Result<Vec<Request>> {
    let mut requests = Vec::with_capacity(2 * PAIRS);
    for method in ["PUT", "DELETE"] {
        for number in 0..PAIRS {
            let office = &stage.seeded.firms[number % stage.seeded.firms.len()];
            let place = number / stage.seeded.firms.len();
            // The last accounts, of which the first bookkeepers of the staff have none.
            let (person, account) = (&office.staff[place % 5], &office.accounts[CLIENTS - 1 - place / 5]);
            let Some(employee) = &person.employee else { continue };
            let firm = office.scope.id();
            requests.push(Request {
                method,
                path: format!("/api/v1/firms/{firm}/employees/{employee}/accounts/{account}"),
                token: Some(stage.identity(&office.admin)?),
                body: None,
            });
        }
    }
    Ok(requests)
}

/// Two and three letters, as a switcher asks while somebody types.
fn searches(stage: &Stage) -> Result<Vec<Request>> {
    let token = stage.identity(&stage.seeded.large.admin)?;
    let texts = (0..SPREAD).map(|number| format!("{:03}", number * LARGE_CLIENTS / SPREAD / 10));
    Ok(texts.map(|q| Request::get(format!("/api/v1/me/accounts?limit=20&q={q}"), token.clone())).collect())
}

fn sign_ins(stage: &Stage) -> Result<Vec<Request>> {
    stage.seeded.large.staff.iter().take(SPREAD).map(sign_in).collect()
}

fn sign_in(person: &Person) -> Result<Request> {
    let email = Email::parse(&person.email).map_err(|invalid| anyhow::anyhow!("{invalid}"))?;
    let credentials = SignIn { email, password: Password::new(PASSWORD) };
    Ok(Request {
        method: "POST",
        path: "/api/v1/sessions".to_owned(),
        token: None,
        body: Some(serde_json::to_string(&credentials)?),
    })
}

fn floor_paths(stage: &Stage, start: &str, method: &'static str) -> Vec<Request> {
    let accounts = stage.seeded.firms.iter().flat_map(|office| office.accounts.iter().take(5));
    accounts
        .map(|account| Request { method, path: format!("{start}{account}"), token: None, body: None })
        .collect()
}

/// Each row is written again and again.
fn floor_writes() -> Vec<Request> {
    (0..2 * PAIRS)
        .map(|number| Request {
            method: "PUT",
            path: format!("/write/row-{number}"),
            token: None,
            body: None,
        })
        .collect()
}
