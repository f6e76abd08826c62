// @ts-check
/** What can be measured of how a page looks. */
import assert from "node:assert/strict";

/** @typedef {import("playwright-core").Page} Page */

/** As a share of the window, what may move while a page loads: nothing that anybody notices. */
const MOVEMENT = 0.01;

/**
 * Fails when the page is wider than the window, when words are cut off, or when a control cannot be brought into sight
 * and pressed, because it is outside or something covers it.
 *
 * @param {Page} page
 */
export async function assertFits(page) {
  assert.deepEqual(await page.evaluate(misfits), []);
}

function misfits() {
  /** @type {string[]} */
  const faults = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) faults.push(`${root.scrollWidth} px wide, and ${root.clientWidth} are there`);
  // While something is open above the page, that is what is to be used.
  const above = [...document.querySelectorAll("dialog:modal, [role=menu], [role=dialog]")];
  const top = above.findLast((element) => element.checkVisibility()) ?? document.body;
  const name = (/** @type {Element} */ element) =>
    `${element.tagName} ${element.getAttribute("aria-label") ?? element.textContent?.trim().slice(0, 60)}`;

  for (const element of top.querySelectorAll("*")) {
    const style = getComputedStyle(element);
    const hasWords = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim());
    const cuts = /hidden|clip/.test(style.overflowX) && style.textOverflow !== "ellipsis" && element.clientWidth > 1;
    if (hasWords && cuts && element.scrollWidth > element.clientWidth + 1) faults.push(`cut off: ${name(element)}`);
  }

  const controls = "a[href], button, input, select, [role=option]";
  for (const control of /** @type {NodeListOf<HTMLElement>} */ (top.querySelectorAll(controls))) {
    if (!control.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    control.scrollIntoView({ block: "center", inline: "nearest" });
    const [box] = control.getClientRects();
    // The link to skip to the content comes into sight when it has the focus.
    if (!box || box.width <= 1 || box.bottom < 0) continue;
    if (box.left < -0.5 || box.right > root.clientWidth + 0.5) faults.push(`outside: ${name(control)}`);
    const hit = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    const isHit = hit && (control.contains(hit) || hit.contains(control) || hit.closest("label")?.control === control);
    if (!isHit) faults.push(`covered by ${hit ? name(hit) : "nothing"}: ${name(control)}`);
  }
  window.scrollTo(0, 0);
  return faults;
}

/**
 * From now on, counts in each page how much what is there moves while more of it comes.
 *
 * @param {import("playwright-core").BrowserContext} context
 */
export async function watchShifts(context) {
  await context.addInitScript(() => {
    const shifts = /** @type {{ value: number, what: string }[]} */ ([]);
    Object.assign(window, { shifts });
    new PerformanceObserver((list) => {
      for (const entry of /** @type {any[]} */ (list.getEntries())) {
        if (entry.hadRecentInput) continue;
        const what = entry.sources.map((/** @type {any} */ { node }) => node?.outerHTML?.slice(0, 120)).join(", ");
        shifts.push({ value: entry.value, what });
      }
    }).observe({ type: "layout-shift", buffered: true });
  });
}

/**
 * Waits until the page was drawn as it is now, in the theme that was chosen last.
 *
 * @param {Page} page
 */
export async function drawn(page) {
  await page.evaluate(async () => {
    for (let frames = 0; frames < 2; frames += 1) await new Promise(requestAnimationFrame);
  });
}

/**
 * Fails when what the page shows has moved while it was loading.
 *
 * @param {Page} page
 */
export async function assertSteady(page) {
  // What was drawn last is told of a frame later.
  await drawn(page);
  const shifts = await page.evaluate(() => /** @type {any} */ (window).shifts);
  const sum = shifts.reduce((/** @type {number} */ all, /** @type {any} */ { value }) => all + value, 0);
  assert.ok(sum <= MOVEMENT, `what is on the page has moved by ${sum}: ${JSON.stringify(shifts, undefined, 1)}`);
}

/**
 * Fails when something on the page moves, for somebody who does not want that.
 *
 * @param {Page} page
 */
export async function assertStill(page) {
  const moving = await page.evaluate(() =>
    document.getAnimations().flatMap((animation) => {
      const { activeDuration } = /** @type {AnimationEffect} */ (animation.effect).getComputedTiming();
      const target = /** @type {KeyframeEffect} */ (animation.effect).target;
      return Number(activeDuration) > 1 ? [`${target?.outerHTML.slice(0, 120)} for ${activeDuration} ms`] : [];
    }),
  );
  assert.deepEqual(moving, []);
}
