// @ts-check
/** What opens above a screen, and what a screen looks like when it is not as usual. */
import { join, signUp } from "./api.mjs";
import { populate, reads } from "./screens.mjs";

/**
 * @typedef {import("./people.mjs").Person} Person
 * @typedef {import("./stage.mjs").Stage} Stage
 * @typedef {import("./browser.mjs").Setup} Setup
 * @typedef {(person: Person, what: string) => Promise<void>} Look
 */

/**
 * Opens every dialog, menu and list, each looked at while it is open.
 *
 * @param {Stage} stage
 * @param {Setup} setup how they look at the portal
 * @param {Look} look
 */
export async function openAll(stage, setup, look) {
  const { owner, account, admin, firmId, benId, webhookId } = await populate(stage, setup);
  const olivia = await stage.person("Olivia Stone", "olivia@blue-bakery.example", setup);
  await olivia.signIn();
  await olivia.visit(`/accounts/${account.id}/users`);
  await olivia.settles();

  for (const [item, title] of [
    ["Accounting company", "Invite an accounting company"],
    ["Team member", "Invite a team member"],
  ]) {
    await olivia.press("Add user");
    await olivia.page.getByRole("menu").waitFor();
    await look(olivia, "the menu Add user");
    await olivia.page.keyboard.press("Escape");
    await olivia.choose("Add user", item);
    await olivia.dialog(title).waitFor();
    // With what is wrong said at its fields.
    await olivia.press("Send invitation", olivia.dialog(title));
    await look(olivia, title);
    await close(olivia);
  }
  for (const [row, action] of [
    ["mia@blue-bakery.example", "Cancel invitation"],
    ["office@apple-solutions.example", "Remove access"],
  ]) await asks(olivia, action, look, olivia.row(row));
  // Of two owners one may go.
  const paul = { name: "Paul Stone", email: "paul@blue-bakery.example" };
  await (await owner.enter(account.id)).call("POST", "/account/members", { ...paul, role: "owner" });
  await join(stage.portal, paul.email);
  await asks(olivia, "Remove access", look, olivia.row(olivia.email));

  await olivia.press("Profile");
  await olivia.page.getByRole("menu").waitFor();
  await look(olivia, "the menu Profile");
  await olivia.page.keyboard.press("Escape");
  await olivia.choose("Profile", "Appearance");
  await olivia.dialog("Appearance").waitFor();
  await look(olivia, "Appearance");
  await close(olivia);
  await olivia.openSwitcher();
  await olivia.page.getByRole("option").first().waitFor();
  await look(olivia, "the switcher");
  await olivia.hands.type(olivia.search(), "nothing like it");
  await olivia.sees("No account fits. Try another part of the name.");
  await look(olivia, "the switcher without a result");
  await olivia.page.keyboard.press("Escape");
  await openPrograms(olivia, `/accounts/${account.id}/settings`, webhookId, look);
  await olivia.visit("/security");
  await olivia.settles();
  await asks(olivia, "Sign out everywhere else", look);

  const anna = await stage.person("Anna Reyes", admin.email, setup);
  await anna.signIn();
  await anna.visit(`/firms/${firmId}/employees`);
  await anna.settles();
  await anna.press("Invite employee");
  const dialog = anna.dialog("Invite employee");
  await dialog.getByRole("checkbox", { name: account.name }).waitFor();
  await look(anna, "Invite employee");
  await anna.hands.set(dialog.getByRole("switch", { name: anna.words.of("Admin") }), true);
  await look(anna, "Invite an admin");
  await close(anna);
  await asks(anna, "Cancel invitation", look, anna.row("farid@apple-solutions.example"));
  await asks(anna, "Import", look);
  await anna.visit(`/firms/${firmId}/assignments`);
  await anna.settles();
  await asks(anna, "Import", look);
  await anna.visit(`/firms/${firmId}/employees/${benId}`);
  await anna.settles();
  for (const action of ["Make admin", "Deactivate", "Remove"]) await asks(anna, action, look);
  await anna.visit(`/firms/${firmId}/clients/${account.id}`);
  await anna.settles();
  await anna.press("Assign employee");
  await anna.dialog("Assign employee").getByRole("checkbox", { name: "Farid Nasser" }).waitFor();
  await look(anna, "Assign employee");
  await close(anna);
  await asks(anna, "Disconnect", look);
}

/**
 * What opens above the pages of keys and webhooks.
 *
 * @param {Person} person @param {string} settings their address @param {string} webhookId @param {Look} look
 */
async function openPrograms(person, settings, webhookId, look) {
  await person.visit(`${settings}/api-keys`);
  await person.settles();
  await asks(person, "Revoke", look);
  await person.press("New API key");
  const key = person.dialog();
  // With what is wrong said.
  await person.press("Create key", key);
  await look(person, "New API key");
  await person.fillIn({ Name: "Till" }, key);
  await person.hands.set(key.getByRole("checkbox").first(), true);
  await person.press("Create key", key);
  await person.dialog("Keep the secret").waitFor();
  await look(person, "a secret that is shown once");
  await person.press("Done");
  await person.dialog().waitFor({ state: "hidden" });

  await person.visit(`${settings}/webhooks`);
  await person.settles();
  await person.press("New webhook");
  const webhook = person.dialog();
  await person.hands.set(webhook.getByRole("switch"), false);
  await person.press("Create webhook", webhook);
  await look(person, "New webhook");
  await close(person);

  await person.visit(`${settings}/webhooks/${webhookId}`);
  await person.settles();
  await person.press("Edit");
  await person.dialog().waitFor();
  await look(person, "Edit webhook");
  await close(person);
  for (const action of ["Rotate secret", "Remove"]) await asks(person, action, look);
}

/**
 * A question before something is taken away; the answer is no.
 *
 * @param {Person} person @param {string} action @param {Look} look @param {import("playwright-core").Locator} [within]
 */
async function asks(person, action, look, within) {
  const name = person.words.of(action);
  await person.hands.use((within ?? person.page).getByRole("button", { name, exact: true }).first());
  await person.dialog().waitFor();
  await look(person, `the question before ${action}`);
  await close(person);
}

/** @param {Person} person */
async function close(person) {
  await person.page.keyboard.press("Escape");
  await person.dialog().waitFor({ state: "hidden" });
}

/**
 * Brings screens into states that are not the usual one: empty, failed, ended, with a message.
 *
 * @param {Stage} stage
 * @param {Setup} setup how they look at the portal
 * @param {Look} look
 */
export async function spoilAll(stage, setup, look) {
  const { owner, account, admin, firmId, ben, benId } = await populate(stage, setup);

  // Nothing is there yet.
  const { owner: newcomer, account: fresh } = await signUp(stage.portal, {
    name: "Marco Vidal",
    email: "marco@red-cycles.example",
    account: "Red Cycles",
  });
  await reads(newcomer, setup.locale);
  const marco = await stage.person("Marco Vidal", "marco@red-cycles.example", setup);
  await marco.signIn();
  await marco.visit(`/accounts/${fresh.id}/users`);
  await marco.sees("No accounting company yet");
  await look(marco, "no accounting company");
  await marco.visit(`/accounts/${fresh.id}/activity?action=firm_disconnected`);
  await marco.sees("Nothing fits these filters");
  await look(marco, "no activity that fits");
  await marco.visit(`/accounts/${account.id}/overview`);
  await marco.sees("You have no access to this account");
  await look(marco, "no access");

  const anna = await stage.person("Anna Reyes", admin.email, setup);
  await anna.signIn();
  await anna.visit(`/firms/${firmId}/employees?q=nobody-of-this-name`);
  await anna.sees("Nobody found");
  await look(anna, "no employee that fits");
  await anna.visit(`/firms/${firmId}/clients?q=nothing-of-this-name`);
  await anna.settles();
  await look(anna, "no client that fits");
  await anna.visit(`/firms/${firmId}/employees/${benId}?show=assigned&q=nothing-of-this-name`);
  await anna.sees("No client account found");
  await look(anna, "no assigned account that fits");

  // What is asked for does not come.
  const list = /\/api\/.*\/employees\b[^/]*$/;
  anna.guard.allow(/ERR_FAILED/);
  await anna.page.route(list, (route) => route.abort());
  await anna.visit(`/firms/${firmId}/employees`);
  await anna.page.getByRole("button", { name: anna.words.of("Try again") }).waitFor();
  await look(anna, "a list that could not be loaded");
  await anna.page.unroute(list);
  await anna.press("Try again");
  await anna.row(ben.email).waitFor();

  const session = /\/api\/v1\/sessions\/refresh$/;
  await anna.page.route(session, (route) => route.abort());
  await anna.page.reload();
  await anna.seesHeading("The portal cannot be reached");
  await look(anna, "a portal that cannot be reached");
  await anna.page.unroute(session);
  await anna.press("Try again");
  await anna.isIn();

  // A message of what has happened, with a way back.
  await anna.visit(`/firms/${firmId}/employees/${benId}`);
  await anna.tick(account.name, false);
  await anna.page.getByRole("button", { name: anna.words.of("Undo") }).waitFor();
  await look(anna, "a message that can be undone");
  await anna.tick(account.name, true);

  // Access that ends while its page is open.
  const bookkeeper = await stage.person(ben.name, ben.email, setup);
  await bookkeeper.signIn();
  await bookkeeper.visit(`/accounts/${account.id}/overview`);
  await bookkeeper.seesHeading(account.name);
  await bookkeeper.settles();
  await admin.call("DELETE", `/firms/${firmId}/employees/${benId}/accounts/${account.id}`);
  await bookkeeper.seesAccessEnded(account.name);
  await bookkeeper.sees("When somebody lets you into an account, it appears here by itself.");
  await look(bookkeeper, "access that has ended");
  await bookkeeper.visit("/");
  await bookkeeper.seesHeading("Welcome");
  await look(bookkeeper, "no account at all");
  await bookkeeper.visit(`/firms/${firmId}/clients`);
  await bookkeeper.sees("No client accounts yet");
  await look(bookkeeper, "no client at all");

  // A session that ends while its page is open.
  const olivia = await stage.person("Olivia Stone", "olivia@blue-bakery.example", setup);
  await olivia.signIn();
  await olivia.visit(`/accounts/${account.id}/users`);
  await olivia.settles();
  const { items } = await owner.call("GET", "/sessions");
  for (const session of items) if (!session.current) await owner.call("DELETE", `/sessions/${session.id}`);
  await olivia.seesHeading("Your session has ended");
  await look(olivia, "a session that has ended");
}
