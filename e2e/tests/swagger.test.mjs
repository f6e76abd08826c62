// @ts-check
/** Swagger UI: whoever explores the API proves themselves there, and hears of it when a secret is wrong. */
import assert from "node:assert/strict";

import { signUp } from "../lib/api.mjs";
import { play } from "../lib/stage.mjs";

play("a program's secret is tried in Swagger UI, a wrong one too", async (stage) => {
  const { owner, account } = await signUp(stage.portal, {
    name: "Olivia Stone",
    email: "olivia@blue-bakery.example",
    account: "Blue Bakery",
  });
  const inside = await owner.enter(account.id);
  const key = await inside.call("POST", "/account/api-keys", { name: "Sync", scopes: ["account:read"] });
  const olivia = await stage.person("Olivia Stone");
  // The browser writes every refusal on its console.
  olivia.guard.allow(/401/);
  await olivia.visit("/swagger-ui/");
  const page = olivia.page;
  // It draws the whole API in one go.
  page.setDefaultTimeout(60_000);
  await page.getByRole("button", { name: "Authorize" }).first().click();
  const form = page.locator(".auth-container", { has: page.getByRole("heading", { name: /^api_key \(/ }) });
  await form.getByLabel("client_id:").fill(key.id);
  await form.getByLabel("client_secret:").fill("key_wrong");
  await form.getByRole("button", { name: "Apply given OAuth2 credentials" }).click();
  await form.getByText(/invalid_client|Unauthorized/).first().waitFor();
  await form.getByLabel("client_secret:").fill(key.secret);
  await form.getByRole("button", { name: "Apply given OAuth2 credentials" }).click();
  await form.getByRole("button", { name: "Remove authorization" }).waitFor();
  assert.equal(await form.getByText(/invalid_client/).count(), 0);
});
