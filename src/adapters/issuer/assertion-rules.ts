import { errors } from "oidc-provider";
import { z } from "zod";
import type { Now } from "../../kernel/clock.ts";
import type { IssuerClient } from "./issuer-client.ts";
import type { ReplayStore } from "./replay-store.ts";

/** Longest life of an assertion (SMART Backend Services), and how far clocks may differ. */
const longestSeconds = 300;
/** How far a client's clock may differ from ours. */
export const clockToleranceSeconds = 30;

const text = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^\P{Cc}*$/u);
const B2b = z.object({
  organization_id: text.optional(),
  subject_id: text.optional(),
  subject_name: text.optional(),
  subject_role: text.optional(),
  purpose_of_use: z.array(text).max(10).optional(),
});
const Assertion = z.object({
  aud: z.union([z.string(), z.array(z.string())]),
  iat: z.int(),
  exp: z.int(),
  jti: z.string().min(8).max(256),
  extensions: z.object({ "hl7-b2b": B2b.optional() }).optional(),
});

/** Who treats and why, as a client's signed assertion says (UDAP extension `hl7-b2b`); becomes claims of the access token. */
export interface AssertedUser {
  readonly practitioner?: { readonly id: string; readonly name?: string; readonly role?: string };
  readonly purposes: readonly string[];
}

/** What assertions are held against. */
export interface AssertionDeps {
  readonly audiences: readonly string[];
  readonly replays: ReplayStore;
  readonly now: Now;
}

/**
 * Refuses an assertion that is made for somebody else, lives longer than 5 minutes, comes from the future, or was signed before the replay
 * memory began. The signature is checked elsewhere. Throws `InvalidClientAuth`; 503 when the memory does not answer.
 */
export async function checkAssertion(deps: AssertionDeps, claims: unknown): Promise<void> {
  const parsed = Assertion.safeParse(claims);
  if (!parsed.success) throw new errors.InvalidClientAuth("claims of the assertion are missing or malformed");
  const { aud, iat, exp } = parsed.data;
  // The library takes the Host header's word for its own address; only the configured one counts.
  if (!deps.audiences.includes(typeof aud === "string" || aud.length !== 1 ? String(aud) : (aud[0] ?? ""))) {
    throw new errors.InvalidClientAuth("the assertion is made for another audience");
  }
  const now = deps.now().getTime() / 1000;
  if (exp - iat > longestSeconds || exp > now + longestSeconds + clockToleranceSeconds || iat > now + clockToleranceSeconds) {
    throw new errors.InvalidClientAuth("the assertion lives longer than 5 minutes or comes from the future");
  }
  if (iat <= (await remembered(() => deps.replays.epoch()))) {
    throw new errors.InvalidClientAuth("the assertion is older than the replay memory");
  }
}

/** The user and purposes in an assertion; an institution can only speak for itself. Throws `InvalidClientAuth`. */
export function assertedUser(claims: unknown, client: IssuerClient): AssertedUser {
  const b2b = Assertion.safeParse(claims).data?.extensions?.["hl7-b2b"];
  if (b2b === undefined) return { purposes: [] };
  const organization = b2b.organization_id?.replace(/^urn:hutong:institution[:|]/, "");
  if (organization !== undefined && organization !== client.institution) {
    throw new errors.InvalidClientAuth("organization_id is not the client's institution");
  }
  const { subject_id: id, subject_name: name, subject_role: role } = b2b;
  const more = { ...(name === undefined ? {} : { name }), ...(role === undefined ? {} : { role }) };
  // A purpose may come as `<code system>#<code>`.
  const purposes = (b2b.purpose_of_use ?? []).map((purpose) => purpose.replace(/^.*[#|]/, ""));
  return { ...(id === undefined ? {} : { practitioner: { id, ...more } }), purposes };
}

/** Asks the replay memory; when it does not answer, nobody gets a token: 503, try again. */
export async function remembered<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    throw unavailable(cause);
  }
}

/** 503 in OAuth's words: something behind the issuer does not answer. */
export function unavailable(cause: unknown): Error {
  const error = new errors.OIDCProviderError(503, "temporarily_unavailable", { cause });
  return Object.assign(error, { expose: true, error_description: "the issuer cannot answer now; try again" });
}
