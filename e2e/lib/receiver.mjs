// @ts-check
/** A program that webhooks are sent to, on 127.0.0.1. */
import assert from "node:assert/strict";
import { createHmac, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";

import { eventually } from "./wait.mjs";

/** @typedef {{ headers: import("node:http").IncomingHttpHeaders, body: string }} Event */

/** Whoever starts one must `close` it. */
export class Receiver {
  /** What it answers. */
  status = 204;
  answer = "";

  /** @type {Event[]} */
  #events = [];
  #taken = 0;
  #server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request.setEncoding("utf8")) body += part;
    this.#events.push({ headers: request.headers, body });
    response.writeHead(this.status).end(this.answer);
  });

  static async start() {
    const receiver = new Receiver();
    receiver.#server.listen(0, "127.0.0.1");
    await once(receiver.#server, "listening");
    return receiver;
  }

  get url() {
    const { port } = /** @type {import("node:net").AddressInfo} */ (this.#server.address());
    return `http://127.0.0.1:${port}/portal`;
  }

  /** What comes next. */
  async next() {
    const event = await eventually("an event", () => this.#events[this.#taken]);
    this.#taken += 1;
    return event;
  }

  async close() {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}

/**
 * Whether an event is signed with a secret, as docs/WEBHOOKS.md says it is verified.
 *
 * @param {Event} event @param {string} secret
 */
export function isSigned({ headers, body }, secret) {
  assert.match(secret, /^whsec_/);
  const message = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
  const key = Buffer.from(secret.slice("whsec_".length), "base64");
  const expected = Buffer.from(`v1,${createHmac("sha256", key).update(message).digest("base64")}`);
  const given = String(headers["webhook-signature"]).split(" ").map((text) => Buffer.from(text));
  return given.some((one) => one.length === expected.length && timingSafeEqual(one, expected));
}
