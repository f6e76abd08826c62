// @ts-check
/** Every screen: readable by everybody, in both themes and on a phone, and safe with whatever people are called. */
import assert from "node:assert/strict";

import { signUp } from "../lib/api.mjs";
import { assertAccessible } from "../lib/axe.mjs";
import { assertFits, assertSteady } from "../lib/layout.mjs";
import { visitAll } from "../lib/screens.mjs";
import { play } from "../lib/stage.mjs";

play(
  "every screen can be used by everybody, in light and in dark colours, and does not move while it loads",
  (stage) =>
    // Without movement, so that colours are what they become.
    visitAll(stage, { watched: true, reducedMotion: true }, async ({ page }) => {
      await assertSteady(page);
      for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
        await page.emulateMedia({ colorScheme });
        await assertAccessible(page);
      }
      await page.emulateMedia({ colorScheme: "light" });
    }),
  { seconds: 240 },
);

play(
  "every screen can be used by everybody, on a phone, where nothing has to be moved sideways",
  (stage) =>
    visitAll(stage, { phone: true }, async ({ page }) => {
      await assertFits(page);
      await assertAccessible(page);
    }),
  { seconds: 240 },
);

play("names with markup, of the other direction and of any length are names and nothing else", async (stage) => {
  const names = ['<img src=x onerror="alert(1)">', "مخبز الأزرق", "Donaudampfschifffahrtsgesellschaft".repeat(5)];
  const { owner, account } = await signUp(stage.portal, {
    name: names[0],
    email: "olivia@blue-bakery.example",
    account: names[0],
  });
  for (const name of names.slice(1)) await owner.openAccount(name);
  await (await owner.enter(account.id)).inviteFirm({ name: names[2], email: "office@apple-solutions.example" });
  for (const phone of [false, true]) {
    const olivia = await stage.person("Olivia Stone", "olivia@blue-bakery.example", { phone });
    await olivia.signIn();
    await olivia.page.getByRole("heading", { level: 1, name: names[0], exact: true }).waitFor();
    await olivia.openUsers();
    await olivia.row(names[2]).waitFor();
    const { width, wanted } = await olivia.page.evaluate(() => ({
      width: document.documentElement.clientWidth,
      wanted: document.documentElement.scrollWidth,
    }));
    assert.ok(wanted <= width, `the page is ${wanted} px wide, and ${width} px are there`);
    assert.deepEqual((await olivia.accountsOffered()).sort(), [...names].sort());
  }
});

play("the language is chosen once, for the app and for mails", async (stage) => {
  const { owner } = await signUp(stage.portal, {
    name: "Olivia Stone",
    email: "olivia@blue-bakery.example",
    account: "Blue Bakery",
  });
  await owner.call("PATCH", "/me", { locale: "es" });
  const olivia = await stage.person("Olivia Stone", "olivia@blue-bakery.example");
  await olivia.visit("/login");
  await olivia.fillIn({ Email: olivia.email, Password: olivia.password });
  await olivia.press("Sign in");
  // Her mails are in Spanish, and nothing was chosen in this browser, which reads English.
  olivia.reads("es");
  await olivia.isIn();
  await olivia.choose("Profile", "Appearance");
  await olivia.page.getByRole("radio", { name: "English" }).click();
  olivia.reads("en");
  await olivia.isIn();
  await olivia.page.reload();
  await olivia.isIn();
  assert.equal(await olivia.page.locator("html").getAttribute("lang"), "en");
  assert.equal((await owner.readMe()).locale, "en");
});
