//! Unicode by the tables of ICU4X.

use icu_normalizer::uts46::Uts46MapperBorrowed;
use icu_properties::props::{BidiClass, GeneralCategory, JoiningType};
use icu_properties::{CodePointMapData, CodePointMapDataBorrowed};

/// What `idna` asks of a character.
#[derive(Debug)]
pub struct Adapter {
    mapper: Uts46MapperBorrowed<'static>,
    category: CodePointMapDataBorrowed<'static, GeneralCategory>,
    bidi: CodePointMapDataBorrowed<'static, BidiClass>,
    joining: CodePointMapDataBorrowed<'static, JoiningType>,
}

impl Default for Adapter {
    fn default() -> Self {
        Self::new()
    }
}

impl Adapter {
    /// With the data that is compiled in.
    pub const fn new() -> Self {
        Self {
            mapper: Uts46MapperBorrowed::new(),
            category: CodePointMapData::<GeneralCategory>::new(),
            bidi: CodePointMapData::<BidiClass>::new(),
            joining: CodePointMapData::<JoiningType>::new(),
        }
    }

    /// Whether the Canonical_Combining_Class is Virama.
    pub fn is_virama(&self, character: char) -> bool {
        self.mapper.is_virama(character)
    }

    /// Whether the General_Category is a mark.
    pub fn is_mark(&self, character: char) -> bool {
        matches!(
            self.category.get(character),
            GeneralCategory::NonspacingMark | GeneralCategory::SpacingMark | GeneralCategory::EnclosingMark
        )
    }

    /// The Bidi_Class.
    pub fn bidi_class(&self, character: char) -> crate::BidiClass {
        crate::BidiClass(1 << self.bidi.get(character).to_icu4c_value())
    }

    /// The Joining_Type.
    pub fn joining_type(&self, character: char) -> crate::JoiningType {
        crate::JoiningType(1 << self.joining.get(character).to_icu4c_value())
    }

    /// Maps and normalises (UTS 46, section 4, steps 1 and 2).
    pub fn map_normalize<'a, I: Iterator<Item = char> + 'a>(
        &'a self,
        characters: I,
    ) -> impl Iterator<Item = char> + 'a {
        self.mapper.map_normalize(characters)
    }

    /// Checks what Punycode was decoded to (UTS 46, section 4, step 4).
    pub fn normalize_validate<'a, I: Iterator<Item = char> + 'a>(
        &'a self,
        characters: I,
    ) -> impl Iterator<Item = char> + 'a {
        self.mapper.normalize_validate(characters)
    }
}

#[cfg(test)]
mod tests {
    use icu_properties::props::{BidiClass, JoiningType};

    /// The bits of the masks are counted by hand.
    #[test]
    fn the_numbers_are_those_of_icu() {
        for (ours, class) in [
            (crate::LEFT_TO_RIGHT, BidiClass::LeftToRight),
            (crate::RIGHT_TO_LEFT, BidiClass::RightToLeft),
            (crate::EUROPEAN_NUMBER, BidiClass::EuropeanNumber),
            (crate::EUROPEAN_SEPARATOR, BidiClass::EuropeanSeparator),
            (crate::EUROPEAN_TERMINATOR, BidiClass::EuropeanTerminator),
            (crate::ARABIC_NUMBER, BidiClass::ArabicNumber),
            (crate::COMMON_SEPARATOR, BidiClass::CommonSeparator),
            (crate::OTHER_NEUTRAL, BidiClass::OtherNeutral),
            (crate::ARABIC_LETTER, BidiClass::ArabicLetter),
            (crate::NONSPACING_MARK, BidiClass::NonspacingMark),
            (crate::BOUNDARY_NEUTRAL, BidiClass::BoundaryNeutral),
        ] {
            assert_eq!(ours, 1 << class.to_icu4c_value(), "{class:?}");
        }
        for (ours, kind) in [
            (crate::DUAL_JOINING, JoiningType::DualJoining),
            (crate::LEFT_JOINING, JoiningType::LeftJoining),
            (crate::RIGHT_JOINING, JoiningType::RightJoining),
            (crate::TRANSPARENT, JoiningType::Transparent),
        ] {
            assert_eq!(ours, 1 << kind.to_icu4c_value(), "{kind:?}");
        }
    }
}
