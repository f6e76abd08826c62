//! Making our accounts known to the portal.

use portal_client::api_types::{OperatorAccountDetail, UpsertAccount};
use portal_client::{Error, Operator};

use crate::books::Account;

/// Makes sure that the portal has an account for this one, with its name. It may run as often as one likes, and on several
/// machines at once: the portal knows the account by its external id. Only the first time, the owner is made one: at once if
/// they have a login, else by a mailed link.
///
/// The name becomes ours again if an owner has changed it in the portal: here the product is the one that names its accounts.
///
/// # Errors
/// The portal's refusal.
pub async fn provision(operator: &Operator, account: &Account) -> Result<OperatorAccountDetail, Error> {
    let wanted = UpsertAccount { name: account.name.clone(), owner: Some(account.owner.clone()) };
    operator.upsert_account(&account.external_id, &wanted).await
}
