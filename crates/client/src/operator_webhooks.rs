//! Webhooks of the operator, which hear of all accounts.

use portal_api_types::{
    IdempotencyKey, NewWebhook, Page, UpdateWebhook, Webhook, WebhookDelivery, WebhookDeliveryId, WebhookId,
    WebhookWithSecret,
};
use reqwest::Method;

use crate::error::Error;
use crate::operator::Operator;
use crate::query::PageQuery;
use crate::transport::Call;
use crate::webhooks::HasWebhooks;

impl HasWebhooks for Operator {
    fn at(&self, method: Method, path: &str) -> Call {
        self.call(method, &format!("/webhooks{path}"))
    }

    fn once(&self) -> Option<&IdempotencyKey> {
        self.once.as_ref()
    }
}

impl Operator {
    /// The operator's webhooks, without their secrets.
    pub async fn list_operator_webhooks(&self) -> Result<Page<Webhook>, Error> {
        self.list().await
    }

    /// Makes a webhook; its secret is in the answer, and never shown again.
    ///
    /// `too_many_webhooks`.
    pub async fn create_operator_webhook(&self, webhook: &NewWebhook) -> Result<WebhookWithSecret, Error> {
        self.create(webhook).await
    }

    /// One webhook.
    pub async fn read_operator_webhook(&self, id: &WebhookId) -> Result<Webhook, Error> {
        self.read(id).await
    }

    /// Changes a webhook; answers its new state.
    pub async fn update_operator_webhook(
        &self,
        id: &WebhookId,
        changes: &UpdateWebhook,
    ) -> Result<Webhook, Error> {
        self.update(id, changes).await
    }

    /// Deletes a webhook, with its log.
    pub async fn delete_operator_webhook(&self, id: &WebhookId) -> Result<(), Error> {
        self.delete(id).await
    }

    /// Gives a webhook a new secret; the old one signs too for 24 hours.
    pub async fn rotate_operator_webhook_secret(&self, id: &WebhookId) -> Result<WebhookWithSecret, Error> {
        self.rotate_secret(id).await
    }

    /// Sends a test event.
    pub async fn test_operator_webhook(&self, id: &WebhookId) -> Result<WebhookDelivery, Error> {
        self.test(id).await
    }

    /// The delivery log of a webhook, the newest first.
    pub async fn list_operator_webhook_deliveries(
        &self,
        id: &WebhookId,
        query: &PageQuery,
    ) -> Result<Page<WebhookDelivery>, Error> {
        self.list_deliveries(id, query).await
    }

    /// Sends an event of the log once more, under the same id.
    pub async fn redeliver_operator_webhook(
        &self,
        id: &WebhookId,
        delivery_id: &WebhookDeliveryId,
    ) -> Result<WebhookDelivery, Error> {
        self.redeliver(id, delivery_id).await
    }
}
