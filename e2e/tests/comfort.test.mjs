// @ts-check
/** For people who need everything large, or still, or on paper. */
import assert from "node:assert/strict";

import { foundFirm } from "../lib/api.mjs";
import { assertFits, assertStill } from "../lib/layout.mjs";
import { openAll, spoilAll } from "../lib/layers.mjs";
import { visitAll } from "../lib/screens.mjs";
import { play } from "../lib/stage.mjs";

/** @param {import("../lib/people.mjs").Person} person @param {string} what */
async function fitsAndIsStill({ page }, what) {
  try {
    await assertStill(page);
    await assertFits(page);
  } catch (error) {
    throw new Error(`${what}: ${error}`);
  }
}

const LARGE = { zoom: true, reducedMotion: true };

play("at 200 % every screen can be used, and nothing moves", (stage) => visitAll(stage, LARGE, fitsAndIsStill), {
  seconds: 240,
});

play("at 200 % every dialog, menu and list can be used", (stage) => openAll(stage, LARGE, fitsAndIsStill), {
  seconds: 240,
});

play("at 200 % what is empty, failed or ended can be used", (stage) => spoilAll(stage, LARGE, fitsAndIsStill), {
  seconds: 240,
});

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
