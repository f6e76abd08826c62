//! Errors on the wire: RFC 9457 problem details with a machine-readable code.

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $word:literal, $status:literal, $title:literal;)+) => {
        /// What went wrong, for programs. Each code always comes with the same status.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum ErrorCode {
            $($(#[$doc])* #[serde(rename = $word)] $variant,)+
        }

        impl ErrorCode {
            /// Every code there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The code on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// The HTTP status that the code comes with.
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)+ }
            }

            /// A short sentence that is the same for every occurrence.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)+ }
            }

            /// The code of this word.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

codes! {
    /// The body cannot be parsed as JSON.
    MalformedJson = "malformed_json", 400, "The body is not valid JSON";
    /// An id, a cursor or another parameter in the path or the query is not well-formed.
    MalformedParameter = "malformed_parameter", 400, "A parameter of the path or the query is malformed";
    /// The request itself is not well-formed.
    MalformedRequest = "malformed_request", 400, "The request is malformed";
    /// No token, or one that is invalid, expired or revoked.
    Unauthenticated = "unauthenticated", 401, "Sign in first";
    /// E-mail and password do not fit.
    WrongCredentials = "wrong_credentials", 401, "Wrong e-mail or password";
    /// The caller may know that it exists, but not do this.
    Forbidden = "forbidden", 403, "You are not allowed to do this";
    /// It does not exist, or the caller has no right to know that it does.
    NotFound = "not_found", 404, "Not found";
    /// The path exists, but not with this method.
    MethodNotAllowed = "method_not_allowed", 405, "This method is not allowed here";
    /// The body did not arrive in time.
    RequestTimeout = "request_timeout", 408, "The request took too long";
    /// The firm or person is already invited.
    AlreadyInvited = "already_invited", 409, "Already invited";
    /// The firm is already connected to the account.
    AlreadyConnected = "already_connected", 409, "Already connected";
    /// The person is already an owner or a member of the account.
    AlreadyMember = "already_member", 409, "Already in this account";
    /// The firm already has an employee with this e-mail.
    AlreadyEmployee = "already_employee", 409, "Already an employee";
    /// The account would lose its last owner.
    LastOwner = "last_owner", 409, "An account needs an owner";
    /// The firm would lose its last active admin.
    LastAdmin = "last_admin", 409, "A firm needs an admin";
    /// An invited employee has nothing to activate or deactivate yet.
    EmployeeInvited = "employee_invited", 409, "The employee has not joined yet";
    /// The employee has joined, so there is no invitation to send again.
    EmployeeJoined = "employee_joined", 409, "The employee has joined already";
    /// The account is closed for good.
    AccountClosed = "account_closed", 409, "The account is closed";
    /// Another account has this external id.
    ExternalIdTaken = "external_id_taken", 409, "The external id is taken";
    /// There are as many webhooks as there may be.
    TooManyWebhooks = "too_many_webhooks", 409, "Too many webhooks";
    /// The one-time token was used, cancelled, replaced or has expired.
    InvitationGone = "invitation_gone", 410, "This link does not work any more";
    /// The body is too large.
    PayloadTooLarge = "payload_too_large", 413, "The body is too large";
    /// The body is not `application/json`.
    UnsupportedMediaType = "unsupported_media_type", 415, "Send JSON";
    /// The body has a field that the operation does not know.
    UnknownField = "unknown_field", 422, "The body has an unknown field";
    /// A field that the operation needs is not there.
    MissingField = "missing_field", 422, "A field is missing";
    /// A field has another JSON type than it should.
    InvalidType = "invalid_type", 422, "A field has the wrong type";
    /// A field has a value that it cannot have.
    InvalidValue = "invalid_value", 422, "A field has a value that it cannot have";
    /// A field is not an id of the right kind.
    InvalidId = "invalid_id", 422, "A field is not an id";
    /// A name is empty, too long or has forbidden characters.
    InvalidName = "invalid_name", 422, "A name is not valid";
    /// An e-mail address is not valid.
    InvalidEmail = "invalid_email", 422, "An e-mail address is not valid";
    /// An external id is empty, too long or has characters other than visible ASCII.
    InvalidExternalId = "invalid_external_id", 422, "An external id is not valid";
    /// The same request with the same `Idempotency-Key` was answered before, with a secret that is kept nowhere.
    AnswerNotKept = "answer_not_kept", 409, "This was done already, and its answer is kept nowhere";
    /// The same `Idempotency-Key` came before with another body.
    IdempotencyKeyReused = "idempotency_key_reused", 422, "This idempotency key was used for another request";
    /// The password has fewer than 10 characters.
    PasswordTooShort = "password_too_short", 422, "The password is too short";
    /// The password has more than 128 characters.
    PasswordTooLong = "password_too_long", 422, "The password is too long";
    /// The password is easily guessed.
    PasswordTooCommon = "password_too_common", 422, "The password is too easy to guess";
    /// A list in the body has more items than the operation takes.
    TooManyItems = "too_many_items", 422, "Too many items";
    /// Too many tries; `Retry-After` says when to come back.
    RateLimited = "rate_limited", 429, "Too many requests";
    /// The server failed.
    InternalError = "internal_error", 500, "The server failed";
    /// The server or its database is busy or away; `Retry-After` says when to come back.
    Unavailable = "unavailable", 503, "Temporarily unavailable";
}

// By hand: utoipa's derive does not see the words in a macro's attributes, and takes the variants' names.
#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for ErrorCode {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        let mut description =
            "What went wrong, for programs. Each code always comes with the same status:\n".to_owned();
        for code in Self::ALL {
            description.push_str(&format!("\n- `{}` ({}): {}", code.as_str(), code.status(), code.title()));
        }
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::Type::String)
            .description(Some(description))
            .enum_values(Some(Self::ALL.iter().map(|code| code.as_str())))
            .examples([Self::NotFound.as_str()])
            .into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for ErrorCode {
    fn name() -> std::borrow::Cow<'static, str> {
        "ErrorCode".into()
    }
}

/// What is wrong with one field of a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// Where the field is: a JSON pointer (RFC 6901).
    #[cfg_attr(feature = "openapi", schema(example = "/email"))]
    pub pointer: String,
    /// What kind of mistake it is.
    pub code: ErrorCode,
    /// What is wrong and what to do.
    #[cfg_attr(feature = "openapi", schema(example = "The e-mail address needs an @."))]
    pub detail: String,
}

/// An error answer (`application/problem+json`, RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// A URI that names the kind of problem.
    #[serde(rename = "type")]
    #[cfg_attr(feature = "openapi", schema(example = "urn:accounting-portal:problem:not_found"))]
    pub kind: String,
    /// A short sentence, the same for every problem of the kind.
    #[cfg_attr(feature = "openapi", schema(example = "Not found"))]
    pub title: String,
    /// The HTTP status.
    #[cfg_attr(feature = "openapi", schema(example = 404))]
    pub status: u16,
    /// What is wrong this time and what to do.
    #[cfg_attr(
        feature = "openapi",
        schema(example = "There is no such account, or you have no access to it.")
    )]
    pub detail: String,
    /// The kind of problem, for programs.
    pub code: ErrorCode,
    /// The request's id, as in the header `X-Request-Id` and in the server's log.
    #[cfg_attr(feature = "openapi", schema(example = "01h455vb4pex5vsknk084sn02q"))]
    pub request_id: String,
    /// The fields that are wrong, when it is about fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

impl Problem {
    /// The problem of this code, not yet tied to a request.
    pub fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("urn:accounting-portal:problem:{}", code.as_str()),
            title: code.title().to_owned(),
            status: code.status(),
            detail: detail.into(),
            code,
            request_id: String::new(),
            errors: Vec::new(),
        }
    }
}
