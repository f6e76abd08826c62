//! The audit trail, as pages or as one CSV file.

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use portal_api_types::{ActivityEntry, ApiKeyId, FirmId, Limit, Page, UserId};
use serde::Deserialize;
use utoipa::IntoParams;

use super::csv;
use super::query::{self, Query, after, ok, page};
use crate::app::App;
use crate::auth::actor::{AccountOwner, FirmAdmin, Operator};
use crate::auth::grounds::Grounds;
use crate::auth::programs::ActivityRead;
use crate::clock::Time;
use crate::domain::After;
use crate::domain::activity::{ActivityFilter, Trail, list};
use crate::error::ApiError;

/// As pages of JSON, or all at once as CSV.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Pages of JSON.
    #[default]
    Json,
    /// Everything that fits the filters, as one file.
    Csv,
}

/// Which entries to list, and how.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ActivityQuery {
    /// Only this action:
    #[param(nullable = false, example = "assignment.granted")]
    pub action: Option<String>,
    /// Only what this person did.
    #[param(nullable = false)]
    pub actor: Option<UserId>,
    /// Only what programs did by this key: nothing, if `actor` is there too.
    #[param(nullable = false)]
    pub api_key: Option<ApiKeyId>,
    /// Only from this time on.
    #[param(nullable = false, example = "2026-11-01T00:00:00Z")]
    #[serde(default, deserialize_with = "time")]
    pub from: Option<DateTime<Utc>>,
    /// Only before this time.
    #[param(nullable = false, example = "2026-12-01T00:00:00Z")]
    #[serde(default, deserialize_with = "time")]
    pub to: Option<DateTime<Utc>>,
    /// Pages of JSON, which is the default, or everything that fits the filters as one CSV file.
    #[serde(default)]
    #[param(inline)]
    pub format: Format,
    /// How many items at most: 1 to 200.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 200, default = 50, example = 50)]
    #[serde(default, deserialize_with = "query::limit")]
    pub limit: Limit,
    /// Where to go on: `next_cursor` of the page before, unchanged.
    pub cursor: Option<String>,
}

fn time<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let time = DateTime::parse_from_rfc3339(&text).map_err(|_| {
        serde::de::Error::custom("invalid_value: A time is written like 2026-11-24T09:30:00Z (RFC 3339).")
    })?;
    Ok(Some(time.with_timezone(&Utc)))
}

/// Read the account's activity
///
/// For owners. Every change of who may do what in the account, newest first: when, who, through which firm, from
/// which address, what, on whom. Entries are never changed or deleted.
///
/// What a program did is on record as its key's doing (`api_key`, and `actor` is null).
///
/// With `format=csv` all entries that fit the filters come as one file, streamed until you have lost the right to it,
/// for 15 minutes at most; `limit` and `cursor` do not count then. `actor_id` and `actor_name` are a person's or a key's. What a
/// spreadsheet would take for a formula has an apostrophe before it.
#[utoipa::path(
    get,
    path = "/api/v1/account/activity",
    tag = "Activity",
    params(ActivityQuery),
    responses(
        (
            status = 200,
            description = "A page of entries, or with `format=csv` all of them.",
            content(
                (Page<ActivityEntry> = "application/json"),
                (String = "text/csv", example = json!("id,at,action,actor_id,actor_name,account_id,account_name,firm_id,firm_name,target_id,target_name,ip,detail,operator_name\r\n"))
            )
        )
    ),
    security(("account_token" = ["owner"]), ("api_key" = ["activity:read"]))
)]
pub async fn list_account_activity(
    owner: AccountOwner<ActivityRead>,
    app: web::Data<App>,
    Query(query): Query<ActivityQuery>,
) -> Result<HttpResponse, ApiError> {
    answer(app, Grounds::from(&owner), Trail::Account(owner.account), query).await
}

/// Read the firm's activity
///
/// For admins of the firm. Every change in, by and to the firm, newest first: its people, their assignments, its
/// clients. Entries are never changed or deleted.
///
/// With `format=csv` all entries that fit the filters come as one file, streamed until you have lost the right to it,
/// for 15 minutes at most; `limit` and `cursor` do not count then. What a spreadsheet would take for a formula has an apostrophe
/// before it.
#[utoipa::path(
    get,
    path = "/api/v1/firms/{firm_id}/activity",
    tag = "Activity",
    params(
        ("firm_id" = FirmId, Path, description = "The firm that you work for."),
        ActivityQuery
    ),
    responses(
        (
            status = 200,
            description = "A page of entries, or with `format=csv` all of them.",
            content(
                (Page<ActivityEntry> = "application/json"),
                (String = "text/csv", example = json!("id,at,action,actor_id,actor_name,account_id,account_name,firm_id,firm_name,target_id,target_name,ip,detail,operator_name\r\n"))
            )
        )
    ),
    security(("identity_token" = ["admin"]))
)]
pub async fn list_firm_activity(
    admin: FirmAdmin,
    app: web::Data<App>,
    Query(query): Query<ActivityQuery>,
) -> Result<HttpResponse, ApiError> {
    answer(app, Grounds::from(&admin), Trail::Firm(admin.firm), query).await
}

/// Read the operator's activity
///
/// For the operator. What its keys did in any account or firm, and what is in none: people who were suspended and are
/// nowhere, and the operator's webhooks. Newest first. Entries are never changed or deleted; `operator` has the key's name, and
/// is null for what the portal did by itself. People and programs do nothing that is in it: `actor` and `api_key` find none.
///
/// With `format=csv` all entries that fit the filters come as one file, streamed until you have lost the right to it,
/// for 15 minutes at most; `limit` and `cursor` do not count then. What a spreadsheet would take for a formula has an apostrophe
/// before it.
#[utoipa::path(
    get,
    path = "/api/v1/operator/activity",
    tag = "Operator",
    params(ActivityQuery),
    responses(
        (
            status = 200,
            description = "A page of entries, or with `format=csv` all of them.",
            content(
                (Page<ActivityEntry> = "application/json", example = json!({
                    "items": [{
                        "id": "actv_01h455vb4pex5vsknk084sn02q", "at": "2026-11-24T09:30:00Z", "action": "user.suspended",
                        "actor": null, "operator": {"name": "Till & Shelf"}, "api_key": null, "account": null, "firm": null,
                        "target": {"id": "user_01h455vb4pex5vsknk084sn02q", "name": "Ben Ortiz"},
                        "ip": "192.0.2.17", "detail": {}
                    }],
                    "next_cursor": null
                })),
                (String = "text/csv", example = json!("id,at,action,actor_id,actor_name,account_id,account_name,firm_id,firm_name,target_id,target_name,ip,detail,operator_name\r\n"))
            )
        )
    ),
    security(("operator_key" = []))
)]
pub async fn list_operator_activity(
    operator: Operator,
    app: web::Data<App>,
    Query(query): Query<ActivityQuery>,
) -> Result<HttpResponse, ApiError> {
    answer(app, Grounds::from(&operator), Trail::Operator(operator.scope), query).await
}

async fn answer(
    app: web::Data<App>,
    grounds: Grounds,
    trail: Trail,
    query: ActivityQuery,
) -> Result<HttpResponse, ApiError> {
    if query.action.as_ref().is_some_and(|action| action.chars().any(char::is_control)) {
        return Err(ApiError::malformed_parameter("An action has no control characters."));
    }
    let filter = ActivityFilter {
        action: query.action,
        actor: query.actor.map(|actor| actor.to_string()),
        api_key: query.api_key.map(|key| key.to_string()),
        from: query.from.map(|at| at.naive_utc()),
        to: query.to.map(|at| at.naive_utc()),
    };
    let after = after::<Time>(query.cursor.as_deref())?;
    if query.format == Format::Csv {
        return Ok(export(app, grounds, trail, filter));
    }
    let limit = query.limit;
    let found =
        app.services.db.read(move |conn| list(conn, &trail, &filter, after.as_ref(), limit.get())).await?;
    Ok(ok(page(found, limit, position, |entry| entry)))
}

fn position(entry: &ActivityEntry) -> (Time, String) {
    (entry.at.naive_utc(), entry.id.to_string())
}

fn export(app: web::Data<App>, grounds: Grounds, trail: Trail, filter: ActivityFilter) -> HttpResponse {
    csv::stream(app, grounds, "activity.csv", &HEADER, move |conn, after: Option<&After<Time>>| {
        let mut entries = list(conn, &trail, &filter, after, csv::ROWS)?;
        let more = entries.len() > csv::ROWS;
        entries.truncate(csv::ROWS);
        let next = entries.last().filter(|_| more).map(|last| {
            let (key, id) = position(last);
            After { key, id }
        });
        Ok((entries.iter().map(cells).collect(), next))
    })
}

const HEADER: [&str; 14] = [
    "id",
    "at",
    "action",
    "actor_id",
    "actor_name",
    "account_id",
    "account_name",
    "firm_id",
    "firm_name",
    "target_id",
    "target_name",
    "ip",
    "detail",
    "operator_name",
];

fn cells(entry: &ActivityEntry) -> [String; 14] {
    let (actor, key) = (entry.actor.as_ref(), entry.api_key.as_ref());
    let account = entry.account.as_ref();
    let firm = entry.firm.as_ref();
    let target = entry.target.as_ref();
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let detail: Vec<String> = entry.detail.iter().map(|(key, value)| format!("{key}: {value}")).collect();
    [
        entry.id.to_string(),
        entry.at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
        entry.action.clone(),
        text(actor.map(|actor| actor.user_id.as_str()).or(key.map(|key| key.id.as_str()))),
        text(actor.map(|actor| actor.name.as_str()).or(key.map(|key| key.name.as_str()))),
        text(account.map(|account| account.id.as_str())),
        text(account.map(|account| account.name.as_str())),
        text(firm.map(|firm| firm.id.as_str())),
        text(firm.map(|firm| firm.name.as_str())),
        text(target.map(|target| target.id.as_str())),
        text(target.map(|target| target.name.as_str())),
        text(entry.ip.as_deref()),
        detail.join("; "),
        text(entry.operator.as_ref().map(|operator| operator.name.as_str())),
    ]
}
