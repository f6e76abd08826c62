//! The words of the app: one file per language and part in `locales/`, checked when the app is compiled.

use std::cell::Cell;

use portal_client::Error;
use portal_client::api_types::ErrorCode;
pub(crate) use portal_client::api_types::lowercase;

use crate::browser;

#[expect(dead_code, unused_imports, reason = "written by the build script")]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/texts.rs"));
}

pub(crate) use generated::i18n::{self, Locale};

/// Where the choice of a language is kept in this browser.
const STORED: &str = "portal.locale";

thread_local! {
    static CURRENT: Cell<Locale> = Cell::new(Locale::default());
}

/// The language that the app is drawn in. A change draws the app anew, so that views need not watch it.
pub(crate) fn locale() -> Locale {
    CURRENT.get()
}

/// A text: `tr!(auth.sign_in)`, `tr!(account.ended, name = name)`. Without values it is a `&'static str`, else a
/// `String`.
macro_rules! tr {
    ($($text:tt)*) => {{
        // What the macro expands to names the module.
        use $crate::texts::i18n;
        let locale: i18n::Locale = $crate::texts::locale();
        leptos_i18n::td_string!(locale, $($text)*)
    }};
}
pub(crate) use tr;

/// Decides on the language before anything is drawn: the one chosen in this browser, else the first of the
/// browser's own that there is.
pub(crate) fn choose_locale() {
    let chosen = browser::stored(STORED).as_deref().and_then(find);
    let preferred = || browser::languages().iter().find_map(|tag| find(tag));
    use_locale(chosen.or_else(preferred).unwrap_or_default());
}

/// The same language for the portal, which writes mails in it.
pub(crate) fn for_portal(locale: Locale) -> portal_client::api_types::Locale {
    match locale {
        Locale::en => portal_client::api_types::Locale::English,
        Locale::es => portal_client::api_types::Locale::Spanish,
    }
}

/// The language that the portal writes to the person in.
pub(crate) fn of_portal(locale: portal_client::api_types::Locale) -> Locale {
    match locale {
        portal_client::api_types::Locale::English => Locale::en,
        portal_client::api_types::Locale::Spanish => Locale::es,
    }
}

/// Whether a language was chosen in this browser.
pub(crate) fn is_chosen() -> bool {
    browser::stored(STORED).is_some()
}

/// Keeps a choice, and uses it for what is drawn from now on.
pub(crate) fn store_locale(locale: Locale) {
    browser::store(STORED, locale.as_str());
    use_locale(locale);
}

/// Uses a language for what is drawn from now on.
pub(crate) fn use_locale(locale: Locale) {
    CURRENT.set(locale);
    browser::set_document_language(locale.as_str());
}

/// The language of a tag such as `es-MX` (RFC 5646).
pub(crate) fn find(tag: &str) -> Option<Locale> {
    let language = tag.split(['-', '_']).next().unwrap_or_default();
    Locale::get_all().iter().copied().find(|locale| locale.as_str().eq_ignore_ascii_case(language))
}

use leptos_i18n::Locale as _;

/// What went wrong and what to do, for a person.
pub(crate) fn explain(error: &Error) -> String {
    match error {
        Error::Problem { problem, retry_after } => match (problem.code, retry_after) {
            (ErrorCode::RateLimited, Some(seconds)) => {
                let minutes = seconds.div_ceil(60).max(1);
                tr!(errors.rate_limited_for, minutes = minutes)
            }
            (code, _) => explain_code(code).to_owned(),
        },
        Error::Transport(_) => tr!(errors.unreachable).to_owned(),
        // The app asks no OAuth endpoint.
        Error::OAuth { .. } | Error::UnexpectedAnswer { .. } => tr!(errors.unexpected).to_owned(),
    }
}

/// The portal's codes in the person's language. A new code does not compile before it has words.
pub(crate) fn explain_code(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::MalformedJson
        | ErrorCode::MalformedRequest
        | ErrorCode::MethodNotAllowed
        | ErrorCode::UnsupportedMediaType
        | ErrorCode::UnknownField
        | ErrorCode::InvalidType
        // Only programs other than this one get these.
        | ErrorCode::AccountClosed
        | ErrorCode::ExternalIdTaken
        | ErrorCode::InvalidExternalId
        | ErrorCode::IdempotencyKeyReused => tr!(errors.outdated),
        ErrorCode::MalformedParameter => tr!(errors.malformed_parameter),
        ErrorCode::Unauthenticated => tr!(errors.unauthenticated),
        ErrorCode::WrongCredentials => tr!(errors.wrong_credentials),
        ErrorCode::Forbidden => tr!(errors.forbidden),
        ErrorCode::NotFound => tr!(errors.not_found),
        ErrorCode::RequestTimeout => tr!(errors.request_timeout),
        ErrorCode::AlreadyInvited => tr!(errors.already_invited),
        ErrorCode::AlreadyConnected => tr!(errors.already_connected),
        ErrorCode::AlreadyMember => tr!(errors.already_member),
        ErrorCode::AlreadyEmployee => tr!(errors.already_employee),
        ErrorCode::LastOwner => tr!(errors.last_owner),
        ErrorCode::LastAdmin => tr!(errors.last_admin),
        ErrorCode::EmployeeInvited => tr!(errors.employee_invited),
        ErrorCode::EmployeeJoined => tr!(errors.employee_joined),
        ErrorCode::TooManyWebhooks => tr!(errors.too_many_webhooks),
        ErrorCode::InvitationGone => tr!(errors.invitation_gone),
        ErrorCode::PayloadTooLarge => tr!(errors.payload_too_large),
        ErrorCode::MissingField => tr!(errors.missing_field),
        ErrorCode::InvalidValue => tr!(errors.invalid_value),
        ErrorCode::InvalidId => tr!(errors.invalid_id),
        ErrorCode::InvalidName => tr!(errors.invalid_name),
        ErrorCode::InvalidEmail => tr!(errors.invalid_email),
        ErrorCode::PasswordTooShort => tr!(errors.password_too_short),
        ErrorCode::PasswordTooLong => tr!(errors.password_too_long),
        ErrorCode::PasswordTooCommon => tr!(errors.password_too_common),
        ErrorCode::TooManyItems => tr!(errors.too_many_items),
        ErrorCode::RateLimited => tr!(errors.rate_limited),
        ErrorCode::InternalError => tr!(errors.internal_error),
        ErrorCode::Unavailable => tr!(errors.unavailable),
    }
}
