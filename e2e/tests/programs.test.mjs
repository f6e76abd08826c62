// @ts-check
/** What owners have for their programs: API keys and webhooks. */
import assert from "node:assert/strict";

import { foundFirm, hire, signUp } from "../lib/api.mjs";
import { assertAccessible } from "../lib/axe.mjs";
import { assertFits } from "../lib/layout.mjs";
import { Receiver, isSigned } from "../lib/receiver.mjs";
import { play } from "../lib/stage.mjs";

/**
 * @typedef {import("../lib/people.mjs").Person} Person
 * @typedef {import("../lib/stage.mjs").Stage} Stage
 */

const OLIVIA = { name: "Olivia Stone", email: "olivia@blue-bakery.example", account: "Blue Bakery" };

/** An owner in the settings of her account. @param {Stage} stage @param {import("../lib/browser.mjs").Setup} [setup] */
async function ownerInSettings(stage, setup) {
  const { owner, account } = await signUp(stage.portal, OLIVIA);
  const olivia = await stage.person(OLIVIA.name, OLIVIA.email, setup);
  await olivia.signIn();
  await olivia.seesHeading(OLIVIA.account);
  await olivia.goTo("Settings");
  return { olivia, owner, account, settings: `/accounts/${account.id}/settings` };
}

/** What a field has that is shown once. @param {Person} person @param {string} label */
async function shown(person, label) {
  const field = person.dialog("Keep the secret").getByLabel(label, { exact: true });
  const value = await field.inputValue();
  assert.notEqual(await field.getAttribute("readonly"), null);
  return value;
}

/** Asks for a token of a key. @param {Stage} stage @param {string} id @param {string} secret */
function token({ portal }, id, secret) {
  return fetch(`${portal.url}/oauth/token`, {
    method: "POST",
    headers: { Authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}` },
    body: new URLSearchParams({ grant_type: "client_credentials" }),
  });
}

/** @param {Stage} stage @param {string} bearer */
async function usersBy({ portal }, bearer) {
  const answer = await fetch(`${portal.url}/api/v1/account/users`, { headers: { Authorization: `Bearer ${bearer}` } });
  return answer.status;
}

/** @param {Person} person @param {string} name @param {{ ends?: string }} [more] answers its id and its secret */
async function makeKey(person, name, { ends } = {}) {
  await person.press("New API key");
  const dialog = person.dialog("New API key");
  await person.fillIn({ Name: name }, dialog);
  await person.hands.set(dialog.getByRole("checkbox", { name: person.words.of("See who has access") }), true);
  if (ends) await dialog.getByLabel(person.words.of("End date (optional)")).fill(ends);
  await person.press("Create key", dialog);
  await person.sees("Copy it now and keep it safe. It will not be shown again.");
  const made = [await shown(person, "Client ID"), await shown(person, "Client secret")];
  await person.press("Done");
  await person.dialog().waitFor({ state: "hidden" });
  return made;
}

play("a program works by a key that an owner has made, until the owner revokes it", async (stage) => {
  const { olivia, settings } = await ownerInSettings(stage);
  await olivia.goTo("API keys");
  await olivia.sees("No API keys yet");
  await olivia.context.grantPermissions(["clipboard-read", "clipboard-write"]);

  // What is wrong is said, and nothing that was typed is lost.
  await olivia.press("New API key");
  let dialog = olivia.dialog("New API key");
  await olivia.fillIn({ Name: "Payroll" }, dialog);
  await olivia.press("Create key", dialog);
  await olivia.sees("Choose at least one thing that the program may do.");
  await dialog.getByRole("checkbox", { name: "See who has access" }).check();
  const day = dialog.getByLabel("End date (optional)");
  await day.fill("2020-01-31");
  await olivia.press("Create key", dialog);
  await olivia.sees("Choose today or a later day, within ten years.");
  assert.equal(await dialog.getByLabel("Name", { exact: true }).inputValue(), "Payroll");
  const year = new Date().getFullYear() + 2;
  await day.fill(`${year}-01-31`);
  await olivia.press("Create key", dialog);

  dialog = olivia.dialog("Keep the secret");
  await dialog.waitFor();
  const [id, secret] = [await shown(olivia, "Client ID"), await shown(olivia, "Client secret")];
  // One key too many does not lose it.
  for (let press = 0; press < 3; press += 1) await olivia.page.keyboard.press("Escape");
  assert.equal(await dialog.isVisible(), true);
  await olivia.press("Copy Client secret", dialog);
  await olivia.sees("Copied.");
  assert.equal(await olivia.page.evaluate(() => navigator.clipboard.readText()), secret);
  await olivia.press("Done", dialog);
  await dialog.waitFor({ state: "hidden" });
  assert.equal((await olivia.page.content()).includes(secret), false, "it is nowhere any more");
  const row = olivia.row("Payroll");
  await row.getByText(`31 Jan ${year}`).waitFor();
  await row.getByText("Never").waitFor();

  const answer = await token(stage, id, secret);
  assert.equal(answer.status, 200);
  const { access_token } = await answer.json();
  assert.equal(await usersBy(stage, access_token), 200);
  await olivia.visit(`${settings}/api-keys`);
  await row.getByText("127.0.0.1").waitFor();

  await olivia.press("Revoke", row);
  await olivia.sees("Every program that uses this key stops working in this account at once");
  await olivia.confirm("Revoke");
  await olivia.sees("No API keys yet");
  assert.equal((await token(stage, id, secret)).status, 401);
  assert.equal(await usersBy(stage, access_token), 401);
});

play("a webhook is tried, followed, given a new secret and removed", async (stage) => {
  const receiver = await Receiver.start();
  try {
    const { olivia } = await ownerInSettings(stage);
    await olivia.goTo("Webhooks");
    await olivia.sees("No webhooks yet");
    await olivia.press("New webhook");
    const dialog = olivia.dialog("New webhook");
    const url = dialog.getByLabel("URL", { exact: true });
    await olivia.fillIn({ URL: "http://10.1.2.3/portal" }, dialog);
    await olivia.press("Create webhook", dialog);
    await olivia.sees("The portal does not post to this address.");
    assert.equal(await url.getAttribute("aria-invalid"), "true");
    assert.equal(await url.inputValue(), "http://10.1.2.3/portal");
    await olivia.fillIn({ URL: receiver.url }, dialog);
    await dialog.getByRole("switch", { name: "All events" }).uncheck();
    await olivia.press("Create webhook", dialog);
    await olivia.sees("Choose at least one event, or all.");
    await dialog.getByRole("checkbox", { name: "access.revoked" }).check();
    await olivia.press("Create webhook", dialog);
    await olivia.dialog("Keep the secret").waitFor();
    const first = await shown(olivia, "Signing secret");
    await olivia.press("Done");
    await olivia.row(receiver.url).getByText("access.revoked").waitFor();
    await olivia.row(receiver.url).getByText("Active").waitFor();

    await olivia.page.getByRole("link", { name: receiver.url }).click();
    await olivia.seesHeading("Webhook");
    await olivia.sees("Nothing sent yet");
    await olivia.press("Send test event");
    const sent = await receiver.next();
    assert.ok(isSigned(sent, first));
    assert.equal(JSON.parse(sent.body).type, "webhook.test");
    const delivered = olivia.page.getByRole("row").filter({ hasText: "Delivered" });
    await delivered.getByText("HTTP 204 · Attempts: 1").waitFor();

    await olivia.press("Redeliver", delivered);
    const again = await receiver.next();
    assert.equal(again.headers["webhook-id"], sent.headers["webhook-id"]);
    await delivered.nth(1).waitFor();

    Object.assign(receiver, { status: 500, answer: "not today" });
    await olivia.press("Send test event");
    await receiver.next();
    const waiting = olivia.page.getByRole("row").filter({ hasText: "On its way" });
    await waiting.getByText("HTTP 500 · Attempts: 1").click();
    await waiting.getByText("not today").waitFor();
    Object.assign(receiver, { status: 204, answer: "" });

    await olivia.press("Rotate secret");
    await olivia.sees("For 24 hours the old one signs too");
    await olivia.press("Rotate secret", olivia.dialog("Rotate the secret?"));
    await olivia.dialog("Keep the secret").waitFor();
    const second = await shown(olivia, "Signing secret");
    assert.notEqual(second, first);
    await olivia.press("Done");
    await olivia.dialog().waitFor({ state: "hidden" });
    await olivia.sees("Old secret");
    let event = await receiver.next();
    if (event.headers["webhook-id"] !== sent.headers["webhook-id"]) {
      // The one that was refused was tried again by itself.
      await olivia.press("Send test event");
      event = await receiver.next();
    }
    assert.ok(isSigned(event, first) && isSigned(event, second));

    await olivia.press("Pause");
    await olivia.confirm("Pause");
    await olivia.sees("Somebody has paused it.");
    await olivia.press("Resume");
    await olivia.page.getByRole("button", { name: "Pause" }).waitFor();
    await olivia.press("Edit");
    await olivia.fillIn({ "Description (optional)": "Bookkeeping" }, olivia.dialog("Edit webhook"));
    await olivia.press("Save", olivia.dialog("Edit webhook"));
    await olivia.seesHeading("Bookkeeping");

    await olivia.press("Remove");
    await olivia.sees("the delivery log is gone");
    await olivia.confirm("Remove");
    await olivia.seesHeading("Webhooks");
    await olivia.sees("No webhooks yet");
  } finally {
    await receiver.close();
  }
});

for (const [how, setup] of /** @type {const} */ ([
  ["nothing but a keyboard", { keyboard: true }],
  ["a finger, in Spanish", { phone: true, locale: "es-MX" }],
])) {
  play(`keys and webhooks take ${how}`, async (stage) => {
    const { owner } = await signUp(stage.portal, OLIVIA);
    await owner.call("PATCH", "/me", { locale: "locale" in setup ? "es" : "en" });
    const olivia = await stage.person(OLIVIA.name, OLIVIA.email, setup);
    await olivia.signIn();
    await olivia.seesHeading(OLIVIA.account);
    await olivia.goTo("Settings");
    await olivia.goTo("API keys");
    const words = olivia.words;
    await olivia.press("New API key");
    await olivia.fillIn({ Name: "Payroll" }, olivia.dialog("New API key"));
    await olivia.hands.set(olivia.dialog().getByRole("checkbox", { name: words.of("Read the activity") }), true);
    await olivia.press("Create key", olivia.dialog());
    await olivia.dialog("Keep the secret").waitFor();
    await assertFits(olivia.page);
    await olivia.press("Done");
    await olivia.press("Revoke", olivia.row("Payroll"));
    await olivia.confirm("Revoke");
    await olivia.sees("No API keys yet");

    await olivia.goTo("Webhooks");
    await olivia.press("New webhook");
    await olivia.fillIn({ URL: "http://127.0.0.1:9/portal" }, olivia.dialog("New webhook"));
    await olivia.press("Create webhook", olivia.dialog());
    await olivia.dialog("Keep the secret").waitFor();
    await olivia.press("Done");
    await olivia.hands.use(olivia.page.getByRole("link", { name: "http://127.0.0.1:9/portal" }));
    await olivia.press("Send test event");
    await olivia.page.getByRole("row").filter({ hasText: "webhook.test" }).waitFor();
    await olivia.press("Remove");
    await olivia.confirm("Remove");
    await olivia.sees("No webhooks yet");
  });
}

play("what another owner does with keys and webhooks is there at once", async (stage) => {
  const { olivia, owner, account, settings } = await ownerInSettings(stage);
  const inAccount = await owner.enter(account.id);
  await olivia.goTo("API keys");
  await olivia.sees("No API keys yet");
  const key = await inAccount.call("POST", "/account/api-keys", { name: "Payroll", scopes: ["users:read"] });
  await olivia.row("Payroll").waitFor();
  await inAccount.call("DELETE", `/account/api-keys/${key.id}`);
  await olivia.sees("No API keys yet");
  await olivia.goTo("Webhooks");
  const webhook = await inAccount.call("POST", "/account/webhooks", { url: "http://127.0.0.1:9/portal" });
  await olivia.row(webhook.url).getByText("All events").waitFor();
  await olivia.visit(`${settings}/webhooks/${webhook.id}`);
  await olivia.page.getByRole("button", { name: "Pause" }).waitFor();
  await inAccount.call("PATCH", `/account/webhooks/${webhook.id}`, { enabled: false, description: "Bookkeeping" });
  await olivia.seesHeading("Bookkeeping");
  await olivia.page.getByRole("button", { name: "Resume" }).waitFor();
});

play("who is not an owner sees nothing of keys and webhooks", async (stage) => {
  const { account, admin, firmId } = await foundFirm(stage.portal);
  const who = { name: "Ben Ortiz", email: "ben@apple-solutions.example", account_ids: [account.id] };
  await hire(admin, firmId, who);
  const ben = await stage.person(who.name, who.email);
  await ben.signIn();
  await ben.visit(`/accounts/${account.id}/overview`);
  await ben.seesHeading(account.name);
  assert.equal(await ben.page.getByRole("link", { name: "Settings" }).count(), 0);
  for (const page of ["api-keys", "webhooks", "webhooks/whok_01h455vb4pex5vsknk084sn02q"]) {
    await ben.visit(`/accounts/${account.id}/settings/${page}`);
    await ben.seesHeading("For owners only");
    assert.equal(await ben.page.getByRole("link", { name: "Webhooks" }).count(), 0);
  }
});

play("keys and webhooks of any name are readable, on a phone too", async (stage) => {
  const { owner, account } = await signUp(stage.portal, OLIVIA);
  const inAccount = await owner.enter(account.id);
  const names = ['<img src=x onerror="alert(1)">', "مخبز الأزرق", "Donaudampfschifffahrtsgesellschaft".repeat(5)];
  const scopes = ["account:read", "users:read", "activity:read", "firms:manage"];
  const webhooks = [];
  for (const name of names) {
    await inAccount.call("POST", "/account/api-keys", { name, scopes });
    const url = `http://127.0.0.1:9/${"long-path".repeat(name.length > 100 ? 30 : 1)}`;
    webhooks.push(await inAccount.call("POST", "/account/webhooks", { url, description: name, enabled: false }));
  }
  for (const setup of [{}, { phone: true }, { dark: true }]) {
    const olivia = await stage.person(OLIVIA.name, OLIVIA.email, setup);
    await olivia.signIn();
    const pages = ["api-keys", "webhooks", ...webhooks.map(({ id }) => `webhooks/${id}`)];
    for (const page of pages) {
      await olivia.visit(`/accounts/${account.id}/settings/${page}`);
      await olivia.settles();
      await assertFits(olivia.page);
      await assertAccessible(olivia.page);
    }
    for (const name of names) {
      await olivia.visit(`/accounts/${account.id}/settings/api-keys`);
      await olivia.row(name).waitFor();
    }
  }
});
