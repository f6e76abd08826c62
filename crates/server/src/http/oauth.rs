//! The endpoints of OAuth 2.0: how programs get tokens, and how products that are plugged in ask about those of people.

mod error;
mod form;

use actix_web::{HttpResponse, web};
use portal_api_types::{
    ACCESS_TOKEN_TYPE, AccountId, AuthorizationServer, CLIENT_CREDENTIALS, Introspection, OAuthError,
    OAuthErrorCode, OAuthToken, Scopes, Secret, TOKEN_EXCHANGE, TokenForm, TokenRequest,
};

pub use self::error::OAuthRefusal;
use self::form::Form;
use crate::app::App;
use crate::auth::actor::Anyone;
use crate::domain::Ctx;
use crate::domain::oauth::introspect::{Asker, introspect};
use crate::domain::oauth::{client_credentials, exchange, revoke};

/// Discovery
///
/// Anyone may call this. What a program has to know to get tokens (RFC 8414): where the endpoints are, and what they take. Most
/// OAuth libraries ask for it by themselves. The answer may be kept for an hour.
#[utoipa::path(
    get,
    path = "/.well-known/oauth-authorization-server",
    tag = "OAuth",
    responses((status = 200, description = "The portal as an authorization server.", body = AuthorizationServer)),
    security(())
)]
pub async fn read_authorization_server(_: Anyone, app: web::Data<App>) -> HttpResponse {
    let issuer = app.tokens.issuer();
    let at = |path: &str| format!("{issuer}{path}");
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    HttpResponse::Ok()
        .insert_header(("Cache-Control", "public, max-age=3600"))
        .insert_header(("Access-Control-Allow-Origin", "*"))
        .json(AuthorizationServer {
            token_endpoint: at("/oauth/token"),
            jwks_uri: at("/.well-known/jwks.json"),
            introspection_endpoint: at("/oauth/introspect"),
            revocation_endpoint: at("/oauth/revoke"),
            scopes_supported: Scopes::all().as_slice().to_vec(),
            // Section 2 requires it and section 3.2 forbids an empty list, which libraries refuse. This registered value
            // says that neither a code nor a token comes by a redirect.
            response_types_supported: words(&["none"]),
            grant_types_supported: words(&[CLIENT_CREDENTIALS, TOKEN_EXCHANGE]),
            token_endpoint_auth_methods_supported: words(&METHODS),
            introspection_endpoint_auth_methods_supported: words(&METHODS[..2]),
            revocation_endpoint_auth_methods_supported: words(&METHODS),
            service_documentation: at("/swagger-ui/"),
            issuer: issuer.to_owned(),
        })
}

/// How clients prove themselves; the last is for what needs no proof.
const METHODS: [&str; 3] = ["client_secret_basic", "client_secret_post", "none"];

/// Get a token
///
/// Anyone with an API key, or with an identity token. The answer is an account token, which opens the operations under
/// `/account`, of one account only, for at most 15 minutes.
///
/// - `grant_type=client_credentials` (RFC 6749 section 4.4): a program gets a token for its own key. It proves itself by HTTP Basic
///   (both parts encoded like form values), or by `client_id` and `client_secret` in the form. `scope` may ask for less than the
///   key has. The token ends with the key. `audience` and `resource` may name the key's account, and no other.
/// - `grant_type=urn:ietf:params:oauth:grant-type:token-exchange` (RFC 8693): a person's identity token is exchanged for a token
///   of the account that `audience` names by its id, or `resource` by its URL `{public URL}/api/v1/accounts/{account_id}`. It
///   does the same as `enter_account`. There is no client to prove; `client_id`, if there is one, is `portal`.
///
/// Unknown parameters are ignored; one of these that is there twice is refused, `audience` and `resource` excepted.
#[utoipa::path(
    post,
    path = "/oauth/token",
    tag = "OAuth",
    request_body(
        content = TokenRequest,
        content_type = "application/x-www-form-urlencoded",
        example = json!({"grant_type": "client_credentials", "scope": "account:read users:read"})
    ),
    responses(
        (status = 200, description = "A token of the account.", body = OAuthToken),
        (
            status = 400,
            description = "`invalid_request`: the form is not as it must be. `unsupported_grant_type`: there is no such \
                grant. `invalid_scope`: the key has not all of these scopes. `invalid_target`: there is no such account, the \
                person has no access to it, or the key is another account's. `unauthorized_client`: a key cannot be \
                exchanged.",
            body = OAuthError,
            example = json!({"error": "invalid_scope", "error_description": "The key has not all of these scopes."})
        ),
        (
            status = 401,
            description = "`invalid_client`: there is no such key, it is revoked or has expired, who made it is not an \
                owner now, or the secret is another.",
            body = OAuthError,
            headers(("WWW-Authenticate" = String, description = "`Basic`."))
        ),
        (
            status = 429,
            description = "`temporarily_unavailable`: too many wrong secrets, 10 for one client or 100 from one network \
                within 15 minutes. The right one is still taken.",
            body = OAuthError,
            headers(("Retry-After" = u32, description = "In how many seconds to come back.")),
            example = json!({"error": "temporarily_unavailable", "error_description": "Too many tries. Try again in 540 seconds."})
        ),
        (
            status = 503,
            description = "`temporarily_unavailable`: the portal is busy or its database is away.",
            body = OAuthError,
            headers(("Retry-After" = u32, description = "In how many seconds to come back.")),
            example = json!({"error": "temporarily_unavailable", "error_description": "The portal is busy or its database is away. Nothing was changed. Try again shortly."})
        )
    ),
    security((), ("api_key_secret" = []))
)]
pub async fn issue_token(
    anyone: Anyone,
    app: web::Data<App>,
    form: Form,
) -> Result<HttpResponse, OAuthRefusal> {
    let token = match form.required("grant_type")? {
        CLIENT_CREDENTIALS => to_program(&app, &anyone.ctx, &form).await?,
        TOKEN_EXCHANGE => to_person(&app, &anyone.ctx, &form).await?,
        _ => {
            let words = format!("Use {CLIENT_CREDENTIALS} or {TOKEN_EXCHANGE}.");
            return Err(OAuthRefusal::new(OAuthErrorCode::UnsupportedGrantType, words));
        }
    };
    Ok(answer(token))
}

async fn to_program(app: &App, ctx: &Ctx, form: &Form) -> Result<OAuthToken, OAuthRefusal> {
    let missing = || OAuthRefusal::invalid_client("A client proves itself by its id and its secret.");
    let credentials = form.credentials()?.ok_or_else(missing)?;
    let account = target(form, app.tokens.issuer())?;
    let scope = form.get("scope")?;
    Ok(client_credentials::grant(&app.services, &app.tokens, ctx, credentials, account, scope).await?)
}

async fn to_person(app: &App, ctx: &Ctx, form: &Form) -> Result<OAuthToken, OAuthRefusal> {
    let (subject, account) = exchanged(form, app.tokens.issuer())?;
    Ok(exchange::exchange(&app.services, &app.tokens, ctx, &subject, account).await?)
}

/// What an exchange exchanges: the subject's token, and which account's it is to become (RFC 8693 section 2.1).
fn exchanged(form: &Form, issuer: &str) -> Result<(Secret, AccountId), OAuthRefusal> {
    if form.credentials()?.is_some() {
        let why = "A key has one account already. A person's token is exchanged without a client.";
        return Err(OAuthRefusal::new(OAuthErrorCode::UnauthorizedClient, why));
    }
    let subject = Secret::new(form.required("subject_token")?);
    let kinds = [Some(form.required("subject_token_type")?), form.get("requested_token_type")?];
    if kinds.into_iter().flatten().any(|kind| kind != ACCESS_TOKEN_TYPE) {
        return Err(OAuthRefusal::invalid_request(format!(
            "Both tokens are of the type {ACCESS_TOKEN_TYPE}."
        )));
    }
    if form.get("actor_token")?.is_some() || form.get("actor_token_type")?.is_some() {
        return Err(OAuthRefusal::invalid_request(
            "Nobody acts for somebody else here: leave actor_token and actor_token_type out.",
        ));
    }
    if form.get("scope")?.is_some() {
        let why = "A person's token has no scopes: it opens what the person's role does.";
        return Err(OAuthRefusal::new(OAuthErrorCode::InvalidScope, why));
    }
    let account = target(form, issuer)?.ok_or_else(|| {
        OAuthRefusal::invalid_request("Name the account, by its id as audience or by its URL as resource.")
    })?;
    Ok((subject, account))
}

/// The account that a token is asked for, if one is named (RFC 8693 section 2.1, RFC 8707 section 2). The API that all account
/// tokens are for may be named too, and says nothing of which account.
fn target(form: &Form, issuer: &str) -> Result<Option<AccountId>, OAuthRefusal> {
    let refused = |why| OAuthRefusal::new(OAuthErrorCode::InvalidTarget, why);
    let (api, accounts) = (format!("{issuer}/api/v1/account"), format!("{issuer}/api/v1/accounts/"));
    let by_url = form.all("resource").filter(|url| *url != api);
    let by_url = by_url.map(|url| url.strip_prefix(&accounts).unwrap_or_default());
    let mut named = form.all("audience").chain(by_url).map(AccountId::parse);
    let Some(first) = named.next() else { return Ok(None) };
    let account = first.map_err(|_| refused("This names no account."))?;
    if named.any(|other| other.as_ref() != Ok(&account)) {
        return Err(refused("A token opens one account: name one."));
    }
    Ok(Some(account))
}

/// Is a token good
///
/// Anyone in the account, about account tokens of this account (RFC 7662): a program by its key's id and secret, or anybody by an
/// account token of their own. The answer says what is so at this moment, by the same question that a request with the token asks:
/// from a revocation on it is `active: false`. So is a token of another account, and what is no account token. The operator asks
/// by an operator key, about the account tokens of every account.
///
/// A product that is plugged into the portal asks this of the tokens that people bring to it; the signature alone does not say
/// that access has not ended.
#[utoipa::path(
    post,
    path = "/oauth/introspect",
    tag = "OAuth",
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (
            status = 200,
            description = "What is so of the token now.",
            body = Introspection,
            example = json!({
                "active": true, "client_id": "portal", "token_type": "Bearer", "exp": 1_795_513_500, "iat": 1_795_512_600,
                "sub": "user_01h455vb4pex5vsknk084sn02q", "aud": "https://portal.example/api/v1/account",
                "iss": "https://portal.example", "jti": "0198f3a2-b1c4-7d6e-8f90-1a2b3c4d5e6f",
                "account_id": "acct_01h455vb4pex5vsknk084sn02q", "role": "bookkeeper",
                "firm_id": "firm_01h455vb4pex5vsknk084sn02q"
            })
        ),
        (
            status = 400,
            description = "`invalid_request`: the form is not as it must be.",
            body = OAuthError,
            example = json!({"error": "invalid_request", "error_description": "The parameter token is missing."})
        ),
        (
            status = 401,
            description = "`invalid_client` or `invalid_token`: who asks did not prove who they are.",
            body = OAuthError,
            headers(("WWW-Authenticate" = String, description = "`Basic`, or `Bearer` to who came with a bearer token."))
        ),
        (
            status = 429,
            description = "`temporarily_unavailable`: too many wrong secrets.",
            body = OAuthError,
            headers(("Retry-After" = u32, description = "In how many seconds to come back.")),
            example = json!({"error": "temporarily_unavailable", "error_description": "Too many tries. Try again in 540 seconds."})
        ),
        (
            status = 503,
            description = "`temporarily_unavailable`: the portal is busy or its database is away.",
            body = OAuthError,
            headers(("Retry-After" = u32, description = "In how many seconds to come back.")),
            example = json!({"error": "temporarily_unavailable", "error_description": "The portal is busy or its database is away. Nothing was changed. Try again shortly."})
        )
    ),
    security(("api_key_secret" = []), ("account_token" = []), ("operator_key" = []))
)]
pub async fn introspect_token(
    anyone: Anyone,
    app: web::Data<App>,
    form: Form,
) -> Result<HttpResponse, OAuthRefusal> {
    let asker = match (form.credentials()?, form.bearer()) {
        (Some(credentials), _) => Asker::Client(credentials),
        (None, Some(token)) => Asker::Bearer(token),
        (None, None) => {
            return Err(OAuthRefusal::invalid_client("Prove who asks: by a key, or by an account token."));
        }
    };
    let token = Secret::new(form.required("token")?);
    Ok(answer(introspect(&app.services, &app.tokens, &anyone.ctx, asker, &token).await?))
}

/// Revoke a token
///
/// Anyone who has the token (RFC 7009). It opens nothing from then on. With a refresh token its session ends. The token of a
/// program is revoked by the program itself, which proves itself by its key's id and secret; to end all of a key's tokens, revoke
/// the key. The answer to a token that is none, or is good no more, is the same.
#[utoipa::path(
    post,
    path = "/oauth/revoke",
    tag = "OAuth",
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The token opens nothing."),
        (
            status = 400,
            description = "`invalid_request`: the form is not as it must be. `unauthorized_client`: the token was not given \
                to this client.",
            body = OAuthError,
            example = json!({"error": "unauthorized_client", "error_description": "The token was not given to this client."})
        ),
        (
            status = 401,
            description = "`invalid_client`: the token is a program's, and who asks did not prove to be it.",
            body = OAuthError,
            headers(("WWW-Authenticate" = String, description = "`Basic`."))
        ),
        (
            status = 429,
            description = "`temporarily_unavailable`: too many wrong secrets.",
            body = OAuthError,
            headers(("Retry-After" = u32, description = "In how many seconds to come back.")),
            example = json!({"error": "temporarily_unavailable", "error_description": "Too many tries. Try again in 540 seconds."})
        ),
        (
            status = 503,
            description = "`temporarily_unavailable`: the portal is busy or its database is away.",
            body = OAuthError,
            headers(("Retry-After" = u32, description = "In how many seconds to come back.")),
            example = json!({"error": "temporarily_unavailable", "error_description": "The portal is busy or its database is away. Nothing was changed. Try again shortly."})
        )
    ),
    security((), ("api_key_secret" = []))
)]
pub async fn revoke_token(
    anyone: Anyone,
    app: web::Data<App>,
    form: Form,
) -> Result<HttpResponse, OAuthRefusal> {
    let (credentials, token) = (form.credentials()?, Secret::new(form.required("token")?));
    revoke::revoke(&app.services, &app.tokens, &anyone.ctx, credentials, token).await?;
    Ok(HttpResponse::Ok().finish())
}

/// RFC 6749 section 5.1: nobody keeps such an answer.
fn answer(body: impl serde::Serialize) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(("Cache-Control", "no-store"))
        .insert_header(("Pragma", "no-cache"))
        .json(body)
}
