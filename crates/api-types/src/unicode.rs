//! What needs tables of Unicode: from crates on a server, from the browser in a browser, where they would be a tenth of
//! what a first visit loads.

pub(crate) use platform::*;

#[cfg(not(target_arch = "wasm32"))]
mod platform {
    use std::borrow::Cow;

    use icu_normalizer::ComposingNormalizerBorrowed;

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
        typed.to_lowercase()
    }
}
