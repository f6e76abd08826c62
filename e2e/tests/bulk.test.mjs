// @ts-check
/** Many employees and client accounts at once: the matrix, files, and what goes with somebody who goes. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

import { foundFirm } from "../lib/api.mjs";
import { assertAccessible } from "../lib/axe.mjs";
import { growFirm } from "../lib/database.mjs";
import { assertFits } from "../lib/layout.mjs";
import { accountsOf, atTheMatrix, box, reviewAndApply } from "../lib/matrix.mjs";
import { play } from "../lib/stage.mjs";
import { eventually } from "../lib/wait.mjs";

play("boxes, a range, a row and a column are chosen, looked at, applied as one, and taken back from elsewhere", async (stage) => {
  const { anna, admin, accounts, firmId, benId } = await atTheMatrix(stage);
  const { page } = anna;
  await page.getByText("an admin has every one").first().waitFor();
  assert.ok(await box(anna, "Ben Ortiz", "Blue Bakery").isChecked());

  // One box, and a range from there: two people, three accounts.
  await box(anna, "Ben Ortiz", "Client 1").click();
  await box(anna, "Clara Voss", "Client 3").click({ modifiers: ["Shift"] });
  await anna.sees("To assign: 6. To take away: 0.");
  await box(anna, "Ben Ortiz", "Blue Bakery").click();
  await anna.sees("To assign: 6. To take away: 1.");
  assert.deepEqual(await accountsOf(admin, firmId, benId), ["Blue Bakery"], "nothing happens before it is applied");

  // All that a search shows of a column.
  await anna.fillIn({ "Search employees": "dora" });
  await box(anna, "Ben Ortiz", "Client 1").waitFor({ state: "detached" });
  await anna.press("All shown employees for Client 4");
  await anna.sees("To assign: 7. To take away: 1.");
  await anna.fillIn({ "Search employees": "" });
  await box(anna, "Ben Ortiz", "Client 1").waitFor();

  /** @type {any[]} */
  const sent = [];
  page.on("request", (call) => {
    if (call.method() === "POST" && call.url().endsWith("/assignments")) sent.push(call.postDataJSON());
  });
  await reviewAndApply(anna, /To assign: 7\. To take away: 1\./, /Gets: Client 1, Client 2, Client 3/, /Loses: Blue Bakery/);
  assert.deepEqual(sent.map(({ dry_run }) => Boolean(dry_run)), [true, false], "one look, one batch");
  await anna.sees("Assigned: 7. Taken away: 1.");
  assert.deepEqual(await accountsOf(admin, firmId, benId), ["Client 1", "Client 2", "Client 3"]);

  // What somebody else does meanwhile is not undone.
  await admin.call("PUT", `/firms/${firmId}/employees/${benId}/accounts/${accounts[3].id}`);
  await anna.goTo("Activity");
  await anna.choose("Profile", "Security");
  await anna.seesHeading("Security");
  await anna.openFirm("Apple Solutions");
  await anna.goTo("Assignments");
  await anna.press("Undo");
  await anna.sees("The changes were taken back.");
  assert.deepEqual(await accountsOf(admin, firmId, benId), ["Blue Bakery", "Client 4"]);
  await box(anna, "Ben Ortiz", "Blue Bakery").and(page.locator("[aria-checked=true]")).waitFor();

  // A whole row: all on, all off, and nothing of it in the end.
  await anna.press("All shown client accounts for Clara Voss");
  await anna.sees("To assign: 5. To take away: 0.");
  await anna.press("All shown client accounts for Clara Voss");
  await anna.sees("Choose what to change");

  // What was chosen is there when one comes back.
  await box(anna, "Dora Lind", "Client 2").click();
  await anna.goTo("Employees");
  await anna.goTo("Assignments");
  await anna.sees("To assign: 1. To take away: 0.");
  await anna.press("Discard");
  await anna.sees("Choose what to change");
});

play("a batch can be undone for ten minutes, wherever one has been meanwhile, and no longer", async (stage) => {
  const { anna, admin, firmId, benId } = await atTheMatrix(stage);
  const { clock } = anna.page;
  const undo = anna.page.getByRole("button", { name: "Undo" });
  await clock.install();
  await box(anna, "Ben Ortiz", "Client 1").click();
  await reviewAndApply(anna, /Gets: Client 1/);
  await undo.waitFor();
  await clock.fastForward("09:00");
  await anna.goTo("Employees");
  await anna.goTo("Assignments");
  await undo.waitFor();
  await clock.fastForward("01:00");
  await undo.waitFor({ state: "detached" });
  await anna.goTo("Employees");
  await anna.goTo("Assignments");
  await box(anna, "Ben Ortiz", "Client 1").and(anna.page.locator("[aria-checked=true]")).waitFor();
  assert.equal(await undo.count(), 0, "coming back does not bring it back");
  assert.deepEqual(await accountsOf(admin, firmId, benId), ["Blue Bakery", "Client 1"]);
});

play("the matrix is worked by the keyboard alone", async (stage) => {
  const { anna, admin, firmId, benId } = await atTheMatrix(stage, { keyboard: true });
  const { keyboard } = anna.page;
  /** @param {string} name */
  const isOn = (name) => eventually(`the focus on ${name}`, () =>
    anna.page.evaluate((name) => document.activeElement?.getAttribute("aria-label") === name, name));
  await anna.page.getByLabel("Search client accounts").focus();
  // One stop of the grid; the admin's row comes first.
  await eventually("the focus in the grid", async () => {
    await keyboard.press("Tab");
    return anna.page.evaluate(() => document.activeElement?.closest("[role=grid]"));
  });
  await keyboard.press("Control+Home");
  await keyboard.press("ArrowDown");
  await isOn("Ben Ortiz, Blue Bakery");
  await keyboard.press("End");
  await isOn("Ben Ortiz, Client 4");
  await keyboard.press("Home");
  await keyboard.press("ArrowRight");
  await isOn("Ben Ortiz, Client 1");
  await keyboard.press("Space");
  await keyboard.press("ArrowDown");
  await keyboard.press("ArrowRight");
  await isOn("Clara Voss, Client 2");
  await keyboard.press("Shift+Space");
  await anna.sees("To assign: 4. To take away: 0.");
  await keyboard.press("PageDown");
  await isOn("Dora Lind, Client 2");
  await keyboard.press("PageUp");
  await keyboard.press("ArrowDown");
  await isOn("Ben Ortiz, Client 2");
  // Up to the head of the column, and left to that of the row.
  await keyboard.press("ArrowUp");
  await keyboard.press("ArrowUp");
  await isOn("All shown employees for Client 2");
  await keyboard.press("Enter");
  await anna.sees("To assign: 5. To take away: 0.");
  await keyboard.press("Control+End");
  await isOn("Dora Lind, Client 4");
  await keyboard.press("Home");
  await keyboard.press("ArrowLeft");
  await isOn("All shown client accounts for Dora Lind");
  await reviewAndApply(anna, /Gets: Client 1, Client 2/);
  assert.deepEqual(await accountsOf(admin, firmId, benId), ["Blue Bakery", "Client 1", "Client 2"]);
});

play("on a phone it is a list for one employee at a time", async (stage) => {
  const { anna, admin, firmId, benId } = await atTheMatrix(stage, { phone: true });
  await assertFits(anna.page);
  await anna.page.getByLabel("Employee", { exact: true }).selectOption({ label: "Ben Ortiz" });
  await box(anna, "Ben Ortiz", "Client 3").tap();
  await anna.sees("To assign: 1. To take away: 0.");
  await assertAccessible(anna.page);
  await reviewAndApply(anna, /Gets: Client 3/);
  assert.deepEqual(await accountsOf(admin, firmId, benId), ["Blue Bakery", "Client 3"]);
});

play("the matrix and its dialogs can be used by everybody, in light and in dark colours", async (stage) => {
  const { anna } = await atTheMatrix(stage, { reducedMotion: true });
  const inBothThemes = async () => {
    for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
      await anna.page.emulateMedia({ colorScheme });
      await assertAccessible(anna.page);
    }
  };
  await box(anna, "Ben Ortiz", "Client 1").click();
  await box(anna, "Ben Ortiz", "Blue Bakery").click();
  await anna.sees("To assign: 1. To take away: 1.");
  await inBothThemes();
  await anna.press("Review changes");
  await anna.dialog().getByText(/Gets: Client 1/).waitFor();
  await inBothThemes();
  await anna.press("Apply changes", anna.dialog());
  await anna.dialog().waitFor({ state: "hidden" });
  await inBothThemes();
  await anna.press("Import");
  await anna.page.getByLabel("CSV file").setInputFiles({
    name: "assignments.csv",
    mimeType: "text/csv",
    buffer: Buffer.from("employee_email,account_id\nnobody@elsewhere.example,acct_01h455vb4pex5vsknk084sn02q\n"),
  });
  await anna.sees("Rows to correct: 1.");
  await inBothThemes();
});

play(
  "two thousand employees and ten thousand accounts are fluent, and only what is in sight is asked for and drawn",
  async (stage) => {
    const { account, admin, firmId } = await foundFirm(stage.portal);
    const size = { firmId, accountId: account.id, employees: 2_000, accounts: 10_000 };
    if (!(await growFirm(stage.portal, size))) return stage.skip("there is no Python");
    const anna = await stage.person("Anna Reyes", admin.email, { untraced: true });
    await anna.signIn();
    /** @type {URL[]} */
    const asked = [];
    anna.page.on("request", (call) => {
      const url = new URL(call.url());
      if (call.method() === "GET" && url.pathname.startsWith(`/api/v1/firms/${firmId}/`)) asked.push(url);
    });
    await anna.visit(`/firms/${firmId}/assignments`);
    await anna.settles();
    assert.ok(asked.length < 8, `few questions: ${asked.join("\n")}`);
    const boxes = anna.page.getByRole("grid").getByRole("checkbox");
    assert.ok((await boxes.count()) < 1_500, "only what is in sight is drawn");

    // Far down and far to the right, page by page.
    await anna.page.getByRole("grid").getByRole("checkbox", { name: "Employee 0002, Client 00002" }).click();
    // The best of three: the machine may have something else to do for a while.
    const took = [];
    while (took.length < 3 && Math.min(...took) >= 10_000) {
      const start = Date.now();
      for (let pages = 0; pages < 40; pages += 1) await anna.page.keyboard.press("PageDown");
      for (let columns = 0; columns < 30; columns += 1) await anna.page.keyboard.press("ArrowRight");
      took.push(Date.now() - start);
    }
    assert.ok(Math.min(...took) < 10_000, `seventy keys take ${took.join(" and ")} ms`);
    const focused = await eventually("the focus far away", () =>
      anna.page.evaluate(() => {
        const name = document.activeElement?.getAttribute("aria-label") ?? "";
        return Number(/Employee (\d+)/.exec(name)?.[1]) > 150 && name;
      }));
    assert.match(focused, new RegExp(`Client 000${3 * took.length}\\d`));
    assert.ok((await boxes.count()) < 1_500, "still only what is in sight is drawn");

    // A search finds what is further away than anybody scrolls.
    await anna.fillIn({ "Search employees": "employee 1999", "Search client accounts": "client 09999" });
    const found = box(anna, "Employee 1999", "Client 09999");
    await found.and(anna.page.locator(":not([aria-busy])")).click();
    await anna.sees("To assign: 2. To take away: 0.");
    await reviewAndApply(anna, /Gets: Client 09999/);

    // All ten thousand of one row but one are more than a look: they are loaded, and go as one batch.
    await anna.fillIn({ "Search employees": "employee 0003", "Search client accounts": "client 0" });
    await box(anna, "Employee 0003", "Client 00001").waitFor();
    await anna.press("All shown client accounts for Employee 0003");
    await anna.page.getByText("To assign: 9999. To take away: 0.").waitFor({ timeout: 60_000 });
  },
  { seconds: 240 },
);

play("a file is tried first, corrected, and then imported; what is exported can be imported", async (stage) => {
  const { anna, admin, firmId, benId, accounts } = await atTheMatrix(stage);
  const { page } = anna;
  await anna.goTo("Employees");
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

  await anna.goTo("Assignments");
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
  const { anna, admin, account, firmId, benId } = await atTheMatrix(stage);
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
