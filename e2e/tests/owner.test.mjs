// @ts-check
/** An owner's ways: from every page to the users, and to what can be done there. */
import assert from "node:assert/strict";

import { foundFirm, hire, join, openAccounts, signUp } from "../lib/api.mjs";
import { play } from "../lib/stage.mjs";

const OLIVIA = { name: "Olivia Stone", email: "olivia@blue-bakery.example", account: "Blue Bakery" };

play("the menu Profile leads to the users from every page of an account, and from Security", async (stage) => {
  const { account, owner, admin, firmId } = await foundFirm(stage.portal);
  const olivia = await stage.person(OLIVIA.name, owner.email);
  await olivia.signIn();
  await olivia.seesHeading(account.name);
  /** @param {import("../lib/people.mjs").Person} person */
  const items = async (person) => {
    await person.press("Profile");
    const found = await person.page.getByRole("menuitem").allInnerTexts();
    await person.page.keyboard.press("Escape");
    return found.map((words) => words.trim());
  };
  const mine = ["Users", "Security", "Appearance", "Sign out"];
  for (const page of ["overview", "users", "activity", "settings", "settings/api-keys", "settings/webhooks"]) {
    await olivia.visit(`/accounts/${account.id}/${page}`);
    await olivia.settles();
    assert.deepEqual(await items(olivia), mine, page);
  }
  await olivia.choose("Profile", "Security");
  await olivia.seesHeading("Security");
  assert.deepEqual(await items(olivia), mine);
  await olivia.page.reload();
  await olivia.openUsers();
  await olivia.page.waitForURL(`**/accounts/${account.id}/users`);

  // Who owns nothing has none; in a firm there are its own people.
  const anna = await stage.person("Anna Reyes", admin.email);
  await anna.signIn();
  for (const path of [`/firms/${firmId}/employees`, `/accounts/${account.id}/overview`, "/security"]) {
    await anna.visit(path);
    await anna.settles();
    assert.deepEqual(await items(anna), ["Apple Solutions", "Security", "Appearance", "Sign out"], path);
  }
});

play("the link to invite a company opens the dialog for it, once", async (stage) => {
  await signUp(stage.portal, OLIVIA);
  const olivia = await stage.person(OLIVIA.name, OLIVIA.email);
  await olivia.signIn();
  await olivia.page.getByRole("link", { name: "Invite your accounting company" }).click();
  const dialog = olivia.dialog("Invite an accounting company");
  await dialog.waitFor();
  await olivia.page.waitForURL("**/users");
  await olivia.press("Cancel", dialog);
  await olivia.page.reload();
  await olivia.seesHeading("Users");
  await olivia.settles();
  assert.equal(await dialog.count(), 0);
  // The page itself has the same button.
  await olivia.press("Invite your accounting company");
  await olivia.fillIn({ "Company name": "Apple Solutions" }, dialog);
});

play("the only owner is not offered to be removed, and is told why", async (stage) => {
  const { owner, account } = await signUp(stage.portal, OLIVIA);
  const olivia = await stage.person(OLIVIA.name, OLIVIA.email);
  await olivia.signIn();
  await olivia.openUsers();
  const row = olivia.row(OLIVIA.email);
  await row.getByText("The only owner: an account needs one").waitFor();
  assert.equal(await row.getByRole("button", { name: "Remove access" }).count(), 0);

  // With another owner it may be either of them.
  const mia = { name: "Mia Stone", email: "mia@blue-bakery.example" };
  await (await owner.enter(account.id)).call("POST", "/account/members", { ...mia, role: "owner" });
  await join(stage.portal, mia.email);
  await row.getByRole("button", { name: "Remove access" }).waitFor();
  await olivia.press("Remove access", olivia.row(mia.email));
  await olivia.confirm("Remove access");
  await row.getByText("The only owner").waitFor();
});

play("when access has ended one goes on in another account", async (stage) => {
  const { owner, account, admin, firmId } = await foundFirm(stage.portal);
  const [second] = await openAccounts(owner, 1, "Second");
  await (await owner.enter(second.id)).inviteFirm({ name: "Apple Solutions", email: admin.email });
  const { id } = await hire(admin, firmId, {
    name: "Ben Ortiz",
    email: "ben@apple-solutions.example",
    account_ids: [account.id, second.id],
  });
  const ben = await stage.person("Ben Ortiz", "ben@apple-solutions.example");
  await ben.signIn();
  await ben.visit(`/accounts/${account.id}/overview`);
  await ben.seesHeading(account.name);
  await admin.call("DELETE", `/firms/${firmId}/employees/${id}/accounts/${account.id}`);
  await ben.seesAccessEnded(account.name);
  await ben.page.getByRole("alert").getByText("Your login is as it was.").waitFor();
  await ben.page.getByRole("link", { name: second.name, exact: true }).click();
  await ben.page.getByRole("heading", { level: 1, name: second.name, exact: true }).waitFor();

  // A link to an account that one has never been in.
  const stranger = await signUp(stage.portal, { name: "Nina Winter", email: "nina@garden.example", account: "Garden" });
  await ben.visit(`/accounts/${stranger.account.id}/overview`);
  await ben.seesHeading("You have no access to this account");
  await ben.sees(/The link may be an old one/);
});
