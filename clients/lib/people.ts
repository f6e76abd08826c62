/** The people of the story, as programs of theirs would act for them. */
import { tokenOf } from "../../e2e/lib/api.mjs";
import { Portal } from "../../e2e/lib/portal.mjs";
import { client, succeeds, type PortalClient, type Schema } from "./client.js";

export const PASSWORD = "quiet-lantern-58-maple";

/** Somebody who is signed in. */
export interface Person {
  portal: Portal;
  email: string;
  /** What the identity token opens. */
  me: PortalClient;
  token: string;
}

/** A portal of one test's own, which ends with the test. */
export async function play(test: (portal: Portal) => Promise<void>): Promise<void> {
  const portal = await Portal.start({ withApp: false });
  try {
    await test(portal);
  } finally {
    await portal.discard();
  }
}

function signedIn(portal: Portal, session: Schema<"Session">): Person {
  const token = session.access_token;
  return { portal, email: session.user.email, token, me: client(portal.url, token) };
}

/** A store owner signs up by mail, and has an account then. */
export async function signUp(portal: Portal, registration: Schema<"Registration">) {
  const anyone = client(portal.url);
  await anyone.POST("/api/v1/registrations", { body: registration });
  const token = await mailedToken(portal, registration.email);
  const confirmation = { token, password: PASSWORD };
  const session = await succeeds(anyone.POST("/api/v1/registrations/confirm", { body: confirmation }));
  const owner = signedIn(portal, session);
  const { items } = await succeeds(owner.me.GET("/api/v1/me/accounts"));
  return { owner, account: items[0] };
}

/** Somebody opens the next mailed link and joins. */
export async function join(portal: Portal, email: string, names: { name?: string; firm_name?: string } = {}) {
  const body = { token: await mailedToken(portal, email), password: PASSWORD, ...names };
  const session = await succeeds(client(portal.url).POST("/api/v1/invitations/accept", { body }));
  return signedIn(portal, session);
}

/** The one-time token of the next mail to this address. */
export async function mailedToken(portal: Portal, email: string): Promise<string> {
  return tokenOf(await portal.mails.nextLink(email));
}

/** In an account: the calls that its account token opens, and the token. */
export async function enter({ portal, me }: Person, account_id: string) {
  const entered = await succeeds(
    me.POST("/api/v1/accounts/{account_id}/token", { params: { path: { account_id } } }),
  );
  return { inside: client(portal.url, entered.access_token), ...entered };
}

/** An owner, the firm that the owner has invited, and the firm's admin. */
export async function foundFirm(portal: Portal) {
  const { owner, account } = await signUp(portal, {
    name: "Olivia Stone",
    email: "olivia@blue-bakery.example",
    account_name: "Blue Bakery",
  });
  const asOwner = await enter(owner, account.id);
  const firm = { name: "Apple Solutions", email: "office@apple-solutions.example" };
  const row = await succeeds(asOwner.inside.POST("/api/v1/account/firms", { body: firm }));
  const admin = await join(portal, firm.email, { name: "Anna Reyes", firm_name: firm.name });
  const { firms } = await succeeds(admin.me.GET("/api/v1/me"));
  const [place] = firms;
  return { owner, asOwner, account, row, admin, firm_id: place.firm_id, place };
}
