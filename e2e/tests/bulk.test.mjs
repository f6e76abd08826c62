// @ts-check
/** Many employees and client accounts at once: files, and what goes with somebody who goes. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

import { connectAll, foundFirm, hire, openAccounts } from "../lib/api.mjs";
import { assertAccessible } from "../lib/axe.mjs";
import { play } from "../lib/stage.mjs";

/**
 * @typedef {import("../lib/stage.mjs").Stage} Stage
 */

/**
 * A firm with three bookkeepers and five clients, and its admin. `Ben Ortiz` has `Blue Bakery`.
 *
 * @param {Stage} stage @param {import("../lib/browser.mjs").Setup} [setup]
 */
async function inAFirm(stage, setup) {
  const { owner, account, admin, firmId } = await foundFirm(stage.portal);
  const accounts = await openAccounts(owner, 4, "Client");
  await connectAll(owner, accounts, { name: "Apple Solutions", email: admin.email });
  const { id: benId } = await hire(admin, firmId, {
    name: "Ben Ortiz",
    email: "ben@apple-solutions.example",
    account_ids: [account.id],
  });
  for (const name of ["Clara Voss", "Dora Lind"]) {
    await admin.inviteEmployee(firmId, { name, email: `${name.split(" ")[0].toLowerCase()}@apple-solutions.example` });
  }
  const anna = await stage.person("Anna Reyes", admin.email, setup);
  await anna.signIn();
  await anna.visit(`/firms/${firmId}/employees`);
  await anna.settles();
  return { anna, admin, owner, account, accounts, firmId, benId };
}

/** What the portal has of an employee. @param {import("../lib/api.mjs").Caller} admin @param {string} firmId @param {string} id */
async function accountsOf(admin, firmId, id) {
  const { items } = await admin.call("GET", `/firms/${firmId}/employees/${id}/accounts`);
  return items.map((/** @type {{ name: string }} */ { name }) => name).sort();
}

play("a file is tried first, corrected, and then imported; what is exported can be imported", async (stage) => {
  const { anna, admin, firmId, benId, accounts } = await inAFirm(stage, { reducedMotion: true });
  const { page } = anna;
  await anna.press("Import");
  const dialog = anna.dialog("Import employees");
  const [template] = await Promise.all([page.waitForEvent("download"), anna.press("Download template", dialog)]);
  assert.equal(template.suggestedFilename(), "employees-template.csv");
  assert.match(await readFile(await template.path(), "utf8"), /name,email,role/);

  const choose = (/** @type {string} */ csv) =>
    dialog.getByLabel("CSV file").setInputFiles({ name: "people.csv", mimeType: "text/csv", buffer: Buffer.from(csv) });
  const header = "name,email,role\n";
  await choose(`${header}Emil Berg,emil@apple-solutions.example,bookkeeper\nNobody,not-an-address,bookkeeper\n`);
  await dialog.getByText("Rows to correct: 1.").waitFor();
  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    await page.emulateMedia({ colorScheme });
    await assertAccessible(page);
  }
  const wrong = dialog.getByRole("row").filter({ hasText: "Nobody" });
  assert.match(await wrong.innerText(), /3[^]*Wrong/);
  assert.ok(await dialog.getByRole("button", { name: "Import", exact: true }).isDisabled());
  await choose(`${header}Emil Berg,emil@apple-solutions.example,bookkeeper\nBen Ortiz,ben@apple-solutions.example,bookkeeper\n`);
  await dialog.getByText("New: 1. Changed: 0. So already: 1.").waitFor();
  assert.equal((await admin.call("GET", `/firms/${firmId}/employees?q=emil`)).items.length, 0, "it was only tried");
  await anna.press(/^Import$/, dialog);
  await dialog.waitFor({ state: "hidden" });
  await anna.sees("Imported. New: 1. Changed: 0.");
  await anna.row("emil@apple-solutions.example").waitFor();

  await anna.goTo("Client accounts");
  const [exported] = await Promise.all([page.waitForEvent("download"), anna.press("Export")]);
  const csv = await readFile(await exported.path(), "utf8");
  assert.match(csv, /ben@apple-solutions\.example/);
  await anna.press("Import");
  const again = anna.dialog("Import assignments");
  const give = (/** @type {string} */ text) =>
    again.getByLabel("CSV file").setInputFiles({ name: "who.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
  await give(csv);
  await again.getByText("Everything in the file is so already.").waitFor();
  await give(`employee_email,account_id\nben@apple-solutions.example,${accounts[0].id}\n`);
  await again.getByText("New: 1.").waitFor();
  await anna.press(/^Import$/, again);
  await again.waitFor({ state: "hidden" });
  assert.deepEqual(await accountsOf(admin, firmId, benId), ["Blue Bakery", "Client 1"]);
});

play("whoever goes hands over to a colleague, and all that goes is said before", async (stage) => {
  const { anna, admin, account, firmId, benId } = await inAFirm(stage);
  await anna.visit(`/firms/${firmId}/employees/${benId}`);
  await anna.settles();
  await anna.press("Deactivate");
  const dialog = anna.dialog("Deactivate Ben Ortiz?");
  await dialog.getByText("Client accounts: Blue Bakery").waitFor();
  await dialog.getByText("Client accounts that nobody else works on: 1").waitFor();
  await assertAccessible(anna.page);
  const group = dialog.getByRole("group", { name: "Hand over to a colleague" });
  assert.ok(await group.getByRole("radio", { name: "Nobody" }).isChecked());
  await anna.fillIn({ "Search colleagues": "clara" }, group);
  await group.getByRole("radio", { name: "Dora Lind" }).waitFor({ state: "detached" });
  await group.getByRole("radio", { name: "Clara Voss" }).check();
  await anna.confirm("Deactivate");
  await anna.sees("Handed over to Clara Voss: 1.");
  const { items } = await admin.call("GET", `/firms/${firmId}/employees`);
  const of = (/** @type {string} */ name) => items.find((/** @type {{ name: string }} */ one) => one.name === name);
  assert.equal(of("Ben Ortiz").status, "deactivated");
  assert.deepEqual(await accountsOf(admin, firmId, of("Clara Voss").id), [account.name]);
});
