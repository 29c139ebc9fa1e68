import type { Extension, Patient, Resource } from "@medplum/fhirtypes";
import { withExtensions } from "./extend.ts";
import { extensions } from "./systems.ts";

/** What a local Patient gave way to, inside its institution. Of several such statements about one Patient the greater counts. */
export interface Replacement {
  /** Id of the Patient that stands in its place. */
  readonly into: string;
  /** `key`: a row showed a better key of the same person beside it. `merge`: the institution says that the two are one (HL7 v2 A40), which outranks a key. */
  readonly by: "key" | "merge";
  /** Sortable: of two merges, or of two statements of one visit, the later counts. */
  readonly order: string;
  /** Tells two statements of one order apart: the keyed digest of the message that merged, state and digest of a visit's row; "" for a key. */
  readonly digest: string;
  /** Id of the Encounter through which a visit's Patient was found to be this one. */
  readonly visit?: string;
}

/** Positive when `a` counts before `b`; 0 = they say the same. The last tie is decided by the id, so that the order of delivery leaves no trace. */
export function compareReplacements(a: Replacement, b: Replacement): number {
  if (a.by !== b.by) return a.by === "merge" ? 1 : -1;
  for (const part of ["order", "digest", "into"] as const) if (a[part] !== b[part]) return a[part] < b[part] ? -1 : 1;
  return 0;
}

/** What a stored Patient gave way to; undefined when it stands for itself. */
export function replacementOf(patient: Patient): Replacement | undefined {
  for (const { type, other, extension } of patient.link ?? []) {
    const told = extension?.find((one) => one.url === extensions.replacement)?.extension;
    const into = other?.reference?.split("/")[1];
    if (type !== "replaced-by" || told === undefined || into === undefined) continue;
    const part = (name: string) => told.find((inner) => inner.url === name)?.valueString;
    const visit = part("visit");
    return {
      into,
      by: part("by") === "merge" ? "merge" : "key",
      order: part("order") ?? "",
      digest: part("digest") ?? "",
      ...(visit === undefined ? {} : { visit }),
    };
  }
  return undefined;
}

/** The Patient as one that gave way: inactive, `replaced-by` the other, all else as it is. An earlier replacement is overwritten. */
export function withReplacement(patient: Patient, replacement: Replacement | undefined): Patient {
  if (replacement === undefined) return patient;
  const { into, by, order, digest, visit } = replacement;
  const part = (url: string, valueString: string | undefined): Extension[] =>
    valueString === undefined || valueString === "" ? [] : [{ url, valueString }];
  const told = [...part("by", by), ...part("order", order), ...part("digest", digest), ...part("visit", visit)];
  const others = (patient.link ?? []).filter((link) => !link.extension?.some((one) => one.url === extensions.replacement));
  return {
    ...patient,
    active: false,
    link: [
      ...others,
      {
        extension: [{ url: extensions.replacement, extension: told }],
        other: { reference: `Patient/${into}` },
        type: "replaced-by",
      },
    ],
  };
}

/**
 * The Patient that stands for this one in the end: every replacement followed. Where they run in a circle (A gave way to B, B to A) the one that
 * counts least is left out, whichever was stored first.
 */
export function standsFor(id: string, replacementOf: (id: string) => Replacement | undefined): string {
  const path: { readonly id: string; readonly replacement: Replacement }[] = [];
  for (let at = id; ; ) {
    const start = path.findIndex((step) => step.id === at);
    if (start >= 0) {
      const circle = path.slice(start);
      return circle.reduce((a, b) => (compareReplacements(b.replacement, a.replacement) < 0 ? b : a)).id;
    }
    const replacement = replacementOf(at);
    if (replacement === undefined) return at;
    path.push({ id: at, replacement });
    at = replacement.into;
  }
}

/** The Patient that the source names for this resource, where another stands in its place as `subject`. */
export function namedSubject(resource: Resource): string | undefined {
  return (resource as { extension?: Extension[] }).extension?.find((one) => one.url === extensions.namedSubject)?.valueString;
}

/** The id of the Patient a resource is about, or undefined. */
export function subjectOf(resource: Resource): string | undefined {
  const { subject, patient } = resource as unknown as Record<"subject" | "patient", { reference?: string } | undefined>;
  return /^Patient\/([^/]+)$/.exec(subject?.reference ?? patient?.reference ?? "")?.[1];
}

/**
 * The resource with every reference to `Patient/<from>` turned to `Patient/<to>`, and a note of whom the source named, so that it can follow when the
 * replacement changes. The same object when it refers to nobody of these.
 */
export function withSubject<T extends Resource>(resource: T, turns: ReadonlyMap<string, string>): T {
  const subject = subjectOf(resource);
  const turned = turnReferences(resource, turns) as T;
  if (turned === resource || subject === undefined || !turns.has(subject)) return turned;
  const named = namedSubject(resource) ?? subject;
  const note = turns.get(subject) === named ? [] : [{ url: extensions.namedSubject, valueString: named }];
  return withExtensions(turned, extensions.namedSubject, note);
}

function turnReferences(value: unknown, turns: ReadonlyMap<string, string>): unknown {
  if (value === null || typeof value !== "object" || (JSON as unknown as { isRawJSON(v: unknown): boolean }).isRawJSON(value))
    return value;
  if (Array.isArray(value)) {
    const items = value.map((item) => turnReferences(item, turns));
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  let changed = false;
  const entries = Object.entries(value).map(([name, inner]) => {
    const id = name === "reference" && typeof inner === "string" ? /^Patient\/([^/]+)$/.exec(inner)?.[1] : undefined;
    const to = id === undefined ? undefined : turns.get(id);
    const now = to === undefined ? turnReferences(inner, turns) : `Patient/${to}`;
    changed ||= now !== inner;
    return [name, now] as const;
  });
  return changed ? Object.fromEntries(entries) : value;
}
