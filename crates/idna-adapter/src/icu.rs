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
        crate::BidiClass(match self.bidi.get(character) {
            BidiClass::LeftToRight => crate::LEFT_TO_RIGHT,
            BidiClass::RightToLeft => crate::RIGHT_TO_LEFT,
            BidiClass::EuropeanNumber => crate::EUROPEAN_NUMBER,
            BidiClass::EuropeanSeparator => crate::EUROPEAN_SEPARATOR,
            BidiClass::EuropeanTerminator => crate::EUROPEAN_TERMINATOR,
            BidiClass::ArabicNumber => crate::ARABIC_NUMBER,
            BidiClass::CommonSeparator => crate::COMMON_SEPARATOR,
            BidiClass::OtherNeutral => crate::OTHER_NEUTRAL,
            BidiClass::ArabicLetter => crate::ARABIC_LETTER,
            BidiClass::NonspacingMark => crate::NONSPACING_MARK,
            BidiClass::BoundaryNeutral => crate::BOUNDARY_NEUTRAL,
            // No label of a bidirectional domain may have one of the others.
            _ => crate::OTHER_CLASS,
        })
    }

    /// The Joining_Type.
    pub fn joining_type(&self, character: char) -> crate::JoiningType {
        crate::JoiningType(match self.joining.get(character) {
            JoiningType::DualJoining => crate::DUAL_JOINING,
            JoiningType::LeftJoining => crate::LEFT_JOINING,
            JoiningType::RightJoining => crate::RIGHT_JOINING,
            JoiningType::Transparent => crate::TRANSPARENT,
            _ => crate::OTHER_JOINING,
        })
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
