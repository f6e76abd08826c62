// @ts-check
/** What only time would do to a portal's data. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * Lets every open link of a portal expire. Python has SQLite with it, which Node 20 has not; `false` where there is none.
 *
 * @param {import("./portal.mjs").Portal} portal
 * @returns {Promise<boolean>}
 */
export async function expireLinks({ folder }) {
  const file = join(folder, "portal.db");
  const tables = ["invitations", "registrations", "password_resets"];
  const program = [
    "import sqlite3, sys",
    "database = sqlite3.connect(sys.argv[1], timeout=10)",
    "for table in sys.argv[2:]:",
    `    database.execute(f"UPDATE {table} SET expires_at = '2020-01-01 00:00:00.000000'")`,
    "database.commit()",
  ].join("\n");
  try {
    await run("python3", ["-c", program, file, ...tables]);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "ENOENT") return false;
    throw error;
  }
}

/**
 * Lets a firm grow as in many years: `Client 00001` and so on, of one owner, and `Employee 0001` and so on, who are
 * invited. Through the API that would take minutes. `false` where there is no Python.
 *
 * @param {import("./portal.mjs").Portal} portal
 * @param {{ firmId: string, accountId: string, employees: number, accounts: number }} size `accountId`: whose owner has all
 * @returns {Promise<boolean>}
 */
export async function growFirm({ folder }, { firmId, accountId, employees, accounts }) {
  const program = `
import sqlite3, sys
file, firm, account, employees, accounts = sys.argv[1:]
database = sqlite3.connect(file, timeout=10)
now = "2026-01-01 00:00:00.000000"
letters = "0123456789abcdefghjkmnpqrstvwxyz"

def id(prefix, number):
    end = "".join(letters[number >> shift & 31] for shift in (15, 10, 5, 0))
    return f"{prefix}_01h455vb4pex5vsknk0840{end}"

owner, = database.execute("SELECT user_id FROM account_members WHERE account_id = ?", [account]).fetchone()
for number in range(1, int(accounts) + 1):
    name, new = f"Client {number:05}", id("acct", number)
    database.execute("INSERT INTO accounts (id, name, name_key, created_at) VALUES (?, ?, ?, ?)", [new, name, name.lower(), now])
    database.execute("INSERT INTO account_members (account_id, user_id, role, created_at) VALUES (?, ?, 'owner', ?)", [new, owner, now])
    database.execute("INSERT INTO firm_accounts (firm_id, account_id, connected_at) VALUES (?, ?, ?)", [firm, new, now])
for number in range(1, int(employees) + 1):
    name, email = f"Employee {number:04}", f"employee-{number}@firm.example"
    database.execute(
        "INSERT INTO employees (id, firm_id, email, email_display, name, name_key, role, status, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, 'bookkeeper', 'invited', ?)",
        [id("empl", number), firm, email, email, name, name.lower(), now],
    )
database.commit()
`;
  try {
    await run("python3", ["-c", program, join(folder, "portal.db"), firmId, accountId, `${employees}`, `${accounts}`]);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "ENOENT") return false;
    throw error;
  }
}
