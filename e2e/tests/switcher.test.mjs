// @ts-check
/** The account switcher, all day long. */
import assert from "node:assert/strict";

import { connectAll, foundFirm, hire, openAccounts, request, signUp } from "../lib/api.mjs";
import { play } from "../lib/stage.mjs";
import { eventually } from "../lib/wait.mjs";

const OLIVIA = { name: "Olivia Stone", email: "olivia@blue-bakery.example", account: "Blue Bakery" };

play(
  "five thousand accounts are fluent, and only what is in sight is drawn",
  async (stage) => {
    const { owner } = await signUp(stage.portal, {
      name: "Olivia Stone",
      email: "olivia@stores.example",
      account: "Aardvark",
    });
    await openAccounts(owner, 4_999);
    const olivia = await stage.person("Olivia Stone", "olivia@stores.example", { untraced: true });
    await olivia.signIn();
    const list = await olivia.openSwitcher();
    await list.getByRole("option", { name: "Aardvark" }).waitFor();

    const search = olivia.page.getByRole("combobox", { name: "Search accounts" });
    await search.fill("store 4321");
    await list.getByRole("option", { name: "Store 4321", exact: true }).waitFor();
    assert.equal(await list.getByRole("option").count(), 1);

    // To the end by the keyboard, through every page of the list.
    await search.fill("store 1");
    await list.getByRole("option", { name: "Store 1000", exact: true }).waitFor();
    for (let page = 0; page < 30; page += 1) await search.press("PageDown");
    await eventually("the list goes on", async () => {
      await search.press("PageDown");
      const active = await search.getAttribute("aria-activedescendant");
      return Number(active?.split("-").at(-1)) > 150;
    });
    assert.ok((await list.getByRole("option").count()) < 40, "only what is in sight is drawn");
    await search.press("Escape");
    await list.waitFor({ state: "hidden" });
    const focused = await olivia.page.evaluate(() => document.activeElement?.textContent);
    assert.match(focused ?? "", /^Switch account/);
  },
  { seconds: 180 },
);

play("who chooses the account that they are in goes on at its heading", async (stage) => {
  await signUp(stage.portal, OLIVIA);
  const olivia = await stage.person(OLIVIA.name, OLIVIA.email);
  await olivia.signIn();
  await olivia.seesHeading("Blue Bakery");
  await olivia.settles();
  await olivia.page.keyboard.press("Control+k");
  const list = olivia.page.getByRole("listbox");
  await list.getByRole("option", { name: "Blue Bakery" }).waitFor();
  await olivia.page.keyboard.press("Enter");
  await list.waitFor({ state: "hidden" });
  const heading = olivia.page.getByRole("heading", { level: 1 });
  await eventually("the focus at the heading", () => heading.evaluate((element) => element === document.activeElement));
});

play("an arrow that is held down waits at the last row until there are more", async (stage) => {
  const { owner } = await signUp(stage.portal, OLIVIA);
  await openAccounts(owner, 70);
  const olivia = await stage.person(OLIVIA.name, OLIVIA.email);
  await olivia.signIn();
  await olivia.seesHeading("Blue Bakery");
  const list = await olivia.openSwitcher();
  await list.getByRole("option").first().waitFor();
  await olivia.context.route(/\/me\/accounts\?.*cursor=/, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    await route.continue();
  });
  const active = async () => Number((await olivia.search().getAttribute("aria-activedescendant"))?.split("-").at(-1));
  for (let press = 0; press < 55; press += 1) await olivia.page.keyboard.press("ArrowDown");
  assert.ok((await active()) >= 49, `${await active()}`);
});

play("asked for again while an Enter waits for its answer, it starts over", async (stage) => {
  const { owner } = await signUp(stage.portal, OLIVIA);
  for (const name of ["Red Cycles", "Green Garden"]) await owner.openAccount(name);
  const olivia = await stage.person(OLIVIA.name, OLIVIA.email);
  await olivia.signIn();
  await olivia.seesHeading("Blue Bakery");
  await olivia.context.route(/\/me\/accounts\?/, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 300));
    await route.continue();
  });
  const { keyboard } = olivia.page;
  await keyboard.press("Control+k");
  await keyboard.type("red");
  await keyboard.press("Enter");
  await keyboard.press("Control+k");
  await keyboard.type("green");
  assert.equal(await olivia.search().inputValue(), "green");
  await keyboard.press("Enter");
  await olivia.seesHeading("Green Garden");
  assert.equal(await olivia.page.getByRole("heading", { name: "Red Cycles" }).count(), 0);
});

play("an arrow and Enter lead back to the account before, every time", async (stage) => {
  const { owner } = await signUp(stage.portal, OLIVIA);
  await owner.openAccount("Red Cycles");
  await owner.openAccount("Green Garden");
  const olivia = await stage.person(OLIVIA.name, OLIVIA.email);
  await olivia.signIn();
  await olivia.seesHeading("Blue Bakery");
  await olivia.switchTo("Red Cycles");
  const back = async (/** @type {string} */ name) => {
    for (const key of ["Control+k", "ArrowDown", "Enter"]) await olivia.page.keyboard.press(key);
    await olivia.seesHeading(name);
    await olivia.settles();
  };
  for (const name of ["Blue Bakery", "Red Cycles", "Blue Bakery", "Red Cycles"]) await back(name);
  // One that was searched for, too; and where no row is known yet.
  await olivia.switchTo("Green Garden");
  await back("Red Cycles");
  await back("Green Garden");
  await olivia.page.reload();
  await olivia.isIn();
  await back("Red Cycles");
});

play(
  "fifty switches by the keyboard, without a glitch",
  async (stage) => {
    const firm = { name: "Apple Solutions", email: "office@apple-solutions.example" };
    const { owner, admin, firmId } = await foundFirm(stage.portal);
    const accounts = await openAccounts(owner, 50, "Client");
    await connectAll(owner, accounts, firm);
    await hire(admin, firmId, {
      name: "Ben Ortiz",
      email: "ben@apple-solutions.example",
      account_ids: accounts.map(({ id }) => id),
    });
    const ben = await stage.person("Ben Ortiz", "ben@apple-solutions.example", { untraced: true });
    await ben.signIn();
    await ben.page.getByRole("button", { name: "Switch account" }).waitFor();
    for (const { name, id } of [...accounts].reverse()) {
      await ben.page.keyboard.press("Control+k");
      await ben.page.keyboard.type(name);
      // Before the answer is there: what was typed counts, not what happened to be on top.
      await ben.page.keyboard.press("Enter");
      await ben.page.waitForURL(`**/accounts/${id}/overview`);
      await ben.page.getByRole("heading", { level: 1, name, exact: true }).waitFor();
    }
    // The last ones come first.
    assert.deepEqual((await ben.accountsOffered()).slice(0, 5), accounts.slice(0, 5).map(({ name }) => name));
  },
  { seconds: 180 },
);

play("an account that is granted appears in the open list, and one that is revoked goes", async (stage) => {
  const { owner, account, admin, firmId } = await foundFirm(stage.portal);
  const [second] = await openAccounts(owner, 1, "Second");
  await connectAll(owner, [second], { name: "Apple Solutions", email: admin.email });
  const { id } = await hire(admin, firmId, {
    name: "Ben Ortiz",
    email: "ben@apple-solutions.example",
    account_ids: [account.id],
  });
  const ben = await stage.person("Ben Ortiz", "ben@apple-solutions.example");
  await ben.signIn();
  await ben.seesHeading("Blue Bakery");
  const list = await ben.openSwitcher();
  const path = (/** @type {string} */ accountId) => `/firms/${firmId}/employees/${id}/accounts/${accountId}`;
  await request(stage.portal, "PUT", path(second.id), { token: admin.token });
  await list.getByRole("option", { name: second.name }).waitFor();
  await request(stage.portal, "DELETE", path(second.id), { token: admin.token });
  await list.getByRole("option", { name: second.name }).waitFor({ state: "detached" });
});

play("a search that fails opens nothing, and goes on when the portal is back", async (stage) => {
  const { owner } = await signUp(stage.portal, OLIVIA);
  await openAccounts(owner, 3, "Client");
  const olivia = await stage.person(OLIVIA.name, OLIVIA.email);
  olivia.guard.allow(/ERR_FAILED/);
  await olivia.signIn();
  await olivia.seesHeading("Blue Bakery");
  const list = await olivia.openSwitcher();
  await list.getByRole("option", { name: "Client 3" }).waitFor();

  await olivia.page.route("**/me/accounts?*q=*", (call) => call.abort());
  await olivia.page.keyboard.type("Client 2");
  await olivia.page.keyboard.press("Enter");
  await olivia.page.getByRole("status").getByText("cannot be reached").waitFor();
  assert.equal(await list.getByRole("option").count(), 0, "rows of another question are no answer");
  await olivia.page.keyboard.press("Enter");
  await olivia.search().waitFor();

  await olivia.page.unroute("**/me/accounts?*q=*");
  await olivia.page.keyboard.press("Backspace");
  await olivia.page.keyboard.type("2");
  await olivia.page.keyboard.press("Enter");
  await olivia.seesHeading("Client 2");
});

play("what changes while one chooses changes neither the search nor the choice", async (stage) => {
  const { owner } = await signUp(stage.portal, OLIVIA);
  const [first, second] = await openAccounts(owner, 2, "Client");
  const olivia = await stage.person(OLIVIA.name, OLIVIA.email);
  await olivia.signIn();
  await olivia.seesHeading("Blue Bakery");
  const list = await olivia.openSwitcher();
  await olivia.page.keyboard.type("Client");
  await list.getByRole("option", { name: "Blue Bakery" }).waitFor({ state: "detached" });
  await olivia.page.keyboard.press("ArrowDown");
  await list.getByRole("option", { name: second.name, selected: true }).waitFor();

  // One that stands above the chosen one comes by itself; the list is still the one that was asked for.
  await owner.openAccount("A new Client");
  await list.getByRole("option", { name: "A new Client" }).waitFor();
  assert.equal(await olivia.search().inputValue(), "Client");
  assert.deepEqual(
    await list.getByRole("option").evaluateAll((options) => options.map((option) => option.ariaLabel)),
    ["A new Client", first.name, second.name],
  );
  await olivia.page.keyboard.press("Enter");
  await olivia.seesHeading(second.name);
});

play("the switcher waits until a dialog is done with", async (stage) => {
  await signUp(stage.portal, OLIVIA);
  const olivia = await stage.person(OLIVIA.name, OLIVIA.email);
  await olivia.signIn();
  await olivia.openUsers();
  await olivia.choose("Add user", "Accounting company");
  const dialog = olivia.dialog("Invite an accounting company");
  await dialog.waitFor();
  await olivia.page.keyboard.press("Control+k");
  await olivia.fillIn({ "Company name": "Apple Solutions" }, dialog);
  assert.equal(await olivia.search().count(), 0);
  await olivia.press("Cancel", dialog);
  await olivia.page.keyboard.press("Control+k");
  await olivia.search().waitFor();
});

play("opening the switcher asks for no token, and choosing asks for one", async (stage) => {
  const { owner, account } = await signUp(stage.portal, OLIVIA);
  // More than one page of the list.
  const accounts = await openAccounts(owner, 60, "Client");
  const olivia = await stage.person(OLIVIA.name, OLIVIA.email);
  await olivia.signIn();
  for (const { id, name } of [accounts[57], accounts[58], accounts[59]]) {
    await olivia.visit(`/accounts/${id}/overview`);
    await olivia.seesHeading(name);
  }
  await olivia.settles();
  /** @type {string[]} */
  const asked = [];
  olivia.page.on("request", (call) => {
    if (call.method() === "POST" && call.url().endsWith("/token")) asked.push(call.url());
  });
  // The recent ones come first all the same.
  const recent = [accounts[59], accounts[58], accounts[57], account].map(({ name }) => name);
  assert.deepEqual((await olivia.accountsOffered()).slice(0, 4), recent);
  assert.equal(asked.length, 0, asked.join());
  await olivia.switchTo(accounts[3].name);
  assert.deepEqual(asked.map((url) => url.split("/").at(-2)), [accounts[3].id]);
});
