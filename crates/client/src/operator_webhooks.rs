//! Webhooks of the operator, which hear of all accounts.

use portal_api_types::{
    IdempotencyKey, NewWebhook, Page, UpdateWebhook, Webhook, WebhookDelivery, WebhookDeliveryId, WebhookId,
    WebhookWithSecret,
};
use reqwest::Method;

use crate::answer::Answer;
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
    pub fn list_operator_webhooks(&self) -> Answer<Page<Webhook>> {
        self.list()
    }

    /// Makes a webhook; its secret is in the answer, and never shown again.
    ///
    /// `too_many_webhooks`.
    pub fn create_operator_webhook(&self, webhook: &NewWebhook) -> Answer<WebhookWithSecret> {
        self.create(webhook)
    }

    /// One webhook.
    pub fn read_operator_webhook(&self, id: &WebhookId) -> Answer<Webhook> {
        self.read(id)
    }

    /// Changes a webhook; answers its new state.
    pub fn update_operator_webhook(&self, id: &WebhookId, changes: &UpdateWebhook) -> Answer<Webhook> {
        self.update(id, changes)
    }

    /// Deletes a webhook, with its log.
    pub fn delete_operator_webhook(&self, id: &WebhookId) -> Answer<()> {
        self.delete(id)
    }

    /// Gives a webhook a new secret; the old one signs too for 24 hours.
    pub fn rotate_operator_webhook_secret(&self, id: &WebhookId) -> Answer<WebhookWithSecret> {
        self.rotate_secret(id)
    }

    /// Sends a test event.
    pub fn test_operator_webhook(&self, id: &WebhookId) -> Answer<WebhookDelivery> {
        self.test(id)
    }

    /// The delivery log of a webhook, the newest first.
    pub fn list_operator_webhook_deliveries(
        &self,
        id: &WebhookId,
        query: &PageQuery,
    ) -> Answer<Page<WebhookDelivery>> {
        self.list_deliveries(id, query)
    }

    /// Sends an event of the log once more, under the same id.
    pub fn redeliver_operator_webhook(
        &self,
        id: &WebhookId,
        delivery_id: &WebhookDeliveryId,
    ) -> Answer<WebhookDelivery> {
        self.redeliver(id, delivery_id)
    }
}
