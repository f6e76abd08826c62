//! What is done, to the portal and to its floor in turns, and what it costs.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::load::{Request, Wrk};
use crate::server::Server;
use crate::usage;

/// Connections of the load.
pub(crate) const CONNECTIONS: usize = 32;

/// One thing that the portal does, and the least that it could be.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    portal: PathBuf,
    floors: Vec<(&'static str, PathBuf)>,
}

impl Scenario {
    /// Requests to the portal, and those to floors, by the floors' names.
    pub(crate) fn prepare(
        wrk: &Wrk,
        name: &'static str,
        portal: &[Request],
        floors: &[(&'static str, Vec<Request>)],
    ) -> Result<Self> {
        let floors = floors
            .iter()
            .map(|(floor, requests)| Ok((*floor, wrk.prepare(&format!("{name} {floor}"), requests)?)))
            .collect::<Result<_>>()?;
        Ok(Self { name, portal: wrk.prepare(name, portal)?, floors })
    }
}

/// What one run has measured; of several runs, the median of each.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Figures {
    /// Answers a second.
    pub(crate) rate: f64,
    /// Processor time of the server, microseconds an answer.
    pub(crate) server_cpu: f64,
    /// Processor time of the database's own processes, microseconds an answer.
    pub(crate) database_cpu: f64,
    /// The median answer, in microseconds.
    pub(crate) p50: f64,
    /// 99 of 100 answers took no longer, in microseconds.
    pub(crate) p99: f64,
}

impl Figures {
    /// Processor time of server and database, microseconds an answer.
    pub(crate) fn cpu(&self) -> f64 {
        self.server_cpu + self.database_cpu
    }

    fn median(runs: &[Self]) -> Self {
        let of = |figure: fn(&Self) -> f64| median(runs.iter().map(figure).collect());
        Self {
            rate: of(|run| run.rate),
            server_cpu: of(|run| run.server_cpu),
            database_cpu: of(|run| run.database_cpu),
            p50: of(|run| run.p50),
            p99: of(|run| run.p99),
        }
    }
}

/// The middle one.
pub(crate) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}

/// What a scenario has cost, beside its floors.
pub(crate) struct Cost {
    pub(crate) name: &'static str,
    pub(crate) portal: Figures,
    pub(crate) floors: Vec<(&'static str, Figures)>,
}

impl Cost {
    /// The floor of this name.
    pub(crate) fn floor(&self, name: &str) -> Option<Figures> {
        self.floors.iter().find(|(floor, _)| *floor == name).map(|(_, figures)| *figures)
    }
}

/// The servers of one database, side by side.
pub(crate) struct Rig<'a> {
    pub(crate) wrk: &'a Wrk,
    pub(crate) portal: &'a Server,
    pub(crate) floor: &'a Server,
    /// The process that the database's processes belong to, if it is not in the server.
    pub(crate) database: Option<u32>,
    pub(crate) rounds: usize,
    pub(crate) time: Duration,
}

impl Rig<'_> {
    /// Plays scenarios in rounds, each of them on the floors and on the portal in turns: what the machine does meanwhile
    /// hits all of them.
    pub(crate) fn play(&self, scenarios: &[Scenario]) -> Result<Vec<Cost>> {
        let mut costs = Vec::with_capacity(scenarios.len());
        for scenario in scenarios {
            let mut portal = Vec::new();
            let mut floors: Vec<(&str, Vec<Figures>)> =
                scenario.floors.iter().map(|(name, _)| (*name, Vec::new())).collect();
            // The first round finds cold caches and unprepared statements, and does not count.
            for round in 0..=self.rounds {
                for ((_, requests), (_, runs)) in scenario.floors.iter().zip(&mut floors) {
                    let figures = self.run(self.floor, requests, round == 0)?;
                    if round > 0 {
                        runs.push(figures);
                    }
                }
                let figures = self.run(self.portal, &scenario.portal, round == 0)?;
                if round > 0 {
                    portal.push(figures);
                }
            }
            let cost = Cost {
                name: scenario.name,
                portal: Figures::median(&portal),
                floors: floors.into_iter().map(|(name, runs)| (name, Figures::median(&runs))).collect(),
            };
            say(&cost);
            costs.push(cost);
        }
        Ok(costs)
    }

    fn run(&self, server: &Server, requests: &std::path::Path, warm: bool) -> Result<Figures> {
        let time = if warm { Duration::from_secs(1) } else { self.time };
        let (server_before, database_before) = self.used(server)?;
        let answer = self.wrk.run(server.address, requests, CONNECTIONS, time)?;
        let (server_after, database_after) = self.used(server)?;
        if answer.refused > 0 || answer.broken > 0 || (answer.requests == 0 && !warm) {
            bail!(
                "{}: of {} requests {} were refused, {} broke",
                requests.display(),
                answer.requests,
                answer.refused,
                answer.broken
            );
        }
        let each = |before: Duration, after: Duration| {
            after.saturating_sub(before).as_secs_f64() * 1e6 / answer.requests as f64
        };
        Ok(Figures {
            rate: answer.rate(),
            server_cpu: each(server_before, server_after),
            database_cpu: each(database_before, database_after),
            p50: answer.p50,
            p99: answer.p99,
        })
    }

    fn used(&self, server: &Server) -> Result<(Duration, Duration)> {
        let database = self.database.map(usage::processor_time).transpose()?.unwrap_or_default();
        Ok((usage::processor_time(server.pid())?, database))
    }
}

fn say(cost: &Cost) {
    let line = |name: &str, figures: &Figures| {
        println!(
            "  {name:<28} {:>8.0}/s  cpu {:>6.0} us + {:>6.0} us  p50 {:>7.0} us  p99 {:>7.0} us",
            figures.rate, figures.server_cpu, figures.database_cpu, figures.p50, figures.p99
        );
    };
    for (name, figures) in &cost.floors {
        line(&format!("{}: floor {name}", cost.name), figures);
    }
    line(cost.name, &cost.portal);
}
