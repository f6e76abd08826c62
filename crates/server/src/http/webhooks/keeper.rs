//! What is done with webhooks, whosever they are: an account's, by its owners, or the operator's, by its keys.

use actix_web::HttpResponse;
use portal_api_types::{NewWebhook, Page, UpdateWebhook, WebhookDeliveryId, WebhookId};

use crate::app::App;
use crate::auth::actor::{AccountOwner, Operator};
use crate::auth::scope::{OperatorScope, WebhookScope};
use crate::domain::idempotency::Once;
use crate::domain::{Actor, By, Ctx, webhook};
use crate::error::ApiError;
use crate::http::query::{PageQuery, after, created, done, ok, page};

/// Who asks, and for whose webhooks.
pub struct Keeper {
    ctx: Ctx,
    who: Who,
    scope: WebhookScope,
}

enum Who {
    Owner(Actor),
    Operator(OperatorScope),
}

impl From<AccountOwner> for Keeper {
    fn from(owner: AccountOwner) -> Self {
        let scope = WebhookScope::of_account(owner.account);
        Self { ctx: owner.ctx, who: Who::Owner(owner.actor), scope }
    }
}

impl From<Operator> for Keeper {
    fn from(operator: Operator) -> Self {
        let scope = WebhookScope::of_operator(&operator.scope);
        Self { ctx: operator.ctx, who: Who::Operator(operator.scope), scope }
    }
}

impl Who {
    fn by(&self) -> By<'_> {
        match self {
            Self::Owner(actor) => actor.into(),
            Self::Operator(operator) => operator.into(),
        }
    }
}

impl Keeper {
    /// All of them, as one page.
    pub async fn list(self, app: &App) -> Result<HttpResponse, ApiError> {
        let list = move |conn: &mut _| webhook::list::list(conn, &self.scope, self.ctx.now);
        Ok(ok(Page { items: app.services.db.read(list).await?, next_cursor: None }))
    }

    /// Makes one; the answer has its secret.
    pub async fn create(self, app: &App, body: NewWebhook, once: Once) -> Result<HttpResponse, ApiError> {
        let (targets, now) = (app.targets.clone(), self.ctx.now);
        let create = move |conn: &mut _| {
            webhook::create::create(conn, &self.ctx, self.who.by(), &self.scope, &targets, &body)
        };
        Ok(created(once.write_secret(&app.services.db, now, create).await?))
    }

    /// One of them.
    pub async fn read(self, app: &App, id: WebhookId) -> Result<HttpResponse, ApiError> {
        let read = move |conn: &mut _| webhook::list::read(conn, &self.scope, &id, self.ctx.now);
        Ok(ok(app.services.db.read(read).await?))
    }

    /// Changes one; answers its new state.
    pub async fn update(
        self,
        app: &App,
        id: WebhookId,
        body: UpdateWebhook,
    ) -> Result<HttpResponse, ApiError> {
        let targets = app.targets.clone();
        let update = move |conn: &mut _| {
            let changes = (&id, &body);
            webhook::update::update(conn, &self.ctx, self.who.by(), &self.scope, &targets, changes)
        };
        Ok(ok(app.services.db.write(update).await?))
    }

    /// Deletes one.
    pub async fn delete(self, app: &App, id: WebhookId) -> Result<HttpResponse, ApiError> {
        let delete =
            move |conn: &mut _| webhook::delete::delete(conn, &self.ctx, self.who.by(), &self.scope, &id);
        app.services.db.write(delete).await?;
        Ok(done())
    }

    /// Gives one a new secret, which the answer has.
    pub async fn rotate(self, app: &App, id: WebhookId) -> Result<HttpResponse, ApiError> {
        let rotate =
            move |conn: &mut _| webhook::rotate::rotate(conn, &self.ctx, self.who.by(), &self.scope, &id);
        Ok(created(app.services.db.write(rotate).await?))
    }

    /// Sends a test event.
    pub async fn test(self, app: &App, id: WebhookId) -> Result<HttpResponse, ApiError> {
        let sent = webhook::by_hand::test(&app.services, self.ctx, self.who.by(), self.scope, id).await?;
        app.webhooks.wake();
        Ok(created(sent))
    }

    /// A page of the delivery log of one.
    pub async fn deliveries(
        self,
        app: &App,
        id: WebhookId,
        query: PageQuery,
    ) -> Result<HttpResponse, ApiError> {
        let before = after::<i64>(query.cursor.as_deref())?.map(|after| after.key);
        let limit = query.limit;
        let list = move |conn: &mut _| webhook::list::deliveries(conn, &self.scope, &id, before, limit.get());
        let found = app.services.db.read(list).await?;
        Ok(ok(page(found, limit, |(row, position)| (*position, row.id.to_string()), |(row, _)| row)))
    }

    /// Sends an event of the log once more.
    pub async fn redeliver(
        self,
        app: &App,
        id: WebhookId,
        delivery: WebhookDeliveryId,
    ) -> Result<HttpResponse, ApiError> {
        let sent = webhook::by_hand::redeliver(&app.services, self.ctx, self.scope, id, delivery).await?;
        app.webhooks.wake();
        Ok(created(sent))
    }
}
