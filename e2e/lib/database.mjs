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
