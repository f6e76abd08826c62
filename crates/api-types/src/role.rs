//! Roles, states and languages: closed sets of words, the same on the wire and in the database.

use serde::{Deserialize, Serialize};

macro_rules! words {
    ($($(#[doc = $doc:literal])+ $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+ })+) => {$(
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// Every word of the set.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word on the wire and in the database.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        // By hand: utoipa's derive does not see the words in a macro's attributes, and takes the variants' names.
        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::Type::String)
                    .description(Some([$($doc),+].join("\n").trim()))
                    .enum_values(Some(Self::ALL.iter().map(|word| word.as_str())))
                    .into()
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::InvalidValue;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::InvalidValue::new($crate::ErrorCode::InvalidValue,
                        concat!("Use one of:", $(" ", $word,)+ "."))),
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::InvalidValue;

            fn try_from(text: String) -> Result<Self, $crate::InvalidValue> {
                text.parse()
            }
        }
    )+};
}
pub(crate) use words;

words! {
    /// In which role somebody acts in an account.
    AccountRole {
        /// Owns the account: decides who gets in.
        Owner = "owner",
        /// Works in the account without a firm.
        Member = "member",
        /// An admin of a firm that is connected to the account.
        FirmAdmin = "firm_admin",
        /// An employee of such a firm, assigned to the account.
        Bookkeeper = "bookkeeper",
        /// A program with a key of the account.
        Integration = "integration",
    }
    /// The role of a person whom the owner lets in without a firm.
    MemberRole {
        /// One more owner.
        Owner = "owner",
        /// A member.
        Member = "member",
    }
    /// The role of an employee in a firm.
    EmployeeRole {
        /// Manages the firm's people and has all current and future client accounts.
        Admin = "admin",
        /// Has the client accounts assigned to them.
        Bookkeeper = "bookkeeper",
    }
    /// Whether an employee can act for the firm.
    EmployeeStatus {
        /// Has not opened the mailed link yet.
        Invited = "invited",
        /// Works for the firm.
        Active = "active",
        /// Cannot act for the firm any more, until reactivated.
        Deactivated = "deactivated",
    }
    /// Whether a firm is in an account yet.
    ConnectionStatus {
        /// The firm has not opened the mailed link yet.
        Invited = "invited",
        /// The firm has access.
        Connected = "connected",
    }
    /// What an invitation is for.
    InvitationKind {
        /// An accounting company is let into an account.
        Firm = "firm",
        /// Somebody becomes an employee of a firm.
        Employee = "employee",
        /// Somebody is let into an account without a firm.
        Member = "member",
    }
    /// Through what an employee gets into an account.
    Via {
        /// As an admin of the firm, who has them all.
        Admin = "admin",
        /// By an assignment.
        Assignment = "assignment",
    }
    /// The role in a firm or an account that an invitation offers.
    FirmRole {
        /// Admin of the firm.
        Admin = "admin",
        /// Bookkeeper of the firm.
        Bookkeeper = "bookkeeper",
        /// Owner of the account.
        Owner = "owner",
        /// Member of the account.
        Member = "member",
    }
    /// A language of the portal: what a person's mails are written in.
    Locale {
        /// English.
        English = "en",
        /// Spanish.
        Spanish = "es",
    }
    /// Whether an account can be entered.
    AccountStatus {
        /// Open to those who have access to it.
        Active = "active",
        /// Closed to everybody until the operator resumes it.
        Suspended = "suspended",
        /// Closed for good.
        Closed = "closed",
    }
    /// Whether a firm's people can act for it.
    FirmStatus {
        /// They can.
        Active = "active",
        /// They cannot, until the operator resumes it.
        Suspended = "suspended",
    }
    /// Whether a person can act anywhere.
    UserStatus {
        /// They can.
        Active = "active",
        /// They cannot, until the operator resumes them.
        Suspended = "suspended",
    }
    /// What an API key, or a token of it, may do in its account.
    Scope {
        /// Read the account.
        AccountRead = "account:read",
        /// Read who can get in, with their e-mail addresses.
        UsersRead = "users:read",
        /// Read the audit trail.
        ActivityRead = "activity:read",
        /// Invite accounting companies, cut them off, and keep single people of them out.
        FirmsManage = "firms:manage",
    }
    /// What went wrong at an OAuth endpoint (RFC 6749 section 5.2, RFC 6750 section 3.1, RFC 8693 section 2.2.2).
    OAuthErrorCode {
        /// The request is not well-formed.
        InvalidRequest = "invalid_request",
        /// The client is not known, or did not prove who it is.
        InvalidClient = "invalid_client",
        /// The client may not do this.
        UnauthorizedClient = "unauthorized_client",
        /// There is no such grant here.
        UnsupportedGrantType = "unsupported_grant_type",
        /// A scope is not known, or is more than what may be had.
        InvalidScope = "invalid_scope",
        /// No token is given out for this account.
        InvalidTarget = "invalid_target",
        /// The bearer token of the caller is not valid.
        InvalidToken = "invalid_token",
        /// Busy, or too many tries; `Retry-After` says when to come back.
        TemporarilyUnavailable = "temporarily_unavailable",
        /// The server failed.
        ServerError = "server_error",
    }
    /// How a token is sent: in `Authorization: Bearer`.
    TokenType {
        /// RFC 6750.
        Bearer = "Bearer",
    }
}

/// English is what everybody gets who has not said otherwise.
impl Default for Locale {
    fn default() -> Self {
        Self::English
    }
}
