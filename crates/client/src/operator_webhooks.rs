//! Webhooks of the operator, which hear of all accounts.

use portal_api_types::{
    NewWebhook, Page, UpdateWebhook, Webhook, WebhookDelivery, WebhookDeliveryId, WebhookId,
    WebhookWithSecret,
};
use reqwest::Method;

use crate::error::Error;
use crate::operator::Operator;
use crate::query::PageQuery;

impl Operator {
    /// The operator's webhooks, without their secrets.
    pub async fn list_operator_webhooks(&self) -> Result<Page<Webhook>, Error> {
        self.call(Method::GET, "/webhooks").json(200).await
    }

    /// Makes a webhook; its secret is in the answer, and never shown again.
    ///
    /// `too_many_webhooks`.
    pub async fn create_operator_webhook(&self, webhook: &NewWebhook) -> Result<WebhookWithSecret, Error> {
        self.call(Method::POST, "/webhooks").body(webhook).json(201).await
    }

    /// One webhook.
    pub async fn read_operator_webhook(&self, id: &WebhookId) -> Result<Webhook, Error> {
        self.call(Method::GET, &format!("/webhooks/{id}")).json(200).await
    }

    /// Changes a webhook; answers its new state.
    pub async fn update_operator_webhook(
        &self,
        id: &WebhookId,
        changes: &UpdateWebhook,
    ) -> Result<Webhook, Error> {
        self.call(Method::PATCH, &format!("/webhooks/{id}")).body(changes).json(200).await
    }

    /// Deletes a webhook, with its log.
    pub async fn delete_operator_webhook(&self, id: &WebhookId) -> Result<(), Error> {
        self.call(Method::DELETE, &format!("/webhooks/{id}")).empty(204).await
    }

    /// Gives a webhook a new secret; the old one signs too for 24 hours.
    pub async fn rotate_operator_webhook_secret(&self, id: &WebhookId) -> Result<WebhookWithSecret, Error> {
        self.call(Method::POST, &format!("/webhooks/{id}/secret")).json(201).await
    }

    /// Sends a test event.
    pub async fn test_operator_webhook(&self, id: &WebhookId) -> Result<WebhookDelivery, Error> {
        self.call(Method::POST, &format!("/webhooks/{id}/test")).json(201).await
    }

    /// The delivery log of a webhook, the newest first.
    pub async fn list_operator_webhook_deliveries(
        &self,
        id: &WebhookId,
        query: &PageQuery,
    ) -> Result<Page<WebhookDelivery>, Error> {
        self.call(Method::GET, &format!("/webhooks/{id}/deliveries")).query(query).json(200).await
    }

    /// Sends an event of the log once more, under the same id.
    pub async fn redeliver_operator_webhook(
        &self,
        id: &WebhookId,
        delivery_id: &WebhookDeliveryId,
    ) -> Result<WebhookDelivery, Error> {
        let path = format!("/webhooks/{id}/deliveries/{delivery_id}/redeliver");
        self.call(Method::POST, &path).json(201).await
    }
}
