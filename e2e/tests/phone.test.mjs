// @ts-check
/** On a phone, by touch. */
import { openAll } from "../lib/layers.mjs";
import { assertFits } from "../lib/layout.mjs";
import { play } from "../lib/stage.mjs";
import { tellStory } from "../lib/story.mjs";

play("the whole story can be tapped on a phone", (stage) => tellStory(stage, { phone: true }), { seconds: 240 });

play(
  "every dialog, menu and list fits a phone",
  (stage) =>
    openAll(stage, { phone: true }, async ({ page }, what) => {
      await assertFits(page).catch((error) => Promise.reject(new Error(`${what}: ${error}`)));
    }),
  { seconds: 240 },
);
