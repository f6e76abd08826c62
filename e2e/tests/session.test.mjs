// @ts-check
/** Who is signed in: reloads, tabs, sessions that end, networks that fail. */
import assert from "node:assert/strict";

import { foundFirm, hire, inParallel, request, signIn, signUp } from "../lib/api.mjs";
import { play } from "../lib/stage.mjs";

const OLIVIA = { name: "Olivia Stone", email: "olivia@blue-bakery.example", account: "Blue Bakery" };

play("a reload stays where it was, and a wrong password loses nothing", async (stage) => {
  await signUp(stage.portal, OLIVIA);
  const olivia = await stage.person(OLIVIA.name, OLIVIA.email);
  await olivia.visit("/security");
  await olivia.seesHeading("Sign in");
  await olivia.fillIn({ Email: OLIVIA.email, Password: "not the password" });
  await olivia.press("Sign in");
  await olivia.page.getByRole("alert").getByText("Email and password do not fit").waitFor();
  assert.equal(await olivia.page.getByLabel("Email").inputValue(), OLIVIA.email);

  await olivia.fillIn({ Password: olivia.password });
  await olivia.press("Sign in");
  // Back to the page that was wanted, not to some start.
  await olivia.page.waitForURL("**/security");
  await olivia.page.reload();
  await olivia.page.getByRole("button", { name: "Profile" }).waitFor();
  assert.equal(new URL(olivia.page.url()).pathname, "/security");

  await olivia.signOut();
  await olivia.visit("/security");
  await olivia.seesHeading("Sign in");
});

play("a session that ends elsewhere covers the page, and what was typed is there afterwards", async (stage) => {
  await signUp(stage.portal, OLIVIA);
  const olivia = await stage.person(OLIVIA.name, OLIVIA.email);
  await olivia.signIn();
  await olivia.openUsers();
  await olivia.choose("Add user", "Accounting company");
  await olivia.fillIn({ "Company name": "Apple Solutions" }, olivia.dialog("Invite an accounting company"));

  // Signed out by a call from elsewhere: the stream ends, and the page asks for the password again.
  const elsewhere = await signIn(stage.portal, OLIVIA.email);
  const { items } = await request(stage.portal, "GET", "/sessions", { token: elsewhere.token });
  for (const session of items.filter((/** @type {any} */ session) => !session.current)) {
    await request(stage.portal, "DELETE", `/sessions/${session.id}`, { token: elsewhere.token });
  }
  await olivia.seesHeading("Your session has ended");
  const cover = olivia.dialog("Your session has ended");
  // A browser closes a dialog at the third Escape, whatever the page says to it.
  for (let count = 0; count < 5; count += 1) await olivia.page.keyboard.press("Escape");
  await cover.waitFor();
  assert.equal(await olivia.page.getByText("Blue Bakery").first().isVisible(), false, "nothing is seen below it");
  await olivia.fillIn({ Password: olivia.password }, cover);
  await olivia.press("Sign in", cover);
  // What is below it cannot be used before.
  await cover.waitFor({ state: "hidden" });

  const dialog = olivia.dialog("Invite an accounting company");
  await dialog.waitFor();
  assert.equal(await dialog.getByLabel("Company name").inputValue(), "Apple Solutions");
  await olivia.fillIn({ "Main email address": "office@apple-solutions.example" }, dialog);
  await olivia.press("Send invitation", dialog);
  await dialog.waitFor({ state: "hidden" });
  await olivia.seesFirm("Apple Solutions", "Invited");
});

play("many tabs of one browser refresh their session together and stay signed in", async (stage) => {
  await signUp(stage.portal, OLIVIA);
  const olivia = await stage.person(OLIVIA.name, OLIVIA.email);
  await olivia.signIn();
  const tabs = [];
  for (let count = 0; count < 8; count += 1) tabs.push(await olivia.anotherTab());
  for (let round = 0; round < 3; round += 1) {
    await Promise.all(tabs.map((tab) => tab.visit("/security")));
    await Promise.all(tabs.map((tab) => tab.page.getByRole("button", { name: "Profile" }).waitFor()));
  }
});

play("who signs out in one tab is out in all of them, and in again in all of them", async (stage) => {
  await signUp(stage.portal, OLIVIA);
  const olivia = await stage.person(OLIVIA.name, OLIVIA.email);
  await olivia.signIn();
  await olivia.seesHeading("Blue Bakery");
  const other = await olivia.anotherTab();
  await other.visit("/");
  await other.seesHeading("Blue Bakery");

  await olivia.signOut();
  const since = Date.now();
  await other.seesHeading("Your session has ended");
  assert.ok(Date.now() - since < 1_000, "within a second");
  assert.equal(await other.page.getByText("Blue Bakery").first().isVisible(), false);

  await olivia.fillIn({ Email: olivia.email, Password: olivia.password });
  await olivia.press("Sign in");
  await olivia.seesHeading("Blue Bakery");
  await other.seesHeading("Blue Bakery");
  await other.dialog("Your session has ended").waitFor({ state: "hidden" });
});

play("somebody else who signs in with the same browser does not get the pages of the first", async (stage) => {
  await signUp(stage.portal, OLIVIA);
  await signUp(stage.portal, { name: "Marco Vidal", email: "marco@red-cycles.example", account: "Red Cycles" });
  const olivia = await stage.person(OLIVIA.name, OLIVIA.email);
  await olivia.signIn();
  await olivia.seesHeading("Blue Bakery");
  const marco = await olivia.anotherTab();
  await marco.visit("/");
  await marco.signOut();
  await marco.fillIn({ Email: "marco@red-cycles.example", Password: marco.password });
  await marco.press("Sign in");
  await marco.seesHeading("Red Cycles");
  // Her tab notices at the next thing that it asks, and is his from then on.
  // (Unless it has noticed by itself: then it is on its way already.)
  await olivia.page.evaluate(() => window.dispatchEvent(new Event("focus"))).catch(() => {});
  await olivia.seesHeading("Red Cycles");
  await olivia.doesNotSee("Blue Bakery");
});

play("offline and back: the page stays, says so, and goes on by itself", async (stage) => {
  await signUp(stage.portal, OLIVIA);
  const olivia = await stage.person(OLIVIA.name, OLIVIA.email);
  olivia.guard.allow(/ERR_INTERNET_DISCONNECTED/);
  await olivia.signIn();
  await olivia.openUsers();
  await olivia.context.setOffline(true);
  await olivia.page.getByText("Offline", { exact: true }).waitFor();
  await olivia.choose("Add user", "Accounting company");
  const dialog = olivia.dialog("Invite an accounting company");
  await olivia.fillIn(
    { "Company name": "Apple Solutions", "Main email address": "office@apple-solutions.example" },
    dialog,
  );
  await olivia.press("Send invitation", dialog);
  await dialog.getByRole("alert").getByText("cannot be reached").waitFor();
  await olivia.context.setOffline(false);
  await olivia.press("Send invitation", dialog);
  await dialog.waitFor({ state: "hidden" });
  await olivia.seesFirm("Apple Solutions", "Invited");
});

play("while the portal is away every tab says so, until it is back", async (stage) => {
  await signUp(stage.portal, OLIVIA);
  const olivia = await stage.person(OLIVIA.name, OLIVIA.email);
  olivia.guard.allow(/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_EMPTY_RESPONSE/);
  await olivia.signIn();
  await olivia.seesHeading("Blue Bakery");
  const other = await olivia.anotherTab();
  await other.visit("/");
  await other.seesHeading("Blue Bakery");
  const said = [olivia, other].map((tab) => tab.page.getByRole("status").getByText("Offline", { exact: true }));
  await stage.portal.stop();
  for (const words of said) await words.waitFor();
  await stage.portal.restart();
  for (const words of said) await words.waitFor({ state: "hidden" });
});

play("who has forgotten the password at an ended session asks for another", async (stage) => {
  const { owner } = await signUp(stage.portal, OLIVIA);
  const olivia = await stage.person(OLIVIA.name, OLIVIA.email);
  await olivia.signIn();
  await olivia.seesHeading("Blue Bakery");
  const { items } = await owner.call("GET", "/sessions");
  for (const session of items) if (!session.current) await owner.call("DELETE", `/sessions/${session.id}`);
  await olivia.seesHeading("Your session has ended");
  await olivia.hands.use(olivia.page.getByRole("link", { name: "Forgot password?" }));
  const email = olivia.page.getByRole("textbox", { name: "Email" });
  await email.waitFor();
  assert.equal(await email.inputValue(), OLIVIA.email);
});

play("a server that restarts while somebody looks costs them nothing", async (stage) => {
  const { account, admin, firmId } = await foundFirm(stage.portal);
  const hired = await hire(admin, firmId, {
    name: "Ben Ortiz",
    email: "ben@apple-solutions.example",
    account_ids: [account.id],
  });
  const ben = await stage.person("Ben Ortiz", "ben@apple-solutions.example");
  ben.guard.allow(/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_EMPTY_RESPONSE/);
  await ben.signIn();
  await ben.seesHeading("Blue Bakery");
  await stage.portal.restart();
  await ben.switchTo("Blue Bakery");
  // The stream is open again before long, and tells of what happens now.
  await request(stage.portal, "DELETE", `/firms/${firmId}/employees/${hired.id}/accounts/${account.id}`, {
    token: (await signIn(stage.portal, admin.email)).token,
  });
  await ben.seesAccessEnded("Blue Bakery");
});

play("who signs out leaves no trace of where they were", async (stage) => {
  const { admin, firmId, account } = await foundFirm(stage.portal);
  const names = Array.from({ length: 60 }, (_, index) => `Kim ${index}`);
  await inParallel(names, (name) =>
    admin.inviteEmployee(firmId, { name, email: `${name.replace(" ", "-").toLowerCase()}@kim.example` }),
  );
  const anna = await stage.person("Anna Reyes", admin.email);
  await anna.signIn();
  await anna.switchTo(account.name);
  await anna.visit(`/firms/${firmId}/employees`);
  await anna.page.getByRole("link", { name: "Next page" }).click();
  await anna.page.waitForURL(/cursor=/);
  await anna.page.getByRole("link", { name: "Previous page" }).waitFor();
  const kept = () => anna.page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  assert.match(await kept(), /portal\.recent\..*portal\.before\./);
  await anna.signOut();
  assert.doesNotMatch(await kept(), /portal\.(recent|before)|Blue Bakery|Anna/);
});
