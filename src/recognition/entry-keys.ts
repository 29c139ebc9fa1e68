import type { Entry, SectionName } from "./policy-schema.ts";

/** The keys under which an entry of a section must be the only one on any day; the first is its name in messages and differences. */
export const entryKeys: { readonly [S in SectionName]: (entry: Entry<S>) => readonly string[] } = {
  items: ({ id, loinc, alsoLoinc }) => [id, loinc, ...alsoLoinc],
  windows: ({ id }) => [id],
  panels: ({ id }) => [id],
  conditions: ({ id }) => [id],
  prices: ({ id }) => [id],
  platforms: ({ id, names }) => [`id ${id}`, ...names],
  bases: ({ id }) => [id],
  publishedLists: ({ id }) => [id],
  scopes: ({ id, names }) => [`id ${id}`, ...names],
  relativeScopes: ({ names }) => names,
  rules: ({ id }) => [id],
  notRecognisable: ({ id }) => [id],
  units: ({ ucum, printed }) => [ucum, ...printed],
  specimens: ({ id, names }) => [`id ${id}`, ...names],
  sites: ({ id, names }) => [`id ${id}`, ...names],
  contrasts: ({ id, names }) => [`id ${id}`, ...names],
  localCodes: ({ system, code }) => [`${system}|${code}`],
  causes: ({ code }) => [code],
  declineReasons: ({ code }) => [code],
};
