// @ts-check
/** Whatever acts acts once, however impatient the finger is. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import { request, signIn } from "../lib/api.mjs";
import { populate } from "../lib/screens.mjs";
import { play } from "../lib/stage.mjs";

/**
 * @typedef {import("playwright-core").Locator} Locator
 * @typedef {import("../lib/people.mjs").Person} Person
 */

/** Questions that change nothing, and that the app asks as often as it needs. */
const QUIET = /\/(accounts\/[^/]+\/token|sessions\/refresh|invitations\/lookup)$/;

/** How long the portal's answers are kept back, so that a second click comes before the first answer. */
const DELAY = 400;

/** What one person's browser sends. */
class Sent {
  /** @type {string[]} */
  #calls = [];

  /** @param {Person} person */
  constructor({ page }) {
    this.page = page;
    page.on("request", (call) => {
      const { pathname } = new URL(call.url());
      if (call.method() === "GET" || QUIET.test(pathname)) return;
      this.#calls.push(`${call.method()} ${pathname.replace("/api/v1", "").replace(/\/[a-z]+_[a-z0-9]{20,}/g, "/…")}`);
    });
  }

  /** @param {Person} person */
  static async by(person) {
    await person.page.route(/\/api\/v1\//, async (route) => {
      if (route.request().method() !== "GET") await sleep(DELAY);
      await route.continue().catch(() => {});
    });
    return new Sent(person);
  }

  /**
   * What is sent by an action, until its answer was there and long enough for another one.
   *
   * @param {() => Promise<unknown>} act
   * @param {string[]} expected
   */
  async isOnly(act, expected) {
    this.#calls = [];
    const answered = expected.length > 0 ? this.#answer() : Promise.resolve();
    await act();
    await answered;
    await sleep(DELAY / 2);
    assert.deepEqual(this.#calls, expected);
  }

  #answer() {
    return this.page.waitForResponse((answer) => {
      const { pathname } = new URL(answer.url());
      return answer.request().method() !== "GET" && !QUIET.test(pathname);
    });
  }
}

/** Two clicks at the same place, as fast as a hand can. @param {Locator} control */
async function clickTwice(control) {
  await control.dblclick({ delay: 10 });
}

/** Enter twice in a field. @param {Locator} field */
async function enterTwice(field) {
  await field.focus();
  const { keyboard } = field.page();
  await Promise.all([keyboard.press("Enter"), keyboard.press("Enter")]);
}

play("signing in, signing up and joining send what was typed once", async (stage) => {
  const { admin, firmId } = await populate(stage);
  const person = await stage.person("Carla Diaz", "carla@apple-solutions.example");
  const sent = await Sent.by(person);
  /** @param {string} name */
  const button = (name) => person.page.getByRole("button", { name, exact: true });
  /** @param {string} label */
  const field = (label) => person.page.getByLabel(label, { exact: true });

  // Create an account; by mouse and by Enter.
  for (const twice of [() => clickTwice(button("Create account")), () => enterTwice(field("Business name"))]) {
    await person.visit("/register");
    await person.fillIn({ "Your name": "Nina Winter", Email: "nina@green-garden.example", "Business name": "Garden" });
    await sent.isOnly(twice, ["POST /registrations"]);
    await person.sees("Check your inbox");
    await person.visit(await stage.mails.nextLink("nina@green-garden.example"));
  }
  await person.fillIn({ Password: person.password });
  await sent.isOnly(() => enterTwice(field("Password")), ["POST /registrations/confirm"]);
  await person.isIn();
  await person.signOut();

  // Sign in.
  person.email = "nina@green-garden.example";
  for (const twice of [() => clickTwice(button("Sign in")), () => enterTwice(field("Password"))]) {
    await person.visit("/login");
    await person.fillIn({ Email: person.email, Password: person.password });
    await sent.isOnly(twice, ["POST /sessions"]);
    await person.isIn();
    await person.signOut();
  }

  // A new password.
  await person.visit("/forgot");
  await person.fillIn({ Email: person.email });
  await sent.isOnly(() => clickTwice(button("Send link")), ["POST /password-resets"]);
  await person.visit(await stage.mails.nextLink(person.email));
  await person.fillIn({ "New password": "another-lantern-72-birch" });
  await sent.isOnly(() => clickTwice(button("Save password")), ["POST /password-resets/confirm"]);
  await person.seesHeading("Sign in");

  // Join.
  await admin.inviteEmployee(firmId, { name: "Carla Diaz", email: "carla@apple-solutions.example" });
  await person.visit(await stage.mails.nextLink("carla@apple-solutions.example"));
  await person.fillIn({ Password: person.password });
  await sent.isOnly(() => clickTwice(button("Join")), ["POST /invitations/accept"]);
  await person.isIn();
});

/**
 * Clicks twice on what asks first, which must send nothing, not even where the second click meets the question; then
 * twice on the answer.
 *
 * @param {Person} person @param {Sent} sent @param {Locator} control @param {string} call
 */
async function asksAndActsOnce(person, sent, control, call) {
  const name = (await control.innerText()).trim();
  await sent.isOnly(() => clickTwice(control), []);
  const dialog = person.dialog();
  await dialog.waitFor();
  await sent.isOnly(() => clickTwice(dialog.getByRole("button", { name, exact: true })), [call]);
  await dialog.waitFor({ state: "hidden" });
}

play("whatever an owner does is done once", async (stage) => {
  const { account, ben } = await populate(stage);
  const olivia = await stage.person("Olivia Stone", "olivia@blue-bakery.example");
  await olivia.signIn();
  const sent = await Sent.by(olivia);
  await olivia.visit(`/accounts/${account.id}/users`);
  const mia = olivia.row("mia@blue-bakery.example");
  await mia.waitFor();
  /** @param {Locator} within @param {string} name */
  const button = (within, name) => within.getByRole("button", { name, exact: true });

  await olivia.choose("Add user", "Accounting company");
  let dialog = olivia.dialog("Invite an accounting company");
  await olivia.fillIn({ "Company name": "Pears", "Main email address": "office@pears.example" }, dialog);
  await sent.isOnly(() => clickTwice(button(dialog, "Send invitation")), ["POST /account/firms"]);
  await dialog.waitFor({ state: "hidden" });

  await olivia.choose("Add user", "Team member");
  dialog = olivia.dialog("Invite a team member");
  await olivia.fillIn({ Name: "Paul Stone", Email: "paul@blue-bakery.example" }, dialog);
  await sent.isOnly(() => enterTwice(dialog.getByLabel("Email")), ["POST /account/members"]);
  await dialog.waitFor({ state: "hidden" });

  await sent.isOnly(() => clickTwice(button(mia, "Resend invitation")), ["POST /account/invitations/…/resend"]);
  await asksAndActsOnce(olivia, sent, button(mia, "Cancel invitation"), "DELETE /account/invitations/…");
  const person = olivia.row(ben.name);
  await sent.isOnly(() => clickTwice(button(person, "Block")), ["DELETE /account/firms/…/people/…"]);
  await sent.isOnly(() => clickTwice(button(person, "Unblock")), ["PUT /account/firms/…/people/…"]);
  await button(person, "Block").waitFor();
  const firm = olivia.row("office@apple-solutions.example");
  await asksAndActsOnce(olivia, sent, button(firm, "Remove access"), "DELETE /account/firms/…");

  await olivia.goTo("Settings");
  await olivia.fillIn({ "Account name": "Blue Bakery & Sons" });
  await sent.isOnly(() => clickTwice(olivia.page.getByRole("button", { name: "Save" })), ["PATCH /account"]);
  await olivia.fillIn({ "Business name": "Second Bakery" });
  await sent.isOnly(() => clickTwice(olivia.page.getByRole("button", { name: "Open an account" })), ["POST /me/accounts"]);
  await olivia.seesHeading("Second Bakery");
});

play("whatever an admin does is done once", async (stage) => {
  const { account, admin, firmId, ben, benId } = await populate(stage);
  const anna = await stage.person("Anna Reyes", admin.email);
  await anna.signIn();
  const sent = await Sent.by(anna);
  /** @param {string} name @param {import("playwright-core").Page | Locator} [within] */
  const button = (name, within = anna.page) => within.getByRole("button", { name, exact: true });
  await anna.visit(`/firms/${firmId}/employees`);
  const farid = anna.row("farid@apple-solutions.example");
  await farid.waitFor();

  await anna.press("Invite employee");
  const dialog = anna.dialog("Invite employee");
  await anna.fillIn({ Name: "Dana Wolf", Email: "dana@apple-solutions.example" }, dialog);
  await sent.isOnly(() => clickTwice(button("Send invitation", dialog)), ["POST /firms/…/employees"]);
  await dialog.waitFor({ state: "hidden" });
  await sent.isOnly(() => clickTwice(button("Resend invitation", farid)), ["POST /firms/…/employees/…/resend"]);
  await asksAndActsOnce(anna, sent, button("Cancel invitation", farid), "DELETE /firms/…/employees/…");

  await anna.visit(`/firms/${firmId}/employees/${benId}`);
  await anna.seesHeading(ben.name);
  const box = anna.page.getByRole("checkbox", { name: account.name });
  await box.waitFor();
  await sent.isOnly(() => box.dblclick(), ["DELETE /firms/…/employees/…/accounts/…"]);
  await asksAndActsOnce(anna, sent, button("Make admin"), "PATCH /firms/…/employees/…");
  await asksAndActsOnce(anna, sent, button("Remove admin"), "PATCH /firms/…/employees/…");
  await asksAndActsOnce(anna, sent, button("Deactivate"), "PATCH /firms/…/employees/…");
  await sent.isOnly(() => clickTwice(button("Reactivate")), ["PATCH /firms/…/employees/…"]);

  await anna.visit(`/firms/${firmId}/clients/${account.id}`);
  await anna.press("Assign employee");
  const assigning = anna.dialog("Assign employee");
  await assigning.getByRole("checkbox", { name: ben.name }).check();
  await sent.isOnly(() => clickTwice(button("Assign", assigning)), ["POST /firms/…/assignments"]);
  await assigning.waitFor({ state: "hidden" });
  await sent.isOnly(() => clickTwice(button("Unassign")), ["DELETE /firms/…/employees/…/accounts/…"]);
  await asksAndActsOnce(anna, sent, button("Disconnect"), "DELETE /firms/…/accounts/…");
  await anna.seesHeading("Client accounts");

  await anna.visit(`/firms/${firmId}/settings`);
  await anna.fillIn({ "Firm name": "Apple & Daughters" });
  await sent.isOnly(() => clickTwice(button("Save")), ["PATCH /firms/…"]);
  await anna.visit(`/firms/${firmId}/employees/${benId}`);
  await anna.seesHeading(ben.name);
  await asksAndActsOnce(anna, sent, button("Remove"), "DELETE /firms/…/employees/…");
});

play("whatever an owner does for programs is done once", async (stage) => {
  const { owner, account, webhookId } = await populate(stage);
  const olivia = await stage.person("Olivia Stone", owner.email);
  await olivia.signIn();
  const sent = await Sent.by(olivia);
  /** @param {string} name @param {import("playwright-core").Page | Locator} [within] */
  const button = (name, within = olivia.page) => within.getByRole("button", { name, exact: true });
  await olivia.visit(`/accounts/${account.id}/settings/api-keys`);
  await olivia.press("New API key");
  await olivia.fillIn({ Name: "Till" }, olivia.dialog());
  await olivia.dialog().getByRole("checkbox").first().check();
  await sent.isOnly(() => enterTwice(olivia.dialog().getByLabel("Name", { exact: true })), ["POST /account/api-keys"]);
  await olivia.press("Done");
  await asksAndActsOnce(olivia, sent, button("Revoke", olivia.row("Till")), "DELETE /account/api-keys/…");

  await olivia.visit(`/accounts/${account.id}/settings/webhooks`);
  await olivia.press("New webhook");
  await olivia.fillIn({ URL: "http://127.0.0.1:9/till" }, olivia.dialog());
  await sent.isOnly(() => clickTwice(button("Create webhook", olivia.dialog())), ["POST /account/webhooks"]);
  await olivia.press("Done");

  await olivia.visit(`/accounts/${account.id}/settings/webhooks/${webhookId}`);
  const at = "/account/webhooks/…";
  await sent.isOnly(() => clickTwice(button("Resume")), [`PATCH ${at}`]);
  await sent.isOnly(() => clickTwice(button("Send test event")), [`POST ${at}/test`]);
  await sent.isOnly(() => clickTwice(button("Redeliver").last()), [`POST ${at}/deliveries/…/redeliver`]);
  await asksAndActsOnce(olivia, sent, button("Pause"), `PATCH ${at}`);
  await olivia.press("Rotate secret");
  const rotate = button("Rotate secret", olivia.dialog("Rotate the secret?"));
  await sent.isOnly(() => clickTwice(rotate), [`POST ${at}/secret`]);
  await olivia.press("Done");
  await asksAndActsOnce(olivia, sent, button("Remove"), `DELETE ${at}`);
  await olivia.seesHeading("Webhooks");
});

play("whatever people do with their login is done once", async (stage) => {
  const { owner } = await populate(stage);
  const olivia = await stage.person("Olivia Stone", owner.email);
  await olivia.signIn();
  const sent = await Sent.by(olivia);
  await olivia.visit("/security");
  const there = olivia.page.getByRole("button", { name: /^Sign out (?!everywhere)/ });
  await there.first().waitFor();
  await sent.isOnly(() => clickTwice(there.first()), ["DELETE /sessions/…"]);

  await olivia.fillIn({ Name: "Olivia Stone-Berg" });
  await sent.isOnly(() => clickTwice(olivia.page.getByRole("button", { name: "Save" })), ["PATCH /me"]);
  const changed = "another-lantern-72-birch";
  await olivia.fillIn({ "Current password": olivia.password, "New password": changed });
  const change = olivia.page.getByRole("button", { name: "Change password" });
  await sent.isOnly(() => clickTwice(change), ["POST /me/password"]);
  // It was changed once, to what was typed.
  await signIn(stage.portal, owner.email, changed);
  const { token } = await signIn(stage.portal, owner.email, changed);
  const { items } = await request(stage.portal, "GET", "/sessions", { token });
  assert.equal(items.length, 3, "this browser, and the two that have come since");
});
