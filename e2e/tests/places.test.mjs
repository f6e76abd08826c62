// @ts-check
/** One knows where one is, and where to go on: after access has ended, by headings, titles and links. */
import assert from "node:assert/strict";

import { foundFirm, hire } from "../lib/api.mjs";
import { play } from "../lib/stage.mjs";

play("who has lost the only account is led to the firm, and to no page of what is gone", async (stage) => {
  const { account, admin, firmId } = await foundFirm(stage.portal);
  const person = { name: "Ben Ortiz", email: "ben@apple-solutions.example", account_ids: [account.id] };
  const { id } = await hire(admin, firmId, person);
  const ben = await stage.person(person.name, person.email);
  await ben.signIn();
  await ben.visit(`/accounts/${account.id}/overview`);
  await ben.page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Overview" }).waitFor();

  await admin.call("DELETE", `/firms/${firmId}/employees/${id}/accounts/${account.id}`);
  await ben.seesAccessEnded(account.name);
  await ben.sees("No other accounts");
  assert.equal(await ben.page.getByRole("navigation").getByRole("link").count(), 0);
  await ben.hands.use(ben.page.getByRole("main").getByRole("link", { name: "Apple Solutions" }));
  await ben.seesHeading("Client accounts");
});

play("since when a client is connected is a day, on the list and on its page", async (stage) => {
  const { account, admin, firmId } = await foundFirm(stage.portal);
  const anna = await stage.person("Anna Reyes", admin.email);
  await anna.signIn();
  const day = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeZone: "UTC" }).format(new Date());
  await anna.visit(`/firms/${firmId}/clients`);
  await anna.row(account.name).getByText(day, { exact: true }).waitFor();
  await anna.visit(`/firms/${firmId}/clients/${account.id}`);
  await anna.page.getByRole("definition").getByText(day, { exact: true }).waitFor();
});

play("no other link has the name of a page of the navigation in its own", async (stage) => {
  const { account, owner, admin, firmId, adminId } = await foundFirm(stage.portal);
  for (const [email, path, pages] of /** @type {[string, string, string[]][]} */ ([
    [owner.email, `/accounts/${account.id}/overview`, ["Overview", "Users", "Activity", "Settings"]],
    [admin.email, `/firms/${firmId}/employees/${adminId}`, ["Employees", "Client accounts", "Activity", "Firm settings"]],
    [admin.email, `/firms/${firmId}/clients/${account.id}`, ["Employees", "Client accounts", "Activity", "Firm settings"]],
  ])) {
    const person = await stage.person("Somebody", email);
    await person.signIn();
    await person.visit(path);
    await person.settles();
    for (const name of pages) assert.equal(await person.page.getByRole("link", { name }).count(), 1, `${name} at ${path}`);
  }
});

play("a tab is named after its page and the account or firm", async (stage) => {
  const { account, admin, firmId } = await foundFirm(stage.portal);
  const anna = await stage.person("Anna Reyes", admin.email);
  await anna.signIn();
  for (const [path, title] of [
    [`/firms/${firmId}/clients`, "Client accounts · Apple Solutions · Accounting portal"],
    [`/accounts/${account.id}/overview`, "Blue Bakery · Accounting portal"],
    ["/security", "Security · Accounting portal"],
  ]) {
    await anna.visit(path);
    await anna.settles();
    await anna.page.waitForFunction((wanted) => document.title === wanted, title);
  }
});

play("every page of an account begins with its heading, those of the settings too", async (stage) => {
  const { owner, account } = await foundFirm(stage.portal);
  const olivia = await stage.person("Olivia Stone", owner.email);
  await olivia.signIn();
  for (const page of ["activity", "settings", "settings/api-keys", "settings/webhooks"]) {
    await olivia.visit(`/accounts/${account.id}/${page}`);
    await olivia.settles();
    const heading = await olivia.page.getByRole("heading", { level: 1 }).boundingBox();
    const main = await olivia.page.getByRole("main").boundingBox();
    assert.ok(heading && main && heading.y - main.y < 40, `${page}: ${heading?.y}`);
  }
});
