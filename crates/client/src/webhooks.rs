//! Webhooks of an account; and what they have in common with those of the operator.

use portal_api_types::{
    IdempotencyKey, NewWebhook, Page, UpdateWebhook, Webhook, WebhookDelivery, WebhookDeliveryId, WebhookId,
    WebhookWithSecret,
};
use reqwest::Method;

use crate::account::InAccount;
use crate::answer::Answer;
use crate::query::PageQuery;
use crate::transport::Call;

/// Whoever has webhooks: the calls are the same, below a path of each.
pub(crate) trait HasWebhooks {
    /// A call below the path of the webhooks.
    fn at(&self, method: Method, path: &str) -> Call;

    /// The key of what is to take effect once.
    fn once(&self) -> Option<&IdempotencyKey>;

    fn list(&self) -> Answer<Page<Webhook>> {
        self.at(Method::GET, "").json(200)
    }

    fn create(&self, webhook: &NewWebhook) -> Answer<WebhookWithSecret> {
        self.at(Method::POST, "").once(self.once()).body(webhook).json_in_parts(201)
    }

    fn read(&self, id: &WebhookId) -> Answer<Webhook> {
        self.at(Method::GET, &format!("/{id}")).json(200)
    }

    fn update(&self, id: &WebhookId, changes: &UpdateWebhook) -> Answer<Webhook> {
        self.at(Method::PATCH, &format!("/{id}")).body(changes).json(200)
    }

    fn delete(&self, id: &WebhookId) -> Answer<()> {
        self.at(Method::DELETE, &format!("/{id}")).empty(204)
    }

    fn rotate_secret(&self, id: &WebhookId) -> Answer<WebhookWithSecret> {
        self.at(Method::POST, &format!("/{id}/secret")).json_in_parts(201)
    }

    fn test(&self, id: &WebhookId) -> Answer<WebhookDelivery> {
        self.at(Method::POST, &format!("/{id}/test")).json(201)
    }

    fn list_deliveries(&self, id: &WebhookId, query: &PageQuery) -> Answer<Page<WebhookDelivery>> {
        self.at(Method::GET, &format!("/{id}/deliveries")).query(&query.parameters()).json(200)
    }

    fn redeliver(&self, id: &WebhookId, delivery: &WebhookDeliveryId) -> Answer<WebhookDelivery> {
        self.at(Method::POST, &format!("/{id}/deliveries/{delivery}/redeliver")).json(201)
    }
}

impl HasWebhooks for InAccount {
    fn at(&self, method: Method, path: &str) -> Call {
        self.call(method, &format!("/webhooks{path}"))
    }

    fn once(&self) -> Option<&IdempotencyKey> {
        self.once.as_ref()
    }
}

impl InAccount {
    /// The account's webhooks, without their secrets.
    pub fn list_webhooks(&self) -> Answer<Page<Webhook>> {
        self.list()
    }

    /// Makes a webhook; its secret is in the answer, and never shown again.
    ///
    /// `too_many_webhooks`.
    pub fn create_webhook(&self, webhook: &NewWebhook) -> Answer<WebhookWithSecret> {
        self.create(webhook)
    }

    /// One webhook.
    pub fn read_webhook(&self, id: &WebhookId) -> Answer<Webhook> {
        self.read(id)
    }

    /// Changes a webhook; answers its new state.
    pub fn update_webhook(&self, id: &WebhookId, changes: &UpdateWebhook) -> Answer<Webhook> {
        self.update(id, changes)
    }

    /// Deletes a webhook, with its log.
    pub fn delete_webhook(&self, id: &WebhookId) -> Answer<()> {
        self.delete(id)
    }

    /// Gives a webhook a new secret; the old one signs too for 24 hours.
    pub fn rotate_webhook_secret(&self, id: &WebhookId) -> Answer<WebhookWithSecret> {
        self.rotate_secret(id)
    }

    /// Sends a test event.
    pub fn test_webhook(&self, id: &WebhookId) -> Answer<WebhookDelivery> {
        self.test(id)
    }

    /// The delivery log of a webhook, the newest first.
    pub fn list_webhook_deliveries(
        &self,
        id: &WebhookId,
        query: &PageQuery,
    ) -> Answer<Page<WebhookDelivery>> {
        self.list_deliveries(id, query)
    }

    /// Sends an event of the log once more, under the same id.
    pub fn redeliver_webhook(
        &self,
        id: &WebhookId,
        delivery_id: &WebhookDeliveryId,
    ) -> Answer<WebhookDelivery> {
        self.redeliver(id, delivery_id)
    }
}
