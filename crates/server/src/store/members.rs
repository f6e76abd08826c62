//! People who are in an account without a firm.

use diesel::prelude::*;
use portal_api_types::{AccountId, Email, MemberRole, Person, UserId};

use super::{is_there, parse};
use crate::auth::scope::AccountScope;
use crate::clock::Time;
use crate::db::{Conn, Question};
use crate::domain::Outcome;
use crate::schema::{account_members, users};

/// Lets a person into an account. Fails as a duplicate when they are in it already.
pub fn insert(
    conn: &mut Conn,
    account: &AccountId,
    user: &UserId,
    role: MemberRole,
    now: Time,
) -> Outcome<()> {
    diesel::insert_into(account_members::table)
        .values((
            account_members::account_id.eq(account.as_str()),
            account_members::user_id.eq(user.as_str()),
            account_members::role.eq(role.as_str()),
            account_members::created_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// A person in the account.
pub struct Member {
    /// Owner or member.
    pub role: MemberRole,
    /// Who.
    pub person: Person,
}

/// Everyone who is in the account without a firm, the first to come first.
pub fn list(conn: &mut Conn, account: &AccountScope) -> Outcome<Vec<Member>> {
    type Row = (String, String, String, String, String, Time);
    let rows: Vec<Row> = account_members::table
        .inner_join(users::table.on(users::id.eq(account_members::user_id)))
        .filter(account_members::account_id.eq(account.id().as_str()))
        .order((account_members::created_at, account_members::user_id))
        .select((
            account_members::user_id,
            account_members::role,
            users::name,
            users::email,
            users::email_display,
            account_members::created_at,
        ))
        .load(conn)?;
    rows.into_iter()
        .map(|(id, role, name, email, email_display, since)| {
            Ok(Member {
                role: parse(&role)?,
                person: Person {
                    user_id: parse(&id)?,
                    name: parse(&name)?,
                    email: Some(Email::from_stored(email, email_display)),
                    since: since.and_utc(),
                },
            })
        })
        .collect()
}

/// Whether this person is an active owner of the account; if so, that does not change before the transaction ends.
pub fn is_active_owner(conn: &mut Conn, account: &AccountScope, user: &UserId) -> Outcome<bool> {
    let question = Question::new(format!(
        "SELECT m.user_id AS id FROM account_members m JOIN users u ON u.id = m.user_id \
         JOIN accounts x ON x.id = m.account_id \
         WHERE m.user_id = $1 AND m.account_id = $2 AND m.role = 'owner' AND u.status = 'active' AND x.status = 'active'{}",
        conn.for_no_key_update_of("m")
    ));
    let question = question.text(user.as_str()).text(account.id().as_str());
    is_there(conn, &question)
}

/// Whether the address belongs to somebody who is in the account without a firm.
pub fn has_email(conn: &mut Conn, account: &AccountScope, email: &Email) -> Outcome<bool> {
    let found = account_members::table
        .inner_join(users::table.on(users::id.eq(account_members::user_id)))
        .filter(account_members::account_id.eq(account.id().as_str()).and(users::email.eq(email.as_str())));
    Ok(diesel::select(diesel::dsl::exists(found)).get_result(conn)?)
}

/// Makes a member an owner; false when the person is not a member.
pub fn promote(conn: &mut Conn, account: &AccountScope, user: &UserId) -> Outcome<bool> {
    let member = account_members::table
        .find((account.id().as_str(), user.as_str()))
        .filter(account_members::role.eq("member"));
    Ok(diesel::update(member).set(account_members::role.eq("owner")).execute(conn)? == 1)
}

/// Takes a person out; false when they were not in.
pub fn delete(conn: &mut Conn, account: &AccountScope, user: &UserId) -> Outcome<bool> {
    let deleted =
        diesel::delete(account_members::table.find((account.id().as_str(), user.as_str()))).execute(conn)?;
    Ok(deleted == 1)
}
