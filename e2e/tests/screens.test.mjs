// @ts-check
/** Every screen: readable by everybody, in both themes and on a phone, and safe with whatever people are called. */
import assert from "node:assert/strict";

import { foundFirm, hire, signUp } from "../lib/api.mjs";
import { assertAccessible } from "../lib/axe.mjs";
import { play } from "../lib/stage.mjs";

/** @type {[string, import("../lib/browser.mjs").Setup][]} */
const LOOKS = [
  ["in light colours", {}],
  ["in dark colours", { dark: true }],
  ["on a phone", { phone: true, reducedMotion: true }],
];

for (const [look, setup] of LOOKS) {
  play(
    `every screen can be used by everybody, ${look}`,
    async (stage) => {
      const { account, admin, firmId } = await foundFirm(stage.portal);
      const { id } = await hire(admin, firmId, {
        name: "Ben Ortiz",
        email: "ben@apple-solutions.example",
        account_ids: [account.id],
      });
      const visitor = await stage.person("A visitor", "visitor@elsewhere.example", setup);
      for (const path of ["/login", "/register", "/forgot", "/join", "/reset", "/nothing"]) {
        await visitor.visit(path);
        await visitor.page.getByRole("heading", { level: 1 }).waitFor();
        await assertAccessible(visitor.page);
      }

      const olivia = await stage.person("Olivia Stone", "olivia@blue-bakery.example", setup);
      await olivia.signIn();
      for (const tab of ["overview", "users", "activity", "settings"]) {
        await olivia.visit(`/accounts/${account.id}/${tab}`);
        await settled(olivia);
        await assertAccessible(olivia.page);
      }
      await olivia.openUsers();
      await olivia.choose("Add user", "Team member");
      await assertAccessible(olivia.page);
      await olivia.press("Cancel", olivia.dialog());
      await olivia.openSwitcher();
      await assertAccessible(olivia.page);
      await olivia.visit("/security");
      await settled(olivia);
      await assertAccessible(olivia.page);

      const anna = await stage.person("Anna Reyes", admin.email, setup);
      await anna.signIn();
      const pages = ["employees", `employees/${id}`, "clients", `clients/${account.id}`, "activity", "settings"];
      for (const page of pages) {
        await anna.visit(`/firms/${firmId}/${page}`);
        await settled(anna);
        await assertAccessible(anna.page);
      }
      await anna.goTo("Employees");
      await anna.press("Invite employee");
      await anna.dialog("Invite employee").getByRole("checkbox", { name: "Blue Bakery" }).waitFor();
      await assertAccessible(anna.page);
    },
    { seconds: 180 },
  );
}

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
  await signUp(stage.portal, { name: "Olivia Stone", email: "olivia@blue-bakery.example", account: "Blue Bakery" });
  const olivia = await stage.person("Olivia Stone", "olivia@blue-bakery.example", { locale: "es-MX" });
  await olivia.visit("/login");
  await olivia.seesHeading("Iniciar sesión");
  await olivia.fillIn({ "Correo electrónico": olivia.email, Contraseña: olivia.password });
  await olivia.press("Iniciar sesión");
  // Her mails are in English, and nothing was chosen in this browser.
  await olivia.page.getByRole("button", { name: "Profile" }).waitFor();
  await olivia.choose("Profile", "Appearance");
  await olivia.page.getByRole("radio", { name: "Español" }).click();
  await olivia.page.getByRole("button", { name: "Perfil" }).waitFor();
  await olivia.page.reload();
  await olivia.page.getByRole("button", { name: "Perfil" }).waitFor();
  assert.equal(await olivia.page.locator("html").getAttribute("lang"), "es");
});

/** Waits until nothing loads any more. @param {import("../lib/people.mjs").Person} person */
async function settled(person) {
  await person.page.getByRole("heading", { level: 1 }).waitFor();
  await person.page.locator("main [aria-busy=true]").first().waitFor({ state: "detached" });
}
