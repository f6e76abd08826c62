//! How much a first visit loads, and whether that has grown.

use std::fmt::{self, Write as _};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::tools::root;

/// What WASM, JS and CSS may weigh together, compressed by brotli.
const BUDGET: u64 = 400 * KIB;

/// How much more than recorded they may weigh, in percent. Below that it is the weather: another version of a
/// dependency, a text more.
const TOLERANCE: u64 = 5;

const KIB: u64 = 1024;

const RECORD: &str = "frontend/SIZES.md";

const AGAIN: &str = "record it anew: cargo xtask app --record";

/// How the row begins that is compared.
const TOTAL: &str = "WASM + JS + CSS";

/// One file, in bytes: as it is, and as it goes over the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Weight {
    raw: u64,
    gzip: u64,
    brotli: u64,
}

/// All files of the built app; their text is the table.
#[derive(Debug)]
pub(crate) struct Sizes {
    files: Vec<(String, Weight)>,
}

impl Sizes {
    /// Weighs a built and compressed app.
    pub(crate) fn of(dist: &Path) -> Result<Self> {
        let mut files = Vec::new();
        for file in files_in(dist)? {
            if file.extension().is_some_and(|extension| extension == "br" || extension == "gz") {
                continue;
            }
            let raw = weigh(&file)?;
            let compressed = |ending: &str| {
                let mut name = file.clone().into_os_string();
                name.push(ending);
                // What would not get smaller goes over the wire as it is.
                fs::metadata(name).map_or(raw, |data| data.len())
            };
            let name = file.strip_prefix(dist).unwrap_or(&file).to_string_lossy();
            let weight = Weight { raw, gzip: compressed(".gz"), brotli: compressed(".br") };
            files.push((without_hashes(&name.replace('\\', "/")), weight));
        }
        files.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(Self { files })
    }

    /// What a first visit loads, pictures aside.
    fn total(&self) -> Weight {
        let counts = |name: &str| [".wasm", ".js", ".css"].iter().any(|ending| name.ends_with(ending));
        let mut total = Weight::default();
        for (_, weight) in self.files.iter().filter(|(name, _)| counts(name)) {
            total.raw += weight.raw;
            total.gzip += weight.gzip;
            total.brotli += weight.brotli;
        }
        total
    }

    /// Fails over the budget.
    pub(crate) fn check_budget(&self) -> Result<()> {
        let total = self.total().brotli;
        if total > BUDGET {
            bail!(
                "the app is too large for a first visit: {} KiB of {TOTAL} by brotli, and the budget is {} KiB",
                kib(total),
                BUDGET / KIB
            );
        }
        Ok(())
    }

    /// Fails when the app is clearly larger than what is recorded.
    pub(crate) fn check_growth(&self) -> Result<()> {
        let text = fs::read_to_string(root().join(RECORD))
            .with_context(|| format!("cannot read {RECORD}; {AGAIN}"))?;
        self.compare(&text)
    }

    fn compare(&self, record: &str) -> Result<()> {
        let recorded = recorded_total(record).with_context(|| format!("{RECORD} has no total; {AGAIN}"))?;
        let total = self.total().brotli;
        if total * 100 > recorded * (100 + TOLERANCE) {
            bail!(
                "the app has grown by more than {TOLERANCE} %: {} KiB of {TOTAL} by brotli, and {RECORD} says {}. \
                 If that is worth it, {AGAIN}",
                kib(total),
                kib(recorded)
            );
        }
        Ok(())
    }

    /// Writes the table to be committed.
    pub(crate) fn record(&self) -> Result<()> {
        let text = format!(
            "# How large the browser app is\n\n\
             In KiB, as built and as it goes over the wire. Written by `cargo xtask app --record`; `cargo xtask test` fails \
             when the\nlast row by brotli is over the budget of {} KiB, or more than {TOLERANCE} % over what stands here. \
             What is in no\nsuch file, such as the texts of another language, is loaded only where it is needed.\n\n\
             {}",
            BUDGET / KIB,
            self.table()
        );
        fs::write(root().join(RECORD), text).with_context(|| format!("cannot write {RECORD}"))?;
        println!("{RECORD} is written.");
        Ok(())
    }

    fn table(&self) -> String {
        let total = (TOTAL.to_owned(), self.total());
        let rows = self.files.iter().chain([&total]);
        let width = rows.clone().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
        let mut table = format!("| {:width$} | {:>7} | {:>7} | {:>7} |\n", "file", "raw", "gzip", "brotli");
        table.push_str(&format!("| {:-<width$} | {1} | {1} | {1} |\n", "", "------:"));
        for (name, Weight { raw, gzip, brotli }) in rows {
            let (raw, gzip, brotli) = (kib(*raw), kib(*gzip), kib(*brotli));
            // Writing to a String cannot fail.
            let _ = writeln!(table, "| {name:width$} | {raw:>7} | {gzip:>7} | {brotli:>7} |");
        }
        table
    }
}

impl fmt::Display for Sizes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KiB\n{}Budget by brotli: {} KiB", self.table(), BUDGET / KIB)
    }
}

/// The last cell of the row of the total, back in bytes.
fn recorded_total(text: &str) -> Option<u64> {
    let row = text.lines().find(|line| line.trim_start_matches(['|', ' ']).starts_with(TOTAL))?;
    let cell = row.trim().trim_end_matches('|').rsplit('|').next()?.trim();
    let (whole, tenths) = cell.split_once('.')?;
    Some((whole.parse::<u64>().ok()? * 10 + tenths.parse::<u64>().ok()?) * KIB / 10)
}

/// With one digit after the point.
fn kib(bytes: u64) -> String {
    let tenths = (bytes * 10 + KIB / 2) / KIB;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// `app-1f2e3d4c5b6a7988_bg.wasm` is `app_bg.wasm`: what changes with every build does not belong in a table that is
/// compared.
fn without_hashes(name: &str) -> String {
    let mut pieces = name.split('-');
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let digits = piece.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(piece.len());
        let (hash, rest) = piece.split_at(digits);
        let ends = !rest.starts_with(|c: char| c.is_alphanumeric());
        // Sixteen digits, less the zeros at their beginning.
        if (12..=16).contains(&hash.len()) && ends {
            plain.push_str(rest);
        } else {
            plain.push('-');
            plain.push_str(piece);
        }
    }
    plain
}

fn weigh(file: &Path) -> Result<u64> {
    Ok(fs::metadata(file).with_context(|| format!("cannot weigh {}", file.display()))?.len())
}

pub(super) fn files_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        let read =
            || fs::read_dir(&folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>();
        for path in read().with_context(|| format!("cannot read {}", folder.display()))? {
            if path.is_dir() { waiting.push(path) } else { files.push(path) }
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app(brotli: u64) -> Sizes {
        let wasm = Weight { raw: 4 * brotli, gzip: 2 * brotli, brotli };
        let page = Weight { raw: 900, gzip: 500, brotli: 400 };
        Sizes { files: vec![("app_bg.wasm".to_owned(), wasm), ("index.html".to_owned(), page)] }
    }

    #[test]
    fn names_lose_what_changes_with_every_build() {
        assert_eq!(without_hashes("portal-app-1f2e3d4c5b6a7988_bg.wasm"), "portal-app_bg.wasm");
        assert_eq!(without_hashes("input-f2e3d4c5b6a7988.css"), "input.css");
        assert_eq!(
            without_hashes("snippets/leptos-7ab2b9d6cdf47c61/inline0.js"),
            "snippets/leptos/inline0.js"
        );
        assert_eq!(without_hashes("feed-cafe.json"), "feed-cafe.json");
    }

    #[test]
    fn the_total_is_read_from_the_table_that_was_written() {
        let table = app(200 * KIB).table();
        assert_eq!(recorded_total(&table), Some(200 * KIB), "{table}");
        assert_eq!(recorded_total("| file | raw |"), None);
    }

    #[test]
    fn only_the_app_over_the_budget_is_refused() {
        assert!(app(BUDGET).check_budget().is_ok());
        let refusal = app(BUDGET + 1).check_budget().unwrap_err().to_string();
        assert!(refusal.contains(&format!("the budget is {} KiB", BUDGET / KIB)), "{refusal}");
    }

    #[test]
    fn growth_is_noticed_beyond_the_tolerance() {
        let record = app(200 * KIB).table();
        assert!(app(210 * KIB).compare(&record).is_ok());
        let refusal = app(210 * KIB + 1).compare(&record).unwrap_err().to_string();
        assert!(refusal.contains("SIZES.md says 200.0"), "{refusal}");
        assert!(app(1).compare("").is_err(), "without a record there is nothing to compare with");
    }

    #[test]
    fn a_table_is_one_of_markdown() {
        assert_eq!(
            app(2 * KIB).table(),
            "| file            |     raw |    gzip |  brotli |\n\
             | --------------- | ------: | ------: | ------: |\n\
             | app_bg.wasm     |     8.0 |     4.0 |     2.0 |\n\
             | index.html      |     0.9 |     0.5 |     0.4 |\n\
             | WASM + JS + CSS |     8.0 |     4.0 |     2.0 |\n"
        );
    }
}
