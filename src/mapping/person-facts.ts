import type { ResourceId } from "../kernel/brand.ts";
import { type Leaf, type Scope, tell } from "./compiled.ts";
import type { PersonLeaves } from "./compiled-template.ts";
import type { IdentityDocument, PersonFacts } from "./mapped.ts";

/** The clear values of the person a head row describes; what the row does not say is left out. */
export function personFacts(leaves: PersonLeaves, patientId: ResourceId, scope: Scope): PersonFacts {
  const documents = leaves.identities.flatMap(({ first, type, number }) => {
    const text = textOf(number, scope);
    return text === undefined ? [] : [{ first, document: { type: textOf(type, scope) ?? "unknown", number: text } }];
  });
  const identity = documents.find(({ first }) => first)?.document;
  const otherIdentities: IdentityDocument[] = documents.filter(({ first }) => !first).map(({ document }) => document);
  const { name, birthDate, sex, ...contact } = textsOf(leaves.texts, scope);
  const guardian = textsOf(leaves.guardian, scope);
  const newborn = truthOf(leaves.newborn, scope);
  return {
    patientId,
    ...(identity === undefined ? {} : { identity }),
    ...(otherIdentities.length === 0 ? {} : { otherIdentities }),
    ...(name === undefined ? {} : { name }),
    ...(birthDate === undefined ? {} : { birthDate: birthDate.slice(0, 10) }),
    ...(sex === "male" || sex === "female" ? { sex } : {}),
    ...contact,
    ...(Object.keys(guardian).length === 0 ? {} : { guardian }),
    ...(newborn === undefined ? {} : { newborn }),
  };
}

/** True or false; a text is told, because a newborn taken for its mother is the worst of mistakes. */
function truthOf(leaf: Leaf | undefined, scope: Scope): boolean | undefined {
  const value = leaf?.(scope);
  if (value === undefined || typeof value === "boolean") return value;
  const reason = "person.newborn gives neither true nor false; write a comparison, like FLAG = '1'";
  tell(scope, { severity: "warning", code: "bad-value", reason });
  return undefined;
}

function textsOf<K extends string>(leaves: Readonly<Partial<Record<K, Leaf>>>, scope: Scope): Partial<Record<K, string>> {
  const texts: Partial<Record<K, string>> = {};
  for (const name of Object.keys(leaves) as K[]) {
    const text = textOf(leaves[name], scope);
    if (text !== undefined) texts[name] = text;
  }
  return texts;
}

function textOf(leaf: Leaf | undefined, scope: Scope): string | undefined {
  const value = leaf?.(scope);
  return value === undefined || typeof value === "object" ? undefined : String(value);
}
