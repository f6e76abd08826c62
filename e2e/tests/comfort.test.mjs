// @ts-check
/** For people who need it large, on paper, or in colours of their own. */
import assert from "node:assert/strict";

import { connectAll, foundFirm } from "../lib/api.mjs";
import { openAll, spoilAll } from "../lib/layers.mjs";
import { assertFits } from "../lib/layout.mjs";
import { visitAll } from "../lib/screens.mjs";
import { play } from "../lib/stage.mjs";

/** Spanish words, which are longer, break in other places: `spanish` tours the same. */
const LARGE = { zoom: true };

/** @param {import("../lib/people.mjs").Person} person @param {string} where */
async function fits({ page }, where) {
  await assertFits(page).catch((error) => {
    error.message = `${where}: ${error.message}`;
    throw error;
  });
}

play("every screen can be used at 200 %", (stage) => visitAll(stage, LARGE, fits), { seconds: 240 });

play("every dialog, menu and list can be used at 200 %", (stage) => openAll(stage, LARGE, fits), { seconds: 240 });

play("what is empty, failed or ended can be used at 200 %", (stage) => spoilAll(stage, LARGE, fits), { seconds: 240 });

play("a list is printed dark on white, whatever the theme", async (stage) => {
  const { admin, firmId } = await foundFirm(stage.portal);
  const anna = await stage.person("Anna Reyes", admin.email, { dark: true });
  await anna.signIn();
  await anna.visit(`/firms/${firmId}/employees`);
  await anna.row("Anna Reyes").waitFor();
  await anna.page.emulateMedia({ media: "print", colorScheme: "dark" });
  const [ink, paper] = await anna.row("Anna Reyes").evaluate((row) => {
    const light = (/** @type {string} */ colour) => {
      const context = document.createElement("canvas").getContext("2d");
      if (!context) throw new Error("no canvas");
      context.fillStyle = colour;
      context.fillRect(0, 0, 1, 1);
      return context.getImageData(0, 0, 1, 1).data.slice(0, 3).reduce((sum, part) => sum + part, 0) / 3;
    };
    const table = row.closest("table")?.parentElement ?? row;
    return [light(getComputedStyle(row).color), light(getComputedStyle(table).backgroundColor)];
  });
  assert.ok(ink < 80 && paper > 240, `${ink} on ${paper}`);
  for (const button of await anna.page.getByRole("button").all()) assert.equal(await button.isVisible(), false);
});

play("with forced colours every control has an edge, and what is chosen can be told", async (stage) => {
  const { owner, account, admin, firmId } = await foundFirm(stage.portal);
  await connectAll(owner, [await owner.openAccount("Second")], { name: "Apple Solutions", email: admin.email });
  const anna = await stage.person("Anna Reyes", admin.email);
  await anna.page.emulateMedia({ forcedColors: "active", colorScheme: "dark" });
  await anna.signIn();
  await anna.visit(`/firms/${firmId}/employees`);
  await anna.row("Anna Reyes").waitFor();
  await hasEdges(anna);
  const current = anna.page.getByRole("navigation", { name: "Pages" }).getByRole("link");
  assert.equal(await differ(current), true, "the page of the navigation that one is on");
  await anna.press("Invite employee");
  const dialog = anna.dialog("Invite employee");
  await dialog.getByRole("checkbox", { name: account.name }).waitFor();
  await hasEdges(anna);
  const admins = dialog.getByRole("switch", { name: "Admin" });
  const off = await picture(admins);
  await admins.setChecked(true);
  assert.notEqual(await picture(admins), off, "the switch");
  await anna.page.keyboard.press("Escape");
  const list = await anna.openSwitcher();
  await list.getByRole("option", { name: "Second" }).waitFor();
  assert.equal(await differ(list.getByRole("option")), true, "the account that Enter opens");
});

/** Every button, field and box that is to be seen has a border or an outline. @param {import("../lib/people.mjs").Person} person */
async function hasEdges({ page }) {
  const bare = await page.evaluate(() => {
    const controls = [...document.querySelectorAll("input, select, .btn")].filter((control) => control.checkVisibility());
    return controls.flatMap((control) => {
      const style = getComputedStyle(control);
      const edge = [style.borderTopWidth, style.borderBottomWidth].some((width) => parseFloat(width) >= 1);
      return edge || style.outlineStyle !== "none" ? [] : [control.outerHTML.slice(0, 120)];
    });
  });
  assert.deepEqual(bare, []);
}

/** Whether one of them looks unlike the others. @param {import("playwright-core").Locator} links */
async function differ(links) {
  const looks = await links.evaluateAll((all) =>
    all.map((link) => {
      const { color, backgroundColor, borderColor, borderWidth, textDecorationLine, outlineStyle, fontWeight } = getComputedStyle(link);
      return [color, backgroundColor, borderColor, borderWidth, textDecorationLine, outlineStyle, fontWeight].join();
    }),
  );
  return new Set(looks).size > 1;
}

/** @param {import("playwright-core").Locator} control */
async function picture(control) {
  return (await control.screenshot()).toString("base64");
}
