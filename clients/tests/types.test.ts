/** What the compiler knows by the document alone. A line after `@ts-expect-error` must not compile, or this file does not. */
import assert from "node:assert/strict";
import { test } from "node:test";

import type { webhooks } from "../generated/portal.js";
import { client, isRefused, type Schema } from "../lib/client.js";
import { play, signUp } from "../lib/people.js";

/** In words for people: the compiler knows each code, so that a typo is no branch that is never taken. */
function explain({ code, errors }: Schema<"Problem">): string {
  switch (code) {
    case "wrong_credentials":
      return "There is no login with this e-mail and password.";
    case "invalid_email":
    case "unknown_field":
    case "missing_field":
      return errors?.map(({ pointer, code }) => `${pointer}: ${code}`).join(", ") ?? "";
    // @ts-expect-error: there is no such code
    case "wrong_credential":
      return "";
    default:
      return code;
  }
}

test("problems are typed, and refusals have the form that the types say", () =>
  play(async (portal) => {
    await signUp(portal, { name: "Olivia Stone", email: "olivia@blue-bakery.example", account_name: "Blue Bakery" });
    const anyone = client(portal.url);
    const wrong = { email: "olivia@blue-bakery.example", password: "not-the-one-it-is" };
    const refused = await isRefused(anyone.POST("/api/v1/sessions", { body: wrong }), 401);
    assert.equal(explain(refused), "There is no login with this e-mail and password.");
    assert.equal(refused.type, "urn:accounting-portal:problem:wrong_credentials");

    const registration = { name: "Olivia", email: "nobody", account_name: "Bakery" };
    const invalid = await isRefused(anyone.POST("/api/v1/registrations", { body: registration }), 422);
    assert.equal(explain(invalid), "/email: invalid_email");

    // The compiler takes an object that has more than it needs. The portal does not.
    const odd = await isRefused(anyone.POST("/api/v1/sessions", { body: { ...wrong, remember: true } }), 422);
    assert.equal(explain(odd), "/remember: unknown_field");
  }));

test("what the document does not know does not compile", () => {
  const anyone = client("http://127.0.0.1:9");
  // Never called: only the compiler reads it.
  const mistakes = () => [
    // @ts-expect-error: no such path
    anyone.GET("/api/v1/acount"),
    // @ts-expect-error: no such method there
    anyone.DELETE("/api/v1/account"),
    // @ts-expect-error: a field is missing
    anyone.POST("/api/v1/sessions", { body: { email: "olivia@blue-bakery.example" } }),
    // @ts-expect-error: the path has a parameter
    anyone.GET("/api/v1/firms/{firm_id}"),
    // @ts-expect-error: no such role
    anyone.POST("/api/v1/account/members", { body: { name: "Kim", email: "kim@x.example", role: "admin" } }),
    // @ts-expect-error: no such scope
    anyone.POST("/api/v1/account/api-keys", { body: { name: "Sync", scopes: ["everything"] } }),
    // @ts-expect-error: no such filter
    anyone.GET("/api/v1/me/accounts", { params: { query: { search: "bakery" } } }),
  ];
  assert.equal(typeof mistakes, "function");
});

/** What a receiver of webhooks is sent. */
type Event = webhooks["access.granted"]["post"]["requestBody"]["content"]["application/json"];

test("the body of a webhook has a type", () => {
  const told = (event: Event) => `${event.data.person?.name} may enter ${event.data.account?.name}: ${event.data.reason}`;
  assert.equal(typeof told, "function");
});
