// @ts-check
/** A language that is not part of the app: it is there before anything is drawn, and changing it loses nothing. */
import assert from "node:assert/strict";

import { foundFirm, request, signUp } from "../lib/api.mjs";
import { play } from "../lib/stage.mjs";
import { eventually } from "../lib/wait.mjs";

const TEXTS = /\/texts-es-[0-9a-f]{16}\.txt$/;

/** @param {import("playwright-core").Page} page @param {string} label */
function field(page, label) {
  return page.getByLabel(label, { exact: true });
}

play("another language keeps what was typed on the pages before the sign-in", async (stage) => {
  const { portal } = stage;
  const { owner } = await signUp(portal, { name: "Olivia Stone", email: "olivia@blue-bakery.example", account: "Blue Bakery" });
  const [account] = await owner.listMyAccounts();
  const firm = { name: "Apple Solutions", email: "office@apple-solutions.example" };
  await (await owner.enter(account.id)).inviteFirm(firm);
  await request(portal, "POST", "/password-resets", { body: { email: owner.email } });
  const otto = { name: "Otto Berg", email: "otto@blumen.example", account_name: "Blumen Berg" };
  await request(portal, "POST", "/registrations", { body: otto });

  const visitor = await stage.person("A visitor", "visitor@elsewhere.example");
  const pages = /** @type {[string, Record<string, string>][]} */ ([
    ["/login", { Email: "ana@shop.example", Password: "quiet-lantern-58" }],
    ["/forgot", { Email: "ana@shop.example" }],
    ["/register", { "Your name": "Ana", Email: "ana@shop.example", "Business name": "Shop" }],
    [await portal.mails.nextLink(firm.email), { "Your name": "Anna", "Company name": "Apple & Co", Password: "maple-58" }],
    [await portal.mails.nextLink(owner.email), { "New password": "lantern-58-maple" }],
    [await portal.mails.nextLink(otto.email), { Password: "lantern-58-maple" }],
  ]);
  for (const [path, typed] of pages) {
    visitor.reads("en");
    await visitor.visit(path);
    await visitor.fillIn(typed);
    await visitor.press("Español");
    visitor.reads("es");
    await visitor.page.locator("html[lang=es]").waitFor();
    for (const [label, value] of Object.entries(typed)) {
      const box = visitor.page.getByLabel(visitor.words.of(label), { exact: true });
      assert.equal(await box.inputValue(), value, `${label} at ${path}`);
    }
    await visitor.press("English");
    await visitor.page.locator("html[lang=en]").waitFor();
  }
});

play("a language that is chosen before the sign-in is that of mails, too", async (stage) => {
  const { portal } = stage;
  const { owner, account } = await signUp(portal, { name: "Olivia Stone", email: "olivia@blue-bakery.example", account: "Blue Bakery" });
  const isRead = async (/** @type {string} */ email, /** @type {string} */ language) => {
    await request(portal, "POST", "/password-resets", { body: { email } });
    assert.match((await portal.mails.next(email)).html, new RegExp(`<html[^>]* lang="${language}"`), email);
  };
  await isRead(owner.email, "en");

  // By somebody who has a login, and reads English everywhere else.
  const olivia = await stage.person("Olivia Stone", owner.email);
  await olivia.visit("/login");
  await olivia.press("Español");
  olivia.reads("es");
  await olivia.page.locator("html[lang=es]").waitFor();
  await olivia.signIn();
  await eventually("the portal knows", async () => (await owner.readMe()).locale === "es");
  await isRead(owner.email, "es");
  // Another browser says something else later; a reload of this one does not take that back.
  await owner.call("PATCH", "/me", { locale: "en" });
  await olivia.page.reload();
  await olivia.isIn();
  await olivia.settles();
  assert.equal((await owner.readMe()).locale, "en");
  await olivia.signOut();

  // By somebody who signs up.
  const marco = await stage.person("Marco Vidal", "marco@red-cycles.example");
  await marco.visit("/register");
  await marco.press("Español");
  marco.reads("es");
  await marco.fillIn({ "Your name": marco.name, Email: marco.email, "Business name": "Red Cycles" });
  await marco.press("Create account");
  await marco.sees("Check your inbox");
  const confirmation = await portal.mails.next(marco.email);
  assert.match(confirmation.html, /<html[^>]* lang="es"/);

  // By somebody who joins; whoever invited them reads English.
  await (await owner.enter(account.id)).inviteFirm({ name: "Apple Solutions", email: "office@apple-solutions.example" });
  const anna = await stage.person("Anna Reyes", "office@apple-solutions.example");
  const invitation = await portal.mails.next(anna.email);
  assert.match(invitation.html, /<html[^>]* lang="en"/);
  await anna.visit(invitation.link ?? "");
  await anna.press("Español");
  anna.reads("es");
  await anna.fillIn({ "Your name": anna.name, Password: anna.password });
  await anna.press("Join");
  await anna.isIn();
  await isRead(anna.email, "es");
});

play("who reads Spanish sees no English first, however slow the texts come", async (stage) => {
  const { owner, account } = await foundFirm(stage.portal);
  await owner.call("PATCH", "/me", { locale: "es" });
  const olivia = await stage.person("Olivia Stone", owner.email, { locale: "es-MX" });
  await olivia.context.addInitScript(() => {
    const seen = /** @type {string[]} */ ([]);
    Object.assign(window, { seen });
    new MutationObserver(() => {
      const said = document.querySelector("h1, label, button")?.textContent;
      if (said && seen.at(-1) !== said) seen.push(said);
    }).observe(document, { childList: true, subtree: true });
  });
  await olivia.context.route(TEXTS, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 500));
    await route.continue();
  });
  const seen = () => olivia.page.evaluate(() => /** @type {any} */ (window).seen);
  await olivia.visit("/login");
  await olivia.page.getByRole("button", { name: "Iniciar sesión" }).waitFor();
  assert.ok(!(await seen()).some((/** @type {string} */ words) => /^(Sign in|Email|Password|Show)$/.test(words)));
  await olivia.signIn();
  await olivia.visit(`/accounts/${account.id}/overview`);
  await olivia.seesHeading(account.name);
  assert.ok(!(await seen()).some((/** @type {string} */ words) => /^(Switch account|Choose an account)$/.test(words)));
});

play("without its texts a language is not taken, and the page goes on in the one that it has", async (stage) => {
  const visitor = await stage.person("A visitor", "visitor@elsewhere.example");
  visitor.guard.allow(/ERR_FAILED/);
  await visitor.context.route(TEXTS, (route) => route.abort());
  await visitor.visit("/register");
  await visitor.fillIn({ "Your name": "Ana" });
  await visitor.press("Español");
  await visitor.sees("The portal cannot be reached. Check the connection and try again; nothing that you typed is lost.");
  assert.equal(await visitor.page.locator("html").getAttribute("lang"), "en");
  assert.equal(await field(visitor.page, "Your name").inputValue(), "Ana");
  await visitor.page.reload();
  await visitor.seesHeading("Create an account");

  await visitor.context.unroute(TEXTS);
  await visitor.press("Español");
  visitor.reads("es");
  await visitor.seesHeading("Create an account");
  await visitor.page.reload();
  await visitor.seesHeading("Create an account");
});
