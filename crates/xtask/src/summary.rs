//! How many tests passed and failed, read from what cargo-nextest and node's test runner say.

use std::fmt;
use std::ops::AddAssign;

/// A sum over all test runs; its text is the line by which continuous integration counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    passed: u64,
    failed: u64,
}

impl Counts {
    /// Reads a line of either runner. Any other line is `None`.
    pub(crate) fn from_line(line: &str) -> Option<Self> {
        let line = without_colours(line);
        Self::from_nextest(&line).or_else(|| Self::from_node(&line))
    }

    /// A line like `Summary [ 1.2s] 4 tests run: 2 passed (1 slow, 1 leaky), 1 failed, 1 timed out, 3
    /// skipped`.
    fn from_nextest(line: &str) -> Option<Self> {
        let (_, parts) = line.trim_start().strip_prefix("Summary [")?.split_once("run:")?;
        let mut counts = Self::default();
        for part in without_brackets(parts).split(',') {
            let (number, word) = part.trim().split_once(' ')?;
            // "2/5 not run" is no number, and neither passed nor failed.
            let Ok(number) = number.parse::<u64>() else { continue };
            match word.trim() {
                "passed" => counts.passed += number,
                "skipped" => {}
                // failed, exec failed, timed out, and whatever else may go wrong
                _ => counts.failed += number,
            }
        }
        Some(counts)
    }

    /// One of the lines at the end of a run, `ℹ pass 12` (`# pass 12` as TAP): each tells one number. The same words
    /// further to the right come from a test.
    fn from_node(line: &str) -> Option<Self> {
        let (word, number) = line.strip_prefix(['ℹ', '#'])?.trim().split_once(' ')?;
        let number = number.parse::<u64>().ok()?;
        match word {
            "pass" => Some(Self { passed: number, failed: 0 }),
            // Cancelled: the test before it broke, or it hung.
            "fail" | "cancelled" => Some(Self { passed: 0, failed: number }),
            _ => None,
        }
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// Drops `ESC [ ... m`, the only escapes that a test runner's summary has.
fn without_colours(text: &str) -> String {
    let mut pieces = text.split("\u{1b}[");
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        plain.push_str(piece.split_once('m').map_or("", |(_, rest)| rest));
    }
    plain
}

/// Drops `(...)`: remarks on some of the tests counted before.
fn without_brackets(text: &str) -> String {
    let mut pieces = text.split('(');
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        plain.push_str(piece.split_once(')').map_or("", |(_, rest)| rest));
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(line: &str) -> Option<(u64, u64)> {
        Counts::from_line(line).map(|counts| (counts.passed, counts.failed))
    }

    #[test]
    fn a_plain_summary_is_read() {
        assert_eq!(counts("     Summary [   0.005s] 3 tests run: 3 passed, 0 skipped"), Some((3, 0)));
    }

    #[test]
    fn whatever_went_wrong_counts_as_failed() {
        let line = "     Summary [  61.2s] 9/12 tests run: 5 passed (2 slow, 1 leaky), 2 failed, 1 exec failed, \
                    1 timed out, 4 skipped";
        assert_eq!(counts(line), Some((5, 4)));
    }

    #[test]
    fn colours_do_not_matter() {
        let line = "\u{1b}[32;1m     Summary\u{1b}[0m [   0.005s] \u{1b}[1m3\u{1b}[0m tests run: \
                    \u{1b}[1m2\u{1b}[0m \u{1b}[32;1mpassed\u{1b}[0m, \u{1b}[1m1\u{1b}[0m \u{1b}[31;1mfailed\u{1b}[0m, \
                    \u{1b}[1m0\u{1b}[0m \u{1b}[33;1mskipped\u{1b}[0m";
        assert_eq!(counts(line), Some((2, 1)));
    }

    #[test]
    fn the_lines_of_nodes_runner_add_up() {
        let end = "ℹ tests 12\nℹ suites 0\nℹ pass 9\nℹ fail 2\nℹ cancelled 1\nℹ skipped 0\nℹ todo 0\nℹ duration_ms 51";
        let mut sum = Counts::default();
        for run in end.lines().filter_map(Counts::from_line) {
            sum += run;
        }
        assert_eq!(sum, Counts { passed: 9, failed: 3 });
        assert_eq!(counts("# pass 4"), Some((4, 0)));
        assert_eq!(counts("\u{1b}[34mℹ pass 4\u{1b}[39m"), Some((4, 0)));
        assert_eq!(counts("    # pass 4"), None);
    }

    #[test]
    fn other_lines_are_left_alone() {
        assert_eq!(counts("        PASS [   0.002s] xtask tests::summary"), None);
        assert_eq!(counts("Summary of nothing"), None);
    }

    #[test]
    fn runs_add_up_to_the_line_that_is_counted() {
        let mut sum = Counts { passed: 2, failed: 0 };
        sum += Counts { passed: 3, failed: 1 };
        assert_eq!(sum.to_string(), "5 passed, 1 failed");
    }
}
