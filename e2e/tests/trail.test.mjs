// @ts-check
/** The activity: what can be filtered by, and names of any length in it. */
import assert from "node:assert/strict";

import { foundFirm } from "../lib/api.mjs";
import { assertFits } from "../lib/layout.mjs";
import { play } from "../lib/stage.mjs";

play("the filter offers what this trail can hold, and nothing else", async (stage) => {
  const { account, owner, admin, firmId } = await foundFirm(stage.portal);
  /** @param {import("../lib/people.mjs").Person} person @param {string} path */
  const offered = async (person, path) => {
    await person.signIn();
    await person.visit(path);
    await person.settles();
    return person.page.getByLabel("Action", { exact: true }).getByRole("option").allInnerTexts();
  };
  const olivia = await stage.person("Olivia Stone", owner.email);
  const ofAccount = await offered(olivia, `/accounts/${account.id}/activity`);
  const anna = await stage.person("Anna Reyes", admin.email);
  const ofFirm = await offered(anna, `/firms/${firmId}/activity`);
  const [accounts, firms] = [ofAccount, ofFirm].map((words) => new Set(words));
  for (const words of ["All actions", "Connected an accounting company", "Assigned a client account"]) {
    assert.ok(accounts.has(words) && firms.has(words), words);
  }
  for (const words of ["Opened the account", "Made an API key", "Invited a team member"]) {
    assert.ok(accounts.has(words) && !firms.has(words), words);
  }
  for (const words of ["Invited an employee", "Renamed the firm"]) {
    assert.ok(firms.has(words) && !accounts.has(words), words);
  }
  await olivia.page.getByLabel("Action", { exact: true }).selectOption("Connected an accounting company");
  await olivia.row("Connected an accounting company").waitFor();
  assert.equal(await olivia.page.getByRole("row").count(), 2, "the head, and the one that fits");
  // A step back takes the choice back, and stays on the page.
  await olivia.page.goBack();
  await olivia.row("Opened the account").waitFor();
  assert.equal(await olivia.page.getByLabel("Action", { exact: true }).inputValue(), "");
});

play("long names fit the overview and the activity, on a phone and in a window", async (stage) => {
  const long = "Donaudampfschifffahrtsgesellschaft".repeat(5);
  const { account, owner } = await foundFirm(stage.portal, {
    name: long,
    client: { name: long, email: "olivia@blue-bakery.example", account: long },
  });
  for (const setup of [{ phone: true }, {}]) {
    const olivia = await stage.person("Olivia Stone", owner.email, setup);
    await olivia.signIn();
    for (const page of ["overview", "activity"]) {
      await olivia.visit(`/accounts/${account.id}/${page}`);
      await olivia.settles();
      await olivia.page.getByText(long).first().waitFor();
      await assertFits(olivia.page);
    }
  }
});
