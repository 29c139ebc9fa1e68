import type { Extension, Resource } from "@medplum/fhirtypes";
import { extensions } from "./systems.ts";

/** Where our own extensions stand, after all others: always the same, so that the order of writing leaves no trace. */
const places = [
  extensions.namedSubject,
  extensions.sheetRow,
  extensions.visitPatient,
  extensions.stub,
  extensions.issue,
] as const;

/** The resource with these extensions of one address in place of any it had; none = without. */
export function withExtensions<T extends Resource>(resource: T, url: (typeof places)[number], wanted: readonly Extension[]): T {
  const { extension, ...rest } = resource as T & { extension?: Extension[] };
  const others = (extension ?? []).filter((one) => one.url !== url);
  if (others.length === 0 && wanted.length === 0) return (extension === undefined ? resource : rest) as T;
  const placeOf = (one: Extension) => places.indexOf(one.url as (typeof places)[number]);
  return { ...rest, extension: [...others, ...wanted].sort((a, b) => placeOf(a) - placeOf(b)) } as unknown as T;
}
