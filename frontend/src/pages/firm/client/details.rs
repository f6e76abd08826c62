//! What is known of a client account, and how it is found out.

use portal_client::api_types::{AccountEmployee, AccountId, ClientAccount, MAX_ITEMS_PER_PAGE};
use portal_client::{Error, PageQuery};

use crate::pages::firm::FirmPage;

/// A client account and who works on it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Client {
    pub(super) account: ClientAccount,
    /// Those who are assigned, and the admins.
    pub(super) employees: Vec<AccountEmployee>,
}

/// Asks for all of it.
pub(super) async fn fetch(page: FirmPage, id: AccountId) -> Result<Client, Error> {
    let call = page.call(|firm| firm.read_firm_account(&id));
    let account = call.await?;
    let mut employees = Vec::new();
    let mut query = Some(PageQuery { limit: Some(MAX_ITEMS_PER_PAGE), cursor: None });
    while let Some(asked) = query {
        let call = page.call(|firm| firm.list_account_employees(&id, &asked));
        let found = call.await?;
        query = asked.after(&found);
        employees.extend(found.items);
    }
    Ok(Client { account, employees })
}
