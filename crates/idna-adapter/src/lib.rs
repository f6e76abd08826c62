//! The back end of the [`idna`](https://docs.rs/idna) crate, in place of the published one for the whole workspace.
//!
//! `idna` is in the tree because `url` is, and it brings a tenth of the browser app: tables of Unicode. On a server they
//! are ICU4X's, as in the published crate. In the browser app there is ASCII alone: the only host that app calls is that
//! of its own page or of its build, and a browser has turned the former into ASCII already. Another is refused as no
//! domain, never taken for one that it is not.
//!
//! The names are those that `idna` calls.

#[cfg(any(test, target_arch = "wasm32"))]
pub mod ascii;
#[cfg(not(target_arch = "wasm32"))]
mod icu;

#[cfg(target_arch = "wasm32")]
pub use ascii::Adapter;
#[cfg(not(target_arch = "wasm32"))]
pub use icu::Adapter;

/// The property Joining_Type (Unicode Standard, section 9.2) of a character, as its bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JoiningType(u32);

/// Several joining types.
#[derive(Debug, Clone, Copy)]
pub struct JoiningTypeMask(u32);

const DUAL_JOINING: u32 = 1;
const LEFT_JOINING: u32 = 1 << 1;
const RIGHT_JOINING: u32 = 1 << 2;
const TRANSPARENT: u32 = 1 << 3;
const OTHER_JOINING: u32 = 1 << 4;

/// What may stand before a zero width non-joiner (RFC 5892, appendix A.1).
pub const LEFT_OR_DUAL_JOINING_MASK: JoiningTypeMask = JoiningTypeMask(LEFT_JOINING | DUAL_JOINING);
/// What may stand after it.
pub const RIGHT_OR_DUAL_JOINING_MASK: JoiningTypeMask = JoiningTypeMask(RIGHT_JOINING | DUAL_JOINING);

impl JoiningType {
    /// As a mask.
    pub fn to_mask(self) -> JoiningTypeMask {
        JoiningTypeMask(self.0)
    }

    /// Whether it is Transparent.
    pub fn is_transparent(self) -> bool {
        self.0 == TRANSPARENT
    }
}

impl JoiningTypeMask {
    /// Whether both have one in common.
    pub fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// The property Bidi_Class (UAX 9, section 3.2) of a character, as its bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BidiClass(u32);

/// Several bidi classes.
#[derive(Debug, Clone, Copy)]
pub struct BidiClassMask(u32);

const LEFT_TO_RIGHT: u32 = 1;
const RIGHT_TO_LEFT: u32 = 1 << 1;
const EUROPEAN_NUMBER: u32 = 1 << 2;
const EUROPEAN_SEPARATOR: u32 = 1 << 3;
const EUROPEAN_TERMINATOR: u32 = 1 << 4;
const ARABIC_NUMBER: u32 = 1 << 5;
const COMMON_SEPARATOR: u32 = 1 << 6;
const OTHER_NEUTRAL: u32 = 1 << 7;
const ARABIC_LETTER: u32 = 1 << 8;
const NONSPACING_MARK: u32 = 1 << 9;
const BOUNDARY_NEUTRAL: u32 = 1 << 10;
#[cfg(not(target_arch = "wasm32"))]
const OTHER_CLASS: u32 = 1 << 11;
const NEUTRAL: u32 = EUROPEAN_SEPARATOR
    | COMMON_SEPARATOR
    | EUROPEAN_TERMINATOR
    | OTHER_NEUTRAL
    | BOUNDARY_NEUTRAL
    | NONSPACING_MARK;

/// What makes a domain a bidirectional one (RFC 5893, section 1.4).
pub const RTL_MASK: BidiClassMask = BidiClassMask(RIGHT_TO_LEFT | ARABIC_LETTER | ARABIC_NUMBER);
/// What a label of one may begin with (RFC 5893, section 2, rule 1).
pub const FIRST_BC_MASK: BidiClassMask = BidiClassMask(LEFT_TO_RIGHT | RIGHT_TO_LEFT | ARABIC_LETTER);
/// What a label from left to right may end with (rule 6).
pub const LAST_LTR_MASK: BidiClassMask = BidiClassMask(LEFT_TO_RIGHT | EUROPEAN_NUMBER);
/// What a label from right to left may end with (rule 3).
pub const LAST_RTL_MASK: BidiClassMask =
    BidiClassMask(RIGHT_TO_LEFT | ARABIC_LETTER | EUROPEAN_NUMBER | ARABIC_NUMBER);
/// What a label from left to right may have within (rule 5).
pub const MIDDLE_LTR_MASK: BidiClassMask = BidiClassMask(LAST_LTR_MASK.0 | NEUTRAL);
/// What a label from right to left may have within (rule 2).
pub const MIDDLE_RTL_MASK: BidiClassMask = BidiClassMask(LAST_RTL_MASK.0 | NEUTRAL);

impl BidiClass {
    /// As a mask.
    pub fn to_mask(self) -> BidiClassMask {
        BidiClassMask(self.0)
    }

    /// Whether it is Left_To_Right.
    pub fn is_ltr(self) -> bool {
        self.0 == LEFT_TO_RIGHT
    }

    /// Whether it is Nonspacing_Mark.
    pub fn is_nonspacing_mark(self) -> bool {
        self.0 == NONSPACING_MARK
    }

    /// Whether it is European_Number.
    pub fn is_european_number(self) -> bool {
        self.0 == EUROPEAN_NUMBER
    }

    /// Whether it is Arabic_Number.
    pub fn is_arabic_number(self) -> bool {
        self.0 == ARABIC_NUMBER
    }
}

impl BidiClassMask {
    /// Whether both have one in common.
    pub fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

#[cfg(test)]
mod tests {
    //! `idna` itself, by this back end: each rule that asks it something, kept and broken.

    fn ascii(domain: &str) -> Option<String> {
        idna::domain_to_ascii_strict(domain).ok()
    }

    #[test]
    fn domains_are_mapped_by_the_tables_of_unicode() {
        for (typed, meant) in [
            ("EXAMPLE.com", "example.com"),
            ("Ｂücher.example", "xn--bcher-kva.example"),
            ("bu\u{308}cher.example", "xn--bcher-kva.example"),
            ("fa\u{df}.example", "xn--fa-hia.example"),
            ("exam\u{200B}ple.com", "example.com"),
            ("日本語。example", "xn--wgv71a119e.example"),
        ] {
            assert_eq!(ascii(typed).as_deref(), Some(meant), "{typed:?}");
        }
        assert_eq!(ascii("\u{308}a.example"), None, "a mark at the beginning");
        assert_eq!(ascii("a\u{FFFD}.example"), None, "what is no character of domains");
        assert_eq!(ascii("xn--a-0hc.example"), None, "Punycode of what is not normalised");
    }

    #[test]
    fn joiners_stand_where_they_may() {
        // Kannada: after a virama. Persian: between letters that join.
        assert!(ascii("ಶ್\u{200C}ರೀ.example").is_some());
        assert!(ascii("نامه\u{200C}ای.example").is_some());
        assert!(ascii("نام\u{64B}\u{200C}\u{64B}ای.example").is_some(), "marks between are transparent");
        assert!(ascii("a\u{200C}b.example").is_none());
        assert!(ascii("ا\u{200C}ا.example").is_none(), "alef does not join what comes after it");
        assert!(ascii("a\u{200D}b.example").is_none());
    }

    #[test]
    fn a_label_of_a_bidirectional_domain_has_one_direction() {
        for sound in ["אבג.example", "אב1.example", "א1ב.example", "عربي.example", "ع١.example", "a-b.אב"]
        {
            assert!(ascii(sound).is_some(), "{sound:?}");
        }
        for unsound in ["אaב.example", "1א.example", "א1١ב.example", "aא.example", "א-.example", "1a.אב"]
        {
            assert!(ascii(unsound).is_none(), "{unsound:?}");
        }
        // Only a domain with a label from right to left is bidirectional.
        assert!(ascii("1a.ab").is_some());
    }
}
