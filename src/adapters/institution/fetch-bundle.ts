import type { Bundle, Resource } from "@medplum/fhirtypes";
import { type Dispatcher, request } from "undici";
import { parseExact } from "../../kernel/exact-json.ts";
import { Fault } from "../../kernel/fault.ts";

/** The wire to servers that may be hostile, and how much of an answer is listened to. */
export interface RemoteWire {
  readonly dispatcher: Dispatcher;
  /** Largest body, in bytes. */
  readonly maxBytes: number;
}

/** A searchset as far as it is believed: matches, and whether the server has more. */
export interface RemoteBundle {
  readonly resources: readonly Resource[];
  readonly more: boolean;
}

interface Search {
  readonly url: string;
  readonly form: Readonly<Record<string, string | readonly string[]>>;
  /** Bearer token; absent = the server asks for none. */
  readonly token: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * One search by POST. `refused` = the server knows us not or does not let us (401, 403). Throws `Fault("source-unusable")` for everything that is no usable
 * answer: no connection, another status, a redirect, a body too large, no JSON, no searchset. No word of the answer stands in the fault.
 */
export async function fetchBundle(wire: RemoteWire, { url, form, token, signal }: Search): Promise<RemoteBundle | "refused"> {
  try {
    const answer = await request(url, {
      dispatcher: wire.dispatcher,
      method: "POST",
      headers: {
        accept: "application/fhir+json",
        "content-type": "application/x-www-form-urlencoded",
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: encoded(form),
      signal,
    });
    if (answer.statusCode !== 200) {
      // Unread: an error page may be as long as its sender likes.
      answer.body.on("error", () => {}).destroy();
      if (answer.statusCode === 401 || answer.statusCode === 403) return "refused";
      throw new Fault("source-unusable", { detail: `The source answered with status ${answer.statusCode}.` });
    }
    return bundleOf(parseExact(await bounded(answer.body, wire.maxBytes)));
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw new Fault("source-unusable", { cause: new Error((cause as { code?: string }).code ?? "unusable") });
  }
}

function encoded(form: Search["form"]): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(form)) for (const one of [value].flat()) params.append(name, one as string);
  return params.toString();
}

async function bounded(body: AsyncIterable<Buffer> & { destroy(): unknown }, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes) {
      body.destroy();
      throw new Fault("source-unusable", { detail: "The source's answer is larger than is read." });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Matches only: what a server includes beside them was not asked for. */
function bundleOf(parsed: unknown): RemoteBundle {
  const bundle = parsed as Partial<Bundle> | null;
  if (bundle === null || typeof bundle !== "object" || bundle.resourceType !== "Bundle" || bundle.type !== "searchset")
    throw new Fault("source-unusable", { detail: "The source answered no searchset." });
  const entries = Array.isArray(bundle.entry) ? bundle.entry : [];
  const matches = entries.filter((one) => (one?.search?.mode ?? "match") === "match");
  const resources = matches.flatMap((one) =>
    one?.resource !== undefined && typeof one.resource === "object" && one.resource !== null ? [one.resource] : [],
  );
  const links = Array.isArray(bundle.link) ? bundle.link : [];
  return { resources, more: links.some((one) => one?.relation === "next") };
}
