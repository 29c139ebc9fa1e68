import type { Extension, StructureDefinition } from "@medplum/fhirtypes";

/** What one part of a complex extension may hold. */
interface Part {
  /** Names its value may have: `valueCode`. */
  readonly values: ReadonlySet<string>;
  /** The value set its code must come from. */
  readonly valueSet?: string;
}

/** A part of an extension that is not as defined. */
export interface PartProblem {
  readonly at: number;
  readonly reason: string;
}

/** Checks the parts of one extension; the validator of @medplum/core only counts them. */
export type PartCheck = (extension: Extension, allowed: (valueSet: string, code: string) => boolean) => PartProblem[];

/** Reads from a complex extension's StructureDefinition what its parts are; undefined when it has none. */
export function partCheckOf(profile: StructureDefinition): PartCheck | undefined {
  const parts = new Map<string, Part>();
  for (const { id = "", type, binding } of profile.differential?.element ?? []) {
    const name = /^Extension\.extension:(\w+)\.value\[x\]$/.exec(id)?.[1];
    if (name === undefined) continue;
    const values = new Set((type ?? []).map(({ code = "" }) => `value${code.charAt(0).toUpperCase()}${code.slice(1)}`));
    const bound = binding?.strength === "required" ? binding.valueSet : undefined;
    parts.set(name, { values, ...(bound === undefined ? {} : { valueSet: bound }) });
  }
  if (parts.size === 0) return undefined;
  return (extension, allowed) =>
    (extension.extension ?? []).flatMap((inner, at) => {
      const part = parts.get(inner.url ?? "");
      if (part === undefined) return [{ at, reason: "a part that the extension does not have" }];
      const value = Object.keys(inner).find((key) => key.startsWith("value"));
      if (value === undefined || !part.values.has(value)) return [{ at, reason: "a value of another type than defined" }];
      const bad = part.valueSet !== undefined && !allowed(part.valueSet, inner.valueCode ?? "");
      return bad ? [{ at, reason: "a code outside the required value set" }] : [];
    });
}
