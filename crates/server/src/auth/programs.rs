//! What programs may do: an operation that is open to them names the scope that it needs in its handler's first argument, as in
//! `InAccount<UsersRead>`. One that names none is for people.

use portal_api_types::Scope;

/// Which scope opens an operation to programs.
pub trait ForPrograms {
    /// The scope; none when no program may.
    const SCOPE: Option<Scope>;
}

macro_rules! programs {
    ($($(#[$doc:meta])* $name:ident = $scope:expr;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name;

        impl ForPrograms for $name {
            const SCOPE: Option<Scope> = $scope;
        }
    )+};
}

programs! {
    /// For people only. What an operation is that says nothing.
    NoPrograms = None;
    /// Programs that may read the account.
    AccountRead = Some(Scope::AccountRead);
    /// Programs that may read who can get in.
    UsersRead = Some(Scope::UsersRead);
    /// Programs that may read the audit trail.
    ActivityRead = Some(Scope::ActivityRead);
    /// Programs that may manage accounting companies.
    FirmsManage = Some(Scope::FirmsManage);
}
