// @ts-check
/** A client account and an employee, as the firm's admin sees them: with those who do not get in, and when they go. */
import assert from "node:assert/strict";

import { foundFirm, hire } from "../lib/api.mjs";
import { play } from "../lib/stage.mjs";

play("who works on a client is named, also who does not get in, and is not offered again", async (stage) => {
  const { owner, account, admin, firmId } = await foundFirm(stage.portal);
  const works = { account_ids: [account.id] };
  await hire(admin, firmId, { name: "Ben Ortiz", email: "ben@apple-solutions.example", ...works });
  const carla = await hire(admin, firmId, { name: "Carla Neri", email: "carla@apple-solutions.example", ...works });
  const dana = await hire(admin, firmId, { name: "Dana Weiss", email: "dana@apple-solutions.example", ...works });
  await admin.inviteEmployee(firmId, { name: "Farid Nasser", email: "farid@apple-solutions.example", ...works });
  await admin.inviteEmployee(firmId, { name: "Gina Rossi", email: "gina@apple-solutions.example" });
  await admin.call("PATCH", `/firms/${firmId}/employees/${dana.id}`, { status: "deactivated" });

  const anna = await stage.person("Anna Reyes", admin.email);
  await anna.signIn();
  await anna.visit(`/firms/${firmId}/clients/${account.id}`);
  /** @param {string} name @param {string} status */
  const seesStatus = (name, status) => anna.row(name).getByText(status, { exact: true }).waitFor();
  await seesStatus("Ben Ortiz", "Active");
  await seesStatus("Carla Neri", "Active");
  await seesStatus("Dana Weiss", "Deactivated");
  await seesStatus("Farid Nasser", "Invited");
  await anna.row("Anna Reyes").getByText("Has all accounts").waitFor();

  // What the owner does is there without a reload.
  await (await owner.enter(account.id)).call("DELETE", `/account/firms/${firmId}/people/${carla.id}`);
  await seesStatus("Carla Neri", "Kept out");
  await anna.sees("Kept out: blocked by the account's owner");

  await anna.press("Assign employee");
  const dialog = anna.dialog("Assign employee");
  await dialog.getByRole("checkbox", { name: "Gina Rossi" }).waitFor();
  assert.equal(await dialog.getByRole("checkbox").count(), 1, "the others work on it already");
  await anna.page.keyboard.press("Escape");

  // Also somebody who does not get in can be taken off it.
  await anna.press("Unassign", anna.row("Farid Nasser"));
  await anna.row("Farid Nasser").waitFor({ state: "detached" });
});

play("a client or an employee that goes while one looks leaves nothing to act on", async (stage) => {
  const { owner, account, admin, firmId } = await foundFirm(stage.portal);
  const ben = await hire(admin, firmId, { name: "Ben Ortiz", email: "ben@apple-solutions.example" });
  const anna = await stage.person("Anna Reyes", admin.email);
  await anna.signIn();
  /** @param {string} name */
  const button = (name) => anna.page.getByRole("main").getByRole("button", { name, exact: true });

  await anna.visit(`/firms/${firmId}/clients/${account.id}`);
  await anna.seesHeading("Blue Bakery");
  await anna.press("Assign employee");
  await anna.dialog("Assign employee").waitFor();
  await (await owner.enter(account.id)).call("DELETE", `/account/firms/${firmId}`);
  await anna.dialog().waitFor({ state: "hidden" });
  await button("Disconnect").waitFor({ state: "detached" });
  await button("Assign employee").waitFor({ state: "detached" });
  await anna.row("Anna Reyes").waitFor({ state: "detached" });
  await anna.page.getByRole("alert").getByRole("button", { name: "Try again" }).waitFor();
  await anna.page.getByRole("link", { name: "Back to the list" }).waitFor();

  await anna.visit(`/firms/${firmId}/employees/${ben.id}`);
  await anna.seesHeading("Ben Ortiz");
  await admin.call("DELETE", `/firms/${firmId}/employees/${ben.id}`);
  await button("Deactivate").waitFor({ state: "detached" });
  await button("Remove").waitFor({ state: "detached" });
  await anna.page.getByRole("alert").waitFor();
});
