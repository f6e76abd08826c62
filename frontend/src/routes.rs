//! Every address of the app, in one table that is read both ways.

use std::fmt::{self, Display};

use portal_client::api_types::{AccountId, EmployeeId, EmployeeRole, FirmId, WebhookId};

/// Where one can be. Its `Display` form is the path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    /// Wherever the person was last.
    Home,
    /// Sign in.
    Login,
    /// Create an account.
    Register,
    /// Ask for a link to choose a new password.
    Forgot,
    /// A mailed link: an invitation, or the confirmation of a sign-up.
    Join,
    /// A mailed link: choose a new password.
    Reset,
    /// The password, and where one is signed in.
    Security,
    /// A page of an account.
    Account(AccountId, AccountTab),
    /// A webhook of an account.
    Webhook(AccountId, WebhookId),
    /// A page of a firm.
    Firm(FirmId, FirmTab),
    /// An employee of a firm.
    Employee(FirmId, EmployeeId),
    /// A client account of a firm.
    Client(FirmId, AccountId),
}

/// The pages of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AccountTab {
    Overview,
    Users,
    Activity,
    Settings,
    ApiKeys,
    Webhooks,
}

/// The pages of a firm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FirmTab {
    Employees,
    Clients,
    Assignments,
    Activity,
    Settings,
}

impl Route {
    /// The place of a path; `None` when there is none.
    pub(crate) fn parse(path: &str) -> Option<Self> {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        Some(match parts.as_slice() {
            [] => Self::Home,
            ["login"] => Self::Login,
            ["register"] => Self::Register,
            ["forgot"] => Self::Forgot,
            ["join"] => Self::Join,
            ["reset"] => Self::Reset,
            ["security"] => Self::Security,
            ["accounts", id] => Self::Account(AccountId::parse(id).ok()?, AccountTab::Overview),
            ["accounts", id, tab] => Self::Account(AccountId::parse(id).ok()?, AccountTab::parse(tab)?),
            ["accounts", id, "settings", tab] => {
                Self::Account(AccountId::parse(id).ok()?, AccountTab::parse(&format!("settings/{tab}"))?)
            }
            ["accounts", account, "settings", "webhooks", id] => {
                Self::Webhook(AccountId::parse(account).ok()?, WebhookId::parse(id).ok()?)
            }
            ["firms", id] => Self::Firm(FirmId::parse(id).ok()?, FirmTab::Clients),
            ["firms", id, tab] => Self::Firm(FirmId::parse(id).ok()?, FirmTab::parse(tab)?),
            ["firms", firm, "employees", id] => {
                Self::Employee(FirmId::parse(firm).ok()?, EmployeeId::parse(id).ok()?)
            }
            ["firms", firm, "clients", id] => {
                Self::Client(FirmId::parse(firm).ok()?, AccountId::parse(id).ok()?)
            }
            _ => return None,
        })
    }

    /// Whether it is for people who are not signed in, too.
    pub(crate) fn is_public(&self) -> bool {
        matches!(self, Self::Login | Self::Register | Self::Forgot | Self::Join | Self::Reset)
    }
}

impl Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Home => f.write_str("/"),
            Self::Login => f.write_str("/login"),
            Self::Register => f.write_str("/register"),
            Self::Forgot => f.write_str("/forgot"),
            Self::Join => f.write_str("/join"),
            Self::Reset => f.write_str("/reset"),
            Self::Security => f.write_str("/security"),
            Self::Account(id, tab) => write!(f, "/accounts/{id}/{}", tab.word()),
            Self::Webhook(account, id) => {
                write!(f, "/accounts/{account}/{}/{id}", AccountTab::Webhooks.word())
            }
            Self::Firm(id, tab) => write!(f, "/firms/{id}/{}", tab.word()),
            Self::Employee(firm, id) => write!(f, "/firms/{firm}/employees/{id}"),
            Self::Client(firm, id) => write!(f, "/firms/{firm}/clients/{id}"),
        }
    }
}

impl AccountTab {
    const ALL: [Self; 6] =
        [Self::Overview, Self::Users, Self::Activity, Self::Settings, Self::ApiKeys, Self::Webhooks];

    fn word(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Users => "users",
            Self::Activity => "activity",
            Self::Settings => "settings",
            Self::ApiKeys => "settings/api-keys",
            Self::Webhooks => "settings/webhooks",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tab| tab.word() == word)
    }
}

impl FirmTab {
    /// Where somebody of this role begins.
    pub(crate) fn first_for(role: EmployeeRole) -> Self {
        match role {
            EmployeeRole::Admin => Self::Employees,
            EmployeeRole::Bookkeeper => Self::Clients,
        }
    }

    const ALL: [Self; 5] =
        [Self::Employees, Self::Clients, Self::Assignments, Self::Activity, Self::Settings];

    fn word(self) -> &'static str {
        match self {
            Self::Employees => "employees",
            Self::Clients => "clients",
            Self::Assignments => "assignments",
            Self::Activity => "activity",
            Self::Settings => "settings",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tab| tab.word() == word)
    }
}

/// Sign in, and then go on where one wanted to be.
pub(crate) fn login_then(path_and_query: &str) -> String {
    if path_and_query == "/" {
        return Route::Login.to_string();
    }
    let next: String = js_sys::encode_uri_component(path_and_query).into();
    format!("{}?next={next}", Route::Login)
}

/// Where to go on after signing in: only within the app, wherever the link came from.
pub(crate) fn next_after_login(next: Option<String>) -> String {
    let inside = next.filter(|path| {
        let path_only = path.split(['?', '#']).next().unwrap_or_default();
        // `//host` and `/\host` are addresses of elsewhere to a browser.
        path.starts_with('/')
            && !path.starts_with("//")
            && !path.contains('\\')
            && Route::parse(path_only).is_some_and(|route| !route.is_public())
    });
    inside.unwrap_or_else(|| Route::Home.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_is_read_back_from_its_path() {
        let account = AccountId::parse("acct_01h455vb4pex5vsknk084sn02q").expect("an id");
        let firm = FirmId::parse("firm_01h455vb4pex5vsknk084sn02q").expect("an id");
        let employee = EmployeeId::parse("empl_01h455vb4pex5vsknk084sn02q").expect("an id");
        let webhook = WebhookId::parse("whok_01h455vb4pex5vsknk084sn02q").expect("an id");
        let mut routes = vec![
            Route::Home,
            Route::Login,
            Route::Register,
            Route::Forgot,
            Route::Join,
            Route::Reset,
            Route::Security,
            Route::Employee(firm.clone(), employee),
            Route::Client(firm.clone(), account.clone()),
            Route::Webhook(account.clone(), webhook),
        ];
        routes.extend(AccountTab::ALL.map(|tab| Route::Account(account.clone(), tab)));
        routes.extend(FirmTab::ALL.map(|tab| Route::Firm(firm.clone(), tab)));
        for route in routes {
            assert_eq!(Route::parse(&route.to_string()), Some(route.clone()), "{route}");
        }
    }

    #[test]
    fn what_is_no_address_of_the_app_has_no_route() {
        for path in ["/nothing", "/accounts", "/accounts/42/users", "/firms/firm_x/employees", "/login/x"] {
            assert_eq!(Route::parse(path), None, "{path}");
        }
    }

    #[test]
    fn signing_in_leads_nowhere_else() {
        for bad in ["https://evil.example", "//evil.example", "/\\evil.example", "/login", "/nothing", ""] {
            assert_eq!(next_after_login(Some(bad.to_owned())), "/", "{bad:?}");
        }
        assert_eq!(next_after_login(Some("/security?a=b".to_owned())), "/security?a=b");
        assert_eq!(next_after_login(None), "/");
    }
}
