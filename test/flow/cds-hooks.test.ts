import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { call, expectStatus } from "../../scripts/client/call.ts";
import { cdsToken } from "../../scripts/client/cds-token.ts";
import { waitFor } from "../../scripts/client/wait-for.ts";
import { certificateExport, certificateRows } from "../../scripts/sample/certificates.ts";
import { labExportOfA, labMessagesOfC } from "../../scripts/sample/fresh.ts";
import { itemByKey } from "../../scripts/sample/items.ts";
import { freshResident, type Person } from "../../scripts/sample/people.ts";
import { dayMs, later } from "../../scripts/sample/time.ts";
import type { InstitutionCode } from "../../src/kernel/brand.ts";
import {
  type HookClient,
  hookClient,
  type Kept,
  type OrderingSession,
  type SeenCard,
  type Wire,
} from "../cds-hooks/hook-client.ts";
import { flowWorld, type World } from "../platform.ts";
import { grant } from "./people.ts";

// County hospital C's system, which knows CDS Hooks 2.0.1 and the address of the hub.
const county = { client: "c-county", issuer: "https://his.weitang.example", tenant: "c-county" };
const visit = `V${Math.random().toString().slice(2, 12)}`;

let world: World;
let person: Person;
let client: HookClient;
const fhir = new Map<string, Kept>();
const now = new Date();
const ago = (days: number) => later(now, -days * dayMs);

const loincOf = (key: string) => ({ system: "http://loinc.org", code: itemByKey(key).loinc });
function draft(id: string, coding: object): Kept {
  return {
    ...{ resourceType: "ServiceRequest", id, status: "draft", intent: "order", code: { coding: [coding] } },
    ...{ subject: { reference: "Patient/p1" }, encounter: { reference: "Encounter/e1" } },
  };
}
const session = (...drafts: Kept[]): OrderingSession => ({
  ...{ userId: "Practitioner/2001", patientId: "p1", encounterId: "e1" },
  drafts,
});

function wireOf(signer: typeof county): Wire {
  const { platform } = world;
  return {
    baseUrl: platform.api,
    token: (address) => cdsToken(platform, signer, address),
    send: (method, path, { authorization, body }) =>
      call(platform, { method, path, headers: { authorization }, ...(body === undefined ? {} : { json: body }) }),
  };
}

beforeAll(async () => {
  world = flowWorld();
  person = freshResident();
  client = hookClient(wireOf(county), fhir);
  fhir.set("Patient/p1", {
    ...{ resourceType: "Patient", id: "p1", name: [{ text: person.name }] },
    identifier: [{ system: "urn:oid:2.16.156.10011.1.3", value: person.number }],
  });
  fhir.set("Encounter/e1", {
    ...{ resourceType: "Encounter", id: "e1", status: "in-progress", class: { code: "AMB" } },
    ...{ identifier: [{ value: visit }], subject: { reference: "Patient/p1" } },
  });
  fhir.set("Practitioner/2001", { resourceType: "Practitioner", id: "2001", name: [{ text: "程医生" }] });
  const given = ["CREA", "UA", "K", "NA"].map((item) => ({
    item,
    value: { CREA: "86", UA: "351", K: "4.2", NA: "141" }[item] ?? "",
  }));
  await Promise.all([
    world.deliver(
      certificateExport(
        certificateRows(now).filter((row) => row.结果 === "合格"),
        ago(30),
      ),
    ),
    world.deliver(labExportOfA(person, given, ago(2))),
    ...labMessagesOfC(person, [{ item: "GLU", value: "5.1" }], ago(1), { site: "c-county" }).map((one) => world.deliver(one)),
  ]);
}, 200_000);
afterAll(() => world.close());

async function sign(open: OrderingSession) {
  const [answered] = await client.fire("order-sign", open);
  if (answered === undefined) throw new Error("no service answers order-sign");
  return answered;
}

const cardOf = (cards: readonly SeenCard[], at = 0): SeenCard => {
  const card = cards[at];
  if (card === undefined) throw new Error("no such card");
  return card;
};

describe("a hospital's system that speaks CDS Hooks", () => {
  it("without the resident's consent reads the same neutral card as for somebody nobody knows", async () => {
    const known = await sign(session(draft("o1", loincOf("CREA"))));
    const own = fhir.get("Patient/p1") as Kept;
    fhir.set("Patient/p1", { ...own, identifier: [{ system: "urn:oid:2.16.156.10011.1.3", value: freshResident().number }] });
    const unknown = await sign(session(draft("o1", loincOf("CREA"))));
    fhir.set("Patient/p1", own);
    expect(known.body).toEqual(unknown.body);
    expect(known.cards.map((card) => card.summary)).toEqual([expect.stringContaining("未授权")]);
  });

  it("with it is warned at the order, takes the result, and the answer stands in its own record", async () => {
    await expectStatus(grant(world, person, "c-county"), 201);
    const open = session(draft("o1", loincOf("CREA")));
    const answered = await waitFor(
      "the certificates",
      () => sign(open),
      ({ cards }) => cards[0]?.indicator === "warning",
      { timeoutMs: 75_000, everyMs: 1000 },
    );
    const card = cardOf(answered.cards);
    expect(card.summary).toMatch(/^可互认：.*肌酐 86 umol\/L（全国HR），剩余2[78]天$/);
    const [suggestion] = card.suggestions ?? [];
    if (suggestion === undefined) throw new Error("nothing is suggested");
    const taken = await client.accept(answered, open, { card, suggestion });
    expect(taken?.status).toBe(200);
    expect(open.drafts).toEqual([]);
    const kept = await world.store.searchAll("c-county" as InstitutionCode, "DetectedIssue", {});
    expect(
      kept.filter((one) => JSON.stringify(one).includes(`c-county/${visit}`) || JSON.stringify(one).includes("o1")),
    ).not.toEqual([]);
    expect((await client.accept(answered, session(draft("o1", loincOf("CREA"))), { card, suggestion }))?.body).toMatchObject({
      feedback: [{ state: "same" }],
    });
  });

  it("opens the hub's pop-up from the card, once", async () => {
    const { cards } = await sign(session(draft("o9", loincOf("K"))));
    const link = cardOf(cards).links?.find((one) => one.type === "absolute");
    expect(link?.url).toMatch(/\/recognition\/popup#[\w-]{43}$/);
  });

  it("reads of a patient what exists, and of four orders one card", async () => {
    const [history] = await client.fire("patient-view", session());
    expect(history?.cards.map((card) => card.summary)).toEqual([expect.stringMatching(/^近180天外院已有4项结果/)]);
    const four = session(...["CREA", "UA", "K", "NA"].map((key) => draft(`f-${key}`, loincOf(key))));
    const { cards } = await sign(four);
    expect(cardOf(cards)).toMatchObject({ selectionBehavior: "any" });
    expect(cardOf(cards).suggestions).toHaveLength(4);
  });

  it("may override with a reason, or without: then the answer is incomplete, and another one can follow", async () => {
    const answered = await sign(session(draft("o2", loincOf("UA"))));
    const card = cardOf(answered.cards);
    expect((await client.override(answered, card))?.body).toMatchObject({ feedback: [{ state: "incomplete" }] });
    expect((await client.override(answered, card, "condition-changed"))?.body).toMatchObject({
      feedback: [{ state: "recorded" }],
    });
    expect((await client.override(answered, card, "emergency"))?.status).toBe(409);
  });

  it("sees its own hospital's result apart", async () => {
    const { cards } = await sign(session(draft("o3", loincOf("GLU"))));
    expect(cards.map((card) => card.summary)).toEqual([expect.stringMatching(/^本院近期已有结果：.*5\.1/)]);
  });

  it("is told 412 when it does not send the patient, and 401 for a token used twice or signed for another service", async () => {
    const services = await client.discover();
    const service = services.find((one) => one.hook === "order-sign");
    if (service === undefined) throw new Error("no service");
    const request = client.requestFor(service, session(draft("o4", loincOf("CREA"))));
    const { prefetch: _, ...without } = request;
    expect((await client.callService(service, without)).status).toBe(412);
    const path = `/cds-services/${service.id}`;
    const wire = wireOf(county);
    const send = (token: string) => wire.send("POST", path, { authorization: `Bearer ${token}`, body: request });
    const token = await wire.token(`${wire.baseUrl}${path}`);
    expect([(await send(token)).status, (await send(token)).status]).toEqual([200, 401]);
    expect((await send(await wire.token(`${wire.baseUrl}/cds-services`))).status).toBe(401);
    // Another hospital's key under this one's name.
    expect(
      (await send(await cdsToken(world.platform, { ...county, client: "a-provincial" }, `${wire.baseUrl}${path}`))).status,
    ).toBe(401);
  });

  it("answers within the time a doctor waits", async () => {
    const service = (await client.discover()).find((one) => one.hook === "order-sign");
    if (service === undefined) throw new Error("no service");
    const times: number[] = [];
    for (let at = 0; at < 10; at++) {
      const request = client.requestFor(service, session(draft(`t${at}`, loincOf("CREA"))));
      const began = performance.now();
      await client.callService(service, request);
      times.push(performance.now() - began);
    }
    expect(times.sort((a, b) => a - b)[5]).toBeLessThan(500);
  });
});
