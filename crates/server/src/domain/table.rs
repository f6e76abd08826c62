//! Tables that people open in a spreadsheet: CSV (RFC 4180), written so that no cell is run as a formula, and read as it comes
//! back.

mod cell;

use std::collections::BTreeSet;

use portal_api_types::{ErrorCode, FieldError, MAX_IMPORT_ROWS, lowercase};

use self::cell::{as_meant, harmless, quoted};
use super::Refusal;

/// One line.
pub fn line<T: AsRef<str>>(cells: &[T]) -> Vec<u8> {
    let cells: Vec<String> = cells.iter().map(|cell| quoted(&harmless(cell.as_ref()))).collect();
    format!("{}\r\n", cells.join(",")).into_bytes()
}

/// A column that a table may have.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// What its header says.
    pub name: &'static str,
    /// Whether it has to be there.
    pub needed: bool,
}

/// A row that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The line that it begins on, counted from 1.
    pub line: u64,
    /// Whether it has as many cells as the header, but for empty ones at its end.
    pub fits: bool,
    /// A cell for each column that there may be; empty where the table has not the column.
    cells: Vec<String>,
}

impl Row {
    /// The cell of a column, by its place among those that there may be.
    pub fn cell(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }
}

/// Reads a table that may have these columns, in any order. Rows without any text are passed over, and examples. Empty cells at
/// the end of the header and of rows are no cells: spreadsheets write them for columns that somebody has emptied.
///
/// # Errors
/// When there is no header, or the header is not one of such a table, or there are too many rows.
pub fn read(text: &str, columns: &[Column], is_example: impl Fn(&Row) -> bool) -> Result<Vec<Row>, Refusal> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator(text))
        .from_reader(text.as_bytes());
    let mut lines = Lines::of(text);
    let mut places: Option<Vec<usize>> = None;
    let mut rows = Vec::new();
    // Text in memory is UTF-8, and all of it can be read.
    for record in reader.records().filter_map(Result::ok) {
        let Some(places) = &places else {
            places = Some(read_header(&record, columns)?);
            continue;
        };
        if record.iter().all(|cell| as_meant(cell).trim().is_empty()) {
            continue;
        }
        let mut cells = vec![String::new(); columns.len()];
        for (place, cell) in places.iter().zip(&record) {
            as_meant(cell).trim().clone_into(&mut cells[*place]);
        }
        let begins = record.position().map_or(0, csv::Position::byte);
        let fits = record.len() >= places.len() && width(&record) <= places.len();
        let row = Row { line: lines.line_at(begins), fits, cells };
        if is_example(&row) {
            continue;
        }
        if rows.len() == MAX_IMPORT_ROWS {
            let detail = format!("At most {MAX_IMPORT_ROWS} rows at once: import the rest as another file.");
            return Err(wrong(ErrorCode::TooManyItems, detail));
        }
        rows.push(row);
    }
    match places {
        Some(_) => Ok(rows),
        None => Err(wrong(
            ErrorCode::InvalidValue,
            format!("The table is empty. Its first line names the columns: {}.", names(columns)),
        )),
    }
}

/// How many cells there are up to the last with any text.
fn width(record: &csv::StringRecord) -> usize {
    let last = (0..record.len()).rev().find(|&at| !record[at].trim().is_empty());
    last.map_or(0, |last| last + 1)
}

/// No column's name has either, so the header tells.
fn separator(text: &str) -> u8 {
    let header = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    if header.contains(';') && !header.contains(',') { b';' } else { b',' }
}

/// Which column each cell is of, or everything that is wrong with the header.
fn read_header(header: &csv::StringRecord, columns: &[Column]) -> Result<Vec<usize>, Refusal> {
    let width = width(header);
    let mut places = Vec::with_capacity(width);
    let mut mistakes = Vec::new();
    for cell in header.iter().take(width) {
        let name = lowercase(cell.trim());
        match columns.iter().position(|column| column.name == name) {
            Some(place) if places.contains(&place) => {
                mistakes.push(format!("The column {name} is there twice."))
            }
            Some(place) => places.push(place),
            None => {
                let name: String = cell.trim().chars().take(60).collect();
                let known = names(columns);
                mistakes.push(format!("There is no column \"{name}\" here. The columns are {known}."));
            }
        }
    }
    let there: BTreeSet<usize> = places.iter().copied().collect();
    for (place, column) in columns.iter().enumerate() {
        if column.needed && !there.contains(&place) {
            mistakes.push(format!("The column {} is missing.", column.name));
        }
    }
    if mistakes.is_empty() {
        return Ok(places);
    }
    let mistake = |detail| FieldError { pointer: "/csv".to_owned(), code: ErrorCode::InvalidValue, detail };
    // Enough to find the mistake by: what is not a header at all may have thousands of cells.
    Err(Refusal::InvalidFields(mistakes.into_iter().take(20).map(mistake).collect()))
}

fn names(columns: &[Column]) -> String {
    columns.iter().map(|column| column.name).collect::<Vec<_>>().join(", ")
}

fn wrong(code: ErrorCode, detail: String) -> Refusal {
    Refusal::InvalidFields(vec![FieldError { pointer: "/csv".to_owned(), code, detail }])
}

/// Counts the lines of a text from its beginning on. The reader of CSV counts them too, but takes empty lines before a record
/// for a part of it.
struct Lines<'a> {
    text: &'a [u8],
    at: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
        Self { text: text.as_bytes(), at: 0, line: 1 }
    }

    /// The line of the first text at or behind this place, which is behind the one asked for before.
    fn line_at(&mut self, byte: u64) -> u64 {
        let byte = usize::try_from(byte).unwrap_or(usize::MAX);
        while let Some(&here) = self.text.get(self.at) {
            let breaks = matches!(here, b'\r' | b'\n');
            if self.at >= byte && !breaks {
                break;
            }
            self.at += 1;
            // A carriage return ends a line, unless a line feed follows that does.
            if here == b'\n' || here == b'\r' && self.text.get(self.at) != Some(&b'\n') {
                self.line += 1;
            }
        }
        self.line
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const COLUMNS: [Column; 3] = [
        Column { name: "name", needed: true },
        Column { name: "email", needed: true },
        Column { name: "note", needed: false },
    ];

    fn rows(text: &str) -> Vec<(u64, bool, [String; 3])> {
        let read = read(text, &COLUMNS, |row| row.cell(1) == "example").unwrap();
        read.iter().map(|row| (row.line, row.fits, [0, 1, 2].map(|at| row.cell(at).to_owned()))).collect()
    }

    fn mistakes(text: &str) -> Vec<String> {
        match read(text, &COLUMNS, |_| false) {
            Err(Refusal::InvalidFields(errors)) => errors.into_iter().map(|error| error.detail).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn attack_34_cells_that_start_like_a_formula_are_text() {
        for cell in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1", "'=1"] {
            let written = String::from_utf8(line(&[cell])).unwrap();
            assert!(written.trim_start_matches('"').starts_with('\''), "{written:?}");
        }
        assert_eq!(line(&["Olive, Sons", "a \"b\""]), b"\"Olive, Sons\",\"a \"\"b\"\"\"\r\n");
        assert_eq!(line(&["'tis", "O'Neil"]), b"'tis,O'Neil\r\n");
    }

    #[test]
    fn a_table_is_read_however_spreadsheets_write_it() {
        let cells = |note: &str| ["Ben".to_owned(), "ben@x.example".to_owned(), note.to_owned()];
        for text in [
            "name,email,note\nBen,ben@x.example,a;b",
            "\u{FEFF}name,email,note\r\nBen,ben@x.example,a;b\r\n",
            "name;email;note\r\nBen;ben@x.example;\"a;b\"\r\n",
            "Name, E-Mail ,NOTE\nBen,ben@x.example,a;b\n".replace("E-Mail", "Email").as_str(),
            "email,note,name\n ben@x.example ,a;b,Ben\n",
        ] {
            assert_eq!(rows(text), [(2, true, cells("a;b"))], "{text:?}");
        }
        assert_eq!(rows("name,email\rBen,ben@x.example\r"), [(2, true, cells(""))]);
        assert_eq!(rows("name,email\nBen,ben@x.example,more\nBen\n").iter().filter(|row| row.1).count(), 0);
        assert!(rows("name,email\n").is_empty());
    }

    #[test]
    fn lines_are_those_of_the_file() {
        for end in ["\n", "\r\n"] {
            let text = ["", "name,email", "", "\"a", "b\",c", "", ",", "d,e", ""].join(end);
            let lines: Vec<u64> = rows(&text).iter().map(|row| row.0).collect();
            assert_eq!(lines, [4, 8], "{text:?}");
        }
    }

    #[test]
    fn empty_cells_at_the_end_are_no_cells() {
        let cells = ["Ben", "ben@x.example", ""].map(str::to_owned);
        for text in [
            "name,email,\nBen,ben@x.example,\n",
            "name;email; ;;\nBen;ben@x.example;;;\n",
            "name,email,,\nBen,ben@x.example\n",
            "name,email\nBen,ben@x.example,,\n",
        ] {
            assert_eq!(rows(text), [(2, true, cells.clone())], "{text:?}");
        }
        assert!(!rows("name,email,,\nBen,ben@x.example,,more\n")[0].1, "a cell of no column");
        assert!(!rows("name,email,,\nBen\n")[0].1);
        assert!(mistakes("name,,email\n")[0].contains("\"\""), "one in between is a mistake");
        assert!(mistakes(",,\n")[0].contains("name"));
    }

    #[test]
    fn examples_do_not_count() {
        let text = format!("name,email\nx,example\n{}y,example\n", "a,b\n".repeat(MAX_IMPORT_ROWS));
        let rows = rows(&text);
        assert_eq!((rows.len(), rows[0].0), (MAX_IMPORT_ROWS, 3));
    }

    #[test]
    fn a_header_is_refused_by_what_is_wrong_with_it() {
        assert!(mistakes("")[0].contains("name, email, note"));
        assert!(mistakes("\u{FEFF}\r\n\r\n")[0].contains("empty"));
        let found = mistakes("name,salary,name,constructor\n");
        assert_eq!(found.len(), 4, "{found:?}");
        assert!(found[0].contains("\"salary\"") && found[1].contains("twice") && found[3].contains("email"));
        assert!(mistakes("name;email,note\n")[0].contains("name;email"));
        assert!(mistakes(&",".repeat(100_000)).len() <= 20);
        let long = format!("name,email\n{}", "a,b\n".repeat(MAX_IMPORT_ROWS + 1));
        assert!(mistakes(&long)[0].contains("10000"));
        assert_eq!(rows(&long[..long.len() - 4]).len(), MAX_IMPORT_ROWS);
    }

    proptest! {
        #[test]
        fn whatever_is_written_is_read_again(cells in proptest::collection::vec(any::<String>(), 3)) {
            let mut text = line(&["name", "email", "note"]);
            text.extend(line(&cells));
            let read = read(std::str::from_utf8(&text).unwrap(), &COLUMNS, |_| false).unwrap();
            let meant: Vec<&str> = cells.iter().map(|cell| cell.trim()).collect();
            if meant.iter().all(|cell| cell.is_empty()) {
                prop_assert!(read.is_empty());
            } else {
                let found: Vec<&str> = (0..3).map(|at| read[0].cell(at).trim()).collect();
                prop_assert_eq!(found, meant);
            }
        }

        #[test]
        fn whatever_is_sent_never_panics(text in any::<String>()) {
            let _ = super::read(&text, &COLUMNS, |_| false);
            let _ = super::read(&format!("name,email\n{text}"), &COLUMNS, |_| false);
        }
    }
}
