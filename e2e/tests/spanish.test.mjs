// @ts-check
/** In Spanish: all of it, and nothing but it. */
import assert from "node:assert/strict";

import { request, signUp } from "../lib/api.mjs";
import { openAll, spoilAll } from "../lib/layers.mjs";
import { assertFits, assertStill } from "../lib/layout.mjs";
import { visitAll } from "../lib/screens.mjs";
import { play } from "../lib/stage.mjs";
import { pattern, textsOf } from "../lib/words.mjs";

const SETUP = { locale: "es-MX" };

const [english, spanish] = [textsOf("en"), textsOf("es")];

/** What is English and cannot be Spanish as well. */
const foreign = [...english].flatMap(([key, text]) => {
  const isSame = [...spanish.values()].some((own) => new RegExp(`^${pattern(own)}$`, "u").test(text));
  return isSame || spanish.get(key) === text ? [] : [{ text, fits: new RegExp(`^${pattern(text)}$`, "u") }];
});

/**
 * Fails when something that is read on the page, or read out, is one of the English texts.
 *
 * @param {import("../lib/people.mjs").Person} person
 * @param {string} where
 */
async function isSpanish({ page }, where) {
  assert.equal(await page.locator("html").getAttribute("lang"), "es", where);
  const said = await page.evaluate(allWords);
  assert.ok(said.length > 2, `${where}: there is something to read`);
  const leftovers = said.filter((words) => foreign.some(({ fits }) => fits.test(words)));
  assert.deepEqual(leftovers, [], where);
}

function allWords() {
  const words = [document.title.split(" · ")[0]];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const { parentElement, textContent } = texts.currentNode;
    if (parentElement?.closest("script, style, noscript")) continue;
    words.push(textContent ?? "");
  }
  const spoken = ["aria-label", "aria-description", "placeholder", "title", "alt", "data-words", "data-label"];
  for (const name of spoken) {
    for (const element of document.querySelectorAll(`[${name}]`)) words.push(element.getAttribute(name) ?? "");
  }
  return [...new Set(words.map((word) => word.trim()))].filter(Boolean);
}

play("somebody who reads Spanish signs up, invites, and gets mails in Spanish", async (stage) => {
  const olivia = await stage.person("Olivia Stone", "olivia@blue-bakery.example", SETUP);
  await olivia.visit("/register");
  await olivia.fillIn({ "Your name": olivia.name, Email: olivia.email, "Business name": "Blue Bakery" });
  await olivia.press("Create account");
  await olivia.sees("Check your inbox");
  await isSpanish(olivia, "the wait for the mail");
  const mail = await stage.mails.next(olivia.email);
  assert.match(mail.html, /lang="es"/);
  assert.match(mail.text, /contraseña/);
  assert.doesNotMatch(`${mail.subject} ${mail.text}`, /\b(the|your|password)\b/i);

  await olivia.visit(mail.link ?? "");
  await olivia.fillIn({ Password: olivia.password });
  await isSpanish(olivia, "choosing a password");
  await olivia.press("Choose a password");
  await olivia.seesHeading("Blue Bakery");
  await olivia.inviteFirm({ name: "Apple Solutions", email: "office@apple-solutions.example" });
  await olivia.seesFirm("Apple Solutions", "Invited");
  await isSpanish(olivia, "an invited company");

  // Whom she invites has chosen no language yet, and is written to in hers.
  const anna = await stage.person("Anna Reyes", "office@apple-solutions.example", SETUP);
  const invitation = await stage.mails.next(anna.email);
  assert.match(invitation.html, /lang="es"/);
  await anna.visit(invitation.link ?? "");
  await anna.fillIn({ "Your name": anna.name, Password: anna.password });
  await isSpanish(anna, "an invitation");
  await anna.press("Join");
  await anna.isIn();
  await anna.inviteEmployee({ name: "Ben Ortiz", email: "ben@apple-solutions.example", accounts: ["Blue Bakery"] });

  // The portal remembers it for mails that no page asks for.
  await olivia.signOut();
  await isSpanish(olivia, "signed out");
  await request(stage.portal, "POST", "/password-resets", { body: { email: olivia.email } });
  assert.match((await stage.mails.next(olivia.email)).html, /lang="es"/);
});

play("a browser that reads Spanish goes on in it after sign-in, where nobody has chosen a language", async (stage) => {
  await signUp(stage.portal, { name: "Marco Vidal", email: "marco@red-cycles.example", account: "Red Cycles" });
  const marco = await stage.person("Marco Vidal", "marco@red-cycles.example", SETUP);
  await marco.signIn();
  await marco.seesHeading("Red Cycles");
  await marco.settles();
  await isSpanish(marco, "signed in");
});

/** Everything large and still: whose words are the longest show at 200 % what does not fit. */
const LARGE = { ...SETUP, zoom: true, reducedMotion: true };

/**
 * In Spanish, nothing cut off or covered, and nothing that moves.
 *
 * @param {import("../lib/people.mjs").Person} person
 * @param {string} where
 */
async function isSpanishAndFits(person, where) {
  await isSpanish(person, where);
  try {
    await assertStill(person.page);
    await assertFits(person.page);
  } catch (error) {
    throw new Error(`${where}: ${error}`);
  }
}

play(
  "every screen is in Spanish, with nothing left of English, and can be used at 200 % without anything moving",
  (stage) => visitAll(stage, LARGE, isSpanishAndFits),
  { seconds: 240 },
);

play(
  "every dialog, menu and list is in Spanish, and can be used at 200 %",
  (stage) => openAll(stage, LARGE, isSpanishAndFits),
  { seconds: 240 },
);

play(
  "what is empty, failed or ended says so in Spanish, and can be used at 200 %",
  (stage) => spoilAll(stage, LARGE, isSpanishAndFits),
  { seconds: 240 },
);
