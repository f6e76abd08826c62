// @ts-check
/** The story that must always work: four people, from the first invitation to the last access taken away. */
import assert from "node:assert/strict";

const FIRM = { name: "Apple Solutions", email: "office@apple-solutions.example" };

/**
 * An accounting company is invited once by each client and manages its own people.
 *
 * @param {import("./stage.mjs").Stage} stage
 * @param {import("./browser.mjs").Setup} [setup] how all of them look at the portal
 */
export async function tellStory(stage, setup) {
  const olivia = await stage.person("Olivia Stone", "olivia@blue-bakery.example", setup);
  const marco = await stage.person("Marco Vidal", "marco@red-cycles.example", setup);
  const anna = await stage.person("Anna Reyes", FIRM.email, setup);
  const ben = await stage.person("Ben Ortiz", "ben@apple-solutions.example", setup);

  // 1. A store owner signs up, and sends one invitation to the company's main e-mail.
  await olivia.signUp({ account: "Blue Bakery" });
  await olivia.inviteFirm(FIRM);
  await olivia.seesFirm(FIRM.name, "Invited");

  // 2. The company opens the link, and is in its portal with the client who has invited it.
  await anna.joinByMail({ company: FIRM.name });
  await anna.openFirm(FIRM.name);
  await anna.goTo("Client accounts");
  await anna.row("Blue Bakery").waitFor();
  await olivia.openUsers();
  await olivia.seesFirm(FIRM.name, "Connected");

  // A client who invites the same e-mail later is connected at once, without another password.
  await marco.signUp({ account: "Red Cycles" });
  await marco.inviteFirm({ name: "Apple", email: FIRM.email });
  await marco.seesFirm(FIRM.name, "Connected");
  const told = await stage.mails.next(FIRM.email);
  assert.match(told.text, /Red Cycles/);
  assert.equal(told.link, undefined, "there is nothing to accept");
  assert.deepEqual((await anna.accountsOffered()).sort(), ["Blue Bakery", "Red Cycles"]);

  // 3. The admin invites a bookkeeper for one of the clients.
  await anna.inviteEmployee({ name: ben.name, email: ben.email, accounts: ["Blue Bakery"] });

  // 4. The bookkeeper joins, and finds what was assigned, and nothing else.
  await ben.joinByMail();
  assert.deepEqual(await ben.accountsOffered(), ["Blue Bakery"]);
  await ben.switchTo("Blue Bakery");

  // 5. The admin adds an account: it is there without a reload, and the bookkeeper switches.
  await anna.assign(ben.name, "Red Cycles");
  await ben.switchTo("Red Cycles");
  const benInBakery = await ben.anotherTab();
  await benInBakery.visit("/");
  await benInBakery.switchTo("Blue Bakery");
  await ben.seesHeading("Red Cycles");

  // The admin takes one away: the tab that is open there says so, the other goes on.
  await anna.unassign(ben.name, "Blue Bakery");
  await benInBakery.seesAccessEnded("Blue Bakery");
  await ben.page.reload();
  await ben.seesHeading("Red Cycles");
  assert.deepEqual(await ben.accountsOffered(), ["Red Cycles"]);

  // The owner keeps one person out, who learns it at once; the company is still connected.
  await marco.openUsers();
  await marco.block(ben.name);
  await ben.seesAccessEnded("Red Cycles");
  await marco.seesFirm(FIRM.name, "Connected");
  await anna.switchTo("Red Cycles");

  // The owner cuts off the whole company.
  await marco.cutOff(FIRM.name);
  await anna.seesAccessEnded("Red Cycles");
  assert.deepEqual(await anna.accountsOffered(), ["Blue Bakery"]);

  // A link to it leads to no other account.
  const link = anna.page.url();
  await anna.visit(link);
  await anna.isIn();
  assert.equal(anna.page.url(), link);
  assert.equal(await anna.page.getByRole("heading", { name: "Blue Bakery" }).count(), 0);
}
