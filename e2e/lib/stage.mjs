// @ts-check
/** A test with a portal and people of its own, and what is left to look at when it fails. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { closeBrowser } from "./browser.mjs";
import { Person } from "./people.mjs";
import { Portal } from "./portal.mjs";

const results = fileURLToPath(new URL("../../target/e2e/", import.meta.url));

/** What happens on it is one test. */
export class Stage {
  /** @type {Person[]} */
  #people = [];

  /**
   * @param {Portal} portal
   * @param {(why: string) => void} skip says that this machine has not what the test takes
   */
  constructor(portal, skip) {
    this.portal = portal;
    this.skip = skip;
  }

  get mails() {
    return this.portal.mails;
  }

  /**
   * Somebody at a browser of their own, who has opened no page yet.
   *
   * @param {string} name
   * @param {string} [email]
   * @param {import("./browser.mjs").Setup} [setup]
   */
  async person(name, email, setup) {
    const person = await Person.arrive(this.portal, { name, email, setup });
    this.#people.push(person);
    return person;
  }

  /** Fails if anything happened in anybody's browser that must not. */
  check() {
    for (const person of this.#people) person.guard.check();
  }

  /**
   * Keeps what everybody saw and did.
   *
   * @param {string} folder
   */
  async keep(folder) {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "portal.log"), this.portal.log.join("\n"));
    for (const person of this.#people) await person.keep(folder);
  }

  async leave() {
    for (const person of this.#people) await person.leave();
    await this.portal.discard();
  }
}

let isFirst = true;

/**
 * A test in which people meet a portal of their own. When it fails, `target/e2e/NAME/` has a picture and a trace of each
 * person's browser, and the portal's log.
 *
 * @param {string} name a sentence
 * @param {(stage: Stage) => Promise<void>} act
 * @param {{ seconds?: number, settings?: Record<string, string> }} [options]
 */
export function play(name, act, { seconds = 120, settings } = {}) {
  if (isFirst) after(closeBrowser);
  isFirst = false;
  const folder = join(results, name.toLowerCase().replace(/[^a-z0-9]+/g, "-").slice(0, 80));
  test(name, async (context) => {
    await rm(folder, { recursive: true, force: true });
    const stage = new Stage(await Portal.start({ settings }), (why) => context.skip(why));
    try {
      // Not the runner's own limit: that would end the test before anything of it is kept.
      await Promise.race([act(stage), tooLong(seconds)]);
      stage.check();
    } catch (error) {
      context.diagnostic(`pictures, traces and the log are in ${folder}`);
      await stage.keep(folder).catch((lost) => context.diagnostic(`not all was kept: ${lost}`));
      throw error;
    } finally {
      await stage.leave();
    }
  });
}

/** @param {number} seconds */
async function tooLong(seconds) {
  await sleep(seconds * 1000, undefined, { ref: false });
  throw new Error(`this takes longer than ${seconds} s`);
}
