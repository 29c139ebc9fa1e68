import type { PersonInBatch } from "../../src/identity/link-patients.ts";
import type { PersonFacts } from "../../src/identity/person.ts";
import type { InstitutionCode, ResourceId } from "../../src/kernel/brand.ts";
import { shortIdentityNumber } from "../sample/people.ts";
import { type Random, seededRandom } from "../sample/random.ts";
import type { LabelledPerson } from "./labelled-people.ts";

/** What one institution wrote down, and who it really was. */
export interface LabelledRecord extends PersonInBatch {
  /** Place of the person in the list of people. */
  readonly truth: number;
}

type Facts = Omit<PersonFacts, "patientId">;

const institutions = ["a-provincial", "b-central", "c-county", "c-town-1", "c-town-2"];
// Characters of one sound, or of one shape, that a registrar takes for one another.
const confused = new Map(
  [
    ..."伟玮 丽莉 静婧 敏闵 晓小 芳方 志智 华桦 明铭 文雯 燕艳 宁甯 峰峯 杰傑 国國 玉钰 梅美 林琳 英瑛 凤风 洁杰 海诲 军均 强墙 欣新 嘉佳 子紫 宇雨 云芸 红虹".matchAll(
      /\S\S/gu,
    ),
  ].map(([pair]) => [...pair] as [string, string]),
);

/** Shares of what goes wrong in a record, per record. Those of people without a number rest on how often counters see no card. */
const share = {
  noNumber: 0.02,
  childWithoutNumber: 0.15,
  wrongDigit: 0.006,
  short: 0.02,
  borrowed: 0.0015,
  borrowedWholly: 0.0002,
  mothersNumber: 0.1,
  noPhone: 0.08,
  otherPhone: 0.08,
  relativesPhone: 0.05,
  noAddress: 0.25,
  shortAddress: 0.3,
  moved: 0.08,
  wrongCharacter: 0.006,
  noName: 0.001,
  spaced: 0.01,
  birthSlip: 0.006,
  birthDefault: 0.002,
  wrongSex: 0.0008,
  unknownPerson: 0.001,
};

/** Records of these people in five institutions, about three each, in an order of no meaning. */
export function labelledRecords(
  people: readonly LabelledPerson[],
  seed: string,
  id: (tenant: string, key: string) => string,
): LabelledRecord[] {
  const random = seededRandom(seed);
  const records = people.flatMap((person, truth) => {
    const count = random.pick([1, 2, 2, 3, 3, 4, 5]);
    return Array.from({ length: count }, (_, at) => {
      const tenant = random.pick(institutions);
      const patientId = id(tenant, `${truth}-${at}`) as ResourceId;
      return { truth, tenant: tenant as InstitutionCode, patientId, facts: { patientId, ...written(random, person, people) } };
    });
  });
  return shuffled(random, records);
}

/** What a counter writes down about a person. */
function written(random: Random, person: LabelledPerson, people: readonly LabelledPerson[]): Facts {
  if (random.chance(share.unknownPerson)) return { name: "无名氏", sex: person.sex };
  const mother = person.guardian === undefined ? undefined : people[person.guardian];
  const owner = random.chance(share.borrowed) ? people[random.int(0, people.length - 1)] : undefined;
  if (owner?.number !== undefined && random.chance(share.borrowedWholly / share.borrowed))
    return { ...plain(random, owner), phone: person.phone, identity: { type: "resident-id", number: owner.number } };
  const facts =
    person.newborn === undefined || mother === undefined ? plain(random, person) : asNewborn(random, person, mother);
  if (owner?.number !== undefined) return { ...facts, identity: { type: "resident-id", number: owner.number } };
  const child = mother !== undefined && person.birthDate > "2010";
  const guardian = child && mother !== undefined && random.chance(0.5) ? { guardian: guardianOf(random, mother) } : {};
  return { ...facts, ...identityOf(random, person, child), ...guardian };
}

function plain(random: Random, person: LabelledPerson): Facts {
  const name = random.chance(share.noName) ? undefined : nameAsWritten(random, person);
  const phone = phoneAsWritten(random, person);
  const address = addressAsWritten(random, person);
  const wrongSex = random.chance(share.wrongSex);
  return {
    ...(name === undefined ? {} : { name }),
    birthDate: birthAsWritten(random, person),
    sex: wrongSex ? (person.sex === "male" ? "female" : "male") : person.sex,
    ...(phone === undefined ? {} : { phone }),
    ...(address === undefined ? {} : { address }),
  };
}

/** Before it has a name: 刘梅之女, at times on the mother's number. */
function asNewborn(random: Random, child: LabelledPerson, mother: LabelledPerson): Facts {
  const order = child.newborn?.order ?? "";
  const name = random.chance(0.8) ? `${mother.name}之${order}${child.sex === "male" ? "子" : "女"}` : child.name;
  const mothers = random.chance(share.mothersNumber) ? mother.number : undefined;
  return {
    ...plain(random, child),
    name,
    newborn: true,
    guardian: guardianOf(random, mother),
    ...(mothers === undefined ? {} : { identity: { type: "resident-id", number: mothers } }),
  };
}

function guardianOf(random: Random, mother: LabelledPerson) {
  return {
    name: mother.name,
    phone: mother.phone,
    ...(random.chance(0.6) && mother.number !== undefined ? { number: mother.number } : {}),
  };
}

function identityOf(random: Random, person: LabelledPerson, child: boolean): Pick<Facts, "identity"> {
  if (person.passport !== undefined) {
    return random.chance(0.06) ? {} : { identity: { type: "passport", number: person.passport } };
  }
  if (person.number === undefined || random.chance(child ? share.childWithoutNumber : share.noNumber)) return {};
  const short = person.birthDate < "2000" && random.chance(share.short);
  const number = short ? shortIdentityNumber(person.number) : person.number;
  return { identity: { type: "resident-id", number: random.chance(share.wrongDigit) ? mistyped(random, number) : number } };
}

function nameAsWritten(random: Random, { name, foreign }: LabelledPerson): string {
  if (random.chance(share.spaced)) return [...name].join(foreign ? "" : " ");
  if (foreign) {
    if (random.chance(0.3)) return name.split(" ").reverse().join(" ");
    if (random.chance(0.1))
      return name
        .split(" ")
        .filter((_, at, all) => at === 0 || at === all.length - 1)
        .join(" ");
    // Married in the meantime.
    return random.chance(0.02) ? `${name.split(" ")[0]} WANG` : name;
  }
  if (!random.chance(share.wrongCharacter)) return name;
  const at = random.int(1, Math.max(1, [...name].length - 1));
  return [...name].map((one, index) => (index === at ? (confused.get(one) ?? one) : one)).join("");
}

function phoneAsWritten(random: Random, person: LabelledPerson): string | undefined {
  if (random.chance(share.noPhone)) return undefined;
  if (random.chance(share.otherPhone + share.relativesPhone)) return `100${String(random.int(0, 99_999_999)).padStart(8, "0")}`;
  return random.chance(0.05) ? `+86 ${person.phone.slice(0, 3)}-${person.phone.slice(3)}` : person.phone;
}

function addressAsWritten(random: Random, { address }: LabelledPerson): string | undefined {
  if (random.chance(share.noAddress)) return undefined;
  if (random.chance(share.moved)) return `临湖省临湖市柳堤街道新村${random.int(1, 200)}号`;
  return random.chance(share.shortAddress) ? address.replace("临湖省临湖市", "") : address;
}

function birthAsWritten(random: Random, { birthDate }: LabelledPerson): string {
  if (random.chance(share.birthDefault)) return random.chance(0.5) ? "1900-01-01" : `${birthDate.slice(0, 4)}-01-01`;
  if (!random.chance(share.birthSlip)) return birthDate;
  const [year = "", month = "", day = ""] = birthDate.split("-");
  const swapped = `${year}-${day}-${month}`;
  if (random.chance(0.4) && !Number.isNaN(Date.parse(swapped))) return swapped;
  const days = random.chance(0.5) ? random.pick([-1, 1]) : -random.int(20, 50);
  return new Date(Date.parse(birthDate) + days * 86_400_000).toISOString().slice(0, 10);
}

function mistyped(random: Random, number: string): string {
  const at = random.int(6, number.length - 2);
  if (random.chance(0.3))
    return number.slice(0, at) + number.slice(at + 1, at + 2) + number.slice(at, at + 1) + number.slice(at + 2);
  return number.slice(0, at) + String((Number(number[at]) + random.int(1, 9)) % 10) + number.slice(at + 1);
}

function shuffled<T>(random: Random, list: readonly T[]): T[] {
  const result = [...list];
  for (let at = result.length - 1; at > 0; at--) {
    const other = random.int(0, at);
    [result[at], result[other]] = [result[other] as T, result[at] as T];
  }
  return result;
}
