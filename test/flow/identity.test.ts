import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { labExportOfA, labExportOfB, labMessagesOfC } from "../../scripts/sample/fresh.ts";
import { freshResident, type Person, shortIdentityNumber } from "../../scripts/sample/people.ts";
import { dayMs, later } from "../../scripts/sample/time.ts";
import { flowWorld, type World } from "../platform.ts";
import { aVisit, found, reviewsOf } from "./people.ts";

let world: World;
const now = new Date();
beforeAll(() => {
  world = flowWorld();
});
afterAll(() => world.close());

const creatinine = (value: string) => [{ item: "CREA", value }];

describe("who no machine may link", () => {
  const cases: { said: string; reason: string; other(person: Person): Person; deliver(other: Person): Promise<unknown> }[] = [
    {
      said: "a newborn registered under its mother's number",
      reason: "birth-date",
      other: (mother) => ({ ...mother, name: `${mother.name}之女`, birthDate: now.toISOString().slice(0, 10) }),
      deliver: (newborn) => world.deliver(labExportOfA(newborn, creatinine("31"), later(now, -dayMs), { campus: "0002" })),
    },
    {
      said: "a man who came with somebody else's card",
      reason: "name",
      other: (owner) => ({ ...owner, name: `钱立新${owner.name}` }),
      deliver: async (borrower) => {
        for (const message of labMessagesOfC(borrower, creatinine("31"), later(now, -dayMs), { site: "c-town-1" }))
          await world.deliver(message);
      },
    },
    {
      said: "a record whose sex disagrees with the number",
      reason: "sex",
      other: (person) => ({ ...person, name: `${person.name}甲`, sex: person.sex === "1" ? "2" : "1" }),
      deliver: (wrong) => world.deliver(labExportOfB(wrong, creatinine("31"), later(now, -dayMs))),
    },
  ];

  it.each(cases)("$said waits in the steward's list with both people, and no lookup finds that record", async (one) => {
    const person = freshResident();
    await world.deliver(labExportOfA(person, creatinine("86"), later(now, -3 * dayMs)));
    const other = one.other(person);
    await one.deliver(other);
    const [review, ...more] = await reviewsOf(world, other.name);
    expect(more).toEqual([]);
    expect(review?.reasons.join()).toContain(one.reason);
    expect(review?.linked.map(({ institution, name }) => `${institution} ${name}`)).toEqual([`a-provincial ${person.name}`]);
    expect(review?.person.identity?.masked).toBe(`${person.number.slice(0, 2)}**************${person.number.slice(-2)}`);
    expect(await found(world, person)).toEqual([86]);
  });

  it("only a steward sees the list", async () => {
    const answer = await world.as("c-county", "lookups", { method: "GET", path: "/identity/reviews" });
    expect(answer.status).toBe(403);
    expect((await world.asResident(freshResident().number, { method: "GET", path: "/identity/reviews" })).status).toBe(403);
  });
});

describe("who is one resident everywhere", () => {
  const variants: readonly [said: string, at: (person: Person) => Person][] = [
    ["the number of 15 digits", (person) => ({ ...person, number: shortIdentityNumber(person.number) })],
    ["full-width digits", (person) => ({ ...person, number: wide(person.number) })],
    ["a dot in the name that looks like another", (person) => ({ ...person, name: person.name.replace("·", "•") })],
    ["blanks in the name", (person) => ({ ...person, name: person.name.replace("·", " · ") })],
  ];

  it.each(variants)("%s at B is the same resident as at A", async (_, at) => {
    const person = { ...freshResident(bornBefore2000()), name: "阿依古丽·买买提" };
    await world.deliver(labExportOfA(person, creatinine("86"), later(now, -3 * dayMs)));
    await world.deliver(labExportOfB(at(person), creatinine("91"), later(now, -2 * dayMs)));
    expect(await reviewsOf(world, at(person).name)).toEqual([]);
    expect(await found(world, person)).toEqual([86, 91]);
  });

  it("two feeds that bring the same new resident at the same moment both keep their link", async () => {
    const people = Array.from({ length: 6 }, () => freshResident());
    await Promise.all(
      people.flatMap((person) => [
        world.deliver(labExportOfA(person, creatinine("86"), later(now, -3 * dayMs))),
        world.deliver(labExportOfB(person, creatinine("91"), later(now, -2 * dayMs))),
        ...labMessagesOfC(person, creatinine("77"), later(now, -2 * dayMs)).map((message) => world.deliver(message)),
      ]),
    );
    for (const person of people) expect(await found(world, person)).toEqual([77, 86, 91]);
  });

  it("a number with a wrong checksum links nobody and is nobody's in a lookup", async () => {
    const person = freshResident();
    const wrong = { ...person, number: person.number.slice(0, 17) + (person.number.endsWith("1") ? "2" : "1") };
    const { issues } = await world.deliver(labExportOfA(wrong, creatinine("86"), later(now, -3 * dayMs)));
    expect(issues).toEqual([]);
    expect(await found(world, person)).toEqual([]);
    const refused = await world.doctor("c-town-2").requestLookup(wrong.number, aVisit());
    expect(refused.status).toBe(400);
    expect(JSON.stringify(refused.body)).not.toContain(wrong.number);
  });
});

/** A seed whose resident was born in the 1900s: only they ever had a number of 15 digits. */
function bornBefore2000(): { seed: string } {
  for (;;) {
    const seed = `identity/${Math.random()}`;
    if (freshResident({ seed }).birthDate < "2000") return { seed };
  }
}

function wide(text: string): string {
  return [...text].map((sign) => String.fromCharCode(sign.charCodeAt(0) + 0xfee0)).join("");
}
