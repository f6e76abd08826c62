//! Ids: a prefix for the kind and a UUIDv7, in the TypeID form (`acct_01h455vb4pex5vsknk084sn02q`).
//!
//! They sort by the time of their making, are safe to log, and cannot be mixed up: each kind is a type of its own.

use std::fmt;

use serde::Serialize;
use type_safe_id::{StaticType, TypeSafeId};
use uuid::Uuid;

use crate::ErrorCode;
use crate::text::{InvalidValue, deserialize_checked};

/// Parses `text` as the id of one kind and keeps only the canonical spelling: one thing has one id.
fn parse_as<T: StaticType>(text: &str) -> Result<String, InvalidValue> {
    let canonical = text.parse::<TypeSafeId<T>>().ok().map(|id| id.to_string());
    match canonical {
        Some(id) if id == text => Ok(id),
        _ => {
            let example = TypeSafeId::<T>::from_uuid(Uuid::nil());
            Err(InvalidValue::new(ErrorCode::InvalidId, format!("This is not an id of the form {example}.")))
        }
    }
}

macro_rules! ids {
    ($($(#[doc = $doc_text:literal])+ $name:ident = $prefix:literal;)+) => {$(
        $(#[doc = $doc_text])+
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        pub struct $name(String);

        const _: () = {
            #[derive(Default)]
            struct Kind;

            impl StaticType for Kind {
                const TYPE: &'static str = $prefix;
            }

            impl $name {
                /// What the ids of this kind start with.
                pub const PREFIX: &'static str = $prefix;

                /// The id of this kind with this UUID.
                pub fn from_uuid(uuid: Uuid) -> Self {
                    Self(TypeSafeId::<Kind>::from_uuid(uuid).to_string())
                }

                /// Checks the prefix and the form.
                ///
                /// # Errors
                /// [`ErrorCode::InvalidId`] when `text` is not an id of this kind.
                pub fn parse(text: &str) -> Result<Self, InvalidValue> {
                    parse_as::<Kind>(text).map(Self)
                }

                /// The id as text.
                pub fn as_str(&self) -> &str {
                    &self.0
                }
            }
        };

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
    /// A mail of the outbox.
    MailId = "mail";
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_id_of_another_kind_or_spelling_is_refused() {
        let id = AccountId::from_uuid(Uuid::from_u128(7));
        assert_eq!(AccountId::parse(id.as_str()).unwrap(), id);
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
        fn no_text_makes_the_parser_panic(text in any::<String>()) {
            let _ = AccountId::parse(&text);
            let _ = AccountId::parse(&format!("acct_{text}"));
        }
    }
}
