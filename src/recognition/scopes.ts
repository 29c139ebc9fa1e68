import type { Entry } from "./policy-schema.ts";

/** The regions of a policy and which lies in which. Regions are data: no name of one stands in the code. */
export interface Scopes {
  /** Id of the scope that goes by this name, or undefined. */
  named(name: string): string | undefined;
  /** Whether `inner` is `outer` or lies in it: nation ⊇ group ⊇ province ⊇ city ⊇ county. */
  covers(outer: string, inner: string): boolean;
  /** Turns a relative word (本省, 全市) into the region of that level around `inside`; undefined when the word is none or the region is unknown. */
  relative(word: string, inside: string | undefined): string | undefined;
}

/** Where an institution lies, as the registry writes it; narrower parts may be absent. */
export interface RegionPath {
  readonly province: string;
  readonly city?: string | undefined;
  readonly county?: string | undefined;
}

/** Builds the lookup tables of a policy's scopes. The entries are checked already: every `within` exists and no cycle does. */
export function indexScopes(entries: readonly Entry<"scopes">[], words: readonly Entry<"relativeScopes">[]): Scopes {
  const byName = new Map(entries.flatMap((entry) => entry.names.map((name) => [name, entry.id] as const)));
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  const levelOfWord = new Map(words.flatMap((entry) => entry.names.map((name) => [name, entry.level] as const)));
  const outers = new Map(entries.map((entry) => [entry.id, ancestors(entry.id, byId)]));
  return {
    named: (name) => byName.get(name),
    covers: (outer, inner) => outers.get(inner)?.has(outer) ?? false,
    relative(word, inside) {
      const level = levelOfWord.get(word);
      if (level === undefined || inside === undefined) return undefined;
      return [...(outers.get(inside) ?? [])].find((id) => byId.get(id)?.level === level);
    },
  };
}

/** The narrowest region of a path that the policy knows; undefined when it knows none. */
export function regionOf(path: RegionPath, scopes: Scopes): string | undefined {
  const names = [path.county, path.city, path.province].filter((name) => name !== undefined);
  return names.map((name) => scopes.named(name)).find((id) => id !== undefined);
}

function ancestors(id: string, byId: ReadonlyMap<string, Entry<"scopes">>): Set<string> {
  const found = new Set<string>();
  const open = [id];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    open.push(...(byId.get(next)?.within ?? []));
  }
  return found;
}
