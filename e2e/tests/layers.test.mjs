// @ts-check
/** What opens above a screen, and screens that are not as usual: for everybody too, in both themes. */
import { assertAccessible } from "../lib/axe.mjs";
import { openAll, spoilAll } from "../lib/layers.mjs";
import { play } from "../lib/stage.mjs";

/** @param {import("../lib/people.mjs").Person} person @param {string} what */
async function inBothThemes({ page }, what) {
  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    await page.emulateMedia({ colorScheme });
    await assertAccessible(page).catch((error) => {
      throw new Error(`${what}, ${colorScheme}`, { cause: error });
    });
  }
}

// Without movement, so that colours are what they become.
const SETUP = { reducedMotion: true };

play("every dialog, menu and list can be used by everybody", (stage) => openAll(stage, SETUP, inBothThemes), {
  seconds: 240,
});

play("what is empty, failed or ended can be used by everybody", (stage) => spoilAll(stage, SETUP, inBothThemes), {
  seconds: 240,
});
