//! E-mail addresses: normalised first, then validated, then compared.

use std::fmt;

use serde::Serialize;

use crate::text::{InvalidValue, deserialize_checked};
use crate::{ErrorCode, unicode};

/// An e-mail address.
///
/// It is normalised before anything else: trimmed, Unicode NFKC (so that a full-width `＠` is an `@`), lower case, and
/// IDNA (UTS 46) for the domain. Two addresses are equal when their normalised forms are. What was typed is kept for
/// display. The rules are those of RFC 5321: a local part of up to 64 octets in the dot-string form, 254 octets in
/// all, no address literals, no comments or quoted strings.
#[derive(Debug, Clone)]
pub struct Email {
    normalised: String,
    display: String,
}

/// The characters of an atom besides letters and digits (RFC 5321 section 4.1.2, RFC 5322 section 3.2.3).
const ATOM_SPECIALS: &[u8] = b"!#$%&'*+-/=?^_`{|}~";

impl Email {
    /// Normalises and checks what was typed.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidEmail`] with a sentence that says what is wrong.
    pub fn parse(typed: &str) -> Result<Self, InvalidValue> {
        let refuse = |detail: &str| InvalidValue::new(ErrorCode::InvalidEmail, detail);
        // Longer input is refused before any work is spent on it.
        if typed.len() > 2_000 {
            return Err(refuse("The e-mail address is too long: at most 254 characters."));
        }
        let kept = unicode::nfkc(typed.trim());
        let kept = kept.trim();
        let (local, domain) =
            kept.rsplit_once('@').ok_or_else(|| refuse("The e-mail address needs an @."))?;
        let local_lower = unicode::lowercase(local);
        check_local(&local_lower)?;
        let ascii_domain = normalise_domain(domain)?;
        let normalised = format!("{local_lower}@{ascii_domain}");
        if normalised.len() > 254 {
            return Err(refuse("The e-mail address is too long: at most 254 characters."));
        }
        // A typed domain beyond ASCII is shown in its canonical Unicode form, so that no invisible character is kept.
        let display = if kept.is_ascii() {
            kept.to_owned()
        } else {
            format!("{local}@{}", unicode::domain_to_unicode(&ascii_domain, domain))
        };
        Ok(Self { normalised, display })
    }

    /// Puts an address together from its two stored forms.
    pub fn from_stored(normalised: String, display: String) -> Self {
        Self { normalised, display }
    }

    /// The normalised form: what addresses are compared, stored and mailed by.
    pub fn as_str(&self) -> &str {
        &self.normalised
    }

    /// The form for people: as typed.
    pub fn display(&self) -> &str {
        &self.display
    }
}

fn check_local(local: &str) -> Result<(), InvalidValue> {
    let refuse = |detail: &str| Err(InvalidValue::new(ErrorCode::InvalidEmail, detail));
    if local.is_empty() || local.len() > 64 {
        return refuse("The part before the @ has 1 to 64 characters.");
    }
    if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
        return refuse("The part before the @ has a dot in a wrong place.");
    }
    if !local.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || ATOM_SPECIALS.contains(&b)) {
        return refuse("The part before the @ has a character that addresses cannot have.");
    }
    Ok(())
}

fn normalise_domain(domain: &str) -> Result<String, InvalidValue> {
    let refuse = |detail: &str| InvalidValue::new(ErrorCode::InvalidEmail, detail);
    // A fully qualified spelling with its last dot (or what IDNA takes for a dot) names the same domain.
    let domain = domain.strip_suffix(['.', '\u{3002}']).unwrap_or(domain);
    let ascii = unicode::domain_to_ascii(domain)
        .ok_or_else(|| refuse("The part after the @ is not a domain name."))?;
    let labels_are_sound = ascii.split('.').all(|label| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    });
    let top_level = ascii.rsplit('.').next().unwrap_or_default();
    if !labels_are_sound || !ascii.contains('.') || top_level.bytes().all(|b| b.is_ascii_digit()) {
        return Err(refuse("The part after the @ is not a domain name like example.com."));
    }
    Ok(ascii)
}

impl PartialEq for Email {
    fn eq(&self, other: &Self) -> bool {
        self.normalised == other.normalised
    }
}

impl Eq for Email {}

impl std::hash::Hash for Email {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.normalised.hash(state);
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.display)
    }
}

impl Serialize for Email {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.display)
    }
}

deserialize_checked!(Email);

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Email {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::Type::String)
            .description(Some("An e-mail address by the rules of RFC 5321; compared without regard to case."))
            .format(Some(utoipa::openapi::SchemaFormat::KnownFormat(utoipa::openapi::KnownFormat::Email)))
            .max_length(Some(254))
            .examples(["office@apple-solutions.example"])
            .into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Email {
    fn name() -> std::borrow::Cow<'static, str> {
        "Email".into()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn attack_11_spellings_of_one_address_are_equal() {
        let plain = Email::parse("victim@example.com").unwrap();
        for spelling in [
            "Victim@Example.COM",
            "  victim@example.com\n",
            "victim＠example.com",
            "ｖｉｃｔｉｍ@example.com",
            "victim@example.com.",
            "victim@exam\u{200B}ple.com",
            "victim@EXAMPLE。com",
        ] {
            assert_eq!(Email::parse(spelling).unwrap(), plain, "{spelling:?}");
        }
    }

    #[test]
    fn attack_11_look_alikes_are_different_or_refused() {
        let plain = Email::parse("victim@example.com").unwrap();
        // Cyrillic `а` in the domain is another domain.
        assert_ne!(Email::parse("victim@exаmple.com").unwrap(), plain);
        for bad in
            ["vic\u{200B}tim@example.com", "vіctim@example.com", "victim@@example.com", "victim @example.com"]
        {
            assert!(Email::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn what_rfc_5321_forbids_is_refused() {
        let long_local = format!("{}@example.com", "a".repeat(65));
        let long_all = format!("{}@{}.com", "a".repeat(64), "b.".repeat(95));
        for bad in [
            "",
            "@",
            "a@",
            "@b.example",
            "a@localhost",
            "a@[127.0.0.1]",
            "a@127.0.0.1",
            "a..b@c.example",
            ".a@c.example",
            "a.@c.example",
            "\"a b\"@c.example",
            "a@-b.example",
            "a@b-.example",
            "a@b..example",
            "a b@c.example",
            "a@b.example\r\nBcc: x@y.example",
            "a\u{0}@b.example",
            "a(comment)@b.example",
            "a@b_c.example",
            "<a@b.example>",
            long_local.as_str(),
            long_all.as_str(),
        ] {
            assert!(Email::parse(bad).is_err(), "{bad:?}");
        }
        assert!(Email::parse(&format!("{}@example.com", "a".repeat(64))).is_ok());
        assert!(Email::parse("o'hara+books/2026@sub.example.co.uk").is_ok());
    }

    #[test]
    fn the_typed_form_is_kept_for_display() {
        let email = Email::parse(" Kim.Lee@Example.COM ").unwrap();
        assert_eq!((email.as_str(), email.display()), ("kim.lee@example.com", "Kim.Lee@Example.COM"));
        assert_eq!(Email::parse("büro@example.com").unwrap_err().code, ErrorCode::InvalidEmail);
        let international = Email::parse("kim@BÜCHER.example").unwrap();
        assert_eq!(
            (international.as_str(), international.display()),
            ("kim@xn--bcher-kva.example", "kim@bücher.example")
        );
    }

    proptest! {
        #[test]
        fn whatever_is_typed_never_panics_and_what_is_taken_is_an_address(text in any::<String>()) {
            for text in [
                text.clone(),
                format!("{text}@example.com"),
                format!("office@{text}"),
                format!("a@{text}.example"),
            ] {
                let Ok(email) = Email::parse(&text) else { continue };
                prop_assert!(email.as_str().is_ascii() && email.as_str().len() <= 254);
                prop_assert_eq!(email.as_str().matches('@').count(), 1);
                prop_assert!(!email.display().chars().any(|c| c.is_control() || c == ' '), "{:?}", email.display());
                let json = serde_json::to_string(&email).unwrap();
                prop_assert_eq!(serde_json::from_str::<Email>(&json).unwrap(), email);
            }
        }

        #[test]
        fn normalising_is_idempotent_and_never_panics(text in ".{0,40}@.{0,40}") {
            if let Ok(email) = Email::parse(&text) {
                let again = Email::parse(email.as_str()).unwrap();
                prop_assert_eq!(again.as_str(), email.as_str());
                prop_assert_eq!(Email::parse(email.display()).unwrap(), email);
            }
        }
    }
}
