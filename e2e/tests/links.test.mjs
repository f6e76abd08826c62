// @ts-check
/** Mailed links that do not work: each says why, and what to do. */
import assert from "node:assert/strict";

import { foundFirm, hire, join, request, signUp, tokenOf } from "../lib/api.mjs";
import { expireLinks } from "../lib/database.mjs";
import { play } from "../lib/stage.mjs";

const DEAD = "This link does not work any more";
const INVITATION = {
  why: "The invitation was used already, was cancelled, was sent again with a newer link, or has expired.",
  what: "If you have joined already, sign in. Otherwise open the newest message, or ask whoever invited you",
};
const REGISTRATION = {
  why: "It was used already, or has expired after 7 days.",
  what: "If you have chosen a password already, sign in. Otherwise create the account again",
};
const RESET = {
  why: "It was used already, a newer one was used, or it has expired after 7 days.",
  what: "If you know your password, sign in. Otherwise ask for a new link.",
};

/**
 * @param {import("../lib/people.mjs").Person} person
 * @param {{ why: string, what: string }} words
 * @param {string} [again] the link to where a new one comes from
 */
async function isTold(person, { why, what }, again) {
  await person.seesHeading(DEAD);
  await person.sees(why);
  await person.sees(what);
  const main = person.page.getByRole("main");
  await main.getByRole("link", { name: "Sign in" }).waitFor();
  if (again) await main.getByRole("link", { name: again }).waitFor();
  assert.equal(await person.page.getByLabel("Password").count(), 0, "there is nothing to fill in in vain");
}

play("an invitation that was used, cancelled, sent again or never was says why, and what to do", async (stage) => {
  const { portal, mails } = stage;
  const { admin, firmId, owner, account } = await foundFirm(portal);
  const ben = "ben@apple-solutions.example";
  const { id } = await admin.inviteEmployee(firmId, { name: "Ben Ortiz", email: ben });
  const person = await stage.person("Ben Ortiz", ben);

  // Sent again: the old link is dead, the new one is not.
  const first = await mails.nextLink(ben);
  await admin.call("POST", `/firms/${firmId}/employees/${id}/resend`);
  const second = await mails.nextLink(ben);
  await person.visit(first);
  await isTold(person, INVITATION);
  await person.visit(second);
  await person.seesHeading("Join Apple Solutions");

  // Cancelled while somebody has it open: what they send is answered in the same way.
  await admin.call("DELETE", `/firms/${firmId}/employees/${id}`);
  await person.fillIn({ Password: person.password });
  await person.press("Join");
  await isTold(person, INVITATION);
  await person.page.reload();
  await isTold(person, INVITATION);

  // Used.
  const carla = "carla@apple-solutions.example";
  await admin.inviteEmployee(firmId, { name: "Carla Diaz", email: carla });
  const used = await mails.nextLink(carla);
  const body = { token: tokenOf(used), password: person.password };
  await request(portal, "POST", "/invitations/accept", { body });
  await person.visit(used);
  await isTold(person, INVITATION);
  await person.hands.use(person.page.getByRole("main").getByRole("link", { name: "Sign in" }));
  await person.seesHeading("Sign in");

  // That of a company, cancelled by the client.
  const inAccount = await owner.enter(account.id);
  const email = "office@pear-partners.example";
  const { invitation_id } = await inAccount.inviteFirm({ name: "Pear Partners", email });
  const toFirm = await mails.nextLink(email);
  await inAccount.call("DELETE", `/account/invitations/${invitation_id}`);
  await person.visit(toFirm);
  await isTold(person, INVITATION);

  for (const nonsense of ["/join#token=inv_nonsense", `${second.slice(0, -3)}abc`]) {
    await person.visit(nonsense);
    await isTold(person, INVITATION);
  }
  for (const half of ["/join", "/join#token=", "/join#token=inv_", "/join#nonsense"]) {
    await person.visit(half);
    await isTold(person, {
      why: "The address has no complete one-time link in it.",
      what: "Open the link in the message again, or copy all of it.",
    });
  }
});

play("a sign-up's link that was used or never was says why, and what to do", async (stage) => {
  const olivia = await stage.person("Olivia Stone", "olivia@blue-bakery.example");
  const wish = { name: olivia.name, email: olivia.email, account_name: "Blue Bakery" };
  await request(stage.portal, "POST", "/registrations", { body: wish });
  const link = await stage.mails.nextLink(olivia.email);
  // Used while it is open: what is sent is answered in the same way.
  await olivia.visit(link);
  await olivia.seesHeading("Choose a password");
  const body = { token: tokenOf(link), password: olivia.password };
  await request(stage.portal, "POST", "/registrations/confirm", { body });
  await olivia.fillIn({ Password: olivia.password });
  await olivia.press("Choose a password");
  await isTold(olivia, REGISTRATION, "Create an account");
  for (const dead of [link, "/join#token=reg_nonsense"]) {
    await olivia.visit(dead);
    await isTold(olivia, REGISTRATION, "Create an account");
  }
});

play("a link for a new password that was used, overtaken or never was says why, and what to do", async (stage) => {
  await signUp(stage.portal, { name: "Olivia Stone", email: "olivia@blue-bakery.example", account: "Blue Bakery" });
  const olivia = await stage.person("Olivia Stone", "olivia@blue-bakery.example");
  const links = [];
  for (let count = 0; count < 2; count += 1) {
    await request(stage.portal, "POST", "/password-resets", { body: { email: olivia.email } });
    links.push(await stage.mails.nextLink(olivia.email));
  }
  const body = { token: tokenOf(links[1]), password: "another-lantern-72-birch" };
  await request(stage.portal, "POST", "/password-resets/confirm", { body });
  for (const dead of [...links, "/reset#token=rst_nonsense"]) {
    await olivia.visit(dead);
    await isTold(olivia, RESET, "Ask for a new link");
  }
  await olivia.visit("/reset");
  await isTold(
    olivia,
    {
      why: "The address has no complete one-time link in it.",
      what: "Open the link in the message again, or ask for a new one.",
    },
    "Ask for a new link",
  );
  await olivia.hands.use(olivia.page.getByRole("link", { name: "Ask for a new link" }));
  await olivia.seesHeading("Forgot password?");
});

play("links expire, and say so", async (stage) => {
  const { portal, mails } = stage;
  const { admin, firmId } = await foundFirm(portal);
  const ben = await stage.person("Ben Ortiz", "ben@apple-solutions.example");
  await admin.inviteEmployee(firmId, { name: ben.name, email: ben.email });
  const invitation = await mails.nextLink(ben.email);
  await hire(admin, firmId, { name: "Carla Diaz", email: "carla@apple-solutions.example" });
  await request(portal, "POST", "/password-resets", { body: { email: "carla@apple-solutions.example" } });
  const reset = await mails.nextLink("carla@apple-solutions.example");
  const wish = { name: "Marco Vidal", email: "marco@red-cycles.example", account_name: "Red Cycles" };
  await request(portal, "POST", "/registrations", { body: wish });
  const registration = await mails.nextLink(wish.email);

  if (!(await expireLinks(portal))) return stage.skip("there is no Python to let time pass with");
  await ben.visit(invitation);
  await isTold(ben, INVITATION);
  await ben.visit(registration);
  await isTold(ben, REGISTRATION, "Create an account");
  await ben.visit(reset);
  await isTold(ben, RESET, "Ask for a new link");

  // Whoever invited can send it again.
  const { items } = await admin.call("GET", `/firms/${firmId}/employees?q=Ben`);
  await admin.call("POST", `/firms/${firmId}/employees/${items[0].id}/resend`);
  await join(portal, ben.email);
});
