import type { Bundle, Observation } from "@medplum/fhirtypes";
import { type Answer, expectStatus } from "../../scripts/client/call.ts";
import { labExportOfA, labExportOfB, labMessagesOfC } from "../../scripts/sample/fresh.ts";
import { freshResident, type Person } from "../../scripts/sample/people.ts";
import { dayMs, later } from "../../scripts/sample/time.ts";
import type { VisitNamed } from "../../scripts/story/doctor.ts";
import type { World } from "../platform.ts";

/** A visit as a doctor's system names it; every call another number. */
export function aVisit(number = `V${Math.random().toString().slice(2, 12)}`): VisitNamed {
  return { number, department: "内科", kind: "outpatient", start: new Date(Date.now() - 600_000).toISOString() };
}

/** A resident nobody had before, whom A, B and C know by one laboratory report each. */
export async function residentKnownEverywhere(world: World, person = freshResident()): Promise<Person> {
  const now = new Date();
  await Promise.all([
    world.deliver(labExportOfA(person, [{ item: "CREA", value: "86" }], later(now, -3 * dayMs))),
    world.deliver(labExportOfB(person, [{ item: "TC", value: "4.85" }], later(now, -5 * dayMs))),
    ...labMessagesOfC(person, [{ item: "GLU", value: "5.1" }], later(now, -2 * dayMs)).map((message) => world.deliver(message)),
  ]);
  return person;
}

/** Gives an institution a consent of this resident for everything, bound to a visit when one is named. */
export function grant(world: World, person: Person, to: string, visit?: VisitNamed, more: object = {}) {
  const now = Date.now();
  return world.asResident<{ id: string }>(person.number, {
    method: "POST",
    path: "/consents",
    json: {
      recipients: [to],
      categories: ["lab", "record", "imaging"],
      purposes: ["TREAT"],
      period: { start: new Date(now - 1000).toISOString(), end: new Date(now + 7 * dayMs).toISOString() },
      ...(visit === undefined ? {} : { visit: { institution: to, number: visit.number } }),
      ...more,
    },
  });
}

/** Residents nobody had before, known everywhere, each with a consent for this institution. */
export async function residentsWhoGranted(world: World, count: number, to: string): Promise<Person[]> {
  const people = await Promise.all(Array.from({ length: count }, () => residentKnownEverywhere(world)));
  for (const person of people) await expectStatus(grant(world, person, to), 201);
  return people;
}

/** What a doctor of 石桥镇 finds under a number: values of results, in order. */
export async function found(world: World, person: Person): Promise<(number | undefined)[]> {
  const doctor = world.doctor("c-town-2");
  await expectStatus(grant(world, person, "c-town-2"), 201);
  const { id } = await expectStatus(doctor.requestLookup(person.number, aVisit()), 202);
  const { status } = await doctor.finishedLookup(id, 30_000);
  if (status !== "completed") throw new Error(`the lookup ended as ${status}`);
  const bundle = (await expectStatus(doctor.results(id), 200)) as unknown as Bundle;
  const results = (bundle.entry ?? []).flatMap(({ resource }) =>
    resource?.resourceType === "Observation" ? [resource as Observation] : [],
  );
  return results.map((one) => one.valueQuantity?.value).sort((a, b) => Number(a) - Number(b));
}

/** A person as the steward's list shows them. */
interface ShownPerson {
  readonly institution: string;
  readonly patient: string;
  readonly name?: string;
  readonly identity?: { readonly masked: string };
}

/** What waits for the steward. */
interface Review {
  readonly id: string;
  readonly reasons: readonly string[];
  readonly person: ShownPerson;
  readonly linked: readonly ShownPerson[];
}

/** What waits for the steward about people of this name. */
export async function reviewsOf(world: World, name: string): Promise<Review[]> {
  const list = world.as<{ reviews: Review[] }>("steward", "identity-review", { method: "GET", path: "/identity/reviews" });
  const { reviews } = await expectStatus(list, 200);
  return reviews.filter((review) => review.person.name === name);
}

// What differs between any two answers: when it was given and the names of the answer itself.
const ownHeaders = new Set(["date", "x-request-id"]);

/** An answer byte for byte, less what any two answers differ in: ids, request id, date. */
export function withoutOwnNames(answer: Answer): { status: number; headers: string[]; body: string } {
  const headers = [...answer.headers].filter(([name]) => !ownHeaders.has(name)).map((pair) => unnamed(pair.join(": ")));
  return { status: answer.status, headers: headers.sort(), body: unnamed(JSON.stringify(answer.body)) };
}

function unnamed(text: string): string {
  return text.replaceAll(/h[0-9a-f]{40}/g, "<id>").replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "<request>");
}
