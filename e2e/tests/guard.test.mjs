// @ts-check
/** That what must never happen in a browser is noticed, whichever page it happens in: on pages that do it on purpose. */
import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { assertAccessible } from "../lib/axe.mjs";
import { closeBrowser } from "../lib/browser.mjs";
import { Person } from "../lib/people.mjs";
import { Portal } from "../lib/portal.mjs";
import { eventually } from "../lib/wait.mjs";

/** @type {Portal} */
let portal;
before(async () => {
  portal = await Portal.start({ withApp: false });
});
after(async () => {
  await closeBrowser();
  await portal.discard();
});

const HEAD = `<link rel="icon" href="data:,"><meta name="viewport" content="width=device-width"><title>Page</title>`;

/**
 * Somebody who has opened a page of this content, at the portal's address.
 *
 * @param {string} body
 * @param {{ csp?: string, setup?: import("../lib/browser.mjs").Setup }} [options]
 */
async function looksAt(body, { csp, setup } = {}) {
  const person = await Person.arrive(portal, { name: "Gwen", setup });
  await person.context.route(`${portal.url}/page`, (route) =>
    route.fulfill({
      contentType: "text/html",
      headers: csp ? { "Content-Security-Policy": csp } : {},
      body: `<!doctype html><html lang="en">${HEAD}<main>${body}</main></html>`,
    }),
  );
  await person.visit("/page");
  return person;
}

/** @param {Person} person */
function complaintOf(person) {
  return eventually("a complaint", () => {
    try {
      person.guard.check();
    } catch (error) {
      return /** @type {Error} */ (error).message;
    }
  });
}

const OFFENCES = /** @type {const} */ ([
  ["an error on the console", `<script>console.error("lost a thread")</script>`, /console: lost a thread/],
  ["an uncaught error", `<script>setTimeout(() => { throw new Error("out of cheese") })</script>`, /out of cheese/],
  ["a rejected promise", `<script>Promise.reject(new Error("no, thanks"))</script>`, /no, thanks/],
  ["a picture from another host", `<img alt="" src="http://pictures.example/a.png">`, /another host: http:\/\/pictures/],
  ["a missing file of the portal", `<img alt="" src="/missing.png">`, /status of 404/],
]);

for (const [what, body, complaint] of OFFENCES) {
  test(`${what} is noticed`, async () => {
    const person = await looksAt(body);
    assert.match(await complaintOf(person), complaint);
    person.guard.allow(/./);
    person.guard.check();
    await person.leave();
  });
}

test("a violation of the Content-Security-Policy is noticed", async () => {
  const person = await looksAt(`<script>document.title = "Mine"</script>`, { csp: "script-src 'self'" });
  assert.match(await complaintOf(person), /Content.Security.Policy/i);
  await person.leave();
});

test("an answer of the API that refuses is no complaint", async () => {
  const person = await looksAt("<h1>Fine</h1>");
  const status = await person.page.evaluate(async () => (await fetch("/api/v1/me")).status);
  assert.equal(status, 401);
  person.guard.check();
  await person.leave();
});

test("a page that cannot be read by everybody is noticed, under the strictest policy too", async () => {
  const person = await looksAt(`<h1>Form</h1><input>`, { csp: "default-src 'self'" });
  await assert.rejects(assertAccessible(person.page), /must have labels/);
  await person.page.getByRole("textbox").evaluate((input) => input.setAttribute("aria-label", "Name"));
  await assertAccessible(person.page);
  await person.leave();
});

test("people look at the portal in their own way", async () => {
  const body = `<h1>Me</h1>`;
  const setup = { dark: true, phone: true, locale: "es-ES", reducedMotion: true, cpu: 2 };
  const person = await looksAt(body, { setup });
  const seen = await person.page.evaluate(() => [
    matchMedia("(prefers-color-scheme: dark)").matches,
    innerWidth,
    navigator.language,
    matchMedia("(prefers-reduced-motion: reduce)").matches,
  ]);
  assert.deepEqual(seen, [true, 390, "es-ES", true]);
  await person.leave();
});

test("of a test that fails, a picture and a trace are left", async () => {
  const folder = await mkdtemp(join(tmpdir(), "portal-e2e-kept-"));
  const person = await looksAt("<h1>Remember me</h1>");
  await person.keep(folder);
  assert.deepEqual((await readdir(folder)).sort(), ["gwen-1.png", "gwen.zip"]);
  await person.leave();
  await rm(folder, { recursive: true });
});
