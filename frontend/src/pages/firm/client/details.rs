//! What is known of a client account, and how it is found out.

use portal_client::api_types::{AccountId, ClientAccount, ErrorCode, FirmPerson, MAX_ITEMS_PER_PAGE};
use portal_client::{Error, FirmAccountQuery};

use crate::pages::firm::FirmPage;
use crate::session::Session;
use crate::texts::{explain, explain_code};

/// A client account and who gets in.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Client {
    pub(super) account: ClientAccount,
    /// The firm's people who get in; `None` where the owner keeps the admin out, who then cannot look.
    pub(super) people: Option<Vec<FirmPerson>>,
}

/// Asks the account itself who is in it: the firm's own lists say how many are assigned, not who, and an admin may
/// enter every client account. The token is used for this one question and kept nowhere.
pub(super) async fn fetch(session: Session, page: FirmPage, id: AccountId) -> Result<Client, String> {
    let asked = id.clone();
    let entered = session.call(|signed_in| signed_in.enter_account(&asked)).await;
    let (people, name) = match entered {
        Ok(entered) => {
            let token = session.portal().in_account(entered.access_token.reveal());
            let users = token.list_account_users().await.map_err(|error| explain(&error))?;
            let firm = users.firms.into_iter().find(|firm| firm.firm_id.as_ref() == Some(&page.id()));
            (Some(firm.map(|firm| firm.people).unwrap_or_default()), Some(entered.account.name.to_string()))
        }
        Err(error) if error.code() == Some(ErrorCode::NotFound) => (None, None),
        Err(error) => return Err(explain(&error)),
    };
    let found = find(page, &id, name).await.map_err(|error| explain(&error))?;
    let account = found.ok_or_else(|| explain_code(ErrorCode::NotFound).to_owned())?;
    Ok(Client { account, people })
}

/// The firm's row of the account; its name, where it is known, spares the pages of all others.
async fn find(page: FirmPage, id: &AccountId, name: Option<String>) -> Result<Option<ClientAccount>, Error> {
    let mut query = Some(FirmAccountQuery { q: name, limit: Some(MAX_ITEMS_PER_PAGE), ..Default::default() });
    while let Some(asked) = query {
        let call = page.call(|firm| firm.list_firm_accounts(&asked));
        let found = call.await?;
        query = asked.after(&found);
        if let Some(account) = found.items.into_iter().find(|account| account.id == *id) {
            return Ok(Some(account));
        }
    }
    Ok(None)
}
