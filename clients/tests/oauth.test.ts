/** What programs do by the standards: forms instead of JSON, and errors in another form. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { client, isDone, isRefused, succeeds, type Schema } from "../lib/client.js";
import { enter, foundFirm, play } from "../lib/people.js";

const FORM = { "Content-Type": "application/x-www-form-urlencoded" };
const ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";

/** How a client proves itself (RFC 6749 section 2.3.1). */
function basic({ id, secret }: Schema<"ApiKeySecret">) {
  const encoded = [id, secret].map(encodeURIComponent).join(":");
  return { ...FORM, Authorization: `Basic ${Buffer.from(encoded).toString("base64")}` };
}

test("a program gets a token by its key, asks about it, and revokes it", () =>
  play(async (portal) => {
    const { asOwner, account } = await foundFirm(portal);
    const key = await succeeds(
      asOwner.inside.POST("/api/v1/account/api-keys", { body: { name: "Sync", scopes: ["account:read", "users:read"] } }),
    );
    const program = client(portal.url);
    const grant = { grant_type: "client_credentials", scope: "account:read" };
    const issued = await succeeds(program.POST("/oauth/token", { headers: basic(key), body: grant }));
    assert.deepEqual([issued.token_type, issued.scope], ["Bearer", "account:read"]);

    const inside = client(portal.url, issued.access_token);
    assert.deepEqual((await succeeds(inside.GET("/api/v1/account"))).role, "integration");
    assert.equal((await isRefused(inside.GET("/api/v1/account/users"), 403)).code, "forbidden");

    const about = { headers: basic(key), body: { token: issued.access_token } };
    const seen = await succeeds(program.POST("/oauth/introspect", about));
    assert.deepEqual([seen.active, seen.account_id, seen.client_id], [true, account.id, key.id]);
    assert.equal((await program.POST("/oauth/revoke", about)).response.status, 200);
    assert.deepEqual(await succeeds(program.POST("/oauth/introspect", about)), { active: false });
    await isRefused(inside.GET("/api/v1/account"), 401);

    // The key goes, and its secret opens nothing: an error of OAuth, not a problem of the API.
    await isDone(asOwner.inside.DELETE("/api/v1/account/api-keys/{id}", { params: { path: { id: key.id } } }));
    const refused: Schema<"OAuthError"> = await isRefused(
      program.POST("/oauth/token", { headers: basic(key), body: grant }),
      401,
    );
    assert.equal(refused.error, "invalid_client");
  }));

test("a person's token is exchanged for one of an account", () =>
  play(async (portal) => {
    const { owner, account } = await foundFirm(portal);
    const exchange = (audience: string) =>
      client(portal.url).POST("/oauth/token", {
        headers: FORM,
        body: {
          grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
          subject_token: owner.token,
          subject_token_type: ACCESS_TOKEN,
          audience,
        },
      });
    const { access_token, issued_token_type } = await succeeds(exchange(account.id));
    assert.equal(issued_token_type, ACCESS_TOKEN);
    assert.equal((await succeeds(client(portal.url, access_token).GET("/api/v1/account"))).id, account.id);
    const { inside } = await enter(owner, account.id);
    assert.equal((await succeeds(inside.GET("/api/v1/account"))).id, account.id);
    assert.equal((await isRefused(exchange("acct_01h455vb4pex5vsknk084sn02q"), 400)).error, "invalid_target");
  }));
