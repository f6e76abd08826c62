//! Short texts that come from people and programs: names, searches, ids of their own.

use std::fmt;

use serde::Serialize;

use crate::{ErrorCode, lowercase};

/// Why a value was refused: a machine-readable code and a sentence for the person who typed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct InvalidValue {
    /// What kind of mistake it is.
    pub code: ErrorCode,
    /// What is wrong and what to do.
    pub detail: String,
}

impl InvalidValue {
    /// A refusal with its sentence.
    pub fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }

    /// The refusal as serde's error. serde keeps only text, so the code goes in front, from where the server's body
    /// extractor takes it back.
    pub(crate) fn into_serde<E: serde::de::Error>(self) -> E {
        E::custom(format_args!("{}: {}", self.code.as_str(), self.detail))
    }
}

/// Implements `Deserialize` by the type's own constructor, so that no unchecked value comes in over the wire.
macro_rules! deserialize_checked {
    ($type:ty) => {
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                <$type>::parse(&text).map_err($crate::text::InvalidValue::into_serde)
            }
        }

        impl TryFrom<String> for $type {
            type Error = $crate::text::InvalidValue;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::parse(&text)
            }
        }

        impl std::str::FromStr for $type {
            type Err = $crate::text::InvalidValue;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }
    };
}
pub(crate) use deserialize_checked;

/// Characters that reorder or hide text around them: a name with one can pass for another in a list or a mail.
pub(crate) const REORDERING_OR_HIDING: [(char, char); 14] = [
    ('\u{00AD}', '\u{00AD}'),
    ('\u{034F}', '\u{034F}'),
    ('\u{061C}', '\u{061C}'),
    ('\u{115F}', '\u{1160}'),
    ('\u{17B4}', '\u{17B5}'),
    ('\u{180E}', '\u{180E}'),
    ('\u{200B}', '\u{200B}'),
    ('\u{200E}', '\u{200F}'),
    ('\u{2028}', '\u{202E}'),
    ('\u{2060}', '\u{206F}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{FEFF}', '\u{FEFF}'),
    ('\u{FFA0}', '\u{FFA0}'),
    ('\u{E0000}', '\u{E0FFF}'),
];

fn reorders_or_hides(c: char) -> bool {
    REORDERING_OR_HIDING.iter().any(|(first, last)| (*first..=*last).contains(&c))
}

/// The name of a person, an account or a firm: 1 to 200 characters after trimming, without control characters and
/// without characters that reorder or hide text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Name(String);

impl Name {
    /// The most characters (Unicode scalar values) that a name has.
    pub const MAX_CHARS: usize = 200;

    /// Trims and checks what was typed.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidName`] when it is empty, too long, or has a forbidden character.
    pub fn parse(typed: &str) -> Result<Self, InvalidValue> {
        let refuse = |detail: &str| Err(InvalidValue::new(ErrorCode::InvalidName, detail));
        let name = typed.trim();
        if name.is_empty() {
            return refuse("Enter a name.");
        }
        if name.chars().count() > Self::MAX_CHARS {
            return refuse("The name is too long: use at most 200 characters.");
        }
        if name.chars().any(|c| c.is_control() || reorders_or_hides(c)) {
            return refuse("The name has control, invisible or text-direction characters: remove them.");
        }
        Ok(Self(name.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form that names are searched and sorted by: lower case.
    pub fn sort_key(&self) -> String {
        lowercase(&self.0)
    }
}

deserialize_checked!(Name);

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Name {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::Type::String)
            .description(Some(
                "The name of a person, an account or a firm: 1 to 200 characters after trimming, without control characters \
                 and without characters that reorder or hide text.",
            ))
            .min_length(Some(1))
            .pattern(Some(crate::pattern::name(&REORDERING_OR_HIDING, Self::MAX_CHARS)))
            .examples(["Apple Solutions"])
            .into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Name {
    fn name() -> std::borrow::Cow<'static, str> {
        "Name".into()
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Checks a text for visible ASCII: no blanks, no control characters.
fn is_visible_ascii(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// What the operator's own product calls an account: 1 to 200 characters of visible ASCII, but neither `.` nor `..`. Upper
/// and lower case differ.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = ExternalReference, value_type = String, min_length = 1, max_length = 200,
    pattern = r"^([!-~]*[!-\-/-~][!-~]*|\.{3,})$", example = "store-4711"))]
pub struct ExternalId(String);

impl ExternalId {
    /// The most characters that an external id has.
    pub const MAX_CHARS: usize = 200;

    /// Checks the text; nothing is trimmed.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidExternalId`] when it is empty, too long, or has other characters.
    pub fn parse(text: &str) -> Result<Self, InvalidValue> {
        // Dots alone are steps in a path, and cannot be asked for.
        if is_visible_ascii(text, Self::MAX_CHARS) && !matches!(text, "." | "..") {
            return Ok(Self(text.to_owned()));
        }
        Err(InvalidValue::new(
            ErrorCode::InvalidExternalId,
            "An external id has 1 to 200 characters of visible ASCII: no blanks, and not dots alone.",
        ))
    }

    /// The external id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

deserialize_checked!(ExternalId);

impl fmt::Display for ExternalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The header `Idempotency-Key`: 1 to 255 characters of visible ASCII that the caller makes up for one request, such as a
/// random UUID.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The most characters that a key has.
    pub const MAX_CHARS: usize = 255;

    /// Checks the text; nothing is trimmed.
    ///
    /// # Errors
    /// [`ErrorCode::MalformedParameter`] when it is empty, too long, or has other characters.
    pub fn parse(text: &str) -> Result<Self, InvalidValue> {
        if is_visible_ascii(text, Self::MAX_CHARS) {
            return Ok(Self(text.to_owned()));
        }
        Err(InvalidValue::new(
            ErrorCode::MalformedParameter,
            "Idempotency-Key has 1 to 255 characters of visible ASCII: no blanks.",
        ))
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

deserialize_checked!(IdempotencyKey);

/// A search text of a list (`q`): up to 200 characters, compared without regard to case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, max_length = 200, example = "bakery"))]
pub struct Search(String);

impl Search {
    /// Checks, trims and lower-cases what was typed.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidValue`] when it is too long or has control characters.
    pub fn parse(typed: &str) -> Result<Self, InvalidValue> {
        // Before it is changed: what is allowed can be said of what was typed.
        if typed.chars().count() > 200 || typed.chars().any(char::is_control) {
            return Err(InvalidValue::new(
                ErrorCode::InvalidValue,
                "A search has at most 200 characters and no control characters.",
            ));
        }
        Ok(Self(lowercase(typed.trim())))
    }

    /// The lower-case text; empty when everything is asked for.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

deserialize_checked!(Search);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_is_trimmed_and_limited() {
        assert_eq!(Name::parse("  Olive & Sons \n").unwrap().as_str(), "Olive & Sons");
        assert!(Name::parse(" \t ").is_err());
        assert!(Name::parse(&"ß".repeat(200)).is_ok());
        assert!(Name::parse(&"ß".repeat(201)).is_err());
    }

    #[test]
    fn a_name_cannot_reorder_or_hide_text() {
        for bad in [
            "a\u{0}b",
            "a\r\nBcc: x",
            "evil\u{202E}gpj.exe",
            "in\u{200B}visible",
            "a\u{2066}b",
            "\u{3164}",
            "tag\u{E0041}",
            "bell\u{7}",
        ] {
            assert_eq!(Name::parse(bad).unwrap_err().code, ErrorCode::InvalidName, "{bad:?}");
        }
        assert!(Name::parse("مكتب المحاسبة").is_ok(), "right-to-left letters themselves are fine");
    }

    #[test]
    fn what_programs_make_up_is_visible_ascii() {
        for good in ["1", "store-4711", "a/b?c#d%20", &"x".repeat(200)] {
            assert_eq!(ExternalId::parse(good).unwrap().as_str(), good);
            assert!(IdempotencyKey::parse(good).is_ok());
        }
        for bad in ["", " ", "a b", "a\n", "é", "\u{7f}", &"x".repeat(256)] {
            assert_eq!(ExternalId::parse(bad).unwrap_err().code, ErrorCode::InvalidExternalId, "{bad:?}");
            assert_eq!(
                IdempotencyKey::parse(bad).unwrap_err().code,
                ErrorCode::MalformedParameter,
                "{bad:?}"
            );
        }
        assert!(ExternalId::parse(".").is_err() && ExternalId::parse("..").is_err());
        assert!(
            ExternalId::parse(&"x".repeat(201)).is_err() && IdempotencyKey::parse(&"x".repeat(255)).is_ok()
        );
    }

    proptest! {
        #[test]
        fn whatever_is_typed_names_and_searches_never_panic(text in any::<String>()) {
            if let Ok(name) = Name::parse(&text) {
                let length = name.as_str().chars().count();
                prop_assert!((1..=200).contains(&length));
                prop_assert!(!name.as_str().chars().any(char::is_control));
                prop_assert_eq!(Name::parse(name.as_str()).unwrap(), name, "parsing is idempotent");
            }
            if let Ok(search) = Search::parse(&text) {
                prop_assert_eq!(Search::parse(search.as_str()).ok(), Some(search));
            }
            let _ = crate::WebhookDescription::parse(&text);
            let length = text.chars().count();
            prop_assert_eq!(crate::NewPassword::parse(&text).is_ok(), (10..=128).contains(&length));
        }

        #[test]
        fn what_programs_make_up_is_taken_as_it_is_or_not_at_all(text in any::<String>(), ascii in "[!-~]{0,260}") {
            for text in [text, ascii] {
                let sound = !text.is_empty() && text.bytes().all(|byte| (b'!'..=b'~').contains(&byte));
                match IdempotencyKey::parse(&text) {
                    Ok(key) => prop_assert_eq!(key.as_str(), &text),
                    Err(_) => prop_assert!(!sound || text.len() > IdempotencyKey::MAX_CHARS),
                }
                match ExternalId::parse(&text) {
                    Ok(id) => {
                        prop_assert_eq!(id.as_str(), &text);
                        let json = serde_json::to_string(&id).unwrap();
                        prop_assert_eq!(serde_json::from_str::<ExternalId>(&json).unwrap(), id);
                    }
                    Err(_) => {
                        prop_assert!(!sound || text.len() > ExternalId::MAX_CHARS || matches!(&*text, "." | ".."))
                    }
                }
            }
        }
    }
}
