// @ts-check
/** That the harness itself holds: what it seeds, starts, kills and reads is what the other tests stand on. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { PASSWORD, connectAll, foundFirm, hire, openAccounts, request, signIn, signUp } from "../lib/api.mjs";
import { parse } from "../lib/mail.mjs";
import { Portal } from "../lib/portal.mjs";

/** @type {Portal} */
let portal;
before(async () => {
  portal = await Portal.start({ withApp: false });
});
after(() => portal.discard());

test("a firm with employees and clients is seeded through the API and its mails", async () => {
  const { admin, firmId, account, owner } = await foundFirm(portal);
  const { employee } = await hire(admin, firmId, {
    name: "Ben Ortiz",
    email: "ben@apple-solutions.example",
    account_ids: [account.id],
  });
  const [seen] = await employee.listMyAccounts();
  assert.equal(seen.name, "Blue Bakery");
  assert.equal(seen.role, "bookkeeper");

  const more = await openAccounts(owner, 20, "Bakery");
  assert.deepEqual([more[0].name, more[19].name], ["Bakery 01", "Bakery 20"]);
  await connectAll(owner, more, { name: "Apple", email: admin.email });
  assert.equal((await admin.listMyAccounts()).length, 21, "an admin has all clients");
});

test("the links in mails lead to this portal", async () => {
  await request(portal, "POST", "/registrations", {
    body: { name: "Zoë Ünal", email: "Zoe@Blume.example", account_name: "Café Blüte" },
  });
  const mail = await portal.mails.next("zoe@blume.example");
  assert.match(mail.link ?? "", new RegExp(`^${portal.url}/join#token=reg_[\\w-]+$`));
  assert.match(mail.text, /Zoë Ünal[\s\S]*Café Blüte/);
  assert.ok(mail.html.includes(mail.link ?? "-"));
});

test("a portal that was killed comes back with its data, at its address", async () => {
  const email = "marco@red-cycles.example";
  await signUp(portal, { name: "Marco Vidal", email, account: "Red Cycles" });
  await portal.kill();
  await assert.rejects(fetch(`${portal.url}/healthz`));
  await portal.restart();
  const [account] = await (await signIn(portal, email)).listMyAccounts();
  assert.equal(account.name, "Red Cycles");
  assert.ok(!portal.log.some((line) => line.includes(PASSWORD)));
});

test("a portal that cannot start says why", async () => {
  const start = Portal.start({ withApp: false, settings: { PORTAL_PUBLIC_URL: "nonsense" } });
  await assert.rejects(start, /it must be a URL/);
});

test("headers and bodies of mails are decoded", () => {
  const mail = parse(
    [
      'From: "Accounting Portal" <no-reply@localhost>',
      'To: "Ann" <ann@blume.example>',
      "Subject: =?utf-8?b?w4Rw?= =?utf-8?q?fel_=3D?= and pears",
      "Content-Type: multipart/alternative;",
      ' boundary="edge"',
      "",
      "--edge",
      "Content-Type: text/plain; charset=utf-8",
      "Content-Transfer-Encoding: quoted-printable",
      "",
      "Gr=C3=BC=C3=9Fe",
      "",
      "http://127.0.0.1:1/join#token=3Dinv_a=",
      "bc",
      "--edge",
      "Content-Type: text/html; charset=utf-8",
      "Content-Transfer-Encoding: base64",
      "",
      "PHA+w7w8L3A+",
      "--edge--",
    ].join("\r\n"),
  );
  assert.equal(mail.to, "ann@blume.example");
  assert.equal(mail.subject, "Äpfel = and pears");
  assert.equal(mail.link, "http://127.0.0.1:1/join#token=inv_abc");
  assert.match(mail.text, /Grüße/);
  assert.equal(mail.html, "<p>ü</p>");
});
