//! The targets, beside what was measured.

use std::fmt::Write as _;
use std::time::Duration;

use crate::measure::{Cost, Figures};
use crate::scenarios::{GET, LIST, TOKIO, WRITE};
use crate::special::Large;
use crate::stage::Kind;

/// Everything that was measured on one database.
pub(crate) struct Measured {
    pub(crate) kind: Kind,
    pub(crate) costs: Vec<Cost>,
    pub(crate) large: Option<Large>,
    /// Start to the first authenticated answer, with the small and the large number of assignments.
    pub(crate) starts: Vec<Duration>,
    /// Bytes: idle, under load, in a storm of sign-ins.
    pub(crate) memory: [u64; 3],
    /// Processor seconds of one password hash.
    pub(crate) hash: f64,
    /// The number of assignments, and what the same requests cost with so many.
    pub(crate) growth: Vec<(usize, Vec<Cost>)>,
}

/// Which side of a bound is good.
#[derive(Clone, Copy)]
enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

/// A target with what was measured.
struct Row {
    number: u8,
    what: String,
    bound: Bound,
    aim: f64,
    measured: f64,
    unit: &'static str,
}

impl Row {
    fn verdict(&self) -> &'static str {
        let reaches = |bound: f64| match self.bound {
            Bound::AtLeast(_) => self.measured >= bound,
            Bound::AtMost(_) => self.measured <= bound,
        };
        let least = match self.bound {
            Bound::AtLeast(least) | Bound::AtMost(least) => least,
        };
        match (reaches(self.aim), reaches(least)) {
            (true, _) => "aim reached",
            (false, true) => "held",
            (false, false) => "**missed**",
        }
    }
}

impl Measured {
    fn cost(&self, name: &str) -> Option<&Cost> {
        self.costs.iter().find(|cost| cost.name == name)
    }

    /// Rate against a floor's.
    fn rate(&self, name: &str, floor: &str) -> Option<f64> {
        let cost = self.cost(name)?;
        Some(cost.portal.rate / cost.floor(floor)?.rate)
    }

    fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        let mut row = |number, what: &str, bound, aim, measured: Option<f64>, unit| {
            if let Some(measured) = measured {
                rows.push(Row { number, what: what.to_owned(), bound, aim, measured, unit });
            }
        };
        let get = "GET in an account";
        row(
            1,
            "GET in an account, requests/s against the floor",
            Bound::AtLeast(0.7),
            0.85,
            self.rate(get, GET),
            "x",
        );
        let against_tokio =
            self.cost(get).and_then(|cost| Some(cost.portal.cpu() / cost.floor(TOKIO)?.cpu()));
        row(
            2,
            "the same, processor time against tokio-postgres",
            Bound::AtMost(3.5),
            2.5,
            against_tokio,
            "x",
        );
        row(3, "switch against the floor", Bound::AtLeast(0.65), 0.8, self.rate("switch", GET), "x");
        row(
            4,
            "list of 100 accounts against the floor",
            Bound::AtLeast(0.6),
            0.8,
            self.rate("list of 100 accounts", LIST),
            "x",
        );
        row(
            5,
            "grant + revoke against a durable write",
            Bound::AtLeast(0.35),
            0.6,
            self.rate("grant + revoke", WRITE),
            "x",
        );
        let cores = std::thread::available_parallelism().map_or(1, usize::from) as f64;
        let sign_in = self.cost("sign-in").map(|cost| cost.portal.rate / (cores / self.hash));
        row(6, "sign-in against cores / one hash", Bound::AtLeast(0.85), 0.9, sign_in, "x");
        let mib = |bytes: u64| Some(bytes as f64 / 1e6);
        for (what, bytes, most, aim) in [
            ("memory, idle", self.memory[0], 30.0, 15.0),
            ("memory, under load", self.memory[1], 80.0, 40.0),
            ("memory, in a storm of sign-ins", self.memory[2], 100.0, 60.0),
        ] {
            row(7, what, Bound::AtMost(most), aim, mib(bytes), " MB");
        }
        let millis = |time: &Duration| time.as_secs_f64() * 1e3;
        row(
            8,
            "start to the first answer",
            Bound::AtMost(150.0),
            50.0,
            self.starts.first().map(millis),
            " ms",
        );
        row(
            8,
            "the same with the most assignments",
            Bound::AtMost(300.0),
            100.0,
            self.starts.get(1).map(millis),
            " ms",
        );
        for (name, growth) in self.growth() {
            let (most, aim) =
                if name.starts_with("GET") || name.starts_with("switch") { (1.2, 1.1) } else { (1.3, 1.15) };
            row(9, &format!("growth of processor time: {name}"), Bound::AtMost(most), aim, Some(growth), "x");
        }
        if let Some(large) = &self.large {
            let ratio = large.batch.as_secs_f64() / large.bare.as_secs_f64();
            row(
                10,
                "batch of 10,000 grants against the bare statement",
                Bound::AtMost(4.0),
                2.0,
                Some(ratio),
                "x",
            );
            row(
                10,
                "the batch, to its answer",
                Bound::AtMost(1_500.0),
                1_500.0,
                Some(millis(&large.batch)),
                " ms",
            );
            row(
                10,
                "others' p99 meanwhile, against before",
                Bound::AtMost(3.0),
                2.0,
                Some(large.others),
                "x",
            );
            row(
                11,
                "deactivate somebody with 10,000 accounts",
                Bound::AtMost(1_000.0),
                200.0,
                Some(millis(&large.person)),
                " ms",
            );
            row(
                11,
                "cut off a firm of 10,000 x 2,000",
                Bound::AtMost(1_000.0),
                200.0,
                Some(millis(&large.firm)),
                " ms",
            );
        }
        let spread = self.cost(get).map(|cost| cost.portal.p99 / cost.portal.p50);
        row(12, "GET: p99 / p50 at 32 connections", Bound::AtMost(8.0), 5.0, spread, "x");
        rows
    }

    /// The processor time of each scenario with the most assignments, against that with the fewest.
    fn growth(&self) -> Vec<(&'static str, f64)> {
        let [(_, few), .., (_, many)] = self.growth.as_slice() else { return Vec::new() };
        let pair = |many: &Cost| {
            let few = few.iter().find(|few| few.name == many.name)?;
            Some((many.name, many.portal.cpu() / few.portal.cpu()))
        };
        many.iter().filter_map(pair).collect()
    }

    /// What each scenario costs as ratios to its floor, as a Markdown table.
    fn ratios(&self) -> String {
        let mut text = String::from(
            "| | floor | requests/s | processor time | p50 | p99 | p99 / p50 |\n| --- | --- | --- | --- | --- | --- | --- |\n",
        );
        for cost in &self.costs {
            let Figures { rate, p50, p99, .. } = cost.portal;
            for (name, floor) in &cost.floors {
                let cpu = cost.portal.cpu() / floor.cpu();
                let _ = writeln!(
                    text,
                    "| {} | {name} | {:.2}x | {cpu:.2}x | {:.2}x | {:.2}x | {:.1} |",
                    cost.name,
                    rate / floor.rate,
                    p50 / floor.p50,
                    p99 / floor.p99,
                    p99 / p50
                );
            }
        }
        text
    }

    /// The targets, as a Markdown table.
    fn targets(&self) -> String {
        let mut text = String::from(
            "| # | what | at least | aim | measured | |\n| --- | --- | --- | --- | --- | --- |\n",
        );
        for row in self.rows() {
            let (sign, least) = match row.bound {
                Bound::AtLeast(least) => (">=", least),
                Bound::AtMost(most) => ("<=", most),
            };
            let digits = if row.unit == "x" { 2 } else { 0 };
            let _ = writeln!(
                text,
                "| {} | {} | {sign} {least}{} | {}{} | {:.digits$}{} | {} |",
                row.number,
                row.what,
                row.unit,
                row.aim,
                row.unit,
                row.measured,
                row.unit,
                row.verdict()
            );
        }
        text
    }

    /// A section of the report.
    pub(crate) fn section(&self) -> String {
        format!("### {}\n\n{}\n{}", self.kind.name(), self.ratios(), self.targets())
    }
}
