// @ts-check
/** Chromium, and what is watched in every page. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

import { chromium } from "playwright-core";

import { watchShifts } from "./layout.mjs";

/** As systems name it; crates/xtask/src/browser.rs knows the same names. */
const NAMES = ["chromium", "chromium-browser", "google-chrome"];

const FLAGS = [
  // Tests run in containers too, where Chromium cannot build its own fences.
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // Whatever a page asks for, nothing leaves this machine.
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

/** What is to be seen of a page, in its own pixels. */
const WINDOW = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };
const ZOOMED = { width: 640, height: 360 };

/** How long a locator waits for what should be there. */
const PATIENCE = 10_000;

/** @type {Promise<import("playwright-core").Browser> | undefined} */
let browser;

/** @type {WeakSet<import("playwright-core").BrowserContext>} */
const traced = new WeakSet();

/** The one Chromium of this process. */
function launch() {
  browser ??= chromium.launch({ executablePath: findChromium(), args: FLAGS });
  return browser;
}

/** Ends Chromium, if it was started. */
export async function closeBrowser() {
  const running = await browser;
  browser = undefined;
  await running?.close();
}

function findChromium() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    for (const name of NAMES) {
      const program = join(folder, name);
      try {
        accessSync(program, constants.X_OK);
        return program;
      } catch {}
    }
  }
  throw new Error("there is no Chromium: `apt-get install chromium`, or set CHROMIUM to its program");
}

/**
 * @typedef {object} Setup how somebody looks at the portal
 * @property {boolean} [dark] prefers dark colours
 * @property {boolean} [phone] on a phone of 390 x 844 that is touched
 * @property {boolean} [keyboard] without a mouse
 * @property {boolean} [zoom] at 200 %: a window of 1280 x 720 in which everything is twice as large
 * @property {string} [locale] the language and the forms of dates and numbers
 * @property {boolean} [reducedMotion] prefers no movement
 * @property {number} [cpu] how many times slower the machine is
 * @property {boolean} [watched] with a count of what moves while a page loads
 * @property {boolean} [untraced] without the trace, which takes time, where time is what is measured
 */

/**
 * A browser of their own for one person: no cookie and no storage is shared with anybody.
 *
 * @param {import("./portal.mjs").Portal} portal
 * @param {Setup} [setup]
 */
export async function openContext(portal, { dark, phone, zoom, locale = "en-GB", reducedMotion, watched, untraced } = {}) {
  const context = await (await launch()).newContext({
    baseURL: portal.url,
    locale,
    timezoneId: "UTC",
    colorScheme: dark ? "dark" : "light",
    reducedMotion: reducedMotion ? "reduce" : "no-preference",
    viewport: phone ? PHONE : zoom ? ZOOMED : WINDOW,
    deviceScaleFactor: zoom ? 2 : 1,
    isMobile: phone,
    hasTouch: phone,
  });
  context.setDefaultTimeout(PATIENCE);
  if (watched) await watchShifts(context);
  if (!untraced) {
    // Snapshots show the page at each step; a film of what is between them takes time and shows no more.
    await context.tracing.start({ snapshots: true });
    traced.add(context);
  }
  return context;
}

/**
 * Closes it with all its tabs. A trace that is not kept is deleted.
 *
 * @param {import("playwright-core").BrowserContext} context
 * @param {{ trace?: string }} [keep] the file of the trace
 */
export async function closeContext(context, { trace } = {}) {
  if (traced.delete(context)) await context.tracing.stop({ path: trace });
  await context.close();
}

/**
 * A tab in it.
 *
 * @param {import("playwright-core").BrowserContext} context
 * @param {Setup} [setup]
 */
export async function openPage(context, { cpu } = {}) {
  const page = await context.newPage();
  if (cpu) {
    const session = await context.newCDPSession(page);
    await session.send("Emulation.setCPUThrottlingRate", { rate: cpu });
  }
  return page;
}

/** Collects what must never happen in any page, whatever the test is about. */
export class Guard {
  /** @type {string[]} */
  #complaints = [];
  /** @type {RegExp[]} */
  #allowed = [];

  /**
   * @param {import("playwright-core").BrowserContext} context
   * @param {import("./portal.mjs").Portal} portal
   */
  constructor(context, portal) {
    context.on("request", (request) => {
      const { protocol, origin } = new URL(request.url());
      if (/^https?:|^wss?:/.test(protocol) && origin !== portal.url) {
        this.#complain(`a request to another host: ${request.url()}`);
      }
    });
    context.on("console", (message) => {
      // Violations of the Content-Security-Policy are errors of the console as well.
      if (message.type() === "error" && !isRefusal(message, portal)) {
        this.#complain(`an error on the console: ${message.text()} (${message.location().url})`);
      }
    });
    context.on("weberror", (error) => this.#complain(`an uncaught error: ${error.error().stack ?? error.error()}`));
  }

  /**
   * The test is about something that complains.
   *
   * @param {RegExp} complaint
   */
  allow(complaint) {
    this.#allowed.push(complaint);
  }

  /** Fails if anything happened. */
  check() {
    const complaints = this.#complaints.filter((complaint) => !this.#allowed.some((allowed) => allowed.test(complaint)));
    if (complaints.length > 0) throw new Error(`in the browser:\n  ${complaints.join("\n  ")}`);
  }

  /** @param {string} complaint */
  #complain(complaint) {
    this.#complaints.push(complaint);
  }
}

/**
 * Chromium writes every answer from 400 up onto the console. That the API refuses is no fault of the page: the app asks
 * who is signed in, people mistype passwords. That it breaks (500 and up) is one.
 *
 * @param {import("playwright-core").ConsoleMessage} message
 * @param {import("./portal.mjs").Portal} portal
 */
function isRefusal(message, portal) {
  return (
    message.location().url.startsWith(`${portal.url}/api/v1/`) &&
    /^Failed to load resource: .* status of 4\d\d/.test(message.text())
  );
}
