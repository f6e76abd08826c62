// @ts-check
/** What a test needs to be there before it begins, made through the REST API in a moment. */
import assert from "node:assert/strict";

/** Good for everybody. */
export const PASSWORD = "quiet-lantern-58-maple";

/** @typedef {{ id: string, name: string, role: string, firm: { id: string, name: string } | null }} Account */

/** Somebody who is signed in by a program: what they may do, by the names of the operations. */
export class Caller {
  /**
   * @param {import("./portal.mjs").Portal} portal
   * @param {string} email
   * @param {string} token
   */
  constructor(portal, email, token) {
    this.portal = portal;
    this.email = email;
    this.token = token;
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   */
  call(method, path, body) {
    return request(this.portal, method, path, { token: this.token, body });
  }

  /** @returns {Promise<{ id: string, name: string, locale: string, firms: { firm_id: string, employee_id: string, role: string }[] }>} */
  readMe() {
    return this.call("GET", "/me");
  }

  /** @returns {Promise<Account[]>} */
  async listMyAccounts() {
    return (await this.call("GET", "/me/accounts?limit=200")).items;
  }

  /** @param {string} name @returns {Promise<Account>} */
  openAccount(name) {
    return this.call("POST", "/me/accounts", { name });
  }

  /**
   * In an account: a caller whose token opens just that one.
   *
   * @param {string} accountId
   */
  async enter(accountId) {
    const { access_token } = await this.call("POST", `/accounts/${accountId}/token`);
    return new Caller(this.portal, this.email, access_token);
  }

  /**
   * In an account, as its owner.
   *
   * @param {{ name: string, email: string }} firm
   * @returns {Promise<{ firm_id: string | null, invitation_id: string | null, status: string }>}
   */
  inviteFirm(firm) {
    return this.call("POST", "/account/firms", firm);
  }

  /**
   * In a firm, as its admin.
   *
   * @param {string} firmId
   * @param {{ name: string, email: string, role?: "admin" | "bookkeeper", account_ids?: string[] }} employee
   * @returns {Promise<{ id: string, status: string, account_count: number }>}
   */
  inviteEmployee(firmId, { role = "bookkeeper", account_ids = [], ...person }) {
    return this.call("POST", `/firms/${firmId}/employees`, { ...person, role, account_ids });
  }
}

/**
 * A store owner with an account, signed up by mail.
 *
 * @param {import("./portal.mjs").Portal} portal
 * @param {{ name: string, email: string, account: string, password?: string }} person
 * @returns {Promise<{ owner: Caller, account: Account }>}
 */
export async function signUp(portal, { name, email, account, password = PASSWORD }) {
  await request(portal, "POST", "/registrations", { body: { name, email, account_name: account } });
  const token = tokenOf(await portal.mails.nextLink(email));
  const session = await request(portal, "POST", "/registrations/confirm", { body: { token, password } });
  const owner = new Caller(portal, email, session.access_token);
  const [opened] = await owner.listMyAccounts();
  return { owner, account: opened };
}

/**
 * Somebody who opens the next mailed link and joins.
 *
 * @param {import("./portal.mjs").Portal} portal
 * @param {string} email
 * @param {{ password?: string, name?: string, firm_name?: string }} [answers]
 */
export async function join(portal, email, { password = PASSWORD, ...names } = {}) {
  const token = tokenOf(await portal.mails.nextLink(email));
  const session = await request(portal, "POST", "/invitations/accept", { body: { token, password, ...names } });
  return new Caller(portal, email, session.access_token);
}

/**
 * @param {import("./portal.mjs").Portal} portal
 * @param {string} email
 * @param {string} [password]
 */
export async function signIn(portal, email, password = PASSWORD) {
  const session = await request(portal, "POST", "/sessions", { body: { email, password } });
  return new Caller(portal, email, session.access_token);
}

/**
 * An accounting company with an admin, and a client who has invited it.
 *
 * @param {import("./portal.mjs").Portal} portal
 * @param {{ email?: string, name?: string, client?: { name: string, email: string, account: string } }} [options]
 */
export async function foundFirm(
  portal,
  {
    name = "Apple Solutions",
    email = "office@apple-solutions.example",
    client = { name: "Olivia Stone", email: "olivia@blue-bakery.example", account: "Blue Bakery" },
  } = {},
) {
  const { owner, account } = await signUp(portal, client);
  await (await owner.enter(account.id)).inviteFirm({ name, email });
  const admin = await join(portal, email, { name: "Anna Reyes", firm_name: name });
  const [{ firm_id, employee_id }] = (await admin.readMe()).firms;
  return { owner, account, admin, firmId: firm_id, adminId: employee_id };
}

/**
 * An employee who has joined.
 *
 * @param {Caller} admin
 * @param {string} firmId
 * @param {{ name: string, email: string, role?: "admin" | "bookkeeper", account_ids?: string[] }} person
 */
export async function hire(admin, firmId, person) {
  const { id } = await admin.inviteEmployee(firmId, person);
  return { id, employee: await join(admin.portal, person.email) };
}

/**
 * Opens many accounts for one owner, named `PREFIX 0001` and so on.
 *
 * @param {Caller} owner
 * @param {number} count
 * @param {string} [prefix]
 * @returns {Promise<Account[]>}
 */
export async function openAccounts(owner, count, prefix = "Store") {
  const width = String(count).length;
  const names = Array.from({ length: count }, (_, index) => `${prefix} ${String(index + 1).padStart(width, "0")}`);
  return inParallel(names, (name) => owner.openAccount(name));
}

/**
 * Connects accounts of one owner to a firm that is there already.
 *
 * @param {Caller} owner
 * @param {Account[]} accounts
 * @param {{ name: string, email: string }} firm
 */
export async function connectAll(owner, accounts, firm) {
  await inParallel(accounts, async ({ id }) => (await owner.enter(id)).inviteFirm(firm));
}

/**
 * A few at a time: all at once would be refused by the portal's own queue.
 *
 * @template T, R
 * @param {T[]} items
 * @param {(item: T) => Promise<R>} work
 * @returns {Promise<R[]>}
 */
export async function inParallel(items, work) {
  /** @type {R[]} */
  const results = new Array(items.length);
  const turns = items.entries();
  const worker = async () => {
    for (const [index, item] of turns) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return results;
}

/**
 * One call, which must succeed.
 *
 * @param {import("./portal.mjs").Portal} portal
 * @param {string} method
 * @param {string} path below /api/v1
 * @param {{ token?: string, body?: unknown }} [options]
 * @returns {Promise<any>}
 */
export async function request(portal, method, path, { token, body } = {}) {
  const answer = await fetch(`${portal.url}/api/v1${path}`, {
    method,
    headers: {
      ...(token && { Authorization: `Bearer ${token}` }),
      ...(body !== undefined && { "Content-Type": "application/json" }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : undefined;
}

/** The one-time token of a mailed link. @param {string} link */
export function tokenOf(link) {
  return new URLSearchParams(new URL(link).hash.slice(1)).get("token") ?? "";
}
