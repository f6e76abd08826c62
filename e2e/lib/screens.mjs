// @ts-check
/** Every screen, for what must hold on each of them. */
import { foundFirm, hire, request, signIn, signUp } from "./api.mjs";

/**
 * @typedef {import("./people.mjs").Person} Person
 * @typedef {import("./stage.mjs").Stage} Stage
 * @typedef {import("./browser.mjs").Setup} Setup
 */

/**
 * An account, its accounting company, and a bookkeeper who works on it; beside them what an owner and an admin wait for,
 * and what programs have to do with the account.
 *
 * @param {Stage} stage
 * @param {Setup} [setup] in whose language they read
 */
export async function populate({ portal }, { locale } = {}) {
  const { owner, account, admin, firmId } = await foundFirm(portal);
  const ben = { name: "Ben Ortiz", email: "ben@apple-solutions.example", account_ids: [account.id] };
  const { id: benId, employee } = await hire(admin, firmId, ben);
  for (const person of [owner, admin, employee]) await reads(person, locale);
  await admin.inviteEmployee(firmId, { name: "Farid Nasser", email: "farid@apple-solutions.example" });
  const inAccount = await owner.enter(account.id);
  await inAccount.call("POST", "/account/members", {
    name: "Mia Stone",
    email: "mia@blue-bakery.example",
    role: "member",
  });
  await inAccount.call("POST", "/account/api-keys", { name: "Payroll", scopes: ["account:read", "users:read"] });
  // Where nobody listens.
  const url = "http://127.0.0.1:9/portal";
  const webhook = await inAccount.call("POST", "/account/webhooks", { url, enabled: false });
  await inAccount.call("POST", `/account/webhooks/${webhook.id}/test`);
  // Signed in somewhere else, too.
  await signIn(portal, owner.email);
  return { owner, account, admin, firmId, ben, benId, webhookId: webhook.id };
}

/**
 * Goes to every screen, as somebody who may see it, and looks at it when it is complete.
 *
 * @param {Stage} stage
 * @param {Setup} setup how they look at the portal
 * @param {(person: Person, screen: string) => Promise<void>} look
 */
export async function visitAll(stage, setup, look) {
  const { account, admin, firmId, ben, benId, webhookId } = await populate(stage, setup);
  /** @param {Person} person @param {string[]} paths */
  const tour = async (person, paths) => {
    for (const path of paths) {
      await person.visit(path);
      if (person !== visitor) await person.isIn();
      await person.settles();
      await look(person, path);
    }
  };

  const visitor = await stage.person("A visitor", "visitor@elsewhere.example", setup);
  await tour(visitor, ["/login", "/register", "/forgot", "/join", "/nothing", ...(await mailed(stage))]);

  const olivia = await stage.person("Olivia Stone", "olivia@blue-bakery.example", setup);
  await olivia.signIn();
  const programs = ["api-keys", "webhooks", `webhooks/${webhookId}`].map((page) => `settings/${page}`);
  const tabs = ["overview", "users", "activity", "settings", ...programs].map((tab) => `/accounts/${account.id}/${tab}`);
  await tour(olivia, [...tabs, "/security", "/nothing"]);

  const anna = await stage.person("Anna Reyes", admin.email, setup);
  await anna.signIn();
  const pages = ["employees", `employees/${benId}`, "clients", `clients/${account.id}`, "assignments", "activity", "settings"];
  await tour(anna, pages.map((page) => `/firms/${firmId}/${page}`));

  const bookkeeper = await stage.person(ben.name, ben.email, setup);
  await bookkeeper.signIn();
  await tour(bookkeeper, [`/accounts/${account.id}/overview`, `/firms/${firmId}/clients`]);
}

/** @param {import("./api.mjs").Caller} person @param {string} [locale] */
export async function reads(person, locale = "en") {
  await person.call("PATCH", "/me", { locale: locale.split("-")[0] });
}

/** One link of each kind that mails bring. @param {Stage} stage */
async function mailed({ portal }) {
  const email = "nina@green-garden.example";
  await signUp(portal, { name: "Nina Winter", email, account: "Green Garden" });
  await request(portal, "POST", "/password-resets", { body: { email } });
  const registration = { name: "Otto Berg", email: "otto@blumen.example", account_name: "Blumen Berg" };
  await request(portal, "POST", "/registrations", { body: registration });
  const addressed = ["farid@apple-solutions.example", email, registration.email];
  const links = [];
  for (const address of addressed) links.push(await portal.mails.nextLink(address));
  return links;
}
