import { compareAddresses, compareBirthDates, compareNames, compareNumbers, yearsApart } from "./compare-facts.ts";
import { namesOf } from "./identity-document.ts";
import type { MatchFacts } from "./match-facts.ts";
import { type MatchField, matchWeights, maybeFrom, sameFrom } from "./match-weights.ts";

/** One reason for or against: which fact, how the two stand to each other, how many bits. Never a value. */
export interface Evidence {
  readonly field: MatchField;
  readonly level: string;
  readonly weight: number;
}

/** Why two records cannot be of one person, whatever else agrees. */
export type Veto = "two-numbers" | "mother-and-child" | "two-children-of-one-birth" | "two-documents";

/** Two records compared. `same` only with an anchor: evidence that neither name nor phone nor birth date gives alone. */
export interface Score {
  readonly outcome: "same" | "maybe" | "different";
  /** Sum of the weights, bits. */
  readonly score: number;
  readonly evidence: readonly Evidence[];
  readonly veto?: Veto;
}

/** A person who has a child is at least this much older. */
const generationYears = 12;

/**
 * Compares two records. `same` needs the score, a name and a birth date that do not contradict each other, and an anchor: a document, a
 * number that is one slip away, or phone, address or guardian beside name and birth date. 国卫规划发〔2020〕22号 四: a name alone never links.
 */
export function scoreMatch(one: MatchFacts, other: MatchFacts): Score {
  const evidence = compare(one, other);
  const score = evidence.reduce((sum, { weight }) => sum + weight, 0);
  const veto = vetoOf(one, other, evidence);
  if (veto !== undefined) return { outcome: "different", score, evidence, veto };
  if (score >= sameFrom && isAnchored(evidence)) return { outcome: "same", score, evidence };
  return { outcome: score >= maybeFrom && agreesOnSomebody(evidence) ? "maybe" : "different", score, evidence };
}

function compare(one: MatchFacts, other: MatchFacts): Evidence[] {
  const levels = {
    number: compareNumbers(one, other),
    document: compareDocuments(one, other),
    name: nameLevel(one, other),
    birthDate: compareBirthDates(one.birthDate, other.birthDate),
    sex: equality(one.sex, other.sex),
    phone: comparePhones(one, other),
    address: compareAddresses(one.address, other.address),
    guardian: compareGuardians(one, other),
  } satisfies { [F in MatchField]: keyof (typeof matchWeights)[F] };
  return (Object.keys(levels) as MatchField[]).flatMap((field) => {
    const level = levels[field];
    return level === "unknown" ? [] : [{ field, level, weight: (matchWeights[field] as Record<string, number>)[level] ?? 0 }];
  });
}

/** Whether the agreement rests on more than name, birth date and sex, which strangers share, and on nothing that speaks against it. */
function isAnchored(evidence: readonly Evidence[]): boolean {
  const at = levelsOf(evidence);
  const name = at("name") ?? "";
  const birth = at("birthDate") ?? "";
  if (at("sex") === "different" || birth === "different" || birth === "same-year") return false;
  const beside = [at("phone"), at("address"), at("guardian")].filter((level) => level === "same" || level === "similar").length;
  // Name and birth date are printed on the card that gave the number: who borrowed it shows all three.
  if (at("number") === "same") return (birth === "same" || slips.has(birth)) && sureName.has(name) && beside >= 1;
  if (at("document") === "same" || at("number") === "near")
    return sureName.has(name) && (birth === "same" || (slips.has(birth) && beside >= 1));
  // One character apart is how twins are named, and brothers: phone and address cannot tell them apart.
  if (birth === "same") return sureName.has(name) && beside >= 1;
  return slips.has(birth) && exactName.has(name) && beside >= 2;
}

const exactName = new Set(["same", "same-short"]);
/** Without papers, names of somebody else: a twin's is one character away. */
const othersName = new Set(["different", "one-family", "near"]);
const sureName = new Set([...exactName, "sound"]);
/** Birth dates that are one slip of the hand or of the calendar apart. */
const slips = new Set(["swapped", "digit", "near"]);

/** A steward is only asked where name and birth date, or a document, point to one person. */
function agreesOnSomebody(evidence: readonly Evidence[]): boolean {
  const at = levelsOf(evidence);
  const papers = at("document") === "same" || at("number") === "same" || at("number") === "near";
  return papers || (!othersName.has(at("name") ?? "") && at("birthDate") !== "different");
}

function levelsOf(evidence: readonly Evidence[]): (field: MatchField) => string | undefined {
  return (field) => evidence.find((one) => one.field === field)?.level;
}

function vetoOf(one: MatchFacts, other: MatchFacts, evidence: readonly Evidence[]): Veto | undefined {
  const at = levelsOf(evidence);
  if (at("number") === "different") return "two-numbers";
  const apart = yearsApart(one.birthDate, other.birthDate);
  if (apart !== undefined && apart >= generationYears && (one.newborn || other.newborn || at("guardian") === "same"))
    return "mother-and-child";
  // Born yesterday and of unknown age: the second may be the mother.
  if (one.newborn !== other.newborn && apart === undefined) return "mother-and-child";
  const [a, b] = [one.childOf?.order ?? "", other.childOf?.order ?? ""];
  if (a !== "" && b !== "" && a !== b) return "two-children-of-one-birth";
  if (at("document") === "different" && sameKindOfCertificate(one, other)) return "two-documents";
  return undefined;
}

/** A child has one birth certificate for life; passports and permits are renewed. */
function sameKindOfCertificate(one: MatchFacts, other: MatchFacts): boolean {
  const of = (facts: MatchFacts) => facts.documents.find((document) => document.type === "birth-certificate")?.number;
  const [a, b] = [of(one), of(other)];
  return a !== undefined && b !== undefined && a !== b;
}

function nameLevel(one: MatchFacts, other: MatchFacts) {
  // 刘梅之女 names its mother: two such records agree as far as their mothers do, which every child of hers does.
  if (one.childOf !== undefined && other.childOf !== undefined) {
    const mothers = compareNames(one.childOf.mother, other.childOf.mother);
    return mothers === "same" || mothers === "same-short" || mothers === "sound" ? "sound" : mothers;
  }
  return compareNames(one.name, other.name);
}

function compareDocuments(one: MatchFacts, other: MatchFacts): "same" | "different" | "unknown" {
  let level: "different" | "unknown" = "unknown";
  for (const a of one.documents) {
    const twin = other.documents.find((b) => b.type === a.type);
    if (twin === undefined || namesOf(a.type) !== "person") continue;
    if (twin.number === a.number) return "same";
    level = "different";
  }
  return level;
}

function comparePhones(one: MatchFacts, other: MatchFacts): "same" | "different" | "unknown" {
  const [a, b] = [phonesOf(one), phonesOf(other)];
  if (a.length === 0 || b.length === 0) return "unknown";
  return a.some((phone) => b.includes(phone)) ? "same" : "different";
}

function phonesOf({ phone, guardian }: MatchFacts): string[] {
  return [phone, guardian.phone].filter((one) => one !== undefined);
}

function compareGuardians(one: MatchFacts, other: MatchFacts): "same" | "different" | "unknown" {
  const [a, b] = [one.guardian, other.guardian];
  const byNumber = equality(a.number, b.number);
  if (byNumber !== "unknown") return byNumber;
  const names = compareNames(a.name, b.name);
  return names === "same" || names === "same-short" || names === "sound" ? "same" : "unknown";
}

function equality<T>(one: T | undefined, other: T | undefined): "same" | "different" | "unknown" {
  if (one === undefined || other === undefined) return "unknown";
  return one === other ? "same" : "different";
}
