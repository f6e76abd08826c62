//! The wire types of the accounting portal's REST API.
//!
//! Server, client and browser app share these: an id, a name, an e-mail address or a role is parsed once, by the
//! constructor of its type, with the same rule and the same words on both sides. The crate knows serde only and
//! builds for WebAssembly; the feature `openapi` adds the schemas of the API's document.

mod account;
mod activity;
mod email;
mod event;
mod firm;
mod id;
mod invitation;
mod page;
mod problem;
mod role;
mod session;
mod text;
mod unicode;

pub use account::{
    Account, AccountFirm, AccountUsers, AddMember, FirmPerson, InviteFirm, MemberRow, MyAccount, NewAccount,
    Person, RenameAccount, UserInvitation,
};
pub use activity::{AccountRef, ActivityEntry, ActivityTarget, Actor};
pub use email::Email;
pub use event::Change;
pub use firm::{
    AssignmentBatch, AssignmentPair, AssignmentResult, ClientAccount, Employee, EmployeeAccount,
    EmployeeDetail, Firm, InviteEmployee, OpenInvitation, RenameFirm, UpdateEmployee,
};
pub use id::{AccountId, ActivityId, EmployeeId, FirmId, InvitationId, MailId, SessionId, UserId};
pub use invitation::{AcceptInvitation, Invitation, LookupInvitation};
pub use page::{ITEMS_PER_PAGE, Limit, MAX_ITEMS_PER_PAGE, Page};
pub use problem::{ErrorCode, FieldError, Problem};
pub use role::{
    AccountRole, ConnectionStatus, EmployeeRole, EmployeeStatus, FirmRole, InvitationKind, Locale,
    MemberRole, TokenType, Via,
};
pub use session::{
    AccountToken, ChangePassword, ConfirmPasswordReset, ConfirmRegistration, FirmRef, Me, MyFirm,
    Registration, RequestPasswordReset, Session, SessionInfo, SignIn, TokenAccount, UpdateMe, UserRef,
};
pub use text::{InvalidValue, Name, NewPassword, Password, Search, Secret};

/// The most pairs that one call of `POST /firms/{firm_id}/assignments` takes.
pub const MAX_ASSIGNMENT_PAIRS: usize = 10_000;
