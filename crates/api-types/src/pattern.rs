//! Regular expressions for the OpenAPI document, as ECMA 262, Python and Rust read them.

use std::fmt::Write;

/// What `str::trim` takes away: Unicode's White_Space.
const BLANKS: [(char, char); 10] = [
    ('\u{9}', '\u{D}'),
    (' ', ' '),
    ('\u{85}', '\u{85}'),
    ('\u{A0}', '\u{A0}'),
    ('\u{1680}', '\u{1680}'),
    ('\u{2000}', '\u{200A}'),
    ('\u{2028}', '\u{2029}'),
    ('\u{202F}', '\u{202F}'),
    ('\u{205F}', '\u{205F}'),
    ('\u{3000}', '\u{3000}'),
];
const CONTROLS: [(char, char); 2] = [('\0', '\u{1F}'), ('\u{7F}', '\u{9F}')];

/// 1 to `most` characters between blanks; those between the first and the last may be blanks too. No control characters, and
/// none of `forbidden`.
pub(crate) fn name(forbidden: &[(char, char)], most: usize) -> String {
    let blanks = class(&BLANKS);
    format!("^[{blanks}]*{}[{blanks}]*$", core(forbidden, most))
}

/// The same, or nothing but blanks.
pub(crate) fn description(forbidden: &[(char, char)], most: usize) -> String {
    let blanks = class(&BLANKS);
    format!("^[{blanks}]*({}[{blanks}]*)?$", core(forbidden, most))
}

fn core(forbidden: &[(char, char)], most: usize) -> String {
    let (blanks, controls, forbidden) = (class(&BLANKS), class(&CONTROLS), class(forbidden));
    let end = format!("[^{controls}{forbidden}{blanks}]");
    format!("{end}([^{controls}{forbidden}]{{0,{}}}{end})?", most.saturating_sub(2))
}

fn class(ranges: &[(char, char)]) -> String {
    let mut text = String::new();
    // Beyond that, ECMA 262 has another mode, which many readers do not switch on.
    for (first, last) in ranges.iter().filter(|(first, _)| *first <= '\u{FFFF}') {
        // Writing to a text does not fail.
        let _ = write!(text, "\\u{:04X}", u32::from(*first));
        if first != last {
            let _ = write!(text, "-\\u{:04X}", u32::from(*last));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_are_what_is_trimmed_and_controls_are_controls() {
        let within =
            |ranges: &[(char, char)], c| ranges.iter().any(|(first, last)| (*first..=*last).contains(&c));
        for c in '\0'..=char::MAX {
            assert_eq!(within(&BLANKS, c), c.is_whitespace(), "{c:?}");
            assert_eq!(within(&CONTROLS, c), c.is_control(), "{c:?}");
        }
    }

    #[test]
    fn a_range_is_written_so_that_all_read_it() {
        assert_eq!(class(&[(' ', ' '), ('\u{200E}', '\u{200F}')]), "\\u0020\\u200E-\\u200F");
        assert_eq!(class(&[('\u{E0000}', '\u{E0FFF}')]), "");
    }
}
