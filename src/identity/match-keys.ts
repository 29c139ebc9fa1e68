import type { CryptoSuite } from "../kernel/crypto-suite.ts";
import { namesOf } from "./identity-document.ts";
import type { MatchFacts } from "./match-facts.ts";

/** Most keys a record gets: each is an index row in the store. */
const most = 12;

/**
 * Keyed digests under which records that may be of one person meet: sound of the name with the birth date in three cuts (so that one wrong
 * part of it is forgiven), phone, guardian, each other document. What is digested stands nowhere in clear; two equal keys say that two
 * records are worth comparing, no more.
 */
export function matchKeys(facts: MatchFacts, suite: CryptoSuite): string[] {
  const { name, childOf, birthDate, phone, guardian, documents, number, newborn } = facts;
  const sound = name === undefined ? (childOf?.mother === undefined ? undefined : soundOf(childOf.mother)) : soundOf(name);
  const [year = "", month = "", day = ""] = birthDate?.split("-") ?? [];
  const keys: string[] = [];
  if (sound !== undefined && birthDate !== undefined) {
    keys.push(
      `year|${sound}|${year}|${[...(month + day)].sort().join("")}`,
      `month|${sound}|${year}${month}`,
      `day|${sound}|${month}${day}`,
    );
  }
  if (phone !== undefined) keys.push(`phone|${phone}`);
  if (guardian.phone !== undefined && guardian.phone !== phone) keys.push(`phone|${guardian.phone}`);
  if (guardian.number !== undefined) keys.push(`guardian|${guardian.number}`);
  if (newborn && number !== undefined) keys.push(`guardian|${number}`);
  for (const one of documents) if (namesOf(one.type) !== "institution") keys.push(`document|${one.type}|${one.number}`);
  return [...new Set(keys)].slice(0, most).map((key) => suite.blindIndex("match", key));
}

/** Characters and letters meet: ZHANG WEI and 张伟 sound alike, in whatever order the words stand. */
function soundOf({ sound }: NonNullable<MatchFacts["name"]>): string {
  return [...sound.join("").toLowerCase()].sort().join("");
}
