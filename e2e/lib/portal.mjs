// @ts-check
/** The real portal: the program itself, with a database, keys and mails of its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { Mailbox } from "./mail.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const program = process.env.PORTAL_PROGRAM ?? join(root, "target/debug/portal");
const app = process.env.PORTAL_FRONTEND_DIR ?? join(root, "dist");

/** How often a start is tried: somebody may take the port between our choice and the portal's. */
const ATTEMPTS = 3;

/** What runs now. Should this process end before its tests do, they end with it. @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();
process.once("exit", () => running.forEach((child) => child.kill("SIGKILL")));
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) process.once(signal, () => process.exit(1));

/** A portal on 127.0.0.1. Whoever starts one must `discard` it. */
export class Portal {
  /** What the portal has said, line by line, over all its lives. @type {string[]} */
  log = [];

  /** @type {import("node:child_process").ChildProcess | undefined} */
  #process;

  /**
   * @param {string} folder
   * @param {number} port
   * @param {Record<string, string>} settings
   */
  constructor(folder, port, settings) {
    this.folder = folder;
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
    this.mails = new Mailbox(join(folder, "mail"));
    this.settings = settings;
  }

  /**
   * Starts one on an empty database.
   *
   * The links in mails must lead to it, so its port is chosen before it starts. That the program which answers there
   * is ours, and not another that was faster, is known by its own word in its log.
   *
   * @param {{ withApp?: boolean, settings?: Record<string, string> }} [options]
   */
  static async start({ withApp = true, settings = {} } = {}) {
    const folder = await mkdtemp(join(tmpdir(), "portal-e2e-"));
    const withFrontend = withApp ? { PORTAL_FRONTEND_DIR: app, ...settings } : settings;
    for (let attempt = 1; ; attempt += 1) {
      const portal = new Portal(folder, await freePort(), withFrontend);
      try {
        await portal.#run();
        return portal;
      } catch (error) {
        if (attempt === ATTEMPTS || !portal.log.some((line) => /address.*in use/i.test(line))) {
          await portal.discard();
          throw error;
        }
      }
    }
  }

  /** Ends it in order, as SIGTERM does. Database and mails stay. */
  async stop() {
    await this.#end("SIGTERM");
  }

  /** Ends it as a crash does. */
  async kill() {
    await this.#end("SIGKILL");
  }

  /** Starts it again, on the same port and data. */
  async restart() {
    await this.stop();
    await this.#run();
  }

  /** Ends it and deletes all that it had. */
  async discard() {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  async #run() {
    const child = spawn(program, ["serve"], {
      cwd: this.folder,
      env: { ...machine(), ...this.#configuration(), ...this.settings },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#process = child;
    running.add(child);
    child.once("close", () => running.delete(child));
    await /** @type {Promise<void>} */ (
      new Promise((resolve, reject) => {
        const hear = (/** @type {string} */ line) => {
          this.log.push(line);
          if (line.includes(`listening on ${this.url}`)) resolve();
        };
        createInterface({ input: child.stdout }).on("line", hear);
        createInterface({ input: child.stderr }).on("line", hear);
        child.once("error", (error) => reject(new Error(`cannot start ${program}: ${error.message}`)));
        // `close` rather than `exit`: then its last words have been heard.
        child.once("close", (code, signal) =>
          reject(new Error(`the portal ended (${signal ?? code}):\n${this.log.slice(-10).join("\n")}`)),
        );
      })
    );
  }

  /** @returns {Record<string, string>} */
  #configuration() {
    return {
      DATABASE_URL: `sqlite://${join(this.folder, "portal.db")}`,
      PORTAL_KEYS_DIR: join(this.folder, "keys"),
      PORTAL_MAIL_DIR: join(this.folder, "mail"),
      PORTAL_LISTEN: `127.0.0.1:${this.port}`,
      PORTAL_PUBLIC_URL: this.url,
      // A test is many people at one address.
      PORTAL_RATE_LIMIT_FACTOR: "10000",
      // The programs that webhooks are sent to are here.
      PORTAL_WEBHOOK_ALLOW: "127.0.0.1",
    };
  }

  /** @param {NodeJS.Signals} signal */
  async #end(signal) {
    const child = this.#process;
    this.#process = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "close");
    child.kill(signal);
    await ended;
  }
}

/** The environment without the settings of another portal. */
function machine() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(PORTAL_|DATABASE_URL$)/.test(name)));
}

/** @returns {Promise<number>} */
async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  server.close();
  await once(server, "close");
  return port;
}
