//! x
#![recursion_limit = "256"]
pub mod db;
pub mod domain;
pub mod schema;

mod probe {
    use diesel::prelude::*;
    use diesel::sql_types::*;
    use crate::db::Conn;
    use crate::schema::*;

    #[derive(QueryableByName)]
    struct Count { #[diesel(sql_type = BigInt)] count: i64 }

    pub fn upsert(conn: &mut Conn, now: chrono::NaiveDateTime) -> QueryResult<i64> {
        let row: Count = diesel::sql_query("INSERT INTO rate_limits (key, started_at, ends_at, count) VALUES ($1, $2, $3, 1) ON CONFLICT (key) DO UPDATE SET count = rate_limits.count + 1 RETURNING count")
            .bind::<Text, _>("k").bind::<Timestamp, _>(now).bind::<Timestamp, _>(now).get_result(conn)?;
        Ok(row.count)
    }

    pub fn check(conn: &mut Conn, user: &str, account: &str, now: chrono::NaiveDateTime) -> QueryResult<Option<(String, String, Option<String>, Option<String>)>> {
        account_access::table
            .inner_join(sessions::table.on(sessions::user_id.eq(account_access::user_id)))
            .inner_join(accounts::table.on(accounts::id.eq(account_access::account_id)))
            .left_join(firms::table.on(firms::id.nullable().eq(account_access::firm_id)))
            .filter(account_access::user_id.eq(user)).filter(account_access::account_id.eq(account))
            .filter(sessions::ended_at.is_null().and(sessions::expires_at.gt(now)))
            .order(account_access::rank)
            .select((account_access::role, accounts::name, account_access::firm_id, firms::name.nullable()))
            .first(conn).optional()
    }
    pub fn counts(conn: &mut Conn) -> QueryResult<Vec<(String, i64)>> {
        let n = assignments::table.filter(assignments::employee_id.eq(employees::id)).count().single_value();
        employees::table.filter(diesel::dsl::exists(assignments::table.filter(assignments::employee_id.eq(employees::id)))).select((employees::id, n.assume_not_null())).limit(3).load(conn)
    }
    pub fn boxed(conn: &mut Conn, q: &str) -> QueryResult<Vec<String>> {
        let mut query = employees::table.into_boxed();
        query = query.filter(employees::name_key.like(format!("%{q}%")).escape('\\').or(employees::email.like("x")));
        query.select(employees::id).order((employees::name_key, employees::id)).load(conn)
    }
    #[derive(Insertable)]
    #[diesel(table_name = accounts)]
    struct New<'a> { id: &'a str, name: &'a str, name_key: &'a str, created_at: chrono::NaiveDateTime }
    pub fn ins(conn: &mut Conn, now: chrono::NaiveDateTime) -> QueryResult<usize> {
        diesel::insert_into(accounts::table).values(New{id: "a", name: "b", name_key: "b", created_at: now}).execute(conn)?;
        diesel::insert_into(account_members::table).values((account_members::account_id.eq("a"), account_members::user_id.eq("b"), account_members::role.eq("o"), account_members::created_at.eq(now))).execute(conn)?;
        diesel::update(accounts::table.find("a")).set((accounts::version.eq(accounts::version + 1), accounts::name.eq("x"))).execute(conn)?;
        diesel::insert_into(assignments::table).values(firm_accounts::table.inner_join(employees::table.on(employees::firm_id.eq(firm_accounts::firm_id))).select((firm_accounts::firm_id, employees::id, firm_accounts::account_id, firm_accounts::connected_at)))
          .into_columns((assignments::firm_id, assignments::employee_id, assignments::account_id, assignments::created_at)).execute(conn)?;
        diesel::delete(assignments::table.filter(assignments::employee_id.eq_any(vec!["a", "b"]))).execute(conn)
    }
}
