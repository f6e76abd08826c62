//! The wire types of the accounting portal's REST API.
//!
//! Server, client and browser app share these: an id, a name, an e-mail address or a role is parsed once, by the
//! constructor of its type, with the same rule and the same words on both sides. The crate knows serde only and
//! builds for WebAssembly; the feature `openapi` adds the schemas of the API's document.

mod account;
mod activity;
mod api_key;
mod departure;
mod email;
mod event;
mod firm;
mod id;
mod import;
mod invitation;
mod oauth;
mod operator;
mod page;
#[cfg(feature = "openapi")]
mod pattern;
mod problem;
mod role;
mod secret;
mod session;
mod text;
mod unicode;
mod webhook;
mod webhook_event;

pub use account::{
    Account, AccountFirm, AccountUsers, AddMember, FirmPerson, InviteFirm, MemberRow, MyAccount, NewAccount,
    Person, RenameAccount, UserInvitation,
};
pub use activity::{AccountRef, ActivityEntry, ActivityTarget, Actor, OperatorRef};
pub use api_key::{ApiKey, ApiKeyRef, ApiKeySecret, NewApiKey, Scopes};
pub use departure::{AfterHandover, DEPARTURE_SAMPLE, Departure, Handover, HandoverResult};
pub use email::Email;
pub use event::Change;
pub use firm::{
    AccountEmployee, AssignmentBatch, AssignmentChanges, AssignmentPair, AssignmentResult, Assignments,
    ClientAccount, Employee, EmployeeAccount, EmployeeDetail, Firm, InviteEmployee, OpenInvitation,
    RenameFirm, UpdateEmployee,
};
pub use id::{
    AccountId, ActivityId, ApiKeyId, EmployeeId, FirmId, InvitationId, MailId, OperatorKeyId, SessionId,
    UserId, WebhookDeliveryId, WebhookEventId, WebhookId, is_id,
};
pub use import::{
    AssignmentAction, IMPORT_EXAMPLE_EMAIL, Import, ImportChange, ImportKind, ImportResult, ImportRow,
    ImportStatus, ImportTotals, MAX_IMPORT_INVITATIONS, MAX_IMPORT_ROWS,
};
pub use invitation::{AcceptInvitation, CheckLink, Invitation, LookupInvitation, MailedTo};
pub use oauth::{
    ACCESS_TOKEN_TYPE, AuthorizationServer, CLIENT_CREDENTIALS, Introspection, OAuthError, OAuthToken,
    TOKEN_EXCHANGE, TokenForm, TokenRequest,
};
pub use operator::{
    CreateAccount, NewOwner, OperatorAccount, OperatorAccountDetail, OperatorFirm, OperatorUser,
    UpdateAccount, UpsertAccount,
};
pub use page::{ITEMS_PER_PAGE, Limit, MAX_ITEMS_PER_PAGE, Page};
pub use problem::{ErrorCode, FieldError, Problem};
pub use role::{
    AccountRole, AccountStatus, ConnectionStatus, EmployeeRole, EmployeeStatus, FirmRole, FirmStatus,
    InvitationKind, Locale, MemberRole, OAuthErrorCode, Scope, TokenType, UserStatus, Via,
};
pub use secret::{NewPassword, Password, Secret};
pub use session::{
    AccountToken, ChangePassword, ConfirmPasswordReset, ConfirmRegistration, FirmRef, Me, MyFirm,
    Registration, RequestPasswordReset, Session, SessionInfo, SignIn, TokenAccount, UpdateMe, UserRef,
};
pub use text::{ExternalId, IdempotencyKey, InvalidValue, Name, Search};
pub use unicode::lowercase;
#[cfg(feature = "openapi")]
pub use webhook::WebhookUrl;
pub use webhook::{
    MAX_WEBHOOK_URL, MAX_WEBHOOKS, NewWebhook, UpdateWebhook, WEBHOOK_URL, Webhook, WebhookAttempt,
    WebhookDelivery, WebhookDeliveryStatus, WebhookDescription, WebhookDisabledReason, WebhookWithSecret,
};
pub use webhook_event::{
    AccessReason, WEBHOOK_VERSION, WebhookAccount, WebhookEvent, WebhookEventData, WebhookEventType,
    WebhookInvitation, WebhookPerson,
};

/// The most pairs that one call of `POST /firms/{firm_id}/assignments` takes.
pub const MAX_ASSIGNMENT_PAIRS: usize = 10_000;
/// The most employees, and the most accounts, that one call of `GET /firms/{firm_id}/assignments` asks about.
pub const MAX_ASSIGNMENTS_SIDE: usize = 100;
