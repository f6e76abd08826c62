//! Actors: what a handler's caller is, found out by a live check. A handler names one as its first argument, and the use
//! cases and queries behind it demand what only an actor can give; so authorization cannot be forgotten.
//!
//! Each costs one statement. 401 asks for a token, 404 hides what the caller has no right to know, 403 explains.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use futures_util::FutureExt;
use futures_util::future::{Either, Ready, Shared, ready};
use portal_api_types::{AccountRole, ApiKeyRef, EmployeeId, EmployeeRole, ExternalId, FirmId, Scope, Secret};
use tokio::sync::oneshot;

use super::link::{self, OPERATOR_KEY_PREFIX};
use super::programs::{ForPrograms, NoPrograms};
use super::scope::{AccountScope, FirmScope, OperatorScope, PersonScope};
use super::standing::{self, Standing};
use super::token::{AccountBearer, AccountClaims, ProgramClaims};
use crate::app::App;
use crate::clock::Time;
use crate::domain::{Actor, Ctx, operator};
use crate::error::ApiError;
use crate::http::client;
use crate::store::access::by_key::KeyEntry;
use crate::store::access::{self, Entry, FirmEntryRow, IdentityRow};

/// What an extractor finds out by waiting.
pub type Extraction<T> = Pin<Box<dyn Future<Output = Result<T, ApiError>>>>;

/// Implements `FromRequest` by an async function over the request.
macro_rules! extract {
    ($type:ty, $function:path $(, $scope:ident: $bound:path)?) => {
        impl $(<$scope: $bound + 'static>)? FromRequest for $type {
            type Error = ApiError;
            type Future = Extraction<Self>;

            fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
                let (request, admission) = (request.clone(), Admission::begin(request));
                Box::pin(async move {
                    let actor = $function(request).await?;
                    admission.admit();
                    Ok(actor)
                })
            }
        }
    };
}

/// Lets the refusals of what a request says wait for its caller's check: who may not do something is told so, whatever the
/// path, the query and the body are like. actix polls extractors side by side, and these are refused faster than a database
/// answers.
struct Admission(oneshot::Sender<()>);

/// The other end of an admission: closed without a word when the caller was turned away.
#[derive(Clone)]
pub struct Admitted(Shared<oneshot::Receiver<()>>);

impl Admission {
    fn begin(request: &HttpRequest) -> Self {
        let (sender, receiver) = oneshot::channel();
        request.extensions_mut().insert(Admitted(receiver.shared()));
        Self(sender)
    }

    fn admit(self) {
        // Nobody waits where nothing is refused.
        let _ = self.0.send(());
    }
}

impl Admitted {
    /// Waits for the check of the request's caller, if it has one.
    ///
    /// # Errors
    /// When the caller was turned away. The caller's own answer is what is sent.
    pub async fn wait(request: &HttpRequest) -> Result<(), ApiError> {
        let admitted = request.extensions().get::<Self>().cloned();
        match admitted {
            Some(Self(receiver)) => receiver.await.map_err(|_| ApiError::unauthenticated()),
            None => Ok(()),
        }
    }

    /// What an extractor found at once; a refusal waits until the caller was let in.
    pub fn first<T>(
        request: &HttpRequest,
        found: Result<T, ApiError>,
    ) -> Either<Ready<Result<T, ApiError>>, Extraction<T>> {
        let Err(error) = found else { return Either::Left(ready(found)) };
        let request = request.clone();
        Either::Right(Box::pin(async move { Err(Self::wait(&request).await.err().unwrap_or(error)) }))
    }
}

/// The request, seen from inside the portal.
pub(super) fn app(request: &HttpRequest) -> Result<web::Data<App>, ApiError> {
    request.app_data::<web::Data<App>>().cloned().ok_or_else(ApiError::internal)
}

fn ctx(request: &HttpRequest, app: &App) -> Ctx {
    let address = client::address(request, &app.config.trusted_proxies);
    app.ctx(address, client::user_agent(request), client::locale(request))
}

/// The bearer token (RFC 6750 section 2.1). Of two headers none counts: a proxy may have looked at the other one.
pub(super) fn bearer(request: &HttpRequest) -> Result<&str, ApiError> {
    let mut values = request.headers().get_all(header::AUTHORIZATION);
    let only = values.next().filter(|_| values.next().is_none());
    let value = only.and_then(|value| value.to_str().ok());
    let (scheme, token) =
        value.and_then(|value| value.split_once(' ')).ok_or_else(ApiError::unauthenticated)?;
    if scheme.eq_ignore_ascii_case("bearer") { Ok(token.trim()) } else { Err(ApiError::unauthenticated()) }
}

/// Anyone, without a token.
pub struct Anyone {
    /// What a use case knows of the request.
    pub ctx: Ctx,
}

async fn anyone(request: HttpRequest) -> Result<Anyone, ApiError> {
    let app = app(&request)?;
    Ok(Anyone { ctx: ctx(&request, &app) })
}
extract!(Anyone, anyone);

/// Somebody with an identity token, whose session is alive and who is active.
pub struct SignedIn {
    /// What a use case knows of the request.
    pub ctx: Ctx,
    /// Who acts.
    pub actor: Actor,
    /// The right to their own rows.
    pub person: PersonScope,
    /// Until when the token is good.
    pub token_expires_at: Time,
}

async fn signed_in(request: HttpRequest) -> Result<SignedIn, ApiError> {
    let app = app(&request)?;
    let claims = app.tokens.check_identity(bearer(&request)?).map_err(|_| ApiError::unauthenticated())?;
    let claims = &claims.registered;
    let ctx = ctx(&request, &app);
    let person = claims.person();
    let identity = app.services.db.ask::<IdentityRow>(access::identify(&person, ctx.now)).await?;
    let name = identity.ok_or_else(ApiError::unauthenticated)?.parse()?;
    let actor = Actor { user_id: claims.sub.clone(), name, firm: None, api_key: None };
    Ok(SignedIn { ctx, actor, person, token_expires_at: claims.expires_at() })
}
extract!(SignedIn, signed_in);

/// An active employee of the firm in the path.
pub struct FirmStaff {
    /// What a use case knows of the request.
    pub ctx: Ctx,
    /// Who acts, through this firm.
    pub actor: Actor,
    /// The right to the firm's rows.
    pub firm: FirmScope,
    person: PersonScope,
    /// The actor's place in the firm.
    pub employee_id: EmployeeId,
    /// Admin or bookkeeper.
    pub role: EmployeeRole,
}

async fn firm_staff(request: HttpRequest) -> Result<FirmStaff, ApiError> {
    let app = app(&request)?;
    let claims = app.tokens.check_identity(bearer(&request)?).map_err(|_| ApiError::unauthenticated())?;
    let claims = &claims.registered;
    let firm_id: FirmId = match request.match_info().query("firm_id").parse::<FirmId>() {
        Ok(id) => id,
        Err(invalid) => {
            signed_in(request).await?;
            return Err(ApiError::malformed_parameter(invalid.detail));
        }
    };
    let ctx = ctx(&request, &app);
    let person = claims.person();
    let question = access::enter_firm(&person, &firm_id, ctx.now);
    let row = app.services.db.ask::<FirmEntryRow>(question).await?;
    let entry = row.ok_or_else(ApiError::unauthenticated)?.parse()?;
    let place = entry.place.ok_or_else(|| {
        ApiError::new(
            portal_api_types::ErrorCode::NotFound,
            "There is no such firm, or you do not work for it.",
        )
    })?;
    let firm = FirmScope::new(firm_id, place.firm_name);
    let actor = Actor {
        user_id: claims.sub.clone(),
        name: entry.user_name,
        firm: Some(firm.as_ref()),
        api_key: None,
    };
    Ok(FirmStaff { ctx, actor, firm, person, employee_id: place.employee_id, role: place.role })
}
extract!(FirmStaff, firm_staff);

/// An active admin of the firm in the path.
pub struct FirmAdmin {
    /// What a use case knows of the request.
    pub ctx: Ctx,
    /// Who acts, through this firm.
    pub actor: Actor,
    /// The right to the firm's rows.
    pub firm: FirmScope,
    pub(super) person: PersonScope,
}

async fn firm_admin(request: HttpRequest) -> Result<FirmAdmin, ApiError> {
    let staff = firm_staff(request).await?;
    match staff.role {
        EmployeeRole::Admin => {
            Ok(FirmAdmin { ctx: staff.ctx, actor: staff.actor, firm: staff.firm, person: staff.person })
        }
        EmployeeRole::Bookkeeper => Err(ApiError::forbidden("Only an admin of the firm may do this.")),
    }
}
extract!(FirmAdmin, firm_admin);

/// Somebody who may act in the account of their token, now: a person, or a program if its key has the scope `S`. Without one,
/// the operation is for people.
pub struct InAccount<S = NoPrograms> {
    /// What a use case knows of the request.
    pub ctx: Ctx,
    /// Who acts, and through which firm.
    pub actor: Actor,
    /// The right to the account's rows.
    pub account: AccountScope,
    /// In which role, now.
    pub role: AccountRole,
    /// When the account was opened.
    pub account_created_at: Time,
    /// What the operator's own product calls the account.
    pub external_id: Option<ExternalId>,
    bearer: Arc<AccountBearer>,
    scope: PhantomData<S>,
}

async fn in_account<S: ForPrograms>(request: HttpRequest) -> Result<InAccount<S>, ApiError> {
    let app = app(&request)?;
    let bearer = app.tokens.check_account(bearer(&request)?).map_err(|_| ApiError::unauthenticated())?;
    let ctx = ctx(&request, &app);
    match (&*bearer, standing::of(&app.services.db, &bearer, ctx.now).await?) {
        (AccountBearer::Person(claims), Some(Standing::Person(entry))) => {
            Ok(person_inside(ctx, &bearer, claims, entry))
        }
        (AccountBearer::Program(claims), Some(Standing::Program(entry))) => {
            program_inside(ctx, &bearer, claims, entry)
        }
        // The token said where; it is the right to be there that has ended.
        _ => Err(ApiError::new(
            portal_api_types::ErrorCode::Unauthenticated,
            "Your access to this account has ended, or the session has.",
        )),
    }
}
extract!(InAccount<S>, in_account, S: ForPrograms);

fn person_inside<S>(
    ctx: Ctx,
    bearer: &Arc<AccountBearer>,
    claims: &AccountClaims,
    entry: Entry,
) -> InAccount<S> {
    let user_id = claims.registered.sub.clone();
    InAccount {
        ctx,
        actor: Actor { user_id, name: entry.user_name, firm: entry.firm, api_key: None },
        account: AccountScope::new(claims.account_id.clone(), entry.account_name),
        role: entry.role,
        account_created_at: entry.account_created_at,
        external_id: entry.external_id,
        bearer: Arc::clone(bearer),
        scope: PhantomData,
    }
}

fn program_inside<S: ForPrograms>(
    ctx: Ctx,
    bearer: &Arc<AccountBearer>,
    claims: &ProgramClaims,
    entry: KeyEntry,
) -> Result<InAccount<S>, ApiError> {
    let needed = S::SCOPE.ok_or_else(|| ApiError::insufficient_scope(None))?;
    // The key's own word counts too, whatever a token says.
    let may = |scope: Scope| {
        entry.scopes.contains(scope) && claims.scopes().is_some_and(|scopes| scopes.contains(scope))
    };
    if !may(needed) {
        return Err(ApiError::insufficient_scope(Some(needed)));
    }
    let key = claims.key();
    Ok(InAccount {
        ctx,
        actor: Actor {
            user_id: key.owner_id().clone(),
            name: entry.owner_name,
            firm: None,
            api_key: Some(ApiKeyRef { id: key.id().clone(), name: entry.key_name }),
        },
        account: AccountScope::new(key.account_id().clone(), entry.account_name),
        role: AccountRole::Integration,
        account_created_at: entry.account_created_at,
        external_id: entry.external_id,
        bearer: Arc::clone(bearer),
        scope: PhantomData,
    })
}

/// An owner of the account of their token, now; or a program if its key has the scope `S`. Without one, the operation is for
/// people.
pub struct AccountOwner<S = NoPrograms> {
    /// What a use case knows of the request.
    pub ctx: Ctx,
    /// Who acts.
    pub actor: Actor,
    /// The right to the account's rows.
    pub account: AccountScope,
    /// When the account was opened.
    pub created_at: Time,
    /// What the operator's own product calls the account.
    pub external_id: Option<ExternalId>,
    pub(super) bearer: Arc<AccountBearer>,
    scope: PhantomData<S>,
}

async fn account_owner<S: ForPrograms>(request: HttpRequest) -> Result<AccountOwner<S>, ApiError> {
    let inside: InAccount<S> = in_account(request).await?;
    match inside.role {
        // A program got here by its scope, and acts by the right of an owner.
        AccountRole::Owner | AccountRole::Integration => Ok(AccountOwner {
            ctx: inside.ctx,
            actor: inside.actor,
            account: inside.account,
            created_at: inside.account_created_at,
            external_id: inside.external_id,
            bearer: inside.bearer,
            scope: PhantomData,
        }),
        AccountRole::Member | AccountRole::FirmAdmin | AccountRole::Bookkeeper => {
            Err(ApiError::forbidden("Only an owner of the account may do this."))
        }
    }
}
extract!(AccountOwner<S>, account_owner, S: ForPrograms);

/// The operator, by one of its keys.
pub struct Operator {
    /// What a use case knows of the request.
    pub ctx: Ctx,
    /// The right to ask for anybody.
    pub scope: OperatorScope,
    pub(super) secret_hash: String,
}

async fn operator(request: HttpRequest) -> Result<Operator, ApiError> {
    let app = app(&request)?;
    let key = bearer(&request)?;
    if !key.starts_with(OPERATOR_KEY_PREFIX) {
        return Err(ApiError::unauthenticated());
    }
    let ctx = ctx(&request, &app);
    let secret_hash = link::hash(&Secret::new(key.to_owned()));
    let found = operator::keys::find(&app.services.db, secret_hash.clone(), ctx.now).await?;
    let key = found.ok_or_else(ApiError::unauthenticated)?;
    Ok(Operator { ctx, scope: OperatorScope::new(key.id, key.name), secret_hash })
}
extract!(Operator, operator);
