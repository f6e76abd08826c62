// @ts-check
/**
 * The people who use the portal, in the product's own words.
 *
 * They find everything by role and accessible name, as a screen reader does: what a test cannot find by these is missing
 * for somebody.
 */
import assert from "node:assert/strict";
import { join } from "node:path";

import { PASSWORD } from "./api.mjs";
import { Guard, closeContext, openContext, openPage } from "./browser.mjs";
import { finger, keyboard, mouse } from "./hands.mjs";
import { Words } from "./words.mjs";

/**
 * @typedef {import("playwright-core").BrowserContext} BrowserContext
 * @typedef {import("playwright-core").Locator} Locator
 * @typedef {import("playwright-core").Page} Page
 * @typedef {import("./browser.mjs").Setup} Setup
 */

/** Somebody in front of one tab of their browser. */
export class Person {
  /**
   * @param {object} parts
   * @param {import("./portal.mjs").Portal} parts.portal
   * @param {Setup} [parts.setup]
   * @param {BrowserContext} parts.context
   * @param {Guard} parts.guard
   * @param {Page} parts.page
   * @param {string} parts.name
   * @param {string} parts.email
   */
  constructor({ portal, setup, context, guard, page, name, email }) {
    this.setup = setup;
    this.words = new Words(setup?.locale ?? "en");
    this.portal = portal;
    this.context = context;
    this.guard = guard;
    this.page = page;
    this.name = name;
    this.email = email;
    this.password = PASSWORD;
    this.hands = setup?.keyboard ? keyboard : setup?.phone ? finger : mouse;
  }

  /**
   * @param {import("./portal.mjs").Portal} portal
   * @param {{ name: string, email?: string, setup?: Setup }} who
   */
  static async arrive(portal, { name, email = "", setup }) {
    const context = await openContext(portal, setup);
    const guard = new Guard(context, portal);
    return new Person({ portal, setup, context, guard, page: await openPage(context, setup), name, email });
  }

  /** The same person in another tab: signed in alike, and otherwise on its own. */
  async anotherTab() {
    return new Person({ ...this, page: await openPage(this.context, this.setup) });
  }

  /** From now on the app is in this language for them. @param {string} locale */
  reads(locale) {
    this.words = new Words(locale);
  }

  // --- Looking -------------------------------------------------------------------------------------------------------

  /** @param {string} path or a whole URL */
  async visit(path) {
    // From one fragment to another a browser does not load the page again: nobody opens a mailed link like that.
    if (this.page.url() !== "about:blank" && path.includes("#")) await this.page.goto("about:blank");
    await this.page.goto(path);
  }

  /** Waits until there is a heading. @param {string} name */
  async seesHeading(name) {
    await this.page.getByRole("heading", { name: this.words.of(name) }).first().waitFor();
  }

  /** Waits until there is a text. @param {string | RegExp} text */
  async sees(text) {
    await this.page.getByText(this.words.of(text)).first().waitFor();
  }

  /** Waits until there is no such text, or none any more. @param {string | RegExp} text */
  async doesNotSee(text) {
    await this.page.getByText(this.words.of(text)).first().waitFor({ state: "hidden" });
  }

  /** A row of a table or list, by something that stands in it. @param {string | RegExp} text */
  row(text) {
    return this.page.getByRole("row").or(this.page.getByRole("listitem")).filter({ hasText: text }).last();
  }

  // --- Doing ---------------------------------------------------------------------------------------------------------

  /** @param {string | RegExp} name @param {Page | Locator} [within] */
  async press(name, within = this.page) {
    await this.hands.use(within.getByRole("button", { name: this.words.of(name) }));
  }

  /** @param {Record<string, string>} fields by their labels @param {Page | Locator} [within] */
  async fillIn(fields, within = this.page) {
    for (const [label, value] of Object.entries(fields)) {
      await this.hands.type(within.getByLabel(this.words.of(label), { exact: true }), value);
    }
  }

  /** Goes by the side navigation. @param {string} name */
  async goTo(name) {
    const link = this.page.getByRole("navigation").getByRole("link", { name: this.words.of(name), exact: true });
    await this.hands.use(link);
    await this.seesHeading(name);
  }

  /** Opens a menu by its button, and chooses. @param {string} button @param {string} item */
  async choose(button, item) {
    await this.press(button);
    await this.hands.use(this.page.getByRole("menuitem", { name: this.words.of(item) }));
  }

  /** The dialog that is open. @param {string | RegExp} [name] */
  dialog(name) {
    return this.page.getByRole("dialog", { name: this.words.of(name) });
  }

  /** Confirms in the dialog that comes, and waits until it has gone. @param {string | RegExp} button */
  async confirm(button) {
    const dialog = this.dialog();
    await this.press(button, dialog);
    await dialog.waitFor({ state: "hidden" });
  }

  /** Waits until nothing loads any more. */
  async settles() {
    await this.page.getByRole("heading", { level: 1 }).waitFor();
    await this.page.locator("main [aria-busy=true]").first().waitFor({ state: "detached" });
  }

  // --- Coming and going ----------------------------------------------------------------------------------------------

  /** Signs up for an account of their own, and opens it by the mailed link. @param {{ account: string }} wish */
  async signUp({ account }) {
    await this.visit("/register");
    await this.fillIn({ "Your name": this.name, Email: this.email, "Business name": account });
    await this.press("Create account");
    await this.sees("Check your inbox");
    await this.visit(await this.portal.mails.nextLink(this.email));
    await this.seesHeading("Choose a password");
    await this.fillIn({ Password: this.password });
    await this.press("Choose a password");
    await this.seesHeading(account);
  }

  /** Waits until they are signed in. */
  async isIn() {
    await this.page.getByRole("button", { name: this.words.of("Profile") }).waitFor();
  }

  async signIn() {
    await this.visit("/login");
    await this.fillIn({ Email: this.email, Password: this.password });
    await this.press("Sign in");
    await this.isIn();
  }

  async signOut() {
    await this.choose("Profile", "Sign out");
    await this.page.getByRole("button", { name: this.words.of("Sign in") }).waitFor();
  }

  /** Opens the next mailed link and joins. @param {{ company?: string }} [answers] */
  async joinByMail({ company } = {}) {
    await this.visit(await this.portal.mails.nextLink(this.email));
    // What is filled in already is what the inviter knew.
    if (company) await this.fillIn({ "Company name": company });
    await this.fillIn({ "Your name": this.name, Password: this.password });
    await this.press("Join");
    await this.isIn();
  }

  /** Opens the next mailed link and joins, with the login that they have. */
  async joinWithExistingLogin() {
    await this.visit(await this.portal.mails.nextLink(this.email));
    await this.fillIn({ "Your existing password": this.password });
    await this.press("Join");
    await this.isIn();
  }

  // --- Between accounts ----------------------------------------------------------------------------------------------

  /** Opens the account switcher, and answers its list. */
  async openSwitcher() {
    await this.press("Switch account");
    await this.search().waitFor();
    return this.page.getByRole("listbox");
  }

  /** Where one types in the switcher. */
  search() {
    return this.page.getByRole("combobox", { name: this.words.of("Search accounts") });
  }

  /** The accounts that the switcher offers. */
  async accountsOffered() {
    const list = await this.openSwitcher();
    await list.and(this.page.locator("[aria-busy=false]")).waitFor();
    await list.getByRole("option").first().waitFor();
    const names = await list.getByRole("option").allInnerTexts();
    await this.page.keyboard.press("Escape");
    await list.waitFor({ state: "hidden" });
    return names.map((name) => name.split("\n")[0].trim());
  }

  /** Chooses an account in the switcher, by typing. @param {string} account */
  async switchTo(account) {
    const list = await this.openSwitcher();
    await this.hands.type(this.search(), account);
    await this.hands.use(list.getByRole("option", { name: account }));
    await this.seesHeading(account);
  }

  /** Learns, in an open tab, that an account is closed to them. @param {string} account */
  async seesAccessEnded(account) {
    await this.sees(`Your access to ${account} has ended`);
  }

  // --- As the owner of an account ------------------------------------------------------------------------------------

  async openUsers() {
    await this.choose("Profile", "Users");
    await this.seesHeading("Users");
  }

  /** @param {{ name: string, email: string }} firm */
  async inviteFirm({ name, email }) {
    await this.openUsers();
    await this.choose("Add user", "Accounting company");
    const dialog = this.dialog("Invite an accounting company");
    await this.fillIn({ "Company name": name, "Main email address": email }, dialog);
    await this.press("Send invitation", dialog);
    await dialog.waitFor({ state: "hidden" });
  }

  /** @param {string} firm @param {"Invited" | "Connected"} status */
  async seesFirm(firm, status) {
    await this.row(firm).getByText(this.words.of(status), { exact: true }).waitFor();
  }

  /** Keeps one person of a firm out. @param {string} person */
  async block(person) {
    await this.press("Block", this.row(person));
    await this.row(person).getByRole("button", { name: this.words.of("Unblock") }).waitFor();
  }

  /** Cuts a firm off. @param {string} firm */
  async cutOff(firm) {
    await this.press("Remove access", this.row(firm));
    const dialog = this.dialog();
    assert.match(await dialog.innerText(), new RegExp(firm), "the dialog names who loses access");
    await this.confirm("Remove access");
    await this.doesNotSee(firm);
  }

  // --- As the admin of a firm ----------------------------------------------------------------------------------------

  /** @param {string} firm */
  async openFirm(firm) {
    await this.choose("Profile", firm);
    await this.page.getByRole("link", { name: this.words.of("Employees") }).waitFor();
  }

  /** @param {{ name: string, email: string, admin?: boolean, accounts?: string[] }} employee */
  async inviteEmployee({ name, email, admin = false, accounts = [] }) {
    await this.goTo("Employees");
    await this.press("Invite employee");
    const dialog = this.dialog("Invite employee");
    await this.fillIn({ Name: name, Email: email }, dialog);
    if (admin) await this.hands.set(dialog.getByRole("switch", { name: this.words.of("Admin") }), true);
    const checklist = dialog.getByRole("group", { name: this.words.of("Client accounts") });
    for (const account of accounts) await this.hands.set(checklist.getByRole("checkbox", { name: account }), true);
    await this.press("Send invitation", dialog);
    await dialog.waitFor({ state: "hidden" });
    await this.row(email).waitFor();
  }

  /** @param {string} employee */
  async openEmployee(employee) {
    await this.goTo("Employees");
    await this.hands.use(this.page.getByRole("link", { name: employee }));
    await this.seesHeading(employee);
  }

  /** Gives a client account to an employee. @param {string} employee @param {string} account */
  async assign(employee, account) {
    await this.openEmployee(employee);
    await this.tick(account, true);
  }

  /** Takes a client account from an employee. @param {string} employee @param {string} account */
  async unassign(employee, account) {
    await this.openEmployee(employee);
    await this.tick(account, false);
  }

  /** Sets a checkbox that acts at once, and waits until it has. @param {string} account @param {boolean} on */
  async tick(account, on) {
    const box = this.page.getByRole("checkbox", { name: account });
    const answered = this.page.waitForResponse((answer) => /\/employees\/[^/]+\/accounts\/[^/]+$/.test(answer.url()));
    await this.hands.set(box, on);
    assert.equal((await answered).status(), 204);
  }

  // --- After the test ------------------------------------------------------------------------------------------------

  /** Keeps a picture of each tab and a trace of all. @param {string} folder */
  async keep(folder) {
    const file = join(folder, this.name.toLowerCase().replace(/[^a-z0-9]+/g, "-"));
    for (const [index, page] of this.context.pages().entries()) {
      await page.screenshot({ path: `${file}-${index + 1}.png`, fullPage: true });
    }
    await closeContext(this.context, { trace: `${file}.zip` });
  }

  async leave() {
    await closeContext(this.context);
  }
}
