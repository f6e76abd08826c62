// @ts-check
/** How long people wait, on a machine four times as slow as this one. */
import assert from "node:assert/strict";

import { signUp } from "../lib/api.mjs";
import { play } from "../lib/stage.mjs";

/** In milliseconds, from the request for the page until it can be used. */
const FIRST_SCREEN = 1_500;

/** The best of so many counts: what else this machine does is none of the app's business. */
const TRIES = 5;

const SETUP = { cpu: 4, untraced: true };

/**
 * Measures until what is measured is quick enough, or long enough.
 *
 * @param {() => Promise<number>} measure
 */
async function best(measure) {
  const times = [];
  for (let tries = 0; tries < TRIES; tries += 1) {
    times.push(Math.round(await measure()));
    if (Math.min(...times) <= FIRST_SCREEN) break;
  }
  return times;
}

/** The page's own time, in the page, once there is a form to fill in and to send. */
function formIsThere() {
  const field = document.querySelector("input");
  const button = document.querySelector("button[type=submit]");
  const isEnabled = field && !field.readOnly && !field.disabled && button && !button.matches(":disabled");
  return isEnabled && performance.now();
}

/** The page's own time, in the page, once it is that of the account. */
function accountIsThere() {
  return document.querySelector("h1")?.textContent === "Blue Bakery" && performance.now();
}

/** @param {import("playwright-core").Page} page @param {() => unknown} isThere */
async function timeUntil(page, isThere) {
  return Number(await (await page.waitForFunction(isThere)).jsonValue());
}

play(
  "the first screen is there within a second and a half, on a machine four times as slow",
  async (stage) => {
    const times = await best(async () => {
      // A browser that has never been here: nothing is cached, nothing is compiled.
      const visitor = await stage.person("A visitor", "", SETUP);
      await visitor.page.goto("/login", { waitUntil: "commit" });
      const time = await timeUntil(visitor.page, formIsThere);
      await visitor.page.getByLabel("Email").fill("it can be typed in");
      assert.ok(await visitor.page.getByRole("button", { name: "Sign in" }).isEnabled());
      await visitor.leave();
      return time;
    });
    assert.ok(Math.min(...times) <= FIRST_SCREEN, `${times.join(", ")} ms`);
  },
  { seconds: 180 },
);

play(
  "whoever comes back is in their account within a second and a half, on a machine four times as slow",
  async (stage) => {
    const email = "olivia@blue-bakery.example";
    const { account } = await signUp(stage.portal, { name: "Olivia Stone", email, account: "Blue Bakery" });
    const olivia = await stage.person("Olivia Stone", email, SETUP);
    await olivia.signIn();
    await olivia.visit(`/accounts/${account.id}/overview`);
    const times = await best(async () => {
      await olivia.page.reload({ waitUntil: "commit" });
      return timeUntil(olivia.page, accountIsThere);
    });
    assert.ok(Math.min(...times) <= FIRST_SCREEN, `${times.join(", ")} ms`);
  },
  { seconds: 180 },
);
