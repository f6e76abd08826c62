//! What needs tables of Unicode: from crates on a server, from the browser in a browser, where they would be a tenth of
//! what a first visit loads.

pub use platform::lowercase;
pub(crate) use platform::{domain_to_ascii, domain_to_unicode, nfkc};

#[cfg(not(target_arch = "wasm32"))]
mod platform {
    use std::borrow::Cow;

    use icu_normalizer::ComposingNormalizerBorrowed;

    /// A text in lower case, by the rules of Unicode that are the same in every language.
    pub fn lowercase(text: &str) -> String {
        text.to_lowercase()
    }

    /// Normalisation form KC (UAX 15).
    pub(crate) fn nfkc(text: &str) -> Cow<'_, str> {
        ComposingNormalizerBorrowed::new_nfkc().normalize(text)
    }

    /// A domain as DNS knows it (UTS 46, section 4.2), or nothing if it is none.
    pub(crate) fn domain_to_ascii(domain: &str) -> Option<String> {
        idna::domain_to_ascii_strict(domain).ok()
    }

    /// A domain as people read it (UTS 46, section 4.3).
    pub(crate) fn domain_to_unicode(ascii: &str, _typed: &str) -> String {
        idna::domain_to_unicode(ascii).0
    }
}

#[cfg(target_arch = "wasm32")]
mod platform {
    use std::borrow::Cow;

    use js_sys::JsString;
    use web_sys::Url;

    /// A text in lower case, by the rules of Unicode that are the same in every language.
    pub fn lowercase(text: &str) -> String {
        if text.is_ascii() { text.to_ascii_lowercase() } else { JsString::from(text).to_lower_case().into() }
    }

    /// Normalisation form KC (UAX 15).
    pub(crate) fn nfkc(text: &str) -> Cow<'_, str> {
        if text.is_ascii() {
            Cow::Borrowed(text)
        } else {
            Cow::Owned(JsString::from(text).normalize("NFKC").into())
        }
    }

    /// A domain as DNS knows it, or nothing if it is none: by the host parser of the URL standard, which is UTS 46 where
    /// the text has nothing that means something else in a URL.
    pub(crate) fn domain_to_ascii(domain: &str) -> Option<String> {
        let is_plain = |c: char| !c.is_ascii() || c.is_ascii_alphanumeric() || c == '-' || c == '.';
        if domain.is_empty() || !domain.chars().all(is_plain) {
            return None;
        }
        Url::new(&format!("http://{domain}")).ok().map(|url| url.hostname())
    }

    /// A domain as people read it: as it was typed, since browsers tell no more. The portal's answers have the true form.
    pub(crate) fn domain_to_unicode(_ascii: &str, typed: &str) -> String {
        lowercase(typed)
    }
}
