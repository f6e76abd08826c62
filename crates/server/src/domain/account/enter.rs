//! What happens when somebody switches to an account: the rule is asked, and nothing is written.

use portal_api_types::{AccountId, AccountToken, Secret, TokenAccount, TokenType};

use crate::auth::scope::PersonScope;
use crate::auth::token::{ACCESS_TOKEN_SECONDS, Tokens};
use crate::domain::{Ctx, Failure, Outcome, Refusal, Services};
use crate::store::access::{self, Entry, EntryRow};

/// What somebody is told who may not enter an account, whether it is there or not.
pub fn no_such_account() -> Failure {
    Refusal::NotFound("There is no such account, or you have no access to it.").into()
}

/// A token of the account, by the person's strongest way into it now.
pub async fn enter(
    services: &Services,
    tokens: &Tokens,
    ctx: &Ctx,
    person: PersonScope,
    account: AccountId,
) -> Outcome<AccountToken> {
    let row = services.db.ask::<EntryRow>(access::enter(&person, &account, ctx.now)).await?;
    let entry = row.ok_or_else(no_such_account)?.parse()?;
    token(tokens, &person, account, entry)
}

/// A token of the account, by this way into it, which has just been found.
pub fn token(
    tokens: &Tokens,
    person: &PersonScope,
    account: AccountId,
    entry: Entry,
) -> Outcome<AccountToken> {
    let firm_id = entry.firm.as_ref().map(|firm| firm.id.clone());
    let access_token = tokens.issue_account(
        person.user_id(),
        person.session_id(),
        account.clone(),
        entry.role,
        firm_id,
        entry.external_id.clone(),
    )?;
    Ok(AccountToken {
        access_token: Secret::new(access_token),
        token_type: TokenType::Bearer,
        expires_in: ACCESS_TOKEN_SECONDS,
        account: TokenAccount {
            id: account,
            name: entry.account_name,
            role: entry.role,
            firm: entry.firm,
            external_id: entry.external_id,
        },
    })
}
