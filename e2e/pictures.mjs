// @ts-check
/**
 * Takes the pictures in docs/screenshots anew, from the built app and the real program:
 *
 *     node e2e/pictures.mjs [FOLDER] [NAME...]
 *
 * They have 256 colours at most, to be small: `pngquant --ext .png --force docs/screenshots/*.png` afterwards.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { foundFirm, hire, signUp } from "./lib/api.mjs";
import { closeBrowser } from "./lib/browser.mjs";
import { Person } from "./lib/people.mjs";
import { Portal } from "./lib/portal.mjs";

/** @typedef {import("./lib/browser.mjs").Setup} Setup */

const [folder = fileURLToPath(new URL("../docs/screenshots/", import.meta.url)), ...wanted] = process.argv.slice(2);
await mkdir(folder, { recursive: true });

const FIRM = { name: "Apple Solutions", email: "office@apple-solutions.example" };
const LIGHT = { locale: "en-GB", reducedMotion: true };
const DARK = { ...LIGHT, dark: true };
const PHONE = { ...LIGHT, phone: true };
const DARK_PHONE = { ...DARK, phone: true };

const portal = await Portal.start();
try {
  await takeAll(await populate());
} finally {
  await closeBrowser();
  await portal.discard();
}

/** A firm with three clients and six people; one client has programs, too. */
async function populate() {
  const { owner: olivia, account: bakery, admin, firmId } = await foundFirm(portal, FIRM);
  const accounts = [bakery];
  for (const client of [
    { name: "Marco Vidal", email: "marco@red-cycles.example", account: "Red Cycles" },
    { name: "Nina Okafor", email: "nina@green-garden.example", account: "Green Garden" },
  ]) {
    const { owner, account } = await signUp(portal, client);
    await (await owner.enter(account.id)).inviteFirm(FIRM);
    accounts.push(account);
  }
  const [blue, red, green] = accounts.map(({ id }) => id);
  const at = (/** @type {string} */ name) => `${name}@apple-solutions.example`;
  const ben = await hire(admin, firmId, { name: "Ben Ortiz", email: at("ben"), account_ids: [blue, red] });
  await hire(admin, firmId, { name: "Carla Jung", email: at("carla"), account_ids: [red] });
  await hire(admin, firmId, { name: "Dmitri Sokolov", email: at("dmitri"), role: "admin" });
  const eve = await hire(admin, firmId, { name: "Eve Laurent", email: at("eve"), account_ids: [green] });
  await admin.call("PATCH", `/firms/${firmId}/employees/${eve.id}`, { status: "deactivated" });
  await admin.inviteEmployee(firmId, { name: "Farid Haddad", email: at("farid"), account_ids: [blue] });
  const inBakery = await olivia.enter(blue);
  await inBakery.call("POST", "/account/members", { name: "Mia Stone", email: "mia@blue-bakery.example", role: "member" });
  for (const [name, scope] of [["Payroll run", "users:read"], ["Month-end export", "activity:read"]]) {
    await inBakery.call("POST", "/account/api-keys", { name, scopes: ["account:read", scope] });
  }
  const hook = await inBakery.call("POST", "/account/webhooks", { url: "https://books.blue-bakery.example/hooks/portal" });
  await inBakery.call("POST", `/account/webhooks/${hook.id}/test`);
  return { admin, firmId, blue, red, ben, hook };
}

/** @param {Awaited<ReturnType<typeof populate>>} data */
async function takeAll({ admin, firmId, blue, red, ben, hook }) {
  const account = `/accounts/${blue}`;
  const firm = `/firms/${firmId}`;
  const olivia = { name: "Olivia Stone", email: "olivia@blue-bakery.example" };
  const anna = { name: "Anna Reyes", email: FIRM.email };
  const bookkeeper = { name: "Ben Ortiz", email: "ben@apple-solutions.example" };

  await take("sign-in-light", undefined, LIGHT, "/login");
  for (const [name, setup, path] of /** @type {[string, Setup, string][]} */ ([
    ["overview-dark", DARK, "overview"],
    ["overview-phone-dark", DARK_PHONE, "overview"],
    ["users-light", LIGHT, "users"],
    ["users-phone", PHONE, "users"],
    ["activity-light", LIGHT, "activity"],
    ["activity-phone", PHONE, "activity"],
    ["settings-light", LIGHT, "settings"],
    ["api-keys-light", LIGHT, "settings/api-keys"],
    ["webhooks-dark", DARK, "settings/webhooks"],
    ["webhook-light", LIGHT, `settings/webhooks/${hook.id}`],
  ])) await take(name, olivia, setup, `${account}/${path}`);
  await take("security-light", olivia, LIGHT, "/security");
  await take("employees-light", anna, LIGHT, `${firm}/employees`);
  await take("employees-phone", anna, PHONE, `${firm}/employees`);
  await take("employee-light", anna, LIGHT, `${firm}/employees/${ben.id}`);
  await take("clients-dark", anna, DARK, `${firm}/clients`);
  await take("client-light", anna, LIGHT, `${firm}/clients/${blue}`);
  await take("client-phone", anna, PHONE, `${firm}/clients/${blue}`);
  const choose = async (/** @type {Person} */ person) => {
    for (const name of ["Ben Ortiz, Green Garden", "Carla Jung, Blue Bakery"]) {
      await person.page.getByRole("checkbox", { name, exact: true }).click();
    }
  };
  await take("assignments-light", anna, LIGHT, `${firm}/assignments`, choose);
  await take("assignments-dark", anna, DARK, `${firm}/assignments`, choose);
  await take("assignments-phone", anna, PHONE, `${firm}/assignments`);
  await take("invite-dark", anna, DARK, `${firm}/employees`, async (person) => {
    await person.press("Invite employee");
    await person.dialog().getByRole("checkbox", { name: "Blue Bakery" }).waitFor();
    await person.fillIn({ Name: "Greta Lind", Email: "greta@apple-solutions.example" }, person.dialog());
  });
  const openSwitcher = async (/** @type {Person} */ person) => {
    const list = await person.openSwitcher();
    await list.getByRole("option", { name: "Red Cycles" }).waitFor();
  };
  await take("switcher-light", bookkeeper, LIGHT, `${account}/overview`, openSwitcher);
  await take("switcher-phone-dark", bookkeeper, DARK_PHONE, `${account}/overview`, openSwitcher);
  await take("access-ended-light", bookkeeper, LIGHT, `/accounts/${red}/overview`, async (person) => {
    await admin.call("DELETE", `/firms/${firmId}/employees/${ben.id}/accounts/${red}`);
    await person.seesAccessEnded("Red Cycles");
    await person.page.getByRole("main").getByRole("link", { name: "Blue Bakery" }).waitFor();
  });
}

/**
 * @param {string} name
 * @param {{ name: string, email: string } | undefined} who nobody: not signed in
 * @param {Setup} setup
 * @param {string} path
 * @param {(person: Person) => Promise<void>} [act] what there is to see is opened by this
 */
async function take(name, who, setup, path, act) {
  if (wanted.length > 0 && !wanted.includes(name)) return;
  const person = await Person.arrive(portal, { name: "A visitor", ...who, setup: { ...setup, untraced: true } });
  if (who) await person.signIn();
  await person.visit(path);
  await person.settles();
  await act?.(person);
  await person.page.screenshot({ path: join(folder, `${name}.png`) });
  await person.leave();
}
