// @ts-check
/** The mails that the portal has written into files. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { eventually } from "./wait.mjs";

/**
 * @typedef {object} Mail
 * @property {string} to
 * @property {string} subject
 * @property {string} text
 * @property {string} html
 * @property {string | undefined} link where its button leads, if that is a link good for one time
 */

/** All mails of a portal. Each is handed out once, in the order in which they were sent. */
export class Mailbox {
  /** @type {Set<string>} */
  #read = new Set();

  /** @param {string} folder */
  constructor(folder) {
    this.folder = folder;
  }

  /**
   * Waits for the next mail to an address that has not been read yet.
   *
   * @param {string} address
   * @param {{ within?: number }} [patience]
   * @returns {Promise<Mail>}
   */
  next(address, patience) {
    return eventually(
      `a mail to ${address}`,
      async () => {
        for (const file of await this.#unread()) {
          const mail = parse(await readFile(join(this.folder, file), "latin1"));
          if (mail.to.toLowerCase() !== address.toLowerCase()) continue;
          this.#read.add(file);
          return mail;
        }
      },
      patience,
    );
  }

  /**
   * Waits for the next mail to an address, and answers its link.
   *
   * @param {string} address
   * @returns {Promise<string>}
   */
  async nextLink(address) {
    const { subject, link } = await this.next(address);
    if (!link) throw new Error(`the mail "${subject}" to ${address} has no link`);
    return link;
  }

  async #unread() {
    // The folder comes with the first mail.
    const files = await readdir(this.folder).catch(() => /** @type {string[]} */ ([]));
    // Names begin with the time.
    return files.filter((file) => file.endsWith(".eml") && !this.#read.has(file)).sort();
  }
}

/**
 * Reads a mail of the form that the portal writes: two alternatives, plain text and HTML.
 *
 * @param {string} raw one character a byte, as a mail is
 * @returns {Mail}
 */
export function parse(raw) {
  const { headers, body } = split(raw);
  const boundary = /boundary="([^"]+)"/.exec(headers.get("content-type") ?? "")?.[1];
  if (!boundary) throw new Error("the mail has no alternatives");
  const parts = body
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => split(part.replace(/^\r?\n/, "")));
  const content = (/** @type {string} */ type) => {
    const part = parts.find(({ headers }) => headers.get("content-type")?.startsWith(type));
    return part ? decode(part.body, part.headers.get("content-transfer-encoding")) : "";
  };
  const text = content("text/plain");
  return {
    to: (headers.get("to") ?? "").replace(/^.*<|>.*$/g, ""),
    subject: decodeWords(headers.get("subject") ?? ""),
    text,
    html: content("text/html"),
    link: /\S+#token=\S+/.exec(text)?.[0],
  };
}

/** @param {string} part */
function split(part) {
  const [head, ...rest] = part.split(/\r?\n\r?\n/);
  const headers = new Map(
    head
      // A line that begins with a space goes on with the one before.
      .replace(/\r?\n[ \t]+/g, " ")
      .split(/\r?\n/)
      .map((line) => /^([^:]+):\s*(.*)$/.exec(line))
      .flatMap((found) => (found ? [[found[1].toLowerCase(), found[2]]] : [])),
  );
  return { headers: /** @type {Map<string, string>} */ (headers), body: rest.join("\n\n") };
}

/**
 * @param {string} body
 * @param {string} [encoding]
 */
function decode(body, encoding = "7bit") {
  switch (encoding.toLowerCase()) {
    case "quoted-printable":
      return utf8(unquote(body.replace(/=\r?\n/g, "")));
    case "base64":
      return Buffer.from(body, "base64").toString("utf8");
    default:
      return utf8(body);
  }
}

/** Words like `=?utf-8?b?w4Q=?=` in a header. @param {string} header */
function decodeWords(header) {
  return header
    .replace(/(=\?[^?]+\?[bq]\?[^?]*\?=)\s+(?==\?)/gi, "$1")
    .replace(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_, kind, word) =>
      kind.toLowerCase() === "b" ? decode(word, "base64") : utf8(unquote(word.replace(/_/g, " "))),
    );
}

/** @param {string} text */
function unquote(text) {
  return text.replace(/=([0-9A-F]{2})/gi, (_, code) => String.fromCharCode(Number.parseInt(code, 16)));
}

/** @param {string} bytes one character a byte */
function utf8(bytes) {
  return Buffer.from(bytes, "latin1").toString("utf8");
}
