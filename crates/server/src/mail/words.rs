//! Which mails there are in which language.

use portal_api_types::Locale;

/// The words of a language: those that all mails share, and those of each mail by its tag.
macro_rules! words {
    ($language:literal: $($mail:literal)+) => {
        &[$(($mail, include_str!(concat!("templates/", $language, "/", $mail, ".txt"))),)+]
    };
    ($language:literal) => {
        words!($language: "common" "access_ended" "account_given" "account_status_changed" "already_registered" "client_connected" "employee_invitation"
            "firm_invitation" "member_invitation" "password_changed" "password_reset" "registration" "webhook_disabled")
    };
}

/// The words of all mails, by language.
pub(super) const fn words(locale: Locale) -> &'static [(&'static str, &'static str)] {
    match locale {
        Locale::English => words!("en"),
        Locale::Spanish => words!("es"),
    }
}
