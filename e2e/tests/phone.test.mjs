// @ts-check
/** On a phone, by touch. */
import assert from "node:assert/strict";

import { foundFirm } from "../lib/api.mjs";
import { openAll } from "../lib/layers.mjs";
import { assertFits } from "../lib/layout.mjs";
import { play } from "../lib/stage.mjs";
import { tellStory } from "../lib/story.mjs";
import { eventually } from "../lib/wait.mjs";

play("the whole story can be tapped on a phone", (stage) => tellStory(stage, { phone: true }), { seconds: 240 });

play(
  "every dialog, menu and list fits a phone",
  (stage) =>
    openAll(stage, { phone: true }, async ({ page }, what) => {
      await assertFits(page).catch((error) => Promise.reject(new Error(`${what}: ${error}`)));
    }),
  { seconds: 240 },
);

play("the navigation shows where one is", async (stage) => {
  const { admin, firmId } = await foundFirm(stage.portal);
  const anna = await stage.person("Anna Reyes", admin.email, { phone: true });
  await anna.signIn();
  await anna.visit(`/firms/${firmId}/settings`);
  const link = anna.page.getByRole("navigation").getByRole("link", { name: "Firm settings" });
  await eventually("the link is in sight", async () => {
    const box = await link.boundingBox();
    const width = anna.page.viewportSize()?.width ?? 0;
    return box !== null && box.x >= 0 && box.x + box.width <= width;
  });
  assert.equal(await link.getAttribute("aria-current"), "page");
});
