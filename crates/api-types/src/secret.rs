//! Texts that are never printed.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ErrorCode;
use crate::text::{InvalidValue, deserialize_checked};

/// A password as typed at sign-in. Never printed: its `Debug` form hides it.
///
/// No rule applies here, so that a wrong password is always "wrong" and never "too short".
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, format = Password, example = "violet-harbour-41"))]
pub struct Password(String);

impl Password {
    /// Takes a password as it is.
    pub fn new(typed: impl Into<String>) -> Self {
        Self(typed.into())
    }

    /// The password itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(hidden)")
    }
}

/// A password that somebody chooses: 10 to 128 characters, any character, no rules of composition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, format = Password, min_length = 10, max_length = 128, example = "violet-harbour-41"))]
pub struct NewPassword(Password);

impl NewPassword {
    /// Checks the length, in characters.
    ///
    /// # Errors
    /// [`ErrorCode::PasswordTooShort`] or [`ErrorCode::PasswordTooLong`].
    pub fn parse(typed: &str) -> Result<Self, InvalidValue> {
        match typed.chars().count() {
            0..10 => Err(InvalidValue::new(
                ErrorCode::PasswordTooShort,
                "The password is too short: use at least 10 characters.",
            )),
            10..=128 => Ok(Self(Password::new(typed))),
            _ => Err(InvalidValue::new(
                ErrorCode::PasswordTooLong,
                "The password is too long: use at most 128 characters.",
            )),
        }
    }

    /// The password as one that can be verified.
    pub fn as_password(&self) -> &Password {
        &self.0
    }
}

deserialize_checked!(NewPassword);

/// A secret that travels in a body: the one-time token of a mailed link, or an access token. Never printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, example = "q3v5c6Lr0o0J8mC2m1bXw7S4n9T5y2Zk8d1f6g3h0jA"))]
pub struct Secret(String);

impl Secret {
    /// Takes a secret as it is; whether it is right is found out by its hash.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<Secret> for String {
    fn from(secret: Secret) -> Self {
        secret.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_counted_in_characters() {
        assert_eq!(NewPassword::parse("äöüäöüäöü").unwrap_err().code, ErrorCode::PasswordTooShort);
        assert!(NewPassword::parse("äöüäöüäöüä").is_ok());
        assert_eq!(NewPassword::parse(&"x".repeat(129)).unwrap_err().code, ErrorCode::PasswordTooLong);
    }

    #[test]
    fn secrets_do_not_print() {
        let shown =
            format!("{:?} {:?}", NewPassword::parse("hunter2hunter2").unwrap(), Secret::new("s3cr3t"));
        assert!(!shown.contains("hunter2") && !shown.contains("s3cr3t"), "{shown}");
    }
}
