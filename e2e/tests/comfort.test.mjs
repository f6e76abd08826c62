// @ts-check
/** For people who need everything large, or still. */
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
