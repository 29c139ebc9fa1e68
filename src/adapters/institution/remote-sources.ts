import type { Reference, Resource } from "@medplum/fhirtypes";
import { Agent } from "undici";
import type { InstitutionCode, ResourceId } from "../../kernel/brand.ts";
import { Fault } from "../../kernel/fault.ts";
import type { RemoteEndpoint, RemotePage, RemoteSources } from "../../sources/ask-remote.ts";
import { fetchBundle, type RemoteWire } from "./fetch-bundle.ts";

/** An identifier under which an institution itself knows a patient. */
export interface OwnIdentifier {
  readonly system: string;
  readonly value: string;
}

/** What the client needs of the world beside the wire. */
export interface RemoteSourcesDeps {
  /** Largest answer that is read, in bytes. */
  readonly maxBytes: number;
  /** Bearer token an institution gave us for its server; undefined = it asks for none. */
  readonly tokenOf: (institution: InstitutionCode) => string | undefined;
  /** The identifiers under which an institution registered a local Patient with us; none = its server knows the Patient by our id. */
  readonly identifiersOf: (institution: InstitutionCode, patient: ResourceId) => Promise<readonly OwnIdentifier[]>;
}

/** Results of one search; what does not fit is told as `more`. */
const pageSize = 199;
/** Longest wait for a connection, in milliseconds; the rest is bounded by the question's signal. */
const timeout = 2_000;
/** An id as FHIR allows it (R4 §2.24.0.1); anything else could not be named in a reference. */
const fhirId = /^[A-Za-z0-9\-.]{1,64}$/;

/**
 * Institutions with a FHIR R4 server of their own, over HTTP: searches by POST, so that no patient stands in a URL; bounded in time and size, no redirect is
 * followed, no second page is fetched. A patient the institution registered with us is found there by its own identifier first, and what comes back names
 * our local Patient; whoever else an answer is about stays a stranger for the caller to refuse.
 */
export function createRemoteSources(deps: RemoteSourcesDeps): RemoteSources & { close(): Promise<void> } {
  const dispatcher = new Agent({
    connections: 8,
    keepAliveTimeout: 10_000,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout },
  });
  const wire = { dispatcher, maxBytes: deps.maxBytes };
  // Patients found for one question; it ends with the question's signal.
  const questions = new WeakMap<AbortSignal, Map<string, Promise<string | undefined>>>();
  return {
    async search(endpoint, { type, params }, signal) {
      const locals = [params.patient ?? ""].flat().flatMap((list) => list.split(",").filter((one) => one !== ""));
      const known = questions.get(signal) ?? new Map<string, Promise<string | undefined>>();
      questions.set(signal, known);
      const theirs = await Promise.all(
        locals.map(async (local) => {
          const key = `${endpoint.institution}|${local}`;
          const found = known.get(key) ?? theirPatient({ deps, wire }, endpoint, local, signal);
          known.set(key, found);
          return [await found, local] as const;
        }),
      );
      const ours = new Map(theirs.flatMap(([remote, local]) => (remote === undefined ? [] : [[remote, local] as const])));
      // Nobody there has such an identifier: that institution knows nothing of the resident (any more).
      if (ours.size === 0) return { kind: "found", resources: [], more: false };
      const form = { ...params, patient: [...ours.keys()].join(","), _count: String(pageSize) };
      const token = deps.tokenOf(endpoint.institution);
      const page = await fetchBundle(wire, { url: `${endpoint.url}/${type}/_search`, form, token, signal });
      return page === "refused" ? { kind: "refused" } : pageOf(page, type, ours);
    },
    close: () => dispatcher.destroy(),
  };
}

/** `Patient/<id>` on the institution's server; undefined when it has none. */
async function theirPatient(
  { deps, wire }: { deps: RemoteSourcesDeps; wire: RemoteWire },
  endpoint: RemoteEndpoint,
  local: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const token = deps.tokenOf(endpoint.institution);
  const identifiers = await deps.identifiersOf(endpoint.institution, local.replace("Patient/", "") as ResourceId);
  if (identifiers.length === 0) return local;
  const form = { identifier: identifiers.map(tokenOf).join(","), _count: "2" };
  const page = await fetchBundle(wire, { url: `${endpoint.url}/Patient/_search`, form, token, signal });
  if (page === "refused") throw new Fault("source-unusable", { detail: "The source refused to find a patient." });
  const found = page.resources.filter(
    (one) =>
      one.resourceType === "Patient" &&
      one.identifier?.some((held) => identifiers.some((asked) => asked.system === held.system && asked.value === held.value)),
  );
  // Two patients under one identifier: nobody can tell whose results would come.
  if (found.length > 1 || page.more)
    throw new Fault("source-unusable", { detail: "The source has several patients under one identifier." });
  const [only] = found;
  return only?.id !== undefined && fhirId.test(only.id) ? `Patient/${only.id}` : undefined;
}

/** A token of a search: `|`, `,`, `$` and `\` of the values are escaped (R4 §3.1.1.4.0.1). */
function tokenOf({ system, value }: OwnIdentifier): string {
  return [system, value].map((part) => part.replace(/[\\|,$]/g, "\\$&")).join("|");
}

function pageOf(
  page: { readonly resources: readonly Resource[]; readonly more: boolean },
  type: Resource["resourceType"],
  ours: ReadonlyMap<string, string>,
): RemotePage {
  const asked = page.resources.filter((one) => one.resourceType === type && one.id !== undefined && fhirId.test(one.id));
  return { kind: "found", resources: asked.map((one) => withOurPatient(one, ours)), more: page.more };
}

/** The resource with its subject named as we name it; a subject we did not ask for stays as it is. */
function withOurPatient(resource: Resource, ours: ReadonlyMap<string, string>): Resource {
  const renamed = (reference: Reference | undefined) => {
    const own = /(?:^|\/)(Patient\/[A-Za-z0-9\-.]{1,64})$/.exec(reference?.reference ?? "")?.[1];
    const local = own === undefined ? undefined : ours.get(own);
    return local === undefined ? reference : { reference: local };
  };
  const { subject, patient } = resource as { subject?: Reference; patient?: Reference };
  const owner = {
    ...(subject === undefined ? {} : { subject: renamed(subject) }),
    ...(patient === undefined ? {} : { patient: renamed(patient) }),
  };
  return { ...resource, ...owner } as Resource;
}
