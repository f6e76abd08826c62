// @ts-check
/** Waiting for what will become true. */
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Asks until there is an answer.
 *
 * @template T
 * @param {string} what what is waited for, for the message
 * @param {() => T | undefined | null | false | Promise<T | undefined | null | false>} ask
 * @param {{ within?: number, every?: number }} [patience] in milliseconds
 * @returns {Promise<T>}
 */
export async function eventually(what, ask, { within = 15_000, every = 25 } = {}) {
  const end = Date.now() + within;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`waited ${within / 1000} s for ${what}`);
    await sleep(every);
  }
}
