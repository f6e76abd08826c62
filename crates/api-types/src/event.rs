//! What an event stream says.

use serde::{Deserialize, Serialize};

use crate::{AccountId, FirmId, InvalidValue};

/// Something has changed in what you may reach: ask for it again. It says what, never how it is now.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case", try_from = "Fields")]
pub enum Change {
    /// What you may enter has changed: an account was granted or taken away, your role there is another, or you joined or
    /// left a firm.
    #[cfg_attr(feature = "openapi", schema(title = "AccessChange"))]
    Access {
        /// The account that you may enter now, may not enter any more, or enter in another role. Null: several or all.
        #[cfg_attr(feature = "openapi", schema(required = true))]
        account_id: Option<AccountId>,
    },
    /// Something in an account that you may enter has changed: its people, its name, its invitations, its activity.
    #[cfg_attr(feature = "openapi", schema(title = "AccountChange"))]
    Account {
        /// The account.
        account_id: AccountId,
    },
    /// Something that you can see of a firm that you work for has changed: its employees, clients, assignments or name.
    #[cfg_attr(feature = "openapi", schema(title = "FirmChange"))]
    Firm {
        /// The firm.
        firm_id: FirmId,
    },
    /// Your own data or sessions have changed: your name, your password, where you are signed in.
    #[cfg_attr(feature = "openapi", schema(title = "MyChange"))]
    Me,
    /// Changes may have been missed: ask again for everything that is shown. It also stands for kinds that a newer
    /// portal may know and this version does not.
    #[cfg_attr(feature = "openapi", schema(title = "Lagged"))]
    Lagged,
}

/// A change as it is on the wire. It is read as this, because serde's reader of enums that have their tag inside is a second
/// one for everything, of a few kilobytes.
#[derive(Deserialize)]
struct Fields {
    kind: String,
    account_id: Option<String>,
    firm_id: Option<String>,
}

impl TryFrom<Fields> for Change {
    type Error = InvalidValue;

    fn try_from(Fields { kind, account_id, firm_id }: Fields) -> Result<Self, InvalidValue> {
        Ok(match kind.as_str() {
            "access" => Self::Access { account_id: account_id.as_deref().map(AccountId::parse).transpose()? },
            "account" => Self::Account { account_id: AccountId::parse(&account_id.unwrap_or_default())? },
            "firm" => Self::Firm { firm_id: FirmId::parse(&firm_id.unwrap_or_default())? },
            "me" => Self::Me,
            _ => Self::Lagged,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_form_on_the_wire() {
        let account_id: AccountId = "acct_01h455vb4pex5vsknk084sn02q".parse().expect("an id");
        let firm_id: FirmId = "firm_01h455vb4pex5vsknk084sn02q".parse().expect("an id");
        for (change, json) in [
            (
                Change::Access { account_id: Some(account_id.clone()) },
                r#"{"kind":"access","account_id":"acct_01h455vb4pex5vsknk084sn02q"}"#,
            ),
            (Change::Access { account_id: None }, r#"{"kind":"access","account_id":null}"#),
            (
                Change::Account { account_id },
                r#"{"kind":"account","account_id":"acct_01h455vb4pex5vsknk084sn02q"}"#,
            ),
            (Change::Firm { firm_id }, r#"{"kind":"firm","firm_id":"firm_01h455vb4pex5vsknk084sn02q"}"#),
            (Change::Me, r#"{"kind":"me"}"#),
            (Change::Lagged, r#"{"kind":"lagged"}"#),
        ] {
            assert_eq!(serde_json::to_string(&change).expect("JSON"), json);
            assert_eq!(serde_json::from_str::<Change>(json).expect("a change"), change);
        }
    }

    #[test]
    fn a_kind_of_a_newer_portal_asks_for_everything_anew() {
        let newer = r#"{"kind":"review","review_id":"rvew_1"}"#;
        assert_eq!(serde_json::from_str::<Change>(newer).expect("a change"), Change::Lagged);
    }

    #[test]
    fn what_has_changed_is_named() {
        for json in [r#"{"kind":"firm"}"#, r#"{"kind":"account","account_id":"firm_1"}"#, "{}", "[]"] {
            assert!(serde_json::from_str::<Change>(json).is_err(), "{json}");
        }
    }
}
