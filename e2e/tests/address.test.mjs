// @ts-check
/** The address bar: every page has its own, and lists keep theirs. */
import assert from "node:assert/strict";

import { foundFirm, hire, inParallel, signUp } from "../lib/api.mjs";
import { play } from "../lib/stage.mjs";

const OLIVIA = { name: "Olivia Stone", email: "olivia@blue-bakery.example", account: "Blue Bakery" };

play("a link that is followed is the address, after a reload and on the way back too", async (stage) => {
  const { account } = await signUp(stage.portal, OLIVIA);
  const olivia = await stage.person(OLIVIA.name, OLIVIA.email);
  await olivia.signIn();
  await olivia.seesHeading("Blue Bakery");
  for (const page of ["Users", "Activity", "Settings"]) {
    await olivia.goTo(page);
    await olivia.page.waitForURL(`**/accounts/${account.id}/${page.toLowerCase()}`);
  }
  await olivia.page.reload();
  await olivia.seesHeading("Settings");
  for (const page of ["Activity", "Users"]) {
    await olivia.page.goBack();
    await olivia.seesHeading(page);
    await olivia.page.waitForURL(`**/accounts/${account.id}/${page.toLowerCase()}`);
  }
  // The menu's places are links, too.
  await olivia.choose("Profile", "Security");
  await olivia.page.waitForURL("**/security");
});

play("a click that is the browser's is left to it, and a link to where one is leads nowhere", async (stage) => {
  const { account } = await signUp(stage.portal, OLIVIA);
  const olivia = await stage.person(OLIVIA.name, OLIVIA.email);
  await olivia.signIn();
  await olivia.seesHeading("Blue Bakery");
  const { page } = olivia;
  const users = page.getByRole("navigation").getByRole("link", { name: "Users", exact: true });
  const [tab] = await Promise.all([
    page.context().waitForEvent("page"),
    users.click({ modifiers: ["ControlOrMeta"] }),
  ]);
  await tab.waitForURL(`**/accounts/${account.id}/users`);
  await tab.close();
  assert.match(page.url(), /\/overview$/, "this tab stays where it is");

  await users.click();
  await olivia.seesHeading("Users");
  await users.click();
  await page.goBack();
  await olivia.seesHeading("Blue Bakery");
});

play("what a list is narrowed to is in the address, whatever letters it has", async (stage) => {
  const { admin, firmId } = await foundFirm(stage.portal);
  const anna = await stage.person("Anna Reyes", admin.email);
  await anna.signIn();
  await anna.visit(`/firms/${firmId}/employees?status=active`);
  const search = anna.page.getByLabel("Search employees");
  const typed = "Müller & Söhne+1 #2 100%";
  await search.fill(typed);
  await anna.page.waitForURL((url) => url.searchParams.get("q") === typed);
  assert.equal(new URL(anna.page.url()).searchParams.get("status"), "active", "other filters stay");
  await anna.page.reload();
  await anna.settles();
  assert.equal(await search.inputValue(), typed);
  await search.fill("");
  await anna.page.waitForURL((url) => url.search === "?status=active");
});

play("a long list has a next, a previous and a first page, and is read from its top", async (stage) => {
  const { admin, firmId } = await foundFirm(stage.portal);
  const names = Array.from({ length: 120 }, (_, index) => `Kim ${String(index).padStart(3, "0")}`);
  await inParallel(names, (name) =>
    admin.inviteEmployee(firmId, { name, email: `${name.replace(" ", "-").toLowerCase()}@kim.example` }),
  );
  const anna = await stage.person("Anna Reyes", admin.email);
  await anna.signIn();
  await anna.visit(`/firms/${firmId}/employees`);
  const pages = anna.page.getByRole("navigation", { name: "Pages of the list" });
  const turn = async (/** @type {string} */ to, /** @type {string} */ seen) => {
    await pages.getByRole("link", { name: to }).click();
    await anna.row(seen).waitFor();
    const focused = await anna.page.evaluate(() => document.activeElement?.textContent);
    assert.equal(focused, "Employees", "reading goes on at the top");
  };
  await anna.row(names[0]).waitFor();
  assert.equal(await pages.getByRole("link", { name: "Previous page" }).count(), 0);
  await turn("Next page", names[60]);
  await turn("Next page", names[110]);
  // What the tab knows of the pages before outlives a reload.
  await anna.page.reload();
  await turn("Previous page", names[60]);
  await turn("Previous page", names[0]);
  assert.equal(await pages.getByRole("link", { name: "Previous page" }).count(), 0);
  await turn("Next page", names[60]);
  await turn("First page", names[0]);
});

play("what is undone by something else is no longer offered to be undone", async (stage) => {
  const { admin, firmId, account } = await foundFirm(stage.portal);
  await hire(admin, firmId, { name: "Ben Ortiz", email: "ben@apple-solutions.example", account_ids: [account.id] });
  const anna = await stage.person("Anna Reyes", admin.email);
  await anna.signIn();
  await anna.openFirm("Apple Solutions");
  await anna.openEmployee("Ben Ortiz");
  await anna.tick("Blue Bakery", false);
  await anna.sees("Blue Bakery taken away from Ben Ortiz.");
  await anna.tick("Blue Bakery", true);
  await anna.sees("Blue Bakery assigned to Ben Ortiz.");
  assert.equal(await anna.page.getByRole("button", { name: "Undo" }).count(), 1);
  await anna.doesNotSee("Blue Bakery taken away from Ben Ortiz.");
});
