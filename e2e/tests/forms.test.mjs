// @ts-check
/** What is typed wrongly: it is said at its field, and nothing is lost. */
import assert from "node:assert/strict";

import { foundFirm, request, signIn, signUp } from "../lib/api.mjs";
import { play } from "../lib/stage.mjs";

const WRONG = "not the password at all";

/**
 * What somebody who cannot see learns of a field: that it is wrong, and why.
 *
 * @param {import("playwright-core").Locator} field
 * @param {RegExp | string} why
 */
async function isRefused(field, why) {
  const page = field.page();
  await page.getByText(why).first().waitFor();
  assert.equal(await field.getAttribute("aria-invalid"), "true");
  const ids = (await field.getAttribute("aria-describedby")) ?? "";
  const said = await page.evaluate(
    (ids) => ids.split(" ").map((id) => document.getElementById(id)?.textContent).join(" "),
    ids,
  );
  assert.ok(typeof why === "string" ? said.includes(why) : why.test(said), `"${said}" is said at the field`);
}

play("a wrong password at sign-in keeps the address and what was typed", async (stage) => {
  await signUp(stage.portal, { name: "Olivia Stone", email: "olivia@blue-bakery.example", account: "Blue Bakery" });
  const olivia = await stage.person("Olivia Stone", "olivia@blue-bakery.example");
  await olivia.visit("/login");
  const [email, password] = ["Email", "Password"].map((label) => olivia.page.getByLabel(label, { exact: true }));

  await olivia.press("Sign in");
  await isRefused(email, "Enter a complete address");
  await isRefused(password, "Enter your password.");
  assert.ok(await email.evaluate((field) => field === document.activeElement), "the first that is wrong has the focus");

  for (const [address, typed] of [
    [olivia.email, WRONG],
    ["nobody@blue-bakery.example", olivia.password],
  ]) {
    await olivia.fillIn({ Email: address, Password: typed });
    await olivia.press("Sign in");
    // The same words, whether there is such a login or not.
    await olivia.page.getByRole("alert").getByText("Email and password do not fit").waitFor();
    assert.deepEqual([await email.inputValue(), await password.inputValue()], [address, typed]);
  }

  await olivia.press("Show");
  assert.equal(await password.getAttribute("type"), "text");
  await olivia.press("Hide");
  await olivia.fillIn({ Email: "Olivia@Blue-Bakery.Example", Password: olivia.password });
  await olivia.press("Sign in");
  await olivia.seesHeading("Blue Bakery");
});

play("a wrong password of an existing login keeps everything that was typed to join", async (stage) => {
  const { account, owner } = await foundFirm(stage.portal);
  // Somebody who has a login of their own is invited as an accounting company.
  await signUp(stage.portal, { name: "Nina Winter", email: "nina@green-garden.example", account: "Green Garden" });
  const firm = { name: "Winter Tax", email: "nina@green-garden.example" };
  await (await owner.enter(account.id)).inviteFirm(firm);
  const nina = await stage.person("Nina Winter", firm.email);
  await nina.visit(await stage.mails.nextLink(firm.email));
  await nina.sees("You have a login with this address already.");
  const password = nina.page.getByLabel("Your existing password", { exact: true });

  await nina.fillIn({ "Company name": "Winter & Winter" });
  await nina.press("Join");
  await isRefused(password, "Enter your password.");
  await nina.fillIn({ "Your existing password": WRONG });
  await nina.press("Join");
  await isRefused(password, "This is not the password of the existing login with this address.");
  assert.equal(await password.inputValue(), WRONG);
  assert.equal(await nina.page.getByLabel("Company name").inputValue(), "Winter & Winter");

  await nina.fillIn({ "Your existing password": nina.password });
  await nina.press("Join");
  await nina.isIn();
  await nina.openFirm("Winter & Winter");
});

play("a login that is made while somebody joins is asked for its password, and what was typed stays", async (stage) => {
  const { admin, firmId } = await foundFirm(stage.portal);
  const ben = await stage.person("Ben Ortiz", "ben@apple-solutions.example");
  await admin.inviteEmployee(firmId, { name: "B. Ortiz", email: ben.email });
  await ben.visit(await stage.mails.nextLink(ben.email));
  await ben.fillIn({ "Your name": "Ben Ortiz", Password: "another-lantern-72-birch" });
  await signUp(stage.portal, { name: "Ben Ortiz", email: ben.email, account: "Ben's own" });
  await ben.press("Join");
  const password = ben.page.getByLabel("Your existing password", { exact: true });
  await password.waitFor();
  assert.equal(await password.inputValue(), "another-lantern-72-birch");
  await ben.fillIn({ "Your existing password": ben.password });
  await ben.press("Join");
  await ben.isIn();
});

play("a password that is changed needs the current one, and is not lost when it is wrong", async (stage) => {
  await signUp(stage.portal, { name: "Olivia Stone", email: "olivia@blue-bakery.example", account: "Blue Bakery" });
  const olivia = await stage.person("Olivia Stone", "olivia@blue-bakery.example");
  await olivia.signIn();
  await olivia.visit("/security");
  const current = olivia.page.getByLabel("Current password", { exact: true });
  const next = olivia.page.getByLabel("New password", { exact: true });
  const changed = "another-lantern-72-birch";

  await olivia.fillIn({ "Current password": WRONG, "New password": changed });
  await olivia.press("Change password");
  await isRefused(current, "This is not your current password.");
  assert.deepEqual([await current.inputValue(), await next.inputValue()], [WRONG, changed]);

  for (const [weak, why] of [
    ["short", "Use at least 10 characters."],
    ["password123", "This password is easy to guess. Use a few unrelated words."],
    ["x".repeat(129), "Use at most 128 characters."],
  ]) {
    await olivia.fillIn({ "Current password": olivia.password, "New password": weak });
    await olivia.press("Change password");
    await isRefused(next, why);
    assert.deepEqual([await current.inputValue(), await next.inputValue()], [olivia.password, weak]);
  }

  await olivia.fillIn({ "New password": changed });
  await olivia.press("Change password");
  await olivia.sees("The password is changed, and you are signed out everywhere else.");
  await signIn(stage.portal, olivia.email, changed);
});

/** What is typed, and what the portal makes of it. */
const ADDRESSES = /** @type {const} */ ([
  ["kim@bücher.example", "kim@bücher.example"],
  ["ｋｉｍ＠full-width.example", "kim@full-width.example"],
  ["  Kim.Lee+Tax@Spaces.Example. ", "Kim.Lee+Tax@spaces.example"],
  ["o'neil@quotes.example", "o'neil@quotes.example"],
]);
const NO_ADDRESSES = ["a@b", "kim", "kim@", "@example.com", "kim lee@example.com", "kim@exa_mple.com", "kim@@example.com"];

play("the browser and the portal agree on what is an address", async (stage) => {
  const { admin, firmId } = await foundFirm(stage.portal);
  const anna = await stage.person("Anna Reyes", admin.email);
  await anna.signIn();
  await anna.visit(`/firms/${firmId}/employees`);
  await anna.press("Invite employee");
  const dialog = anna.dialog("Invite employee");
  const email = dialog.getByLabel("Email", { exact: true });
  await anna.fillIn({ Name: "Kim Lee" }, dialog);

  let asked = 0;
  anna.page.on("request", (call) => {
    if (call.method() === "POST" && call.url().endsWith("/employees")) asked += 1;
  });
  for (const typed of NO_ADDRESSES) {
    await anna.fillIn({ Email: typed }, dialog);
    await anna.press("Send invitation", dialog);
    await isRefused(email, "Enter a complete address, such as ana@example.com.");
    assert.equal(await email.inputValue(), typed);
    // So does the portal, which answers whoever does not come by the app.
    await assert.rejects(admin.inviteEmployee(firmId, { name: "Kim", email: typed }), /: 422 .*invalid_email/);
  }
  assert.equal(asked, 0, "what is refused here is not sent");
  await anna.press("Cancel", dialog);

  for (const [typed, address] of ADDRESSES) {
    await anna.press("Invite employee");
    await anna.fillIn({ Name: "Kim Lee", Email: typed }, dialog);
    await anna.press("Send invitation", dialog);
    await dialog.waitFor({ state: "hidden" });
    await anna.row(address).waitFor();
    await anna.sees(`Invitation sent to ${address}.`);
  }

  // The same address, written differently, is the same person.
  await anna.press("Invite employee");
  await anna.fillIn({ Name: "Kim Lee", Email: "KIM@xn--bcher-kva.example" }, dialog);
  await anna.press("Send invitation", dialog);
  await isRefused(email, /There is (an employee|an open invitation)/);
  assert.equal(await email.inputValue(), "KIM@xn--bcher-kva.example");
});

play("an address with letters of its own gets its mail, joins and signs in", async (stage) => {
  const { admin, firmId } = await foundFirm(stage.portal);
  await admin.inviteEmployee(firmId, { name: "Kim Lee", email: "kim@bücher.example" });
  const kim = await stage.person("Kim Lee", "kim@bücher.example");
  // A mail's header is ASCII, and so is the domain in it.
  await kim.visit(await stage.mails.nextLink("kim@xn--bcher-kva.example"));
  await kim.sees("kim@bücher.example");
  await kim.fillIn({ Password: kim.password });
  await kim.press("Join");
  await kim.isIn();
  await kim.signOut();
  for (const typed of ["kim@bücher.example", "ｋｉｍ＠xn--bcher-kva.example"]) {
    await kim.fillIn({ Email: typed, Password: kim.password });
    await kim.press("Sign in");
    await kim.isIn();
    await kim.signOut();
  }
});

play("who has forgotten the password need not type the address again", async (stage) => {
  const { owner, account } = await foundFirm(stage.portal);
  await signUp(stage.portal, { name: "Nina Winter", email: "nina@green-garden.example", account: "Green Garden" });
  const visitor = await stage.person("Nina Winter", "nina@green-garden.example");
  const email = visitor.page.getByLabel("Email", { exact: true });
  await visitor.visit("/login");
  await visitor.fillIn({ Email: visitor.email });
  await visitor.page.getByRole("link", { name: "Forgot password?" }).click();
  await visitor.page.waitForURL("**/forgot");
  assert.equal(await email.inputValue(), visitor.email);
  await visitor.page.getByRole("link", { name: "Back to sign-in" }).click();
  await visitor.page.waitForURL("**/login");
  assert.equal(await email.inputValue(), visitor.email);

  // An invitation knows it as well.
  await (await owner.enter(account.id)).inviteFirm({ name: "Winter Tax", email: visitor.email });
  await visitor.visit(await stage.mails.nextLink(visitor.email));
  await visitor.page.getByRole("link", { name: "Forgot password?" }).click();
  assert.equal(await email.inputValue(), visitor.email);

  // Who signs in leaves nothing for the next.
  await visitor.signIn();
  await visitor.signOut();
  assert.equal(await email.inputValue(), "");
});

play("an empty name is told to be filled in, and a wrong one what is wrong", async (stage) => {
  const visitor = await stage.person("A visitor", "visitor@elsewhere.example");
  await visitor.visit("/register");
  await visitor.fillIn({ "Your name": "  ", Email: visitor.email, "Business name": "x".repeat(201) });
  await visitor.press("Create account");
  await isRefused(visitor.page.getByLabel("Your name", { exact: true }), "Fill this in: it cannot be empty.");
  await isRefused(visitor.page.getByLabel("Business name", { exact: true }), "at most 200 characters");
});

play("the strength of a password is said while it is typed, and shown not by colour alone", async (stage) => {
  await request(stage.portal, "POST", "/registrations", {
    body: { name: "Otto Berg", email: "otto@blumen.example", account_name: "Blumen Berg" },
  });
  const otto = await stage.person("Otto Berg", "otto@blumen.example");
  await otto.visit(await stage.mails.nextLink(otto.email));
  const password = otto.page.getByLabel("Password", { exact: true });
  await otto.sees("At least 10 characters. A few unrelated words are strong and easy to remember.");
  for (const [typed, said] of [
    ["short", "Too short: at least 10 characters."],
    ["aaaaaaaaaaaa", "Weak: easy to guess."],
    ["blue-bakery9", "Fair, unless it is a common phrase or name."],
    // One's own names and address are what others try first.
    ["Otto Berg, Blumen!", "Weak: easy to guess."],
    ["otto@blumen.example", "Weak: easy to guess."],
    ["quiet-lantern-58-maple-river", "Strong."],
  ]) {
    await password.fill(typed);
    await otto.sees(said);
    const ids = ((await password.getAttribute("aria-describedby")) ?? "").split(" ");
    const words = await otto.page.evaluate((ids) => ids.map((id) => document.getElementById(id)?.textContent).join(" "), ids);
    assert.ok(words.includes(said), `"${words}" belongs to the field`);
  }
});
