//! What happens when the demo is played: three store owners sign up and invite one accounting company, its admin accepts
//! and invites employees, who accept. Everything goes through the use cases that serve people, so the rules hold, and the
//! audit trail and the mails are as if people had done it.

use portal_api_types::{
    AcceptInvitation, AccountId, ConfirmRegistration, Email, EmployeeId, EmployeeStatus, FirmRef,
    InviteEmployee, InviteFirm, Password, Registration, Secret, UpdateEmployee,
};

use super::cast::{
    ADMIN, FIRM, HIRES, Hire, PASSWORD, Person, STORE_OWNERS, Standing, StoreOwner, everybody, typed,
};
use crate::auth::scope::{AccountScope, FirmScope};
use crate::db::Conn;
use crate::domain::session::begin::OpenSession;
use crate::domain::{Actor, Ctx, Outcome, Refusal, Services, employee, firm, invitation, registration};
use crate::store::{access, firms, outbox, sessions, users};

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Played {
    /// Everybody is there now.
    Now,
    /// The firm was there already: nothing was done.
    Before,
    /// The firm is not there, but these people are: nothing was done.
    InTheWay(Vec<Email>),
}

/// Plays the demo, unless it was played before. `ctx` is asked for each step, so that each has its time.
pub async fn play(services: &Services, ctx: impl Fn() -> Ctx) -> Outcome<Played> {
    let found = services.db.read(look).await?;
    if found != Played::Now {
        return Ok(found);
    }
    let stage = Stage { services, ctx };
    let mut clients = Vec::new();
    for owner in &STORE_OWNERS {
        clients.push(stage.sign_up(owner).await?);
    }
    let (late, early) = clients.split_last().ok_or(Refusal::NotFound("Nobody plays."))?;
    let mut token = None;
    for client in early {
        token = Some(stage.invite_firm(client).await?);
    }
    let admin = stage.found_firm(token.ok_or(Refusal::InvitationGone)?).await?;
    stage.connect_firm(late).await?;
    for hire in &HIRES {
        stage.hire(&admin, hire, &clients).await?;
    }
    Ok(Played::Now)
}

/// What is there already; `Now` when nothing is in the way.
fn look(conn: &mut Conn) -> Outcome<Played> {
    if firms::by_email(conn, &ADMIN.address()?)?.is_some() {
        return Ok(Played::Before);
    }
    let mut known = Vec::new();
    for person in everybody() {
        let address = person.address()?;
        if users::by_email(conn, &address)?.is_some() {
            known.push(address);
        }
    }
    Ok(if known.is_empty() { Played::Now } else { Played::InTheWay(known) })
}

/// A store owner in the account.
struct Client {
    actor: Actor,
    account: AccountScope,
}

/// The admin in the firm.
struct Admin {
    actor: Actor,
    firm: FirmScope,
}

struct Stage<'a, C> {
    services: &'a Services,
    ctx: C,
}

impl<C: Fn() -> Ctx> Stage<'_, C> {
    async fn sign_up(&self, owner: &StoreOwner) -> Outcome<Client> {
        let wish = Registration {
            name: typed(owner.person.name)?,
            email: owner.person.address()?,
            account_name: typed(owner.account)?,
            locale: None,
        };
        let remember = move |conn: &mut Conn, ctx: &Ctx| registration::request::remember(conn, ctx, &wish);
        let ((), token) = self.mailed(owner.person, remember).await?;
        let body = ConfirmRegistration { token, password: typed(PASSWORD)? };
        let session = registration::confirm::confirm(self.services, (self.ctx)(), body).await?;
        let actor = self.sign_out(session).await?;
        let user = actor.user_id.clone();
        let accounts = self.services.db.read(move |conn| access::accounts_of(conn, &user)).await?;
        let account = accounts.into_iter().next().ok_or(Refusal::NotFound("The account is not there."))?;
        let account = AccountScope::by_portal(account, "the demo's owner, who has just opened it");
        Ok(Client { actor, account })
    }

    async fn invite_firm(&self, client: &Client) -> Outcome<Secret> {
        let (actor, account) = (client.actor.clone(), client.account.clone());
        let body = InviteFirm { name: typed(FIRM)?, email: ADMIN.address()? };
        let invite = move |conn: &mut Conn, ctx: &Ctx| {
            firm::invite::connect_or_invite(conn, ctx, &actor, &account, &body, true)
        };
        let (_, token) = self.mailed(ADMIN, invite).await?;
        Ok(token)
    }

    async fn found_firm(&self, token: Secret) -> Outcome<Admin> {
        let actor = self.accept(token, ADMIN).await?;
        let address = ADMIN.address()?;
        let firm: FirmRef = self
            .services
            .db
            .read(move |conn| firms::by_email(conn, &address))
            .await?
            .ok_or(Refusal::NotFound("The firm is not there."))?;
        Ok(Admin {
            actor: Actor { firm: Some(firm.clone()), ..actor },
            firm: FirmScope::by_portal(firm, "the demo's admin, who has just accepted"),
        })
    }

    async fn connect_firm(&self, client: &Client) -> Outcome<()> {
        let body = InviteFirm { name: typed(FIRM)?, email: ADMIN.address()? };
        let (ctx, actor, account) = ((self.ctx)(), client.actor.clone(), client.account.clone());
        self.services
            .db
            .write(move |conn| {
                firm::invite::connect_or_invite(conn, &ctx, &actor, &account, &body, true).map(drop)
            })
            .await
    }

    async fn hire(&self, admin: &Admin, hire: &Hire, clients: &[Client]) -> Outcome<()> {
        let account_ids: Vec<AccountId> = clients
            .iter()
            .filter(|client| hire.accounts.contains(&client.account.name().as_str()))
            .map(|client| client.account.id().clone())
            .collect();
        let body = InviteEmployee {
            name: typed(hire.person.name)?,
            email: hire.person.address()?,
            role: hire.role,
            account_ids,
        };
        let (actor, firm) = (admin.actor.clone(), admin.firm.clone());
        let invite =
            move |conn: &mut Conn, ctx: &Ctx| employee::invite::make_place(conn, ctx, &actor, &firm, &body);
        let (employee, token) = self.mailed(hire.person, invite).await?;
        match hire.standing {
            Standing::Invited => Ok(()),
            Standing::Joined => self.accept(token, hire.person).await.map(drop),
            Standing::Deactivated => {
                self.accept(token, hire.person).await?;
                self.deactivate(admin, employee.id).await
            }
        }
    }

    async fn accept(&self, token: Secret, person: Person) -> Outcome<Actor> {
        let body = AcceptInvitation {
            token,
            password: Password::new(PASSWORD),
            name: Some(typed(person.name)?),
            firm_name: None,
            locale: None,
        };
        let session = invitation::accept::accept(self.services, (self.ctx)(), body).await?;
        self.sign_out(session).await
    }

    async fn deactivate(&self, admin: &Admin, id: EmployeeId) -> Outcome<()> {
        let (ctx, actor, firm) = ((self.ctx)(), admin.actor.clone(), admin.firm.clone());
        let changes =
            UpdateEmployee { status: Some(EmployeeStatus::Deactivated), ..UpdateEmployee::default() };
        self.services
            .db
            .write(move |conn| employee::update::update(conn, &ctx, &actor, &firm, &id, &changes).map(drop))
            .await
    }

    /// Does what posts a link to this person, and answers the link's token, which the person finds in the mail. It is read
    /// in the same transaction: a portal that runs meanwhile sends the mail, and then its seed is forgotten.
    async fn mailed<T, F>(&self, person: Person, act: F) -> Outcome<(T, Secret)>
    where
        T: Send + 'static,
        F: Fn(&mut Conn, &Ctx) -> Outcome<T> + Send + 'static,
    {
        let (ctx, address) = ((self.ctx)(), person.address()?);
        self.services
            .db
            .write(move |conn| {
                let done = act(conn, &ctx)?;
                let seed = outbox::newest_seed_for(conn, &address)?.ok_or(Refusal::InvitationGone)?;
                Ok((done, ctx.links.token(&seed)))
            })
            .await
    }

    /// Nobody stays signed in: the sessions that people see are their own.
    async fn sign_out(&self, session: OpenSession) -> Outcome<Actor> {
        let now = (self.ctx)().now;
        let id = session.session_id;
        self.services.db.write(move |conn| sessions::end(conn, &id, now)).await?;
        Ok(Actor { user_id: session.user.id, name: session.user.name, firm: None, api_key: None })
    }
}
