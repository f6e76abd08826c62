//! The whole benchmark, and its report.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};

use crate::load::Wrk;
use crate::measure::{Cost, Rig};
use crate::seed;
use crate::server::{Ask, Server};
use crate::special;
use crate::stage::Stage;
use crate::targets::Measured;
use crate::{scenarios, usage};

/// Where the report goes between.
const BEGIN: &str = "<!-- measured: begin -->";
const END: &str = "<!-- measured: end -->";

/// Measures the portal, beside bare floors.
#[derive(clap::Args)]
pub(crate) struct Run {
    /// The program to measure, built for release.
    #[arg(long)]
    portal: PathBuf,
    /// A folder for databases and logs.
    #[arg(long)]
    folder: PathBuf,
    /// A PostgreSQL server: the URL of its superuser. Without one, only SQLite is measured.
    #[arg(long, requires = "postgres_pid")]
    postgres: Option<String>,
    /// The server's process.
    #[arg(long)]
    postgres_pid: Option<u32>,
    /// Leave SQLite out.
    #[arg(long, requires = "postgres")]
    no_sqlite: bool,
    /// How many assignments the large firm has, for each data set.
    #[arg(long, value_delimiter = ',', default_value = "1000,100000,1000000")]
    growth: Vec<usize>,
    /// Rounds that count; one more goes before them.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Seconds that each scenario is played in a round.
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// Write the tables into this Markdown file, between its marks.
    #[arg(long)]
    report: Option<PathBuf>,
}

impl Run {
    pub(crate) fn run(self) -> Result<()> {
        let hash = actix_web::rt::System::new().block_on(seed::password_hash())?;
        let hash_seconds = actix_web::rt::System::new().block_on(special::hash_seconds())?;
        let mut databases = Vec::new();
        if !self.no_sqlite {
            databases.push(None);
        }
        databases.extend(self.postgres.as_deref().map(Some));
        let mut sections = Vec::new();
        for database in databases {
            let measured = self.measure(database, &hash, hash_seconds)?;
            println!("\n{}", measured.section());
            sections.push(measured.section());
        }
        match &self.report {
            Some(report) => write(report, &sections.join("\n")),
            None => Ok(()),
        }
    }

    /// Measures everything on one database: floors and large changes with the second data set, growth with all.
    fn measure(&self, postgres: Option<&str>, hash: &str, hash_seconds: f64) -> Result<Measured> {
        let mut measured: Option<Measured> = None;
        let main = self.growth.len().saturating_sub(1).min(1);
        let mut growth = Vec::new();
        let mut starts = Vec::new();
        for (number, assignments) in self.growth.iter().enumerate() {
            let name = if postgres.is_some() { "postgres" } else { "sqlite" };
            let folder = self.folder.join(format!("{name}-{assignments}"));
            if folder.exists() {
                std::fs::remove_dir_all(&folder)
                    .with_context(|| format!("cannot empty {}", folder.display()))?;
            }
            let stage = Stage::prepare(&folder, postgres, hash, *assignments)?;
            special::settle(&stage)?;
            if number == 0 || number + 1 == self.growth.len() {
                starts.push(special::start(&stage, &self.portal)?);
            }
            let wrk = Wrk::find(&folder)?;
            let servers = Servers::start(self, &stage)?;
            let rig = servers.rig(self, &wrk, postgres.is_some());
            growth.push((*assignments, grow(&rig, &stage)?));
            if number == main {
                measured = Some(servers.measure(&rig, &stage, hash_seconds)?);
            }
        }
        let mut measured = measured.context("--growth names no data set")?;
        measured.growth = growth;
        measured.starts = starts;
        Ok(measured)
    }
}

/// Both servers of a stage.
struct Servers {
    portal: Server,
    floor: Server,
    idle: u64,
}

impl Servers {
    fn start(run: &Run, stage: &Stage) -> Result<Self> {
        let token = stage.bookkeeper(&stage.seeded.firms[0], 0)?;
        let ready = Ask { path: "/api/v1/account".to_owned(), token: Some(&token) };
        let portal = Server::portal(&run.portal, &stage.settings(), &ready)?;
        let first = &stage.seeded.firms[0].accounts[0];
        let floor = Server::floor(&stage.settings(), &Ask { path: format!("/get/{first}"), token: None })?;
        std::thread::sleep(Duration::from_secs(1));
        let idle = usage::memory(portal.pid())?;
        Ok(Self { portal, floor, idle })
    }

    fn rig<'a>(&'a self, run: &Run, wrk: &'a Wrk, on_postgres: bool) -> Rig<'a> {
        Rig {
            wrk,
            portal: &self.portal,
            floor: &self.floor,
            database: run.postgres_pid.filter(|_| on_postgres),
            rounds: run.rounds,
            time: Duration::from_secs(run.seconds),
        }
    }

    fn measure(&self, rig: &Rig<'_>, stage: &Stage, hash: f64) -> Result<Measured> {
        let mut costs = rig.play(&scenarios::against_floors(stage, rig.wrk)?)?;
        let under_load = usage::memory(self.portal.pid())?;
        costs.extend(rig.play(&scenarios::alone(stage, rig.wrk)?)?);
        let in_storm = usage::memory(self.portal.pid())?;
        let large = actix_web::rt::System::new().block_on(special::large(stage, &self.portal, rig.wrk))?;
        let memory = [self.idle, under_load, in_storm];
        Ok(Measured {
            kind: stage.kind,
            costs,
            large: Some(large),
            starts: Vec::new(),
            memory,
            hash,
            growth: Vec::new(),
        })
    }
}

/// What must not grow with the number of assignments: first pages, and the 200th.
fn grow(rig: &Rig<'_>, stage: &Stage) -> Result<Vec<Cost>> {
    let mut scenarios = scenarios::growing(stage, rig.wrk)?;
    for (name, path, token) in scenarios::deep_lists(stage)? {
        let deep = actix_web::rt::System::new().block_on(special::deep(rig.portal, &path, &token))?;
        scenarios.push(scenarios::page(rig.wrk, name, &deep, &token)?);
    }
    rig.play(&scenarios)
}

/// Puts the tables between the marks of the report.
fn write(report: &Path, tables: &str) -> Result<()> {
    let text =
        std::fs::read_to_string(report).with_context(|| format!("cannot read {}", report.display()))?;
    let marks = text.split_once(BEGIN).and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, after) =
        marks.with_context(|| format!("{} has no marks to write between", report.display()))?;
    std::fs::write(report, format!("{before}{BEGIN}\n\n{}\n{END}{after}", tables.trim_end()))
        .with_context(|| format!("cannot write {}", report.display()))
}
