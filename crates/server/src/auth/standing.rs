//! What is so now of who has a token. Every request with an account token asks this, and so does who introspects one: the two
//! cannot differ.

use super::scope::PersonScope;
use super::token::{AccountBearer, Tokens};
use crate::clock::Time;
use crate::db::Db;
use crate::domain::Outcome;
use crate::store::access::by_key::{self, KeyEntry, KeyEntryRow};
use crate::store::access::{self, Entry, EntryRow, IdentityRow};

/// Who is in an account by a token, now.
#[derive(Debug, Clone)]
pub enum Standing {
    /// A person.
    Person(Entry),
    /// A program.
    Program(KeyEntry),
}

/// Asks, by one statement; none when the token opens nothing any more.
pub async fn of(db: &Db, bearer: &AccountBearer, now: Time) -> Outcome<Option<Standing>> {
    match bearer {
        AccountBearer::Person(claims) => {
            let question = access::enter(&claims.registered.person(), &claims.account_id, now);
            let row = db.ask::<EntryRow>(question).await?;
            row.map(|row| row.parse().map(Standing::Person)).transpose()
        }
        AccountBearer::Program(claims) => {
            let row = db.ask::<KeyEntryRow>(by_key::enter(&claims.key(), now)).await?;
            row.map(|row| row.parse().map(Standing::Program)).transpose()
        }
    }
}

/// The person whose identity token this is; none when it is not one, or is good no more.
pub async fn of_identity(db: &Db, tokens: &Tokens, token: &str, now: Time) -> Outcome<Option<PersonScope>> {
    let Ok(claims) = tokens.check_identity(token) else { return Ok(None) };
    let person = claims.registered.person();
    let identity = db.ask::<IdentityRow>(access::identify(&person, now)).await?;
    Ok(identity.map(|_| person))
}
