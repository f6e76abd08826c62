// @ts-check
/** The account switcher, all day long. */
import assert from "node:assert/strict";

import { connectAll, foundFirm, hire, openAccounts, request, signUp } from "../lib/api.mjs";
import { play } from "../lib/stage.mjs";
import { eventually } from "../lib/wait.mjs";

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
