import type { z } from "zod";
import type { Leaf } from "./compiled.ts";
import type { PersonLeaves } from "./compiled-template.ts";
import type { PersonFile } from "./template-file.ts";

type CompileText = (text: string, path: PropertyKey[]) => Leaf;

/** Compiles the clear values of a person; every one is an expression over the head row. */
export function compilePerson(person: z.output<typeof PersonFile>, expression: CompileText): PersonLeaves {
  const { identity, others, guardian, newborn } = person;
  const documents = [
    ...(identity === undefined ? [] : [{ ...identity, first: true, path: ["person", "identity"] }]),
    ...others.map((other, index) => ({ ...other, first: false, path: ["person", "others", index] })),
  ];
  return {
    identities: documents.map(({ first, type, number, path }) => ({
      first,
      type: expression(type, [...path, "type"]),
      number: expression(number, [...path, "number"]),
    })),
    texts: leavesOf(person, ["name", "birthDate", "sex", "phone", "address"], ["person"], expression),
    guardian: leavesOf(guardian, ["name", "number", "phone"], ["person", "guardian"], expression),
    ...(newborn === undefined ? {} : { newborn: expression(newborn, ["person", "newborn"]) }),
  };
}

function leavesOf<K extends string>(
  written: Readonly<Partial<Record<K, string | undefined>>>,
  names: readonly K[],
  path: readonly PropertyKey[],
  expression: CompileText,
): Partial<Record<K, Leaf>> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const text = written[name];
      return text === undefined ? [] : [[name, expression(text, [...path, name])]];
    }),
  ) as Partial<Record<K, Leaf>>;
}
