//! Unicode as far as ASCII goes.

use crate::{BidiClass, EUROPEAN_NUMBER, JoiningType, LEFT_TO_RIGHT, OTHER_JOINING, OTHER_NEUTRAL};

/// `idna` takes this for an error wherever it comes from.
const REFUSED: char = char::REPLACEMENT_CHARACTER;

/// What `idna` asks of a character.
#[derive(Debug, Default)]
pub struct Adapter;

impl Adapter {
    /// Needs no data.
    pub const fn new() -> Self {
        Self
    }

    /// Whether the Canonical_Combining_Class is Virama.
    pub fn is_virama(&self, _: char) -> bool {
        false
    }

    /// Whether the General_Category is a mark.
    pub fn is_mark(&self, _: char) -> bool {
        false
    }

    /// The Bidi_Class.
    pub fn bidi_class(&self, character: char) -> BidiClass {
        BidiClass(match character {
            'a'..='z' | 'A'..='Z' => LEFT_TO_RIGHT,
            '0'..='9' => EUROPEAN_NUMBER,
            _ => OTHER_NEUTRAL,
        })
    }

    /// The Joining_Type: nothing joins.
    pub fn joining_type(&self, _: char) -> JoiningType {
        JoiningType(OTHER_JOINING)
    }

    /// Maps to lower case, and refuses the rest.
    pub fn map_normalize<'a, I: Iterator<Item = char> + 'a>(
        &'a self,
        characters: I,
    ) -> impl Iterator<Item = char> + 'a {
        characters
            .map(|character| if character.is_ascii() { character.to_ascii_lowercase() } else { REFUSED })
    }

    /// Takes what Punycode was decoded to for sound: the label is sent on as it came, and a browser checked it before.
    pub fn normalize_validate<'a, I: Iterator<Item = char> + 'a>(
        &'a self,
        characters: I,
    ) -> impl Iterator<Item = char> + 'a {
        characters
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_beyond_ascii_is_refused_rather_than_taken_for_another() {
        let mapped: String = Adapter::new().map_normalize("Bücher-Ａ1".chars()).collect();
        assert_eq!(mapped, "b\u{FFFD}cher-\u{FFFD}1");
    }
}
