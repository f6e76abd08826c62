// @ts-check
/** The matrix of assignments, as an admin uses it. */
import { connectAll, foundFirm, hire, openAccounts } from "./api.mjs";

/**
 * @typedef {import("./people.mjs").Person} Person
 * @typedef {import("./stage.mjs").Stage} Stage
 */

/**
 * A firm with three bookkeepers and five clients, and its admin at the matrix. `Ben Ortiz` has `Blue Bakery`.
 *
 * @param {Stage} stage @param {import("./browser.mjs").Setup} [setup]
 */
export async function atTheMatrix(stage, setup) {
  const { owner, account, admin, firmId } = await foundFirm(stage.portal);
  const accounts = await openAccounts(owner, 4, "Client");
  await connectAll(owner, accounts, { name: "Apple Solutions", email: admin.email });
  const { id: benId } = await hire(admin, firmId, {
    name: "Ben Ortiz",
    email: "ben@apple-solutions.example",
    account_ids: [account.id],
  });
  for (const name of ["Clara Voss", "Dora Lind"]) {
    await admin.inviteEmployee(firmId, { name, email: `${name.split(" ")[0].toLowerCase()}@apple-solutions.example` });
  }
  const anna = await stage.person("Anna Reyes", admin.email, setup);
  await anna.signIn();
  await anna.visit(`/firms/${firmId}/assignments`);
  await anna.settles();
  return { anna, admin, owner, account, accounts, firmId, benId };
}

/** @param {Person} person @param {string} employee @param {string} account */
export function box(person, employee, account) {
  return person.page.getByRole("grid").getByRole("checkbox", { name: `${employee}, ${account}`, exact: true });
}

/** What the portal has of an employee. @param {import("./api.mjs").Caller} admin @param {string} firmId @param {string} id */
export async function accountsOf(admin, firmId, id) {
  const { items } = await admin.call("GET", `/firms/${firmId}/employees/${id}/accounts`);
  return items.map((/** @type {{ name: string }} */ { name }) => name).sort();
}

/** Looks at the changes and applies them. @param {Person} person @param {RegExp[]} says what stands in the preview */
export async function reviewAndApply(person, ...says) {
  await person.press("Review changes");
  const dialog = person.dialog("Review changes");
  for (const words of says) await dialog.getByText(words).first().waitFor();
  await person.press("Apply changes", dialog);
  await dialog.waitFor({ state: "hidden" });
}
