//! People and firms of a test, and how they come to be: by the mails and the API, as everybody's.

use portal_api_types::{
    AccountId, ConfirmRegistration, Employee, EmployeeId, EmployeeRole, InviteEmployee, InviteFirm, Password,
    Registration, SignIn,
};
use portal_client::{InAccount, InFirm, ListQuery, Operator, SignedIn};
use portal_server::domain::operator::keys;

use crate::app::{OPERATOR, PASSWORD, TestApp, acceptance, address, named, password};

impl TestApp {
    /// How many one-time links were mailed to this address so far.
    pub fn links_mailed_to(&self, address: &str) -> usize {
        self.mails_to(address).iter().filter(|mail| mail.has_link()).count()
    }

    /// Somebody signs in.
    pub async fn sign_in(&self, email: &str) -> SignedIn {
        self.portal()
            .sign_in(&SignIn { email: address(email), password: Password::new(PASSWORD) })
            .await
            .expect("signed in")
    }

    /// A store owner, signed up and inside the first account.
    pub async fn owner(&self, name: &str, email: &str, account: &str) -> Owner {
        let portal = self.portal();
        let before = self.links_mailed_to(email);
        let registration = Registration {
            name: named(name),
            email: address(email),
            account_name: named(account),
            locale: None,
        };
        portal.register(&registration).await.expect("registered");
        let token = self.token_mailed_to(email, before + 1).await;
        let confirmation = ConfirmRegistration { token, password: password() };
        let me = portal.confirm_registration(&confirmation).await.expect("confirmed");
        let accounts = me.list_my_accounts(&ListQuery::default()).await.expect("accounts");
        let account_id = accounts.items[0].id.clone();
        let inside = me.enter(&account_id).await.expect("inside");
        Owner { me, inside, account_id }
    }

    /// Accepts the newest invitation mailed to this address.
    pub async fn join(&self, email: &str, count: usize) -> SignedIn {
        let token = self.token_mailed_to(email, count).await;
        self.portal().accept_invitation(&acceptance(token)).await.expect("accepted")
    }

    /// The operator, by a new key.
    pub async fn operator(&self) -> Operator {
        self.portal().operator(self.operator_key().await)
    }

    /// A new key of the operator.
    pub async fn operator_key(&self) -> String {
        let ctx = self.app.ctx(None, None, portal_api_types::Locale::default());
        let create = move |conn: &mut portal_server::db::Conn| keys::create(conn, &ctx, &named(OPERATOR));
        let (_, secret) = self.app.services.db.write(create).await.expect("a key");
        secret.reveal().to_owned()
    }

    /// A firm that this owner invited and whose first admin has joined.
    pub async fn firm(&self, owner: &Owner, name: &str, email: &str) -> FirmAdmin {
        owner.invite(name, email).await;
        let me = self.join(email, 1).await;
        let firm_id = me.read_me().await.expect("me").firms[0].firm_id.clone();
        let employee_id = me.read_me().await.expect("me").firms[0].employee_id.clone();
        let firm = me.firm(&firm_id);
        FirmAdmin { me, firm, firm_id, employee_id }
    }
}

/// A store owner in a test.
pub struct Owner {
    /// Signed in.
    pub me: SignedIn,
    /// Inside the account.
    pub inside: InAccount,
    /// The account.
    pub account_id: AccountId,
}

impl Owner {
    /// Invites an accounting company.
    pub async fn invite(&self, name: &str, email: &str) -> portal_api_types::AccountFirm {
        let invitation = InviteFirm { name: named(name), email: address(email) };
        self.inside.invite_firm(&invitation).await.expect("invited")
    }
}

/// An admin of a firm in a test.
pub struct FirmAdmin {
    /// Signed in.
    pub me: SignedIn,
    /// In the firm.
    pub firm: InFirm,
    /// The firm.
    pub firm_id: portal_api_types::FirmId,
    /// The admin's place.
    pub employee_id: EmployeeId,
}

impl FirmAdmin {
    /// Invites an employee.
    pub async fn invite(
        &self,
        name: &str,
        email: &str,
        role: EmployeeRole,
        account_ids: &[AccountId],
    ) -> Employee {
        let invitation = InviteEmployee {
            name: named(name),
            email: address(email),
            role,
            account_ids: account_ids.to_vec(),
        };
        self.firm.invite_employee(&invitation).await.expect("invited")
    }

    /// Invites an employee, who joins.
    pub async fn hire(
        &self,
        app: &TestApp,
        name: &str,
        email: &str,
        role: EmployeeRole,
        accounts: &[AccountId],
    ) -> Hired {
        let before = app.links_mailed_to(email);
        let employee = self.invite(name, email, role, accounts).await;
        let me = app.join(email, before + 1).await;
        Hired { me, id: employee.id }
    }
}

/// An employee who has joined.
pub struct Hired {
    /// Signed in.
    pub me: SignedIn,
    /// The place in the firm.
    pub id: EmployeeId,
}
