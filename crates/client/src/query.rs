//! Which part of a list is asked for. What is left out, with `..Default::default()`, is not sent.

use chrono::{DateTime, SecondsFormat, Utc};
use portal_api_types::{
    AccountStatus, ApiKeyId, EmployeeRole, EmployeeStatus, ExternalId, FirmStatus, Page, UserId, UserStatus,
};

/// Which page of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageQuery {
    /// How many items, 1 to 200; 50 when left out.
    pub limit: Option<u16>,
    /// Where to go on: the `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Which items of a list that can be searched.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListQuery {
    /// A text to search for, in upper or lower case.
    pub q: Option<String>,
    /// How many items, 1 to 200; 50 when left out.
    pub limit: Option<u16>,
    /// Where to go on: the `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Which employees of a firm.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EmployeeQuery {
    /// A text to search for in names and e-mails, in upper or lower case.
    pub q: Option<String>,
    /// Only those of this role.
    pub role: Option<EmployeeRole>,
    /// Only those of this status.
    pub status: Option<EmployeeStatus>,
    /// How many items, 1 to 200; 50 when left out.
    pub limit: Option<u16>,
    /// Where to go on: the `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Which client accounts of a firm.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FirmAccountQuery {
    /// A text to search for in names, in upper or lower case.
    pub q: Option<String>,
    /// Only those that no employee is assigned to (`true`), or only the others (`false`).
    pub unassigned: Option<bool>,
    /// How many items, 1 to 200; 50 when left out.
    pub limit: Option<u16>,
    /// Where to go on: the `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Which entries of an audit trail.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ActivityQuery {
    /// Only this action, such as `assignment.granted`.
    pub action: Option<String>,
    /// Only what this person did.
    pub actor: Option<UserId>,
    /// Only what programs did by this key; not together with `actor`.
    pub api_key: Option<ApiKeyId>,
    /// Only from this time on.
    pub from: Option<DateTime<Utc>>,
    /// Only up to this time.
    pub to: Option<DateTime<Utc>>,
    /// How many items, 1 to 200; 50 when left out.
    pub limit: Option<u16>,
    /// Where to go on: the `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Which of all accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OperatorAccountQuery {
    /// A text to search for in names, in upper or lower case.
    pub q: Option<String>,
    /// Only those of this status.
    pub status: Option<AccountStatus>,
    /// Only the one with this external id.
    pub external_id: Option<ExternalId>,
    /// How many items, 1 to 200; 50 when left out.
    pub limit: Option<u16>,
    /// Where to go on: the `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Which of all firms.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OperatorFirmQuery {
    /// A text to search for in names and e-mails, in upper or lower case.
    pub q: Option<String>,
    /// Only those of this status.
    pub status: Option<FirmStatus>,
    /// How many items, 1 to 200; 50 when left out.
    pub limit: Option<u16>,
    /// Where to go on: the `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Which of all people with a login.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OperatorUserQuery {
    /// A text to search for in names and e-mails, in upper or lower case.
    pub q: Option<String>,
    /// Only those of this status.
    pub status: Option<UserStatus>,
    /// How many items, 1 to 200; 50 when left out.
    pub limit: Option<u16>,
    /// Where to go on: the `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// What stands behind the question mark of a URL; what has no value is left out.
///
/// Queries are written as these and not by serde: sending them is code for one type instead of for each.
pub(crate) type Parameters = Vec<(&'static str, Option<String>)>;

impl ActivityQuery {
    pub(crate) fn parameters(&self) -> Parameters {
        let mut parameters = self.filters();
        parameters.extend([("limit", text(self.limit.as_ref())), ("cursor", self.cursor.clone())]);
        parameters
    }

    /// The same filters for the export, which has no pages.
    pub(crate) fn parameters_of_csv(&self) -> Parameters {
        let mut parameters = self.filters();
        parameters.push(("format", Some("csv".to_owned())));
        parameters
    }

    fn filters(&self) -> Parameters {
        let time = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        vec![
            ("action", self.action.clone()),
            ("actor", text(self.actor.as_ref())),
            ("api_key", text(self.api_key.as_ref())),
            ("from", self.from.map(time)),
            ("to", self.to.map(time)),
        ]
    }
}

fn text(value: Option<&impl ToString>) -> Option<String> {
    value.map(ToString::to_string)
}

macro_rules! parameters {
    ($($query:ty { $($name:ident)+ })+) => {$(
        impl $query {
            pub(crate) fn parameters(&self) -> Parameters {
                vec![$((stringify!($name), text(self.$name.as_ref()))),+]
            }
        }
    )+};
}

parameters! {
    PageQuery { limit cursor }
    ListQuery { q limit cursor }
    EmployeeQuery { q role status limit cursor }
    FirmAccountQuery { q unassigned limit cursor }
    OperatorAccountQuery { q status external_id limit cursor }
    OperatorFirmQuery { q status limit cursor }
    OperatorUserQuery { q status limit cursor }
}

macro_rules! pages {
    ($($query:ty),+) => {$(
        impl $query {
            /// The query of the page after this one; `None` when it is the last.
            #[must_use]
            pub fn after<T>(&self, page: &Page<T>) -> Option<Self> {
                page.next_cursor.clone().map(|cursor| Self { cursor: Some(cursor), ..self.clone() })
            }
        }
    )+};
}

pages!(
    PageQuery,
    ListQuery,
    EmployeeQuery,
    FirmAccountQuery,
    ActivityQuery,
    OperatorAccountQuery,
    OperatorFirmQuery,
    OperatorUserQuery
);

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(parameters: &Parameters) -> Option<String> {
        let request = reqwest::Client::new().get("http://portal.example").query(parameters).build();
        request.expect("a query that can be encoded").url().query().map(str::to_owned)
    }

    #[test]
    fn what_is_left_out_is_not_sent() {
        assert_eq!(encoded(&ListQuery::default().parameters()), None);
        assert_eq!(encoded(&ActivityQuery::default().parameters()), None);
        assert_eq!(encoded(&ActivityQuery::default().parameters_of_csv()).as_deref(), Some("format=csv"));
    }

    #[test]
    fn values_are_encoded() {
        let employees = EmployeeQuery {
            q: Some("Müller & Söhne".to_owned()),
            role: Some(EmployeeRole::Bookkeeper),
            status: Some(EmployeeStatus::Deactivated),
            limit: Some(200),
            cursor: Some("a+/=".to_owned()),
        };
        assert_eq!(
            encoded(&employees.parameters()).as_deref(),
            Some(
                "q=M%C3%BCller+%26+S%C3%B6hne&role=bookkeeper&status=deactivated&limit=200&cursor=a%2B%2F%3D"
            )
        );
        let accounts = FirmAccountQuery { unassigned: Some(true), ..Default::default() };
        assert_eq!(encoded(&accounts.parameters()).as_deref(), Some("unassigned=true"));
    }

    #[test]
    fn an_export_has_the_filters_but_no_pages() {
        let query = ActivityQuery {
            action: Some("assignment.granted".to_owned()),
            actor: "user_01h455vb4pex5vsknk084sn02q".parse().ok(),
            api_key: None,
            from: "2026-11-24T03:58:00Z".parse().ok(),
            to: None,
            limit: Some(10),
            cursor: Some("abc".to_owned()),
        };
        let filters =
            "action=assignment.granted&actor=user_01h455vb4pex5vsknk084sn02q&from=2026-11-24T03%3A58%3A00Z";
        assert_eq!(encoded(&query.parameters()), Some(format!("{filters}&limit=10&cursor=abc")));
        assert_eq!(encoded(&query.parameters_of_csv()), Some(format!("{filters}&format=csv")));
    }

    #[test]
    fn the_next_page_has_the_same_filters() {
        let query = ListQuery { q: Some("bakery".to_owned()), ..Default::default() };
        let page = |next_cursor: Option<&str>| Page::<()> {
            items: Vec::new(),
            next_cursor: next_cursor.map(str::to_owned),
        };
        let next = ListQuery { cursor: Some("abc".to_owned()), ..query.clone() };
        assert_eq!(query.after(&page(Some("abc"))), Some(next.clone()));
        assert_eq!(next.after(&page(None)), None);
    }
}
