//! Lists of accounts: by name, each page where the last one ended, whatever is refused in between; and what is kept beside the
//! rows for them (names to sort by, numbers) is what the rows themselves say.

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use portal_api_types::{
    AccountId, AssignmentBatch, AssignmentPair, EmployeeId, EmployeeRole, InviteFirm, NewAccount,
    RenameAccount,
};
use portal_client::{FirmAccountQuery, InFirm, ListQuery, PageQuery, SignedIn};

use crate::app::{FirmAdmin, Hired, Owner, TestApp, address, named};

/// An owner of many accounts, which a firm is connected to, and a bookkeeper of the firm.
struct Scene {
    app: TestApp,
    owner: Owner,
    firm: FirmAdmin,
    ben: Hired,
    /// By what they are called at first.
    accounts: Vec<(String, AccountId)>,
}

const NAMES: [&str; 12] = [
    "Twin",
    "Cafe",
    "Älpler",
    "Twin",
    "acorn",
    "Delta",
    "Twin",
    "zebra",
    "Éclair",
    "Twin",
    "Mill 100%",
    "Mill 100_",
];

impl Scene {
    async fn new() -> Self {
        let app = TestApp::start();
        let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
        let firm = app.firm(&owner, "Apple", "office@apple.example").await;
        let mut accounts = vec![("Bakery".to_owned(), owner.account_id.clone())];
        for name in NAMES {
            let opened = owner.me.open_account(&NewAccount { name: named(name) }).await.unwrap();
            let inside = owner.me.enter(&opened.id).await.unwrap();
            let invitation = InviteFirm { name: named("Apple"), email: address("office@apple.example") };
            inside.invite_firm(&invitation).await.unwrap();
            accounts.push((name.to_owned(), opened.id));
        }
        let ben = firm.hire(&app, "Ben", "ben@apple.example", EmployeeRole::Bookkeeper, &[]).await;
        let scene = Self { app, owner, firm, ben, accounts };
        let pairs = scene.accounts.iter().filter(|(name, _)| name != "Delta");
        let pairs = pairs.map(|(_, account)| pair(&scene.ben.id, account)).collect();
        scene
            .firm
            .firm
            .assign_accounts(&AssignmentBatch { grant: pairs, ..AssignmentBatch::default() })
            .await
            .unwrap();
        scene
    }

    fn named(&self, name: &str) -> &AccountId {
        &self.accounts.iter().find(|(known, _)| known == name).unwrap().1
    }

    /// Those that the person can enter, tried one by one, in the order of lists.
    async fn enterable(&self, person: &SignedIn) -> Vec<AccountId> {
        let mut found = Vec::new();
        for (_, id) in &self.accounts {
            if let Ok(inside) = person.enter(id).await {
                found.push((inside.read_account().await.unwrap().name.sort_key(), id.clone()));
            }
        }
        found.sort_by(|a, b| (&a.0, a.1.as_str()).cmp(&(&b.0, b.1.as_str())));
        found.into_iter().map(|(_, id)| id).collect()
    }

    /// Every list of accounts, in pages of every size, is what can be entered.
    async fn check(&self) {
        for person in [&self.owner.me, &self.firm.me, &self.ben.me] {
            let expected = self.enterable(person).await;
            for limit in [1, 2, 5, 200] {
                assert_eq!(mine(person, "", limit).await, expected, "pages of {limit}");
            }
        }
        let expected = self.enterable(&self.ben.me).await;
        let as_ben = self.ben.me.firm(&self.firm.firm_id);
        for limit in [1, 2, 5, 200] {
            assert_eq!(clients(&as_ben, "", limit).await, expected, "a bookkeeper's clients");
            assert_eq!(of_employee(&self.firm.firm, &self.ben.id, limit).await, expected);
        }
        let expected = self.enterable(&self.firm.me).await;
        for limit in [1, 2, 5, 200] {
            assert_eq!(clients(&self.firm.firm, "", limit).await, expected, "an admin's clients");
        }
        assert_eq!(wrong(&self.app).await, 0, "what is kept beside the rows is true");
    }
}

fn pair(employee: &EmployeeId, account: &AccountId) -> AssignmentPair {
    AssignmentPair { employee_id: employee.clone(), account_id: account.clone() }
}

async fn mine(person: &SignedIn, q: &str, limit: u16) -> Vec<AccountId> {
    let (mut found, mut cursor) = (Vec::new(), None);
    loop {
        let query = ListQuery { q: Some(q.to_owned()).filter(|q| !q.is_empty()), limit: Some(limit), cursor };
        let page = person.list_my_accounts(&query).await.unwrap();
        found.extend(page.items.into_iter().map(|account| account.id));
        cursor = page.next_cursor;
        if cursor.is_none() {
            return found;
        }
    }
}

async fn clients(firm: &InFirm, q: &str, limit: u16) -> Vec<AccountId> {
    let (mut found, mut cursor) = (Vec::new(), None);
    loop {
        let q = Some(q.to_owned()).filter(|q| !q.is_empty());
        let query = FirmAccountQuery { q, limit: Some(limit), cursor, ..FirmAccountQuery::default() };
        let page = firm.list_firm_accounts(&query).await.unwrap();
        found.extend(page.items.into_iter().map(|account| account.id));
        cursor = page.next_cursor;
        if cursor.is_none() {
            return found;
        }
    }
}

async fn of_employee(firm: &InFirm, employee: &EmployeeId, limit: u16) -> Vec<AccountId> {
    let (mut found, mut cursor) = (Vec::new(), None);
    loop {
        let query = PageQuery { limit: Some(limit), cursor };
        let page = firm.list_employee_accounts(employee, &query).await.unwrap();
        found.extend(page.items.into_iter().map(|account| account.id));
        cursor = page.next_cursor;
        if cursor.is_none() {
            return found;
        }
    }
}

#[derive(QueryableByName)]
struct Wrong {
    #[diesel(sql_type = BigInt)]
    wrong: i64,
}

/// How much of what is kept beside rows is not what the rows say.
async fn wrong(app: &TestApp) -> i64 {
    const CHECK: &str = "
        SELECT (SELECT count(*) FROM account_members m JOIN accounts x ON x.id = m.account_id WHERE m.name_key <> x.name_key)
             + (SELECT count(*) FROM firm_accounts c JOIN accounts x ON x.id = c.account_id WHERE c.name_key <> x.name_key)
             + (SELECT count(*) FROM assignments a JOIN accounts x ON x.id = a.account_id WHERE a.name_key <> x.name_key)
             + (SELECT count(*) FROM firm_accounts c WHERE c.employee_count <>
                   (SELECT count(*) FROM assignments a WHERE a.firm_id = c.firm_id AND a.account_id = c.account_id))
             + (SELECT count(*) FROM firm_accounts c WHERE c.unassigned <> (c.employee_count = 0))
             + (SELECT count(*) FROM employees e WHERE e.account_count <>
                   (SELECT count(*) FROM assignments a JOIN accounts x ON x.id = a.account_id
                    WHERE a.employee_id = e.id AND x.status = 'active'))
             + (SELECT count(*) FROM firms f WHERE f.account_count <>
                   (SELECT count(*) FROM firm_accounts c JOIN accounts x ON x.id = c.account_id
                    WHERE c.firm_id = f.id AND x.status = 'active')) AS wrong";
    let found = app.app.services.db.read(|conn| Ok(diesel::sql_query(CHECK).get_result::<Wrong>(conn)?));
    found.await.unwrap().wrong
}

#[tokio::test]
async fn every_list_goes_by_name_page_by_page_and_leaves_out_what_is_refused() {
    let scene = Scene::new().await;
    scene.check().await;
    assert_eq!(scene.enterable(&scene.firm.me).await.len(), 13);
    assert_eq!(scene.enterable(&scene.ben.me).await.len(), 12, "not Delta");

    // Kept out by the owner, and suspended: gaps in the middle of pages.
    let operator = scene.app.operator().await;
    for name in ["Cafe", "Éclair"] {
        let inside = scene.owner.me.enter(scene.named(name)).await.unwrap();
        inside.block_person(&scene.firm.firm_id, &scene.ben.id).await.unwrap();
    }
    for (_, id) in scene.accounts.iter().filter(|(name, _)| name == "Twin").take(3) {
        operator.suspend_account(id).await.unwrap();
    }
    scene.check().await;
    assert_eq!(scene.enterable(&scene.ben.me).await.len(), 7);

    let inside = scene.owner.me.enter(scene.named("acorn")).await.unwrap();
    inside.rename_account(&RenameAccount { name: named("Zoo") }).await.unwrap();
    scene.check().await;
    let last = mine(&scene.ben.me, "", 200).await.pop();
    assert_eq!(last.as_ref(), Some(scene.named("Älpler")), "ä comes behind z");

    for (_, id) in scene.accounts.iter().filter(|(name, _)| name == "Twin").take(3) {
        operator.resume_account(id).await.unwrap();
    }
    scene.firm.firm.disconnect_account(scene.named("zebra")).await.unwrap();
    scene.check().await;
    scene.firm.firm.remove_employee(&scene.ben.id).await.unwrap();
    assert_eq!(wrong(&scene.app).await, 0);
    assert!(mine(&scene.ben.me, "", 200).await.is_empty());
}

#[tokio::test]
async fn a_search_finds_letters_anywhere_and_takes_signs_as_they_are() {
    let scene = Scene::new().await;
    let as_ben = scene.ben.me.firm(&scene.firm.firm_id);
    for (q, count) in [("TWI", 4), ("100%", 1), ("100_", 1), ("éC", 1), ("delta", 0), ("nobody", 0)] {
        for limit in [1, 3, 200] {
            assert_eq!(mine(&scene.ben.me, q, limit).await.len(), count, "{q}");
            assert_eq!(clients(&as_ben, q, limit).await.len(), count, "{q}");
        }
    }
    assert_eq!(mine(&scene.firm.me, "delta", 1).await, [scene.named("Delta").clone()]);
    assert_eq!(clients(&scene.firm.firm, "delta", 1).await, [scene.named("Delta").clone()]);
}

#[tokio::test]
async fn numbers_in_lists_follow_every_change() {
    let scene = Scene::new().await;
    let counted = async |account: &AccountId| {
        let query = FirmAccountQuery { limit: Some(200), ..FirmAccountQuery::default() };
        let page = scene.firm.firm.list_firm_accounts(&query).await.unwrap();
        page.items.into_iter().find(|item| item.id == *account).unwrap().employee_count
    };
    let unassigned = async || {
        let query = FirmAccountQuery { unassigned: Some(true), ..FirmAccountQuery::default() };
        let page = scene.firm.firm.list_firm_accounts(&query).await.unwrap();
        page.items.into_iter().map(|item| item.id).collect::<Vec<_>>()
    };
    let (delta, cafe) = (scene.named("Delta"), scene.named("Cafe"));
    assert_eq!((counted(delta).await, counted(cafe).await), (0, 1));
    assert_eq!(unassigned().await.as_slice(), std::slice::from_ref(delta));
    // Twice is once.
    for _ in 0..2 {
        scene.firm.firm.grant_account(&scene.ben.id, delta).await.unwrap();
    }
    assert!(unassigned().await.is_empty());
    assert_eq!(scene.firm.firm.read_employee(&scene.ben.id).await.unwrap().employee.account_count, 13);
    let kim = scene
        .firm
        .hire(&scene.app, "Kim", "kim@apple.example", EmployeeRole::Bookkeeper, std::slice::from_ref(cafe))
        .await;
    assert_eq!(counted(cafe).await, 2);
    scene.firm.firm.remove_employee(&kim.id).await.unwrap();
    scene.firm.firm.revoke_account(&scene.ben.id, cafe).await.unwrap();
    assert_eq!(unassigned().await.as_slice(), std::slice::from_ref(cafe));
    assert_eq!(wrong(&scene.app).await, 0);
    scene.check().await;
}

/// Servers of the release before write neither names nor numbers.
#[tokio::test]
async fn rows_that_are_written_without_the_key_get_it() {
    let scene = Scene::new().await;
    let (firm, employee, account) =
        (scene.firm.firm_id.clone(), scene.ben.id.clone(), scene.named("Delta").clone());
    let insert = format!(
        "INSERT INTO assignments (firm_id, employee_id, account_id, created_at) \
         VALUES ('{firm}', '{employee}', '{account}', CURRENT_TIMESTAMP)"
    );
    let written = scene.app.app.services.db.write(move |conn| {
        diesel::sql_query(&insert).execute(conn)?;
        Ok(())
    });
    written.await.unwrap();
    assert_eq!(mine(&scene.ben.me, "delta", 5).await, [account]);
    scene.check().await;
}

/// Whoever comes second finds what the first has written.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_and_numbers_stay_true_when_everything_changes_at_once() {
    let scene = Scene::new().await;
    let operator = scene.app.operator().await;
    let mut tasks = Vec::new();
    for (number, (_, id)) in scene.accounts.iter().enumerate() {
        let inside = scene.owner.me.enter(id).await.unwrap();
        let (firm, admin) = (scene.firm.firm_id.clone(), scene.firm.me.clone());
        let (ben, id, operator) = (scene.ben.id.clone(), id.clone(), operator.clone());
        let (renamed, suspended) = (inside.clone(), id.clone());
        tasks.push(tokio::spawn(async move {
            for round in 0..6 {
                let name = named(&format!("{} of {number}", ["Zinc", "Amber", "Mauve"][round % 3]));
                // Refused while it is suspended.
                let _ = renamed.rename_account(&RenameAccount { name }).await;
            }
        }));
        tasks.push(tokio::spawn(async move {
            for _ in 0..6 {
                let firm = admin.firm(&firm);
                let _ = firm.revoke_account(&ben, &id).await;
                let _ = firm.grant_account(&ben, &id).await;
            }
        }));
        tasks.push(tokio::spawn(async move {
            for _ in 0..2 {
                let _ = operator.suspend_account(&suspended).await;
                let _ = operator.resume_account(&suspended).await;
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(wrong(&scene.app).await, 0);
    scene.check().await;
}
