/** A client that is nothing but the types made from `openapi/openapi.json` and the generator's own small runtime. */
import assert from "node:assert/strict";

import createClient, { type Client } from "openapi-fetch";

import type { components, paths } from "../generated/portal.js";

/** A body, by its name in the document. */
export type Schema<Name extends keyof components["schemas"]> = components["schemas"][Name];

export type PortalClient = Client<paths>;

/** Calls of one portal, by whoever has this token. */
export function client(url: string, token?: string): PortalClient {
  return createClient<paths>({ baseUrl: url, headers: token ? { Authorization: `Bearer ${token}` } : {} });
}

interface Answer {
  data?: unknown;
  error?: unknown;
  response: Response;
}

/** What a call that must succeed has answered. */
export async function succeeds<T extends Answer>(call: Promise<T>): Promise<NonNullable<T["data"]>> {
  const { data, error, response } = await call;
  assert.ok(response.ok && data, `${response.url}: ${response.status} ${JSON.stringify(error)}`);
  return data;
}

/** A call that must succeed and has nothing to say. */
export async function isDone(call: Promise<Answer>): Promise<void> {
  const { error, response } = await call;
  assert.equal(response.status, 204, `${response.url}: ${response.status} ${JSON.stringify(error)}`);
}

/** With what a call that must be refused is refused: what the document says of its errors, and nothing looser. */
export async function isRefused<T extends Answer>(call: Promise<T>, status: number): Promise<NonNullable<T["error"]>> {
  const { error, response } = await call;
  assert.equal(response.status, status, `${response.url}: ${JSON.stringify(error)}`);
  assert.ok(error, `${response.url}: a refusal has a body`);
  return error;
}
