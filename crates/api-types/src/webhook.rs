//! Webhooks: where other programs want to be told what happens, by the Standard Webhooks specification
//! (<https://www.standardwebhooks.com>).

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::role::words;
use crate::text::{InvalidValue, deserialize_checked};
use crate::{
    ErrorCode, Name, Secret, UserId, WebhookDeliveryId, WebhookEventId, WebhookEventType, WebhookId,
};

/// The most webhooks that an account has, and that the operator has.
pub const MAX_WEBHOOKS: usize = 10;

words! {
    /// Why a webhook is switched off.
    WebhookDisabledReason {
        /// Somebody has switched it off.
        ByHand = "by_hand",
        /// Nothing was taken for five days.
        Failing = "failing",
        /// The receiver has answered 410: it does not want any more.
        Gone = "gone",
        /// The owner who made it is not an owner any more.
        OwnerLeft = "owner_left",
    }
    /// What has become of a delivery.
    WebhookDeliveryStatus {
        /// It waits for its turn, or to be tried again.
        Pending = "pending",
        /// The receiver has taken it.
        Delivered = "delivered",
        /// It was given up.
        Failed = "failed",
        /// The webhook was switched off before it was its turn.
        Cancelled = "cancelled",
    }
}

/// What a webhook is for, to its owners: up to 200 characters, none of them control characters; may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct WebhookDescription(String);

impl WebhookDescription {
    /// Trims and checks what was typed, by the rules of names.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidValue`] when it is too long or has a forbidden character.
    pub fn parse(typed: &str) -> Result<Self, InvalidValue> {
        if typed.trim().is_empty() {
            return Ok(Self::default());
        }
        let refuse = |_| {
            InvalidValue::new(
                ErrorCode::InvalidValue,
                "A description has at most 200 characters, and no control or text-direction characters.",
            )
        };
        Name::parse(typed).map(|text| Self(text.to_string())).map_err(refuse)
    }

    /// The description as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

deserialize_checked!(WebhookDescription);

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for WebhookDescription {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use crate::{pattern, text};
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::Type::String)
            .description(Some(
                "What a webhook is for, to its owners: up to 200 characters by the rules of names; may be empty.",
            ))
            .pattern(Some(pattern::description(&text::REORDERING_OR_HIDING, Name::MAX_CHARS)))
            .examples(["Bookkeeping product"])
            .into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for WebhookDescription {
    fn name() -> std::borrow::Cow<'static, str> {
        "WebhookDescription".into()
    }
}

impl fmt::Display for WebhookDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The longest URL of a webhook, in characters; with the path that it may leave out it has one more.
pub const MAX_WEBHOOK_URL: usize = 2_047;

/// The URLs that webhooks may have by a host's name: `https`, a name with a dot in it, and a path with whatever a URI may have
/// (RFC 3986) but a fragment and apostrophes, which are written in two ways. As ECMA 262, Python and Rust read it.
pub const WEBHOOK_URL: &str = r"^https://([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]([A-Za-z0-9-]*[A-Za-z0-9])(:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?(/[A-Za-z0-9._~:/?@!$&()*+,;=%-]*)?$";

/// The URL of a webhook, in the OpenAPI document.
#[cfg(feature = "openapi")]
#[derive(Debug)]
pub struct WebhookUrl;

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for WebhookUrl {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::Type::String)
            .description(Some(
                "Where events are posted to: `https`, and a host that everybody can reach. Letters beyond ASCII are written as \
                 `xn--` in the host and percent-encoded behind it. Taken besides: public IP addresses, and what the operator of \
                 the portal allows.",
            ))
            .max_length(Some(MAX_WEBHOOK_URL))
            .pattern(Some(WEBHOOK_URL))
            .examples(["https://hooks.blue-bakery.example/portal"])
            .into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for WebhookUrl {
    fn name() -> std::borrow::Cow<'static, str> {
        "WebhookUrl".into()
    }
}

/// A webhook to make.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewWebhook {
    /// Where events are posted to.
    #[cfg_attr(feature = "openapi", schema(value_type = WebhookUrl))]
    pub url: String,
    /// What it is for.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required = false))]
    pub description: WebhookDescription,
    /// The types of events that it wants; none: all of them, also those that are still to come.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required = false))]
    pub events: Vec<WebhookEventType>,
    /// Whether events are sent from the start.
    #[serde(default = "on")]
    #[cfg_attr(feature = "openapi", schema(required = false, default = true))]
    pub enabled: bool,
}

const fn on() -> bool {
    true
}

/// What to change of a webhook; what is left out stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdateWebhook {
    /// Where events are posted to.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::session::present")]
    #[cfg_attr(feature = "openapi", schema(value_type = WebhookUrl, nullable = false))]
    pub url: Option<String>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::session::present")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub description: Option<WebhookDescription>,
    /// The types of events that it wants; an empty list: all of them.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::session::present")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub events: Option<Vec<WebhookEventType>>,
    /// Whether events are sent. Switched off, those that wait are cancelled; switched on, you answer for it from then on.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::session::present")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub enabled: Option<bool>,
}

/// A webhook, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Webhook {
    /// The webhook's id.
    pub id: WebhookId,
    /// Where events are posted to.
    #[cfg_attr(feature = "openapi", schema(example = "https://hooks.blue-bakery.example/portal"))]
    pub url: String,
    /// What it is for.
    pub description: WebhookDescription,
    /// The types of events that it wants; none: all of them.
    pub events: Vec<WebhookEventType>,
    /// Whether events are sent.
    pub enabled: bool,
    /// Why none are; null while they are.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub disabled_reason: Option<WebhookDisabledReason>,
    /// Since when the receiver has taken nothing; null when the last delivery was taken.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub failing_since: Option<DateTime<Utc>>,
    /// The owner who answers for it; null for the operator's.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub made_by: Option<UserId>,
    /// Until when the secret before this one signs too; null when it does not.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub old_secret_until: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// A webhook that was made, or got a new secret: the only time that the secret is shown.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookWithSecret {
    /// The webhook.
    #[serde(flatten)]
    pub webhook: Webhook,
    /// What events are signed with: `whsec_` and base64 of 32 bytes. Keep it: it is not shown again.
    #[cfg_attr(
        feature = "openapi",
        schema(value_type = String, example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=")
    )]
    pub secret: Secret,
}

/// One try to deliver an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookAttempt {
    /// When it began.
    pub at: DateTime<Utc>,
    /// The status of the answer; null without one.
    #[cfg_attr(feature = "openapi", schema(required = true, example = 204))]
    pub response_status: Option<u16>,
    /// Why there was no answer, or why the answer does not count; null when the event was taken.
    #[cfg_attr(feature = "openapi", schema(required = true, example = "the answer took too long"))]
    pub error: Option<String>,
    /// How long it took, in milliseconds.
    #[cfg_attr(feature = "openapi", schema(example = 84))]
    pub duration_ms: u32,
}

/// An event on its way to one webhook: a row of the delivery log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookDelivery {
    /// The delivery's id.
    pub id: WebhookDeliveryId,
    /// The header `webhook-id`: the same for every try, and when it is delivered again by hand.
    pub event_id: WebhookEventId,
    /// What it tells of.
    #[serde(rename = "type")]
    #[cfg_attr(feature = "openapi", schema(example = "access.revoked"))]
    pub event_type: String,
    /// What has become of it.
    pub status: WebhookDeliveryStatus,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it is tried next, if it is its turn; null when it is not tried any more.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// The tries so far, the first one first.
    pub attempts: Vec<WebhookAttempt>,
    /// How the last answer began: up to 1,000 characters.
    #[cfg_attr(feature = "openapi", schema(required = true, example = "ok"))]
    pub response_excerpt: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_may_be_empty_and_is_a_name_else() {
        assert_eq!(WebhookDescription::parse("  ").expect("empty").as_str(), "");
        assert_eq!(WebhookDescription::parse(" ERP ").expect("a text").as_str(), "ERP");
        for bad in ["a\nb", "over\u{202E}ride", &"x".repeat(201)] {
            assert_eq!(WebhookDescription::parse(bad).expect_err(bad).code, ErrorCode::InvalidValue);
        }
    }
}
