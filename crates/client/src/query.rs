//! Which part of a list is asked for. What is left out, with `..Default::default()`, is not sent.

use chrono::{DateTime, Utc};
use portal_api_types::{
    AccountStatus, ApiKeyId, EmployeeRole, EmployeeStatus, ExternalId, FirmStatus, Page, UserId, UserStatus,
};
use serde::Serialize;

/// Which page of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct PageQuery {
    /// How many items, 1 to 200; 50 when left out.
    pub limit: Option<u16>,
    /// Where to go on: the `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Which items of a list that can be searched.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ListQuery {
    /// A text to search for, in upper or lower case.
    pub q: Option<String>,
    /// How many items, 1 to 200; 50 when left out.
    pub limit: Option<u16>,
    /// Where to go on: the `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Which employees of a firm.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
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
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
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
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
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
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
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
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
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
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
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

/// What [`ActivityQuery::as_csv`] makes of a query.
#[derive(Serialize)]
pub(crate) struct CsvQuery<'a> {
    action: Option<&'a str>,
    actor: Option<&'a UserId>,
    api_key: Option<&'a ApiKeyId>,
    from: Option<DateTime<Utc>>,
    to: Option<DateTime<Utc>>,
    format: &'static str,
}

impl ActivityQuery {
    /// The same filters for the export, which has no pages.
    pub(crate) fn as_csv(&self) -> CsvQuery<'_> {
        let Self { action, actor, api_key, from, to, limit: _, cursor: _ } = self;
        CsvQuery {
            action: action.as_deref(),
            actor: actor.as_ref(),
            api_key: api_key.as_ref(),
            from: *from,
            to: *to,
            format: "csv",
        }
    }
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

    fn encoded(query: &impl Serialize) -> Option<String> {
        let request = reqwest::Client::new().get("http://portal.example").query(query).build();
        request.expect("a query that can be encoded").url().query().map(str::to_owned)
    }

    #[test]
    fn what_is_left_out_is_not_sent() {
        assert_eq!(encoded(&ListQuery::default()), None);
        assert_eq!(encoded(&ActivityQuery::default()), None);
        assert_eq!(encoded(&ActivityQuery::default().as_csv()).as_deref(), Some("format=csv"));
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
            encoded(&employees).as_deref(),
            Some(
                "q=M%C3%BCller+%26+S%C3%B6hne&role=bookkeeper&status=deactivated&limit=200&cursor=a%2B%2F%3D"
            )
        );
        let accounts = FirmAccountQuery { unassigned: Some(true), ..Default::default() };
        assert_eq!(encoded(&accounts).as_deref(), Some("unassigned=true"));
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
        assert_eq!(encoded(&query), Some(format!("{filters}&limit=10&cursor=abc")));
        assert_eq!(encoded(&query.as_csv()), Some(format!("{filters}&format=csv")));
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
