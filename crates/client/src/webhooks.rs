//! Webhooks of an account; and what they have in common with those of the operator.

use portal_api_types::{
    IdempotencyKey, NewWebhook, Page, UpdateWebhook, Webhook, WebhookDelivery, WebhookDeliveryId, WebhookId,
    WebhookWithSecret,
};
use reqwest::Method;

use crate::account::InAccount;
use crate::error::Error;
use crate::query::PageQuery;
use crate::transport::Call;

/// Whoever has webhooks: the calls are the same, below a path of each.
pub(crate) trait HasWebhooks {
    /// A call below the path of the webhooks.
    fn at(&self, method: Method, path: &str) -> Call;

    /// The key of what is to take effect once.
    fn once(&self) -> Option<&IdempotencyKey>;

    async fn list(&self) -> Result<Page<Webhook>, Error> {
        self.at(Method::GET, "").json(200).await
    }

    async fn create(&self, webhook: &NewWebhook) -> Result<WebhookWithSecret, Error> {
        let (webhook, secret) =
            self.at(Method::POST, "").once(self.once()).body(webhook).json_with_secret(201).await?;
        Ok(WebhookWithSecret { webhook, secret })
    }

    async fn read(&self, id: &WebhookId) -> Result<Webhook, Error> {
        self.at(Method::GET, &format!("/{id}")).json(200).await
    }

    async fn update(&self, id: &WebhookId, changes: &UpdateWebhook) -> Result<Webhook, Error> {
        self.at(Method::PATCH, &format!("/{id}")).body(changes).json(200).await
    }

    async fn delete(&self, id: &WebhookId) -> Result<(), Error> {
        self.at(Method::DELETE, &format!("/{id}")).empty(204).await
    }

    async fn rotate_secret(&self, id: &WebhookId) -> Result<WebhookWithSecret, Error> {
        let (webhook, secret) = self.at(Method::POST, &format!("/{id}/secret")).json_with_secret(201).await?;
        Ok(WebhookWithSecret { webhook, secret })
    }

    async fn test(&self, id: &WebhookId) -> Result<WebhookDelivery, Error> {
        self.at(Method::POST, &format!("/{id}/test")).json(201).await
    }

    async fn list_deliveries(
        &self,
        id: &WebhookId,
        query: &PageQuery,
    ) -> Result<Page<WebhookDelivery>, Error> {
        self.at(Method::GET, &format!("/{id}/deliveries")).query(query).json(200).await
    }

    async fn redeliver(
        &self,
        id: &WebhookId,
        delivery: &WebhookDeliveryId,
    ) -> Result<WebhookDelivery, Error> {
        self.at(Method::POST, &format!("/{id}/deliveries/{delivery}/redeliver")).json(201).await
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
    pub async fn list_webhooks(&self) -> Result<Page<Webhook>, Error> {
        self.list().await
    }

    /// Makes a webhook; its secret is in the answer, and never shown again.
    ///
    /// `too_many_webhooks`.
    pub async fn create_webhook(&self, webhook: &NewWebhook) -> Result<WebhookWithSecret, Error> {
        self.create(webhook).await
    }

    /// One webhook.
    pub async fn read_webhook(&self, id: &WebhookId) -> Result<Webhook, Error> {
        self.read(id).await
    }

    /// Changes a webhook; answers its new state.
    pub async fn update_webhook(&self, id: &WebhookId, changes: &UpdateWebhook) -> Result<Webhook, Error> {
        self.update(id, changes).await
    }

    /// Deletes a webhook, with its log.
    pub async fn delete_webhook(&self, id: &WebhookId) -> Result<(), Error> {
        self.delete(id).await
    }

    /// Gives a webhook a new secret; the old one signs too for 24 hours.
    pub async fn rotate_webhook_secret(&self, id: &WebhookId) -> Result<WebhookWithSecret, Error> {
        self.rotate_secret(id).await
    }

    /// Sends a test event.
    pub async fn test_webhook(&self, id: &WebhookId) -> Result<WebhookDelivery, Error> {
        self.test(id).await
    }

    /// The delivery log of a webhook, the newest first.
    pub async fn list_webhook_deliveries(
        &self,
        id: &WebhookId,
        query: &PageQuery,
    ) -> Result<Page<WebhookDelivery>, Error> {
        self.list_deliveries(id, query).await
    }

    /// Sends an event of the log once more, under the same id.
    pub async fn redeliver_webhook(
        &self,
        id: &WebhookId,
        delivery_id: &WebhookDeliveryId,
    ) -> Result<WebhookDelivery, Error> {
        self.redeliver(id, delivery_id).await
    }
}
