/** Apple Solutions, called by the generated client: from the first invitation to the last access taken away. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { isDone, isRefused, succeeds } from "../lib/client.js";
import { enter, foundFirm, join, mailedToken, play } from "../lib/people.js";

const BEN = "ben@apple-solutions.example";

test("an owner invites a firm, its admin an employee, who works in the account until it is taken away", () =>
  play(async (portal) => {
    const { asOwner, account, row, admin, firm_id, place } = await foundFirm(portal);
    assert.equal(row.status, "invited");
    assert.equal(row.firm_id, null);
    assert.equal(place.role, "admin");

    // The admin invites an employee, and assigns the account by hand.
    const employee = await succeeds(
      admin.me.POST("/api/v1/firms/{firm_id}/employees", {
        params: { path: { firm_id }, header: { "Idempotency-Key": "hire-ben" } },
        body: { name: "Ben Ortiz", email: BEN, role: "bookkeeper" },
      }),
    );
    assert.deepEqual([employee.status, employee.account_count], ["invited", 0]);
    const assignment = { params: { path: { firm_id, id: employee.id, account_id: account.id } } };
    await isDone(admin.me.PUT("/api/v1/firms/{firm_id}/employees/{id}/accounts/{account_id}", assignment));

    // The employee looks at the invitation, joins, and switches into the account.
    const token = await mailedToken(portal, BEN);
    const lookup = { body: { token } };
    const invitation = await succeeds(admin.me.POST("/api/v1/invitations/lookup", lookup));
    assert.deepEqual([invitation.kind, invitation.firm_name, invitation.role], ["employee", "Apple Solutions", "bookkeeper"]);
    const resend = { params: { path: { firm_id, id: employee.id } } };
    await isDone(admin.me.POST("/api/v1/firms/{firm_id}/employees/{id}/resend", resend));
    assert.equal((await isRefused(admin.me.POST("/api/v1/invitations/lookup", lookup), 410)).code, "invitation_gone");
    const ben = await join(portal, BEN);
    const { items } = await succeeds(ben.me.GET("/api/v1/me/accounts", { params: { query: { q: "bakery" } } }));
    assert.deepEqual(
      items.map(({ name, role, firm }) => [name, role, firm?.name]),
      [["Blue Bakery", "bookkeeper", "Apple Solutions"]],
    );
    const asBen = await enter(ben, account.id);
    assert.deepEqual([asBen.token_type, asBen.account.role], ["Bearer", "bookkeeper"]);
    assert.equal((await succeeds(asBen.inside.GET("/api/v1/account"))).name, "Blue Bakery");

    // The owner sees who gets in; the employee sees no e-mail, and may not invite.
    const users = await succeeds(asOwner.inside.GET("/api/v1/account/users"));
    assert.deepEqual(
      users.firms.flatMap((firm) => firm.people.map(({ name, via }) => `${firm.name}: ${name} by ${via}`)).sort(),
      ["Apple Solutions: Anna Reyes by admin", "Apple Solutions: Ben Ortiz by assignment"],
    );
    const invited = { body: { name: "Pear", email: "office@pear.example" } };
    assert.equal((await isRefused(asBen.inside.POST("/api/v1/account/firms", invited), 403)).code, "forbidden");

    // The admin takes the account away: the token that is out opens nothing any more.
    await isDone(admin.me.DELETE("/api/v1/firms/{firm_id}/employees/{id}/accounts/{account_id}", assignment));
    assert.equal((await isRefused(asBen.inside.GET("/api/v1/account"), 401)).code, "unauthenticated");
    const again = ben.me.POST("/api/v1/accounts/{account_id}/token", { params: { path: { account_id: account.id } } });
    assert.equal((await isRefused(again, 404)).code, "not_found");

    // The owner cuts the firm off, admins too.
    const asAnna = await enter(admin, account.id);
    await isDone(asOwner.inside.DELETE("/api/v1/account/firms/{firm_id}", { params: { path: { firm_id } } }));
    await isRefused(asAnna.inside.GET("/api/v1/account"), 401);
  }));

test("a trail is read page by page, and as one file", () =>
  play(async (portal) => {
    const { asOwner } = await foundFirm(portal);
    const actions: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await succeeds(
        asOwner.inside.GET("/api/v1/account/activity", { params: { query: { limit: 1, ...(cursor && { cursor }) } } }),
      );
      assert.ok(typeof page === "object", "JSON, unless a file is asked for");
      actions.push(...page.items.map(({ action }) => action));
      cursor = page.next_cursor;
    }
    assert.deepEqual(actions.reverse(), ["account.opened", "firm.invited", "firm.connected"]);
    const csv = await succeeds(
      asOwner.inside.GET("/api/v1/account/activity", { params: { query: { format: "csv" } }, parseAs: "text" }),
    );
    assert.match(csv, /^id,at,action/);
  }));

test("the same request with the same Idempotency-Key happens once", () =>
  play(async (portal) => {
    const { owner } = await foundFirm(portal);
    const open = (key: string, name: string) =>
      owner.me.POST("/api/v1/me/accounts", { params: { header: { "Idempotency-Key": key } }, body: { name } });
    const first = await succeeds(open("one", "Second store"));
    assert.equal((await succeeds(open("one", "Second store"))).id, first.id);
    assert.equal((await isRefused(open("one", "Third store"), 422)).code, "idempotency_key_reused");
  }));
