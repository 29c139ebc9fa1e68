import { beforeAll, expect, it } from "@jest/globals";
import type { Resource } from "@medplum/fhirtypes";
import { type Random, seededRandom } from "../../scripts/sample/random.ts";
import { makeRegionSample } from "../../scripts/sample/region-sample.ts";
import { rememberPassed } from "../../src/fhir/passed-shapes.ts";
import { createFullCheck, type ProfileCheck } from "../../src/fhir/profile-check.ts";
import { broken, brokenCopy, examples } from "../fhir/broken-copies.ts";
import { createWholeRegion, loadShipped } from "./whole-region.ts";

const today = new Date("2026-11-22T00:00:00+08:00");
const resources: Resource[] = [];
let full: ProfileCheck;

beforeAll(async () => {
  full = await createFullCheck("profiles");
  const sample = makeRegionSample({ seed: "shapes", residents: 12, days: 12, today });
  const region = createWholeRegion(await loadShipped(() => today));
  const check = (resource: Resource) => {
    resources.push(resource);
    return [];
  };
  for (const one of sample.exports) await region.deliver(one, { at: today, check });
  resources.push(...examples.values());
}, 120_000);

type Holder = Record<string, unknown>;

/** Every place of a resource: the object or list around it and its name there. */
function placesIn(value: unknown): { readonly holder: Holder; readonly name: string }[] {
  if (typeof value !== "object" || value === null) return [];
  const holder = value as Holder;
  return Object.keys(holder).flatMap((name) => [{ holder, name }, ...placesIn(holder[name])]);
}

/** What a value may become: what is wrong in one place is right in another. */
function mutants(value: unknown, random: Random): unknown[] {
  const texts = [
    "",
    " ",
    "x",
    "a b",
    "a  b",
    "\u0001",
    "张三",
    "#x",
    "Patient/x",
    "Device/x",
    "Patient?x=y",
    "https://hutong.example/fhir/StructureDefinition/x",
  ];
  const dates = [
    "2026",
    "2026-02-29",
    "2024-02-29",
    "2026-02-28",
    "2026-13-01",
    "2026-01-01T00:00:00+08:00",
    "2026-01-01T25:00:00+08:00",
  ];
  const others = [
    null,
    undefined,
    0,
    -1,
    1.5,
    1e300,
    true,
    [],
    {},
    [{}],
    { url: "x" },
    ...texts,
    ...dates,
    "final",
    "entered-in-error",
    "phone",
  ];
  const own =
    typeof value === "string"
      ? [`${value}x`, `${value} `, value.slice(1), value.toUpperCase(), Number(value), [value]]
      : Array.isArray(value)
        ? [[...value, ...value], value.slice(1), value[0]]
        : [[value], { ...(value as object), extra: 1 }, String(value)];
  return [others, own].map((list) => list[random.int(0, list.length - 1)]);
}

it("a check that remembers says of the sample region's resources, and of their broken copies, what the full check says", () => {
  const remembering = rememberPassed(full);
  const random = seededRandom("mutants");
  const types = new Set(resources.map((one) => one.resourceType));
  expect(types.size).toBeGreaterThan(12);
  for (const name of Object.keys(broken)) {
    const [example, copy] = [examples.get(name) as Resource, brokenCopy(name)];
    for (const one of [example, copy, example]) expect(remembering(one, name)).toEqual(full(one, name));
  }
  let refused = 0;
  const every = Math.max(1, Math.floor(resources.length / 1_500));
  for (const [index, one] of resources.entries()) {
    expect(remembering(one)).toEqual(full(one));
    if (index % every !== 0) continue;
    const copy = JSON.parse(JSON.stringify(one)) as Resource;
    const { holder, name } = random.pick(placesIn(copy).filter((place) => place.name !== "resourceType"));
    const before = holder[name];
    for (const mutant of mutants(before, random)) {
      holder[name] = mutant;
      const expected = outcome(() => full(copy));
      if (expected.length > 0) refused++;
      expect([name, mutant, outcome(() => remembering(copy))]).toEqual([name, mutant, expected]);
    }
  }
  expect(refused).toBeGreaterThan(500);
}, 240_000);

/** The problems, or that the check stumbled over what is no resource at all. */
function outcome(run: () => readonly unknown[]): readonly unknown[] {
  try {
    return run();
  } catch (error) {
    return [String(error)];
  }
}
