// @ts-check
/** The matrix of assignments while the firm becomes another one: nothing lands on somebody else, and nothing chosen is lost. */
import assert from "node:assert/strict";

import { connectAll, openAccounts } from "../lib/api.mjs";
import { accountsOf, atTheMatrix, box, reviewAndApply } from "../lib/matrix.mjs";
import { play } from "../lib/stage.mjs";
import { eventually } from "../lib/wait.mjs";

/** What is to change, by the names of its boxes. @param {import("../lib/people.mjs").Person} person */
async function chosen({ page }) {
  const boxes = page.getByRole("grid").getByRole("checkbox").and(page.locator("[data-changes]"));
  const names = await boxes.evaluateAll((all) => all.map((element) => element.getAttribute("aria-label")));
  return names.sort();
}

/** @param {import("../lib/people.mjs").Person} person */
function focused({ page }) {
  return page.evaluate(() => document.activeElement?.getAttribute("aria-label"));
}

play("the focus and a range stay with the people they began with when somebody comes in above them", async (stage) => {
  const { anna, admin, firmId } = await atTheMatrix(stage);
  await box(anna, "Clara Voss", "Client 1").click();
  await admin.inviteEmployee(firmId, { name: "Aaron New", email: "aaron@apple-solutions.example" });
  await box(anna, "Aaron New", "Client 1").waitFor();
  assert.equal(await focused(anna), "Clara Voss, Client 1");
  await box(anna, "Dora Lind", "Client 2").click({ modifiers: ["Shift"] });
  const range = ["Clara Voss", "Dora Lind"].flatMap((name) => [1, 2].map((number) => `${name}, Client ${number}`));
  assert.deepEqual(await chosen(anna), range);

  // A range cannot begin at what a search has taken out of sight.
  await anna.fillIn({ "Search employees": "ben" });
  await box(anna, "Dora Lind", "Client 2").waitFor({ state: "detached" });
  await box(anna, "Ben Ortiz", "Client 4").click({ modifiers: ["Shift"] });
  await anna.sees("To assign: 5. To take away: 0.");

  await anna.press("Discard");
  await anna.sees("Choose what to change");
  await eventually("the focus is somewhere", async () => (await anna.page.evaluate(() => document.activeElement?.tagName)) !== "BODY");
});

play("on a phone the list stays that of the one who was chosen", async (stage) => {
  const { anna, admin, firmId } = await atTheMatrix(stage, { phone: true });
  const list = anna.page.getByLabel("Employee", { exact: true });
  await list.selectOption({ label: "Ben Ortiz" });
  await box(anna, "Ben Ortiz", "Client 1").waitFor();
  await admin.inviteEmployee(firmId, { name: "Aaron New", email: "aaron@apple-solutions.example" });
  await list.getByRole("option", { name: "Aaron New" }).waitFor({ state: "attached" });
  assert.equal(await list.locator("option:checked").innerText(), "Ben Ortiz");
  await box(anna, "Ben Ortiz", "Client 1").click();
  assert.deepEqual(await chosen(anna), ["Ben Ortiz, Client 1"]);
});

play("who has gone is left out of what is applied, and of what is taken back", async (stage) => {
  const { anna, admin, owner, accounts, firmId, benId } = await atTheMatrix(stage);
  const { items } = await admin.call("GET", `/firms/${firmId}/employees?q=clara`);
  for (const name of ["Ben Ortiz", "Clara Voss", "Dora Lind"]) await box(anna, name, "Client 1").click();
  await box(anna, "Ben Ortiz", "Client 2").click();
  await anna.sees("To assign: 4. To take away: 0.");
  await admin.call("DELETE", `/firms/${firmId}/employees/${items[0].id}`);
  await (await owner.enter(accounts[1].id)).call("DELETE", `/account/firms/${firmId}`);
  await reviewAndApply(anna, /Left out, as they are not there any more: 2\./, /To assign: 2\. To take away: 0\./);
  await anna.sees("Assigned: 2. Taken away: 0.");
  assert.deepEqual(await accountsOf(admin, firmId, benId), ["Blue Bakery", "Client 1"]);

  const dora = await admin.call("GET", `/firms/${firmId}/employees?q=dora`);
  await admin.call("DELETE", `/firms/${firmId}/employees/${dora.items[0].id}`);
  await anna.press("Undo");
  await anna.sees("The changes were taken back. Left out, as they are not there any more: 1.");
  assert.deepEqual(await accountsOf(admin, firmId, benId), ["Blue Bakery"]);
});

play("who has become an admin is no matter of choosing any more", async (stage) => {
  const { anna, admin, firmId } = await atTheMatrix(stage);
  const { items } = await admin.call("GET", `/firms/${firmId}/employees?q=clara`);
  await box(anna, "Clara Voss", "Client 1").click();
  await anna.sees("To assign: 1. To take away: 0.");
  await admin.call("PATCH", `/firms/${firmId}/employees/${items[0].id}`, { role: "admin" });
  await anna.sees("Choose what to change");
});

play("a change whose answer was lost is made once, and can be taken back", async (stage) => {
  const { anna, admin, firmId, benId } = await atTheMatrix(stage);
  await box(anna, "Ben Ortiz", "Client 1").click();
  anna.guard.allow(/ERR_CONNECTION_RESET/);
  await anna.press("Review changes");
  const dialog = anna.dialog("Review changes");
  await dialog.getByText("To assign: 1.").waitFor();
  await anna.page.route("**/assignments", async (route) => {
    await route.fetch();
    await route.abort("connectionreset");
  }, { times: 1 });
  await anna.press("Apply changes", dialog);
  await dialog.getByRole("alert").waitFor();
  assert.deepEqual(await accountsOf(admin, firmId, benId), ["Blue Bakery", "Client 1"], "it was done");
  await anna.press("Apply changes", dialog);
  await anna.sees("Assigned: 1. Taken away: 0.");
  await anna.press("Undo");
  await anna.sees("The changes were taken back.");
  assert.deepEqual(await accountsOf(admin, firmId, benId), ["Blue Bakery"]);
});

play("a row that was never in sight is not taken away unseen", async (stage) => {
  const { anna, admin, owner } = await atTheMatrix(stage);
  await connectAll(owner, await openAccounts(owner, 60, "More"), { name: "Apple Solutions", email: admin.email });
  await anna.page.reload();
  await anna.press("All shown client accounts for Ben Ortiz");
  await anna.sees("To assign: 64. To take away: 0.");
  await anna.press("All shown client accounts for Ben Ortiz");
  await anna.sees("To assign: 0. To take away: 1.");
  await anna.press("All shown client accounts for Clara Voss");
  await anna.sees("To assign: 65. To take away: 1.");
  await anna.press("All shown client accounts for Clara Voss");
  await anna.sees("To assign: 0. To take away: 1.");
});

play("a question about a client goes with the page that it was asked on", async (stage) => {
  const { anna, firmId } = await atTheMatrix(stage);
  await anna.goTo("Client accounts");
  await anna.hands.use(anna.page.getByRole("link", { name: "Blue Bakery" }));
  await anna.seesHeading("Blue Bakery");
  await anna.press("Disconnect");
  await anna.dialog("Disconnect Blue Bakery?").waitFor();
  await anna.page.goBack();
  await anna.dialog().waitFor({ state: "hidden" });
  await anna.page.waitForURL(`**/firms/${firmId}/clients`);
});
