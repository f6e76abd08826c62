//! What goes over the wire by the standards of OAuth 2.0: forms in, JSON out, and an error format of their own.

use serde::{Deserialize, Serialize};

use crate::{AccountId, AccountRole, ExternalId, FirmId, OAuthErrorCode, Scope, Secret, TokenType};

/// The grant by which a program gets a token for its own key (RFC 6749 section 4.4).
pub const CLIENT_CREDENTIALS: &str = "client_credentials";
/// The grant by which a person's identity token gets an account token (RFC 8693).
pub const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
/// The kind of both tokens of an exchange (RFC 8693 section 3).
pub const ACCESS_TOKEN_TYPE: &str = "urn:ietf:params:oauth:token-type:access_token";

/// Structs with fields that may be left out: what is not there is not sent, and nothing is null.
macro_rules! sparse {
    ($(
        $(#[$($of_struct:tt)*])*
        pub struct $name:ident {
            $($(#[$($of_field:tt)*])* $field:ident: $type:ty,)*
        } or nothing {
            $($(#[doc = $doc:tt])+ $optional:ident: $optional_type:ty $(= $example:tt)?,)*
        }
    )+) => {$(
        $(#[$($of_struct)*])*
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub struct $name {
            $($(#[$($of_field)*])* pub $field: $type,)*
            $(
                $(#[doc = $doc])+
                #[serde(skip_serializing_if = "Option::is_none")]
                #[cfg_attr(feature = "openapi", schema(nullable = false $(, example = $example)?))]
                pub $optional: Option<$optional_type>,
            )*
        }
    )+};
}

sparse! {
    /// The form that asks for an account token. What is left out is not sent.
    #[derive(Debug, Clone, Default, Serialize, Deserialize)]
    pub struct TokenRequest {
        /// `client_credentials`, or `urn:ietf:params:oauth:grant-type:token-exchange`.
        #[cfg_attr(feature = "openapi", schema(example = "client_credentials"))]
        grant_type: String,
    } or nothing {
        /// With a key: fewer scopes than the key has, separated by blanks. Left out, all that it has.
        scope: String = "account:read users:read",
        /// With a key: its id, if not sent by HTTP Basic.
        client_id: String = "akey_01h455vb4pex5vsknk084sn02q",
        /// With a key: its secret, if not sent by HTTP Basic.
        client_secret: Secret = "key_v0rTg3m2s1ZcS9nq7Jw8yB4kXhU5dLxE6aPfQoRiTzM",
        /// For an exchange: the identity token.
        subject_token: Secret,
        /// For an exchange: `urn:ietf:params:oauth:token-type:access_token`.
        subject_token_type: String,
        /// For an exchange: the account's id. Or name it by `resource`.
        audience: String,
        /// For an exchange: the account's URL, `{public URL}/api/v1/accounts/{account_id}` (RFC 8707). Or name it by `audience`.
        resource: String,
        /// For an exchange: `urn:ietf:params:oauth:token-type:access_token`, which is also what it is when left out.
        requested_token_type: String,
    }

    /// The form that names a token: to ask about it (RFC 7662), or to revoke it (RFC 7009).
    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct TokenForm {
        /// The token.
        #[cfg_attr(
            feature = "openapi",
            schema(value_type = String, min_length = 1, example = "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSJ9.eyJzdWIi.c2ln")
        )]
        token: Secret,
    } or nothing {
        /// What kind of token it is. Of no use here: the portal finds out by itself.
        token_type_hint: String = "access_token",
    }

    /// An account token (RFC 6749 section 5.1).
    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
    pub struct OAuthToken {
        /// The account token (a JWT by RFC 9068).
        #[cfg_attr(
            feature = "openapi",
            schema(example = "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSJ9.eyJzdWIi.c2ln")
        )]
        access_token: Secret,
        /// Always `Bearer`.
        token_type: TokenType,
        /// How long the token is good for, in seconds.
        #[cfg_attr(feature = "openapi", schema(example = 900))]
        expires_in: u32,
    } or nothing {
        /// What a program may do by it: scopes separated by blanks. A person's token has none.
        scope: String = "account:read users:read",
        /// After an exchange: `urn:ietf:params:oauth:token-type:access_token`.
        issued_token_type: String,
    }
}

/// What an OAuth endpoint answers when it refuses (RFC 6749 section 5.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OAuthError {
    /// What went wrong, for programs.
    pub error: OAuthErrorCode,
    /// What is wrong this time and what to do.
    #[cfg_attr(feature = "openapi", schema(example = "There is no such client, or its secret is another."))]
    pub error_description: String,
}

sparse! {
    /// What is so of a token at this moment (RFC 7662 section 2.2). Of a token that does not work, or that the caller has no right
    /// to know of, there is nothing but `active: false`.
    #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Introspection {
        /// Whether a request with the token would be let into its account now.
        active: bool,
    } or nothing {
        /// What a program may do by it: scopes separated by blanks. A person's token has none.
        scope: String = "account:read users:read",
        /// The key's id; for a person's token `portal`.
        client_id: String = "akey_01h455vb4pex5vsknk084sn02q",
        /// `Bearer`.
        token_type: TokenType,
        /// When it expires, in seconds since 1970.
        exp: i64 = 1_795_513_500,
        /// When it was given out, in seconds since 1970.
        iat: i64 = 1_795_512_600,
        /// Who acts by it: a person's id, or the key's.
        sub: String = "akey_01h455vb4pex5vsknk084sn02q",
        /// What it is for.
        aud: String = "https://portal.example/api/v1/account",
        /// The portal's public URL.
        iss: String = "https://portal.example",
        /// The token's own id.
        jti: String = "0198f3a2-b1c4-7d6e-8f90-1a2b3c4d5e6f",
        /// The account that it opens.
        account_id: AccountId,
        /// In which role, now.
        role: AccountRole,
        /// Through which firm, now, if through one.
        firm_id: FirmId,
        /// What the operator's own product calls the account, now.
        external_id: ExternalId,
    }
}

/// What a program has to know of the portal to get tokens (RFC 8414 section 2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuthorizationServer {
    /// The `iss` of all tokens: the portal's public URL.
    #[cfg_attr(feature = "openapi", schema(example = "https://portal.example"))]
    pub issuer: String,
    /// Where tokens are given out.
    #[cfg_attr(feature = "openapi", schema(example = "https://portal.example/oauth/token"))]
    pub token_endpoint: String,
    /// The public keys of tokens.
    #[cfg_attr(feature = "openapi", schema(example = "https://portal.example/.well-known/jwks.json"))]
    pub jwks_uri: String,
    /// Where to ask about a token.
    #[cfg_attr(feature = "openapi", schema(example = "https://portal.example/oauth/introspect"))]
    pub introspection_endpoint: String,
    /// Where to revoke a token.
    #[cfg_attr(feature = "openapi", schema(example = "https://portal.example/oauth/revoke"))]
    pub revocation_endpoint: String,
    /// The scopes of keys.
    pub scopes_supported: Vec<Scope>,
    /// Only `none`: nobody is sent to the portal by another site to say yes, and so neither codes nor tokens are given out by
    /// a redirect.
    #[cfg_attr(feature = "openapi", schema(example = json!(["none"])))]
    pub response_types_supported: Vec<String>,
    /// How tokens can be got.
    #[cfg_attr(
        feature = "openapi",
        schema(example = json!(["client_credentials", "urn:ietf:params:oauth:grant-type:token-exchange"]))
    )]
    pub grant_types_supported: Vec<String>,
    /// How a program proves itself where tokens are given out; `none` is for exchanges.
    #[cfg_attr(feature = "openapi", schema(example = json!(["client_secret_basic", "client_secret_post", "none"])))]
    pub token_endpoint_auth_methods_supported: Vec<String>,
    /// How a program proves itself to ask about tokens; a person does by an account token instead.
    #[cfg_attr(feature = "openapi", schema(example = json!(["client_secret_basic", "client_secret_post"])))]
    pub introspection_endpoint_auth_methods_supported: Vec<String>,
    /// How a program proves itself to revoke its tokens; `none` is for tokens of people.
    #[cfg_attr(feature = "openapi", schema(example = json!(["client_secret_basic", "client_secret_post", "none"])))]
    pub revocation_endpoint_auth_methods_supported: Vec<String>,
    /// The API's documentation, for people.
    #[cfg_attr(feature = "openapi", schema(example = "https://portal.example/swagger-ui/"))]
    pub service_documentation: String,
}
