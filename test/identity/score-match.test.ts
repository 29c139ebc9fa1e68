import { describe, expect, it } from "@jest/globals";
import { matchFacts } from "../../src/identity/match-facts.ts";
import type { PersonFacts } from "../../src/identity/person.ts";
import { scoreMatch } from "../../src/identity/score-match.ts";
import { herNumber, hisNumber, idCard } from "./people.ts";

type Facts = Omit<PersonFacts, "patientId">;

const born = { birthDate: "1985-06-15", sex: "female" } as const;
const phone = { phone: "100 1234 5678" };
const address = { address: "临湖省临湖市苇塘县石桥镇人民路12号" };
const passport = { identity: { type: "passport", number: "E1234567" } };
const liu = { name: "刘晓梅", ...born };
const score = (one: Facts, other: Facts) => scoreMatch(matchFacts(one), matchFacts(other));

describe("two records", () => {
  it.each<[said: string, one: Facts, other: Facts, outcome: string]>([
    ["of one name, birthday and phone are one person", { ...liu, ...phone }, { ...liu, ...phone }, "same"],
    [
      "of one name, birthday and address too, whoever left the province out",
      { ...liu, ...address },
      { ...liu, address: "石桥镇人民路12号" },
      "same",
    ],
    [
      "with a variant character in the name are one person",
      { ...liu, name: "刘曉傑", ...phone },
      { ...liu, name: "劉曉杰", ...phone },
      "same",
    ],
    ["with a character of the same sound are one person", { ...liu, name: "刘小梅", ...phone }, { ...liu, ...phone }, "same"],
    [
      "with one digit of the number wrong are one person",
      { ...liu, ...idCard("99010119850615018X") },
      { ...liu, ...idCard(herNumber) },
      "same",
    ],
    [
      "with day and month swapped, phone and address alike, are one person",
      { ...liu, birthDate: "1985-06-05", ...phone, ...address },
      { ...liu, birthDate: "1985-05-06", ...phone, ...address },
      "same",
    ],
    [
      "with a passport, names in another order, are one person",
      { ...passport, ...born, name: "SMITH Anna" },
      { ...passport, ...born, name: "Anna Smith" },
      "same",
    ],
    ["of one name and birthday alone are two people until more is known", liu, liu, "different"],
    [
      "of one name and phone, with one digit of the birth date wrong, are asked about",
      { ...liu, ...phone, birthDate: "1985-06-25" },
      { ...liu, ...phone },
      "maybe",
    ],
    [
      "of one name and birthday with two phones are two people",
      { ...liu, ...phone },
      { ...liu, phone: "10099999999" },
      "different",
    ],
    ["of one name and phone alone are two people", { name: "刘晓梅", ...phone }, { name: "刘晓梅", ...phone }, "different"],
    ["of one phone are two people", { ...phone, name: "刘晓梅" }, { ...phone, name: "张伟" }, "different"],
    [
      "of twins are two people",
      { ...liu, ...phone, ...address },
      { ...liu, name: "刘晓兰", ...phone, ...address },
      "different",
    ],
    [
      "with two numbers that hold are two people",
      { ...liu, ...phone, ...idCard(herNumber) },
      { ...liu, ...phone, ...idCard(hisNumber) },
      "different",
    ],
    [
      "of one name and phone with another sex are not linked",
      { ...liu, ...phone, ...address },
      { ...liu, sex: "male", ...phone, ...address },
      "maybe",
    ],
    [
      "with 1900-01-01 for a birth date are not told apart by it",
      { ...liu, birthDate: "1900-01-01", ...phone },
      { ...liu, ...phone },
      "different",
    ],
    ["of an unknown man and anybody are two people", { name: "无名氏", sex: "male" }, { ...liu, sex: "male" }, "different"],
    [
      "on a shared card with phone and address, a month apart in the calendar, are one person",
      { ...liu, ...idCard(herNumber), ...phone, birthDate: "1985-05-15" },
      { ...liu, ...idCard(herNumber), ...phone },
      "same",
    ],
    [
      "on one number with another name wait",
      { ...liu, ...idCard(herNumber), ...phone },
      { ...liu, name: "陈静", ...idCard(herNumber), ...phone },
      "maybe",
    ],
  ])("%s", (_said, one, other, outcome) => {
    expect(score(one, other).outcome).toBe(outcome);
    expect(score(other, one)).toEqual(score(one, other));
  });

  const mother = { name: "刘梅", birthDate: "1995-01-20", sex: "female", ...phone, ...address, ...idCard(herNumber) } as const;
  const newborn = {
    birthDate: "2026-11-17",
    sex: "female",
    newborn: true,
    ...phone,
    ...address,
    guardian: { name: "刘梅", number: herNumber, phone: phone.phone },
  } as const;

  it.each<[string, Facts, Facts, string]>([
    ["on its mother's number", { ...newborn, ...idCard(herNumber), name: "刘梅之女" }, mother, "mother-and-child"],
    ["with its mother's name", { ...newborn, name: "刘梅" }, mother, "mother-and-child"],
    [
      "whose mother's birth date is not known",
      { ...newborn, name: "刘梅" },
      { ...mother, birthDate: "1900-01-01" },
      "mother-and-child",
    ],
    ["and its twin", { ...newborn, name: "刘梅之长女" }, { ...newborn, name: "刘梅之次女" }, "two-children-of-one-birth"],
  ])("of a newborn %s are never one person", (_said, one, other, veto) => {
    expect(score(one, other)).toMatchObject({ outcome: "different", veto });
    expect(score(other, one)).toMatchObject({ outcome: "different", veto });
  });

  it("of a newborn before and after it got its name are for the steward", () =>
    expect(score({ ...newborn, name: "刘梅之女" }, { ...newborn, newborn: false, name: "张小雨" }).outcome).toBe("maybe"));

  it("are explained by facts, levels and weights, never by values", () => {
    const { evidence } = score({ ...liu, ...phone, ...idCard(herNumber) }, { ...liu, ...phone, ...idCard(herNumber) });
    expect(evidence).toContainEqual({ field: "number", level: "same", weight: 20 });
    expect(JSON.stringify(evidence)).not.toMatch(/刘|1985|100 ?1234|9901/);
  });
});
