//! Cells of a table that no spreadsheet runs as a formula, wherever it takes them apart, and that come back as they were.
//!
//! A table is opened by spreadsheets with other ideas of what separates: one that goes by semicolons reads a quoted cell with a
//! semicolon as two, as the quote does not begin a cell of its own. So every place where some program may begin a cell is
//! looked at.

/// What a spreadsheet takes for the beginning of a formula.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// What some spreadsheet takes for the end of a cell or of a line, quoted or not.
const SEPARATORS: [char; 5] = [',', ';', '\t', '\r', '\n'];

/// What may stand before a formula without making it a text: quotes are taken off, and blanks often are.
fn is_padding(sign: char) -> bool {
    sign == '"' || sign.is_whitespace() && !SEPARATORS.contains(&sign)
}

/// The cell with an apostrophe before whatever begins like a formula, which makes it a text.
pub(super) fn harmless(cell: &str) -> String {
    each_beginning(cell, |apostrophes| apostrophes + 1)
}

/// What [`harmless`] was given.
pub(super) fn as_meant(cell: &str) -> String {
    each_beginning(cell, |apostrophes| apostrophes.saturating_sub(1))
}

/// Changes the number of apostrophes wherever something begins like a formula, behind any number of them: one that was there
/// before must not be taken for ours when the table comes back.
fn each_beginning(cell: &str, apostrophes: impl Fn(usize) -> usize) -> String {
    let mut changed = String::with_capacity(cell.len() + 1);
    for part in cell.split_inclusive(SEPARATORS) {
        let text = part.trim_start_matches(is_padding);
        let formula = text.trim_start_matches('\'');
        let (padding, there) = (&part[..part.len() - text.len()], text.len() - formula.len());
        let count = if formula.starts_with(FORMULA) { apostrophes(there) } else { there };
        changed.push_str(padding);
        changed.extend(std::iter::repeat_n('\'', count));
        changed.push_str(formula);
    }
    changed
}

/// The cell in quotes if it has anything that some spreadsheet would take for the end of a cell.
pub(super) fn quoted(cell: &str) -> String {
    if cell.contains('"') || cell.contains(SEPARATORS) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::line;
    use super::*;

    /// Every cell that some program may find in a line: one that knows of quotes, and one that does not.
    fn found_in(line: &str) -> Vec<String> {
        let mut found: Vec<String> = line.split(SEPARATORS).map(str::to_owned).collect();
        for separator in [b',', b';', b'\t'] {
            found.extend(line.split(char::from(separator)).map(str::to_owned));
            let mut reader = csv::ReaderBuilder::new()
                .has_headers(false)
                .flexible(true)
                .delimiter(separator)
                .from_reader(line.as_bytes());
            for record in reader.records() {
                found.extend(record.unwrap().iter().map(str::to_owned));
            }
        }
        found
    }

    fn is_run(cell: &str) -> bool {
        let bare = |cell: &str| cell.trim_matches(['"', ' ']).starts_with(FORMULA);
        bare(cell) || bare(cell.trim_start_matches(|sign: char| sign == '"' || sign.is_whitespace()))
    }

    #[test]
    fn attack_34_a_formula_behind_any_separator_is_text() {
        for (cell, written) in [
            ("Shop;=cmd|' /C calc'!A0", "\"Shop;'=cmd|' /C calc'!A0\""),
            ("Shop; \"=1+1\"", "\"Shop; \"\"'=1+1\"\"\""),
            ("Shop\t+1", "\"Shop\t'+1\""),
            ("Shop, -1", "\"Shop, '-1\""),
            ("Shop;'=1", "\"Shop;''=1\""),
            ("Shop;＝1;@x", "\"Shop;'＝1;'@x\""),
            (" =1", " '=1"),
            ("a=1; b-2", "\"a=1; b-2\""),
            ("rock 'n' roll; 'tis", "\"rock 'n' roll; 'tis\""),
        ] {
            assert_eq!(quoted(&harmless(cell)), written);
            assert_eq!(as_meant(&harmless(cell)), cell);
        }
    }

    /// Texts of what matters here, and of anything.
    fn texts() -> impl Strategy<Value = String> {
        prop_oneof!["[;,\t\r\n \"'=+@＝a-]{0,12}", any::<String>()]
    }

    proptest! {
        #[test]
        fn no_cell_of_a_line_is_run_wherever_the_line_is_taken_apart(
            cells in proptest::collection::vec(texts(), 1..5)
        ) {
            let line = String::from_utf8(line(&cells)).unwrap();
            let found = found_in(line.strip_suffix("\r\n").unwrap());
            prop_assert!(!found.iter().any(|cell| is_run(cell)), "{found:?}");
        }

        #[test]
        fn every_cell_comes_back(cell in texts()) {
            prop_assert_eq!(as_meant(&harmless(&cell)), cell);
        }
    }
}
