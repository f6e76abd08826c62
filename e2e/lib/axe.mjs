// @ts-check
/** Accessibility, as far as a program can tell: WCAG 2.2 A and AA. */
import assert from "node:assert/strict";

import axe from "axe-core";

import { drawn } from "./layout.mjs";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/**
 * Fails when the page, as it is now, breaks a rule.
 *
 * @param {import("playwright-core").Page} page
 */
export async function assertAccessible(page) {
  await drawn(page);
  // Evaluated by the debugger, so that the page's Content-Security-Policy may stay as strict as it is.
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async (rules) => {
    // @ts-expect-error the line before has put it there
    const results = await window.axe.run(document, { runOnly: { type: "tag", values: rules }, resultTypes: ["violations"] });
    return /** @type {import("axe-core").Result[]} */ (results.violations).map(({ id, help, nodes }) => ({
      rule: id,
      help,
      where: nodes.map(({ target, failureSummary }) => `${target.join(" ")}: ${failureSummary}`),
    }));
  }, RULES);
  assert.deepEqual(violations, []);
}
