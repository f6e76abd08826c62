// @ts-check
/** The focus: in reading order, always seen, into dialogs and back. */
import assert from "node:assert/strict";

import { assertFocusOrder, assertKeepsFocus } from "../lib/focus.mjs";
import { reach } from "../lib/hands.mjs";
import { populate, visitAll } from "../lib/screens.mjs";
import { play } from "../lib/stage.mjs";

/**
 * @typedef {import("playwright-core").Locator} Locator
 * @typedef {import("../lib/people.mjs").Person} Person
 */

const SETUP = { keyboard: true, reducedMotion: true };

play(
  "on every screen the focus goes in reading order, comes everywhere and is seen",
  (stage) =>
    visitAll(stage, SETUP, async ({ page }, screen) => {
      await assertFocusOrder(page).catch((error) => Promise.reject(new Error(`${screen}: ${error.message}`)));
    }),
  { seconds: 240 },
);

/** @param {Locator} control @param {string} what */
async function hasFocus(control, what) {
  await control.and(control.page().locator(":focus")).waitFor().catch(async () => {
    const element = await control.page().evaluate(() => document.activeElement?.outerHTML.slice(0, 200));
    assert.fail(`${what}: the focus is on ${element}`);
  });
}

/**
 * A dialog takes the focus, keeps it, and gives it back to where it came from: by Escape and by its buttons.
 *
 * @param {Person} person
 * @param {Locator} control that has the focus before and afterwards
 * @param {() => Promise<void>} open
 * @param {string[]} ways by which it is closed
 */
async function givesBack(person, control, open, ways = ["Escape", "Cancel", "Close"]) {
  for (const way of ways) {
    await open();
    const dialog = person.dialog();
    await dialog.waitFor();
    if (way === "Escape") {
      await assertKeepsFocus(dialog);
      await person.page.keyboard.press("Escape");
    } else {
      await person.hands.use(dialog.getByRole("button", { name: way, exact: true }));
    }
    await dialog.waitFor({ state: "hidden" });
    await hasFocus(control, way);
  }
}

play("an owner's dialogs and menus take the focus and give it back", async (stage) => {
  const { account } = await populate(stage);
  const olivia = await stage.person("Olivia Stone", "olivia@blue-bakery.example", SETUP);
  await olivia.signIn();
  await olivia.visit(`/accounts/${account.id}/users`);
  await olivia.settles();
  /** @param {string} name @param {import("playwright-core").Page | Locator} [within] */
  const button = (name, within = olivia.page) => within.getByRole("button", { name, exact: true });

  // Menus: Enter, Space and ArrowDown open at the first item, ArrowUp at the last.
  for (const [name, first, last, letter, named] of [
    ["Add user", "Accounting company", "Team member", "t", "Team member"],
    ["Profile", "Users", "Sign out", "a", "Appearance"],
  ]) {
    for (const [key, item] of [
      ["Enter", first],
      ["Space", first],
      ["ArrowDown", first],
      ["ArrowUp", last],
    ]) {
      await reach(button(name));
      await olivia.page.keyboard.press(key);
      await hasFocus(olivia.page.getByRole("menuitem", { name: item }), `${name} by ${key}`);
      await olivia.page.keyboard.press("Escape");
      await hasFocus(button(name), `${name}, closed`);
    }
    await olivia.page.keyboard.press("Enter");
    await hasFocus(olivia.page.getByRole("menuitem", { name: first }), name);
    await olivia.page.keyboard.press("End");
    await hasFocus(olivia.page.getByRole("menuitem", { name: last }), "End");
    await olivia.page.keyboard.press("Home");
    await hasFocus(olivia.page.getByRole("menuitem", { name: first }), "Home");
    await olivia.page.keyboard.press(letter);
    await hasFocus(olivia.page.getByRole("menuitem", { name: named }), "its first letter");
    // Tab leaves the menu, which closes.
    await olivia.page.keyboard.press("Tab");
    await olivia.page.getByRole("menu").waitFor({ state: "hidden" });
  }

  const addUser = button("Add user");
  await givesBack(olivia, addUser, () => olivia.choose("Add user", "Accounting company"));
  await givesBack(olivia, addUser, () => olivia.choose("Add user", "Team member"));
  await givesBack(olivia, button("Profile"), () => olivia.choose("Profile", "Appearance"), ["Escape", "Close"]);
  const mia = olivia.row("mia@blue-bakery.example");
  const firm = olivia.row("office@apple-solutions.example");
  for (const asking of [button("Cancel invitation", mia), button("Remove access", firm)]) {
    await givesBack(olivia, asking, () => olivia.hands.use(asking));
  }

  // The switcher: it is in the field while one chooses, and Escape gives the focus back.
  const switcher = olivia.page.getByRole("button", { name: "Switch account" });
  await olivia.openSwitcher();
  await hasFocus(olivia.search(), "the switcher");
  await olivia.page.keyboard.press("Escape");
  await hasFocus(switcher, "the switcher, closed");

  // When what was used is gone afterwards, the focus is on the page's heading rather than nowhere.
  await olivia.press("Cancel invitation", mia);
  await olivia.confirm("Cancel invitation");
  await mia.waitFor({ state: "detached" });
  await hasFocus(olivia.page.getByRole("heading", { level: 1 }), "a row that has gone");
});

play("an admin's dialogs take the focus and give it back", async (stage) => {
  const { account, admin, firmId, benId } = await populate(stage);
  const anna = await stage.person("Anna Reyes", admin.email, SETUP);
  await anna.signIn();
  /** @param {string} name @param {import("playwright-core").Page | Locator} [within] */
  const button = (name, within = anna.page) => within.getByRole("button", { name, exact: true });
  /** @param {Locator} control */
  const opensDialog = (control) => givesBack(anna, control, () => anna.hands.use(control));

  await anna.visit(`/firms/${firmId}/employees`);
  await anna.settles();
  await opensDialog(button("Invite employee"));
  await opensDialog(button("Import"));
  await opensDialog(button("Cancel invitation", anna.row("farid@apple-solutions.example")));
  await anna.visit(`/firms/${firmId}/employees/${benId}`);
  await anna.settles();
  for (const name of ["Make admin", "Deactivate", "Remove"]) await opensDialog(button(name));

  // Done rather than cancelled: what has taken its place has the focus, or the heading has.
  await anna.press("Make admin");
  await anna.confirm("Make admin");
  await button("Remove admin").waitFor();
  const isSomewhere = () => document.activeElement !== document.body;
  assert.ok(await anna.page.waitForFunction(isSomewhere), "the focus is not lost");

  await anna.visit(`/firms/${firmId}/clients/${account.id}`);
  await anna.settles();
  await opensDialog(button("Assign employee"));
  await opensDialog(button("Disconnect"));
});

play("a session that has ended takes the focus, and gives it back to where one was", async (stage) => {
  const { account, owner } = await populate(stage);
  const olivia = await stage.person("Olivia Stone", owner.email, SETUP);
  await olivia.signIn();
  await olivia.visit(`/accounts/${account.id}/users`);
  await olivia.choose("Add user", "Team member");
  const name = olivia.dialog("Invite a team member").getByLabel("Name", { exact: true });
  await olivia.hands.type(name, "Paul St");
  const { items } = await owner.call("GET", "/sessions");
  for (const session of items) if (!session.current) await owner.call("DELETE", `/sessions/${session.id}`);
  const cover = olivia.dialog("Your session has ended");
  await hasFocus(cover.getByLabel("Password", { exact: true }), "the cover");
  await assertKeepsFocus(cover);
  await olivia.page.keyboard.press("Escape");
  await olivia.fillIn({ Password: olivia.password }, cover);
  await olivia.page.keyboard.press("Enter");
  await cover.waitFor({ state: "hidden" });
  await hasFocus(name, "back");
  assert.equal(await name.inputValue(), "Paul St");
});
