//! Invitations.

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use portal_api_types::{
    AccountId, Email, EmployeeId, FirmId, InvitationId, InvitationKind, MemberRole, Name, OpenInvitation,
    OperatorKeyId, UserId,
};

use super::parse;
use crate::auth::scope::{AccountScope, FirmScope};
use crate::clock::Time;
use crate::db::Conn;
use crate::domain::Outcome;
use crate::schema::{accounts, employees, firms, invitations, operator_keys, users};

/// An invitation to write.
pub struct NewInvitation<'a> {
    /// Its id.
    pub id: &'a InvitationId,
    /// Whom it goes to.
    pub email: &'a Email,
    /// The invited person's or company's name.
    pub name: &'a Name,
    /// What it opens.
    pub target: Target<'a>,
    /// Who invites.
    pub inviter: Inviter<'a>,
    /// The hash of the link's token.
    pub token_hash: &'a str,
    /// Now.
    pub now: Time,
    /// When the link stops working.
    pub expires_at: Time,
}

/// Who invites.
#[derive(Debug, Clone, Copy)]
pub enum Inviter<'a> {
    /// A person.
    Person(&'a UserId),
    /// The operator, by this key.
    Operator(&'a OperatorKeyId),
}

/// What an invitation opens.
#[derive(Debug, Clone)]
pub enum Target<'a> {
    /// An account, to a firm.
    Firm(&'a AccountScope),
    /// A place in a firm.
    Employee(&'a FirmScope, &'a EmployeeId),
    /// An account, to a person.
    Member(&'a AccountScope, MemberRole),
}

/// Writes an invitation. Fails as a duplicate when the same is open already.
pub fn insert(conn: &mut Conn, new: &NewInvitation<'_>) -> Outcome<()> {
    let (kind, account, firm, employee, role) = match &new.target {
        Target::Firm(account) => (InvitationKind::Firm, Some(account.id()), None, None, None),
        Target::Employee(firm, employee) => {
            (InvitationKind::Employee, None, Some(firm.id()), Some(*employee), None)
        }
        Target::Member(account, role) => {
            (InvitationKind::Member, Some(account.id()), None, None, Some(*role))
        }
    };
    let (person, operator) = match new.inviter {
        Inviter::Person(user) => (Some(user.as_str()), None),
        Inviter::Operator(key) => (None, Some(key.as_str())),
    };
    diesel::insert_into(invitations::table)
        .values((
            invitations::id.eq(new.id.as_str()),
            invitations::kind.eq(kind.as_str()),
            invitations::email.eq(new.email.as_str()),
            invitations::email_display.eq(new.email.display()),
            invitations::name.eq(new.name.as_str()),
            invitations::account_id.eq(account.map(AccountId::as_str)),
            invitations::firm_id.eq(firm.map(FirmId::as_str)),
            invitations::employee_id.eq(employee.map(EmployeeId::as_str)),
            invitations::role.eq(role.map(MemberRole::as_str)),
            invitations::inviter_id.eq(person),
            invitations::operator_id.eq(operator),
            invitations::token_hash.eq(new.token_hash),
            invitations::state.eq("open"),
            invitations::created_at.eq(new.now),
            invitations::expires_at.eq(new.expires_at),
        ))
        .execute(conn)?;
    Ok(())
}

/// An open invitation.
#[derive(Debug, Clone, Queryable)]
pub struct InvitationRecord {
    /// Its id.
    #[diesel(deserialize_as = String)]
    pub id: InvitationId,
    /// What it is for.
    #[diesel(deserialize_as = String)]
    pub kind: InvitationKind,
    email: String,
    email_display: String,
    /// The invited person's or company's name.
    #[diesel(deserialize_as = String)]
    pub name: Name,
    account_id: Option<String>,
    firm_id: Option<String>,
    employee_id: Option<String>,
    role: Option<String>,
    /// The hash of the link's token.
    pub token_hash: String,
    /// When the link stops working.
    pub expires_at: Time,
}

impl InvitationRecord {
    /// Whom it went to.
    pub fn email(&self) -> Email {
        Email::from_stored(self.email.clone(), self.email_display.clone())
    }

    /// The account that it opens.
    pub fn account_id(&self) -> Outcome<Option<AccountId>> {
        self.account_id.as_deref().map(parse).transpose()
    }

    /// The firm that it opens a place in.
    pub fn firm_id(&self) -> Outcome<Option<FirmId>> {
        self.firm_id.as_deref().map(parse).transpose()
    }

    /// The place that it opens.
    pub fn employee_id(&self) -> Outcome<Option<EmployeeId>> {
        self.employee_id.as_deref().map(parse).transpose()
    }

    /// The role in the account that it offers.
    pub fn member_role(&self) -> Outcome<Option<MemberRole>> {
        self.role.as_deref().map(parse).transpose()
    }
}

type Columns = (
    invitations::id,
    invitations::kind,
    invitations::email,
    invitations::email_display,
    invitations::name,
    invitations::account_id,
    invitations::firm_id,
    invitations::employee_id,
    invitations::role,
    invitations::token_hash,
    invitations::expires_at,
);
const COLUMNS: Columns = (
    invitations::id,
    invitations::kind,
    invitations::email,
    invitations::email_display,
    invitations::name,
    invitations::account_id,
    invitations::firm_id,
    invitations::employee_id,
    invitations::role,
    invitations::token_hash,
    invitations::expires_at,
);

/// The invitation that this token accepts, if the link still works: that into an account or a firm which the operator has
/// suspended does not, meanwhile.
pub fn by_token(conn: &mut Conn, token_hash: &str, now: Time) -> Outcome<Option<InvitationRecord>> {
    let accounts = accounts::table.filter(accounts::id.nullable().eq(invitations::account_id));
    let firms = firms::table.filter(firms::id.nullable().eq(invitations::firm_id));
    Ok(invitations::table
        .filter(not(exists(accounts.filter(accounts::status.ne("active")))))
        .filter(not(exists(firms.filter(firms::status.ne("active")))))
        .filter(invitations::token_hash.eq(token_hash))
        .filter(invitations::state.eq("open").and(invitations::expires_at.gt(now)))
        .select(COLUMNS)
        .first(conn)
        .optional()?)
}

/// What a page about an invitation shows beside it.
#[derive(Debug, Clone, Queryable)]
pub struct InvitationContext {
    inviter_name: Option<String>,
    operator_name: Option<String>,
    /// The account that it opens.
    pub account_name: Option<String>,
    /// The firm that it opens a place in.
    pub firm_name: Option<String>,
    /// The role of that place.
    pub employee_role: Option<String>,
    /// Whether the address has a login.
    pub user_exists: bool,
}

impl InvitationContext {
    /// Who invites: a person, or the operator.
    pub fn inviter_name(&self) -> Outcome<Name> {
        parse(self.inviter_name.as_deref().or(self.operator_name.as_deref()).unwrap_or_default())
    }
}

/// The names around an invitation.
pub fn context(conn: &mut Conn, id: &InvitationId) -> Outcome<InvitationContext> {
    let invitee = diesel::alias!(users as invitee);
    let user_exists = exists(invitee.filter(invitee.field(users::email).eq(invitations::email)));
    Ok(invitations::table
        .left_join(users::table.on(users::id.nullable().eq(invitations::inviter_id)))
        .left_join(operator_keys::table.on(operator_keys::id.nullable().eq(invitations::operator_id)))
        .left_join(accounts::table.on(accounts::id.nullable().eq(invitations::account_id)))
        .left_join(firms::table.on(firms::id.nullable().eq(invitations::firm_id)))
        .left_join(employees::table.on(employees::id.nullable().eq(invitations::employee_id)))
        .filter(invitations::id.eq(id.as_str()))
        .select((
            users::name.nullable(),
            operator_keys::name.nullable(),
            accounts::name.nullable(),
            firms::name.nullable(),
            employees::role.nullable(),
            user_exists,
        ))
        .first(conn)?)
}

/// Accepts an invitation; false when it was used, cancelled or replaced meanwhile, or has expired.
pub fn mark_accepted(conn: &mut Conn, id: &InvitationId, token_hash: &str, now: Time) -> Outcome<bool> {
    let open = invitations::table
        .find(id.as_str())
        .filter(invitations::token_hash.eq(token_hash))
        .filter(invitations::state.eq("open").and(invitations::expires_at.gt(now)));
    Ok(diesel::update(open).set(invitations::state.eq("accepted")).execute(conn)? == 1)
}

/// Cancels an open invitation; false when it was not open any more.
pub fn mark_cancelled(conn: &mut Conn, id: &InvitationId) -> Outcome<bool> {
    let open = invitations::table.find(id.as_str()).filter(invitations::state.eq("open"));
    Ok(diesel::update(open).set(invitations::state.eq("cancelled")).execute(conn)? == 1)
}

/// Gives an open invitation a new link, by somebody who may be another inviter; false when it was not open any more.
pub fn renew(
    conn: &mut Conn,
    id: &InvitationId,
    inviter: &UserId,
    token_hash: &str,
    expires_at: Time,
) -> Outcome<bool> {
    let open = invitations::table.find(id.as_str()).filter(invitations::state.eq("open"));
    let renewed = diesel::update(open)
        .set((
            invitations::token_hash.eq(token_hash),
            invitations::expires_at.eq(expires_at),
            invitations::inviter_id.eq(inviter.as_str()),
            invitations::operator_id.eq(None::<&str>),
        ))
        .execute(conn)?;
    Ok(renewed == 1)
}

/// The account's open invitation with this id.
pub fn open_in_account(
    conn: &mut Conn,
    account: &AccountScope,
    id: &InvitationId,
) -> Outcome<Option<InvitationRecord>> {
    Ok(invitations::table
        .find(id.as_str())
        .filter(invitations::account_id.eq(account.id().as_str()).and(invitations::state.eq("open")))
        .select(COLUMNS)
        .first(conn)
        .optional()?)
}

/// All open invitations of the account, the first to come first.
pub fn list_in_account(conn: &mut Conn, account: &AccountScope) -> Outcome<Vec<InvitationRecord>> {
    Ok(invitations::table
        .filter(invitations::account_id.eq(account.id().as_str()).and(invitations::state.eq("open")))
        .order((invitations::created_at, invitations::id))
        .select(COLUMNS)
        .load(conn)?)
}

/// The employee's open invitation.
pub fn open_of_employee(
    conn: &mut Conn,
    firm: &FirmScope,
    employee: &EmployeeId,
) -> Outcome<Option<InvitationRecord>> {
    Ok(invitations::table
        .filter(
            invitations::firm_id.eq(firm.id().as_str()).and(invitations::employee_id.eq(employee.as_str())),
        )
        .filter(invitations::state.eq("open"))
        .select(COLUMNS)
        .first(conn)
        .optional()?)
}

/// Invitations of this firm address whose links still work: the clients who have invited it so far.
pub fn open_for_firm_address(conn: &mut Conn, email: &Email, now: Time) -> Outcome<Vec<InvitationRecord>> {
    Ok(invitations::table
        .filter(invitations::email.eq(email.as_str()).and(invitations::kind.eq("firm")))
        .filter(invitations::state.eq("open").and(invitations::expires_at.gt(now)))
        .order((invitations::created_at, invitations::id))
        .select(COLUMNS)
        .load(conn)?)
}

/// Open invitations that a person made in the account.
pub fn open_in_account_by(
    conn: &mut Conn,
    account: &AccountScope,
    inviter: &UserId,
) -> Outcome<Vec<InvitationRecord>> {
    Ok(invitations::table
        .filter(
            invitations::account_id
                .eq(account.id().as_str())
                .and(invitations::inviter_id.eq(inviter.as_str())),
        )
        .filter(invitations::state.eq("open"))
        .order((invitations::created_at, invitations::id))
        .select(COLUMNS)
        .load(conn)?)
}

/// Open invitations that a person made in the firm.
pub fn open_in_firm_by(
    conn: &mut Conn,
    firm: &FirmScope,
    inviter: &UserId,
) -> Outcome<Vec<InvitationRecord>> {
    Ok(invitations::table
        .filter(invitations::firm_id.eq(firm.id().as_str()).and(invitations::inviter_id.eq(inviter.as_str())))
        .filter(invitations::state.eq("open"))
        .order((invitations::created_at, invitations::id))
        .select(COLUMNS)
        .load(conn)?)
}

impl InvitationRecord {
    /// The invitation as the firm's admins are told of it.
    pub fn as_open_invitation(&self) -> Outcome<Option<OpenInvitation>> {
        let Some(employee_id) = self.employee_id()? else { return Ok(None) };
        Ok(Some(OpenInvitation { employee_id, name: self.name.clone(), email: self.email() }))
    }
}
