//! What is so now of who has a token. Every request with an account token asks this, and so does who introspects one: the two
//! cannot differ.

use super::scope::PersonScope;
use super::token::{AccountBearer, Tokens};
use crate::clock::Time;
use crate::db::{Conn, Db};
use crate::domain::Outcome;
use crate::store::access::by_key::{self, KeyEntry};
use crate::store::access::{self, Entry};

/// Who is in an account by a token, now.
#[derive(Debug, Clone)]
pub enum Standing {
    /// A person.
    Person(Entry),
    /// A program.
    Program(KeyEntry),
}

/// Asks, by one statement; none when the token opens nothing any more.
pub fn of(conn: &mut Conn, bearer: &AccountBearer, now: Time) -> Outcome<Option<Standing>> {
    Ok(match bearer {
        AccountBearer::Person(claims) => {
            access::enter(conn, &claims.registered.person(), &claims.account_id, now)?.map(Standing::Person)
        }
        AccountBearer::Program(claims) => by_key::enter(conn, &claims.key(), now)?.map(Standing::Program),
    })
}

/// The person whose identity token this is; none when it is not one, or is good no more.
pub async fn of_identity(db: &Db, tokens: &Tokens, token: &str, now: Time) -> Outcome<Option<PersonScope>> {
    let Ok(claims) = tokens.check_identity(token) else { return Ok(None) };
    let person = claims.registered.person();
    let asked = person.clone();
    let identity = db.read(move |conn| access::identify(conn, &asked, now)).await?;
    Ok(identity.map(|_| person))
}
