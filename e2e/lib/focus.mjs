// @ts-check
/** Where the focus is, where it goes next, and whether one sees it. */
import assert from "node:assert/strict";

/** @typedef {import("playwright-core").Page} Page */

/** What can be said of the control that has the focus; nothing when none has it. */
async function describe() {
  const element = document.activeElement;
  if (!(element instanceof HTMLElement) || element === document.body) return;
  const cover = () => {
    const { left, right, top, bottom } = element.getBoundingClientRect();
    const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    if (!hit) return `the edge of the window, at ${Math.round(left)}, ${Math.round(top)}`;
    return element.contains(hit) || hit.contains(element) ? "" : hit.outerHTML.slice(0, 120);
  };
  // What comes into sight with the focus is there some frames later, which are long ones on a busy machine.
  for (const end = performance.now() + 500; performance.now() < end && cover(); ) {
    await new Promise(requestAnimationFrame);
  }
  const { left, right, top, bottom } = element.getBoundingClientRect();
  const style = getComputedStyle(element);
  const label = element.getAttribute("aria-label") ?? element.textContent?.trim();
  const place = [...document.querySelectorAll("*")].indexOf(element);
  return {
    name: `${element.tagName} ${label || element.id}`.slice(0, 60),
    place,
    left,
    right,
    top: top + window.scrollY,
    bottom: bottom + window.scrollY,
    cover: cover(),
    look: `${style.outline} ${style.boxShadow}`,
  };
}

/** @typedef {NonNullable<Awaited<ReturnType<typeof describe>>>} Stop */

/**
 * All stops of a page, from its beginning to its end.
 *
 * @param {Page} page
 * @param {"Tab" | "Shift+Tab"} [key]
 */
export async function goAround(page, key = "Tab") {
  /** @type {Stop[]} */
  const stops = [];
  // It begins where the focus is; past the end the focus may be in the browser's own controls for once.
  for (;;) {
    await page.keyboard.press(key);
    const stop = await page.evaluate(describe);
    if (stop && stop.place === stops[0]?.place) break;
    if (stop) stops.push(stop);
    assert.ok(stops.length < 100, `the focus stays around ${stop?.name}`);
  }
  const first = stops.findIndex(({ place }) => place === Math.min(...stops.map(({ place }) => place)));
  const beginning = key === "Tab" ? first : first + 1;
  return [...stops.slice(beginning), ...stops.slice(0, beginning)];
}

/**
 * Fails when the focus does not go through the page as one reads it, when some control is left out, or when it is not seen
 * where it is.
 *
 * @param {Page} page
 */
export async function assertFocusOrder(page) {
  const stops = await goAround(page);
  const unfocused = await page.evaluate(looks, stops.map(({ place }) => place));
  for (const [index, stop] of stops.entries()) {
    assert.notEqual(stop.look, unfocused[index], `${stop.name} looks as without the focus`);
    assert.equal(stop.cover, "", `${stop.name} is covered while it has the focus`);
    const next = stops[index + 1];
    if (!next) continue;
    const isAbove = next.bottom <= stop.top && next.left < stop.right;
    const isBefore = next.top < stop.bottom && next.bottom > stop.top && next.right <= stop.left;
    assert.ok(!isAbove && !isBefore, `after ${stop.name} one reads no ${next.name}`);
  }
  const places = stops.map(({ place }) => place);
  const left = await page.evaluate(leftOut, places);
  assert.deepEqual(left, [], "what the focus does not come to");
  const back = (await goAround(page, "Shift+Tab")).map(({ place }) => place);
  assert.deepEqual(back.toReversed(), places, "the way back is the same");
}

/** @param {number[]} places */
function looks(places) {
  /** @type {HTMLElement} */ (document.activeElement).blur();
  const all = document.querySelectorAll("*");
  return places.map((place) => `${getComputedStyle(all[place]).outline} ${getComputedStyle(all[place]).boxShadow}`);
}

/** What can be used by a mouse, and is no stop. @param {number[]} places */
function leftOut(places) {
  const all = [...document.querySelectorAll("*")];
  return all.flatMap((element, place) => {
    const isControl = element.matches("a[href], button:not(:disabled), input:not(:disabled), select");
    return isControl && element.checkVisibility() && !places.includes(place) ? [element.outerHTML.slice(0, 120)] : [];
  });
}

/**
 * Fails when the focus leaves what is open above the page, or does not go around in it.
 *
 * @param {import("playwright-core").Locator} dialog
 */
export async function assertKeepsFocus(dialog) {
  const page = dialog.page();
  const isInside = () => dialog.evaluate((element) => element.contains(document.activeElement));
  assert.ok(await isInside(), "the focus goes into the dialog");
  // The dialog itself may have the focus at first, and is no stop afterwards.
  await page.keyboard.press("Tab");
  assert.ok(await isInside(), "the focus goes on in the dialog");
  // The element itself: its place among all others is another one when something comes or goes meanwhile.
  const first = await page.evaluateHandle(() => document.activeElement);
  for (const key of ["Tab", "Shift+Tab"]) {
    for (let stops = 0, isBack = false; !isBack; stops += 1) {
      assert.ok(stops < 60, "the focus goes around in the dialog");
      await page.keyboard.press(key);
      // Between its end and its beginning the focus is in the browser's own controls.
      const stop = await page.evaluate(describe);
      assert.ok(!stop || (await isInside()), `${stop?.name} is not in the dialog`);
      isBack = await first.evaluate((first) => document.activeElement === first);
    }
  }
}
