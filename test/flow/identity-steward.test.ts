import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { Bundle, Parameters } from "@medplum/fhirtypes";
import { type Answer, expectStatus } from "../../scripts/client/call.ts";
import type { SampleExport } from "../../scripts/sample/events.ts";
import { labExportOfA, labExportOfB } from "../../scripts/sample/fresh.ts";
import { freshResident } from "../../scripts/sample/people.ts";
import { dayMs, later } from "../../scripts/sample/time.ts";
import { flowWorld, type World } from "../platform.ts";
import { found, reviewsOf } from "./people.ts";
import { rewritten } from "./reshape.ts";

let world: World;
const now = new Date();
beforeAll(() => {
  world = flowWorld();
});
afterAll(() => world.close());

const creatinine = (value: string) => [{ item: "CREA", value }];
const patients = "TB_YL_PATIENT_INFORMATION";

function steward<T>(method: "GET" | "POST", path: string, json?: object): Promise<Answer<T>> {
  return world.as<T>("steward", "identity-review", { method, path, ...(json === undefined ? {} : { json }) });
}

/** A's export of this person with other words in the patient's row. */
function patientRow(made: SampleExport, change: Record<string, string>): SampleExport {
  return rewritten(made, patients, (row) => ({ ...row, ...change }));
}

describe("a steward's word", () => {
  it("about a borrowed card counts, and taken back it stays taken back through the next exports", async () => {
    const owner = freshResident();
    const borrower = { ...owner, name: `钱立新${owner.name}` };
    await world.deliver(labExportOfA(owner, creatinine("86"), later(now, -5 * dayMs)));
    await world.deliver(labExportOfB(borrower, creatinine("91"), later(now, -4 * dayMs)));
    const [review] = await reviewsOf(world, borrower.name);
    const decision = await expectStatus(steward<{ id: string }>("POST", `/identity/reviews/${review?.id}/link`), 200);
    expect(await found(world, owner)).toEqual([86, 91]);
    await expectStatus(steward("POST", `/identity/decisions/${decision.id}/undo`), 200);
    expect(await found(world, owner)).toEqual([86]);
    await world.deliver(labExportOfB(borrower, creatinine("92"), later(now, -2 * dayMs)));
    expect(await found(world, owner)).toEqual([86]);
    expect(await reviewsOf(world, borrower.name)).toEqual([]);
    expect((await steward("POST", `/identity/decisions/${decision.id}/undo`)).status).toBe(409);
    const log = JSON.stringify(await world.portal(owner.number).accessLog());
    expect(log).toMatch(/identity-decided/);
  });

  it("keeps a newborn on its mother's number apart, for good", async () => {
    const mother = freshResident();
    const born = now.toISOString().slice(0, 10);
    const newborn = { ...mother, name: `${mother.name}之女`, birthDate: born, sex: "2" as const };
    await world.deliver(labExportOfA(mother, creatinine("86"), later(now, -3 * dayMs)));
    await world.deliver(labExportOfB(newborn, creatinine("31"), later(now, -2 * dayMs)));
    const [review] = await reviewsOf(world, newborn.name);
    expect(review?.reasons).toContain("birth-date-differs");
    await expectStatus(steward("POST", `/identity/reviews/${review?.id}/separate`), 200);
    await world.deliver(labExportOfB(newborn, creatinine("33"), later(now, -dayMs)));
    expect(await reviewsOf(world, newborn.name)).toEqual([]);
    expect(await found(world, mother)).toEqual([86]);
    const explained = await expectStatus(
      steward<{ link: { basis: string }; others: unknown[] }>("POST", "/identity/explanations", {
        institution: review?.person.institution,
        patient: review?.person.patient,
      }),
      200,
    );
    expect(explained).toMatchObject({ link: { basis: "provisional" }, others: [] });
    expect(JSON.stringify(explained)).not.toContain(mother.number);
  });
});

describe("a number", () => {
  it("that was wrong and is corrected takes the record from the one to the other at once", async () => {
    const [right, wrong] = [freshResident(), freshResident()];
    const birth = wrong.birthDate.replaceAll("-", "");
    const at = later(now, -6 * dayMs);
    await world.deliver(
      patientRow(labExportOfA(right, creatinine("86"), at), { ZJHM: wrong.number, CSRQ: birth, XB: wrong.sex }),
    );
    expect(await found(world, wrong)).toEqual([86]);
    await world.deliver(labExportOfA(right, creatinine("91"), later(now, -3 * dayMs)));
    expect(await found(world, wrong)).toEqual([]);
    expect(await found(world, right)).toEqual([86, 91]);
    const log = JSON.stringify(await world.portal(wrong.number).accessLog());
    expect(log).not.toContain(right.number);
  });

  it("that arrives later makes the record the resident's, with what came before", async () => {
    const person = freshResident();
    await world.deliver(patientRow(labExportOfA(person, creatinine("86"), later(now, -6 * dayMs)), { ZJHM: "-" }));
    expect(await found(world, person)).toEqual([]);
    await world.deliver(labExportOfA(person, creatinine("91"), later(now, -3 * dayMs)));
    expect(await found(world, person)).toEqual([86, 91]);
  });

  it("that one hospital did not write down is found by name, birth date and phone, and shown as such", async () => {
    const person = freshResident();
    await world.deliver(labExportOfB(person, creatinine("91"), later(now, -4 * dayMs)));
    await world.deliver(patientRow(labExportOfA(person, creatinine("86"), later(now, -3 * dayMs)), { ZJHM: "-" }));
    expect(await found(world, person)).toEqual([86, 91]);
  });
});

describe("an institution with a FHIR server of its own", () => {
  const put = (value: string, json: object) =>
    world.as("c-county", "patients", {
      method: "PUT",
      path: `/fhir/Patient?identifier=urn:county:file%7C${value}`,
      json,
    });

  it("registers its patients and asks about them, and learns nothing else", async () => {
    const person = freshResident();
    await world.deliver(labExportOfA(person, creatinine("86"), later(now, -3 * dayMs)));
    const patient = {
      resourceType: "Patient",
      identifier: [{ system: "urn:oid:2.16.156.10011.1.3", value: person.number }],
      name: [{ text: person.name }],
      birthDate: person.birthDate,
      gender: person.sex === "1" ? "male" : "female",
    };
    const [one, two] = [`f${person.number.slice(-6)}a`, `f${person.number.slice(-6)}b`];
    expect((await put(one, patient)).status).toBe(201);
    expect((await put(two, patient)).status).toBe(201);
    expect((await put(one, patient)).status).toBe(200);
    const asked = { name: "sourceIdentifier", valueIdentifier: { system: "urn:county:file", value: one } };
    const answer = await world.as<Parameters>("c-county", "patients", {
      method: "POST",
      path: "/fhir/Patient/$ihe-pix",
      json: { resourceType: "Parameters", parameter: [asked] },
    });
    expect(answer.body.parameter).toEqual([
      { name: "targetIdentifier", valueIdentifier: { system: "urn:county:file", value: two } },
    ]);
    const match = await world.as<Bundle>("c-county", "patients", {
      method: "POST",
      path: "/fhir/Patient/$match",
      json: patient,
    });
    expect(match.body.total).toBe(2);
    expect(JSON.stringify([answer.body, match.body])).not.toMatch(/h[0-9a-f]{40}|[0-9a-f]{64}|provincial/);
  });

  it("is told what is wrong with what it sends", async () => {
    const wrong = await put("f1", { resourceType: "Patient", birthDate: "yesterday" });
    expect(wrong.status).toBe(400);
    expect(wrong.body).toMatchObject({ resourceType: "OperationOutcome" });
    const number = await put("990101199003070015", { resourceType: "Patient" });
    expect(number.status).toBe(400);
  });
});
