//! Ids: a prefix for the kind and a UUIDv7, in the TypeID form (`acct_01h455vb4pex5vsknk084sn02q`).
//!
//! They sort by the time of their making, are safe to log, and cannot be mixed up: each kind is a type of its own.

use std::fmt;

use serde::Serialize;
use uuid::Uuid;

use crate::ErrorCode;
use crate::text::{InvalidValue, deserialize_checked};

/// Crockford's base 32 in lower case, as the TypeID specification has it. Written here, as the crates for it bring
/// their own source of randomness, which the browser's build has not.
const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// 130 bits for the UUID's 128: the first digit is at most 7.
const LENGTH: usize = 26;

fn format_id(prefix: &str, uuid: Uuid) -> String {
    let digits = (0..LENGTH).rev().map(|place| {
        let digit = (uuid.as_u128() >> (5 * place)) & 31;
        char::from(DIGITS[digit as usize])
    });
    prefix.chars().chain(['_']).chain(digits).collect()
}

/// Whether it is one of [`DIGITS`].
const fn is_digit(byte: &u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'h' | b'j' | b'k' | b'm' | b'n' | b'p'..=b't' | b'v'..=b'z')
}

/// Checks `text` as the id of one kind, in its one canonical spelling: one thing has one id.
fn check_id(prefix: &str, text: &str) -> Result<String, InvalidValue> {
    let digits =
        text.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('_')).unwrap_or_default().as_bytes();
    let sound = digits.len() == LENGTH && digits[0] <= b'7' && digits.iter().all(is_digit);
    if sound {
        return Ok(text.to_owned());
    }
    let example = format_id(prefix, Uuid::nil());
    Err(InvalidValue::new(ErrorCode::InvalidId, format!("This is not an id of the form {example}.")))
}

/// Whether this is an id of some kind.
pub fn is_id(text: &str) -> bool {
    text.split_once('_').is_some_and(|(prefix, _)| {
        prefix.len() == 4
            && prefix.bytes().all(|byte| byte.is_ascii_lowercase())
            && check_id(prefix, text).is_ok()
    })
}

macro_rules! ids {
    ($($(#[doc = $doc_text:literal])+ $name:ident = $prefix:literal;)+) => {$(
        $(#[doc = $doc_text])+
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        pub struct $name(String);

        impl $name {
            /// What the ids of this kind start with.
            pub const PREFIX: &'static str = $prefix;

            /// The id of this kind with this UUID.
            pub fn from_uuid(uuid: Uuid) -> Self {
                Self(format_id($prefix, uuid))
            }

            /// Checks the prefix and the form.
            ///
            /// # Errors
            /// [`ErrorCode::InvalidId`] when `text` is not an id of this kind.
            pub fn parse(text: &str) -> Result<Self, InvalidValue> {
                check_id($prefix, text).map(Self)
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        deserialize_checked!($name);

        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::Type::String)
                    .description(Some([$($doc_text),+].join("\n").trim()))
                    .pattern(Some(format!("^{}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$", $prefix)))
                    .examples([concat!($prefix, "_01h455vb4pex5vsknk084sn02q")])
                    .into()
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

ids! {
    /// A client account: what a store owner owns and lets others into.
    AccountId = "acct";
    /// A person with a login.
    UserId = "user";
    /// An accounting company.
    FirmId = "firm";
    /// A person's place in a firm; somebody who leaves and comes back gets a new one.
    EmployeeId = "empl";
    /// An invitation; not its secret, which only the mail carries.
    InvitationId = "invt";
    /// One sign-in of one browser or program.
    SessionId = "sess";
    /// An entry of the audit trail.
    ActivityId = "actv";
    /// A key of the operator; not its secret, which is shown once.
    OperatorKeyId = "opky";
    /// A program's key of one account: its `client_id`, not its secret.
    ApiKeyId = "akey";
    /// A mail of the outbox.
    MailId = "mail";
    /// A webhook.
    WebhookId = "whok";
    /// An event that webhooks tell of: the header `webhook-id`.
    WebhookEventId = "evnt";
    /// An event on its way to one webhook.
    WebhookDeliveryId = "whdl";
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_id_of_another_kind_or_spelling_is_refused() {
        let id = AccountId::from_uuid(Uuid::from_u128(7));
        assert_eq!(AccountId::parse(id.as_str()).unwrap(), id);
        assert_eq!(id.as_str(), "acct_00000000000000000000000007");
        // The example of the TypeID specification.
        let specified = Uuid::from_u128(0x0188_9c89_df6b_7f1c_a388_9139_6ec3_14bc);
        assert_eq!(UserId::from_uuid(specified).as_str(), "user_01h2e8kqvbfwea724h75qc655w");
        assert!(FirmId::parse(id.as_str()).is_err());
        assert!(AccountId::parse(&id.as_str().to_uppercase()).is_err());
        for bad in [
            "",
            "acct_",
            "acct_1",
            "acct_81h455vb4pex5vsknk084sn02q",
            "acct_01h455vb4pex5vsknk084sn02q ",
            "acct_0Il455vb4pex5vsknk084sn02q",
        ] {
            assert!(AccountId::parse(bad).is_err(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn ids_round_trip_and_sort_like_their_uuids(a in any::<u128>(), b in any::<u128>()) {
            let (x, y) = (UserId::from_uuid(Uuid::from_u128(a)), UserId::from_uuid(Uuid::from_u128(b)));
            prop_assert_eq!(UserId::parse(x.as_str()).unwrap(), x.clone());
            prop_assert_eq!(x.cmp(&y), a.cmp(&b));
        }

        #[test]
        fn no_text_makes_the_parser_panic_and_an_id_has_one_spelling(
            text in any::<String>(),
            tail in "[0-9a-zA-Z_]{26}",
        ) {
            for text in [text.clone(), format!("acct_{text}"), format!("acct_{tail}")] {
                prop_assert_eq!(AccountId::parse(&text).is_ok(), is_id(&text) && text.starts_with("acct_"));
                if let Ok(id) = AccountId::parse(&text) {
                    prop_assert_eq!(id.as_str(), &text);
                    let json = serde_json::to_string(&id).unwrap();
                    prop_assert_eq!(serde_json::from_str::<AccountId>(&json).unwrap(), id);
                }
            }
        }
    }
}
