import { beforeEach, describe, expect, it } from "@jest/globals";
import type { AuditEvent, Consent, Task } from "@medplum/fhirtypes";
import { buildConsent, grantProblems } from "../../src/consent/build-consent.ts";
import { allConsentsOf, consentsOf } from "../../src/consent/consents-of.ts";
import { decide } from "../../src/consent/decide.ts";
import { type GrantDeps, type GrantRequest, grantConsent } from "../../src/consent/grant-consent.ts";
import type { Grant } from "../../src/consent/model.ts";
import { readConsent } from "../../src/consent/read-consent.ts";
import { withdrawConsent } from "../../src/consent/withdraw-consent.ts";
import type { FhirStore, Write } from "../../src/fhir/store.ts";
import type { ResidentId, ResourceId } from "../../src/kernel/brand.ts";
import { createCryptoSuite } from "../../src/kernel/crypto-suite.ts";
import { createMemoryStore, type MemoryStore } from "../fakes/memory-store.ts";
import { aGrant, at, lookup, noon, resident } from "./consents.ts";

const suite = createCryptoSuite({ ids: Buffer.alloc(32, 1), index: Buffer.alloc(32, 2), data: Buffer.alloc(32, 3) });
const somebodyElse = `h${"2".repeat(40)}` as ResidentId;
let store: MemoryStore;
let deps: GrantDeps;
let events = 0;
const audit = (): AuditEvent[] => [
  {
    resourceType: "AuditEvent",
    id: `e${++events}`,
    type: {},
    recorded: noon.toISOString(),
    agent: [{ requestor: true }],
    source: { observer: {} },
  },
];
const request = (more: Partial<GrantRequest> = {}): GrantRequest => ({ resident, grant: aGrant, key: "k1", audit, ...more });
const waiting: Task = { resourceType: "Task", id: "hwaiting", status: "on-hold", intent: "order" };
const stored = async () => (await store.searchAll("DEFAULT", "Consent", {}))[0] as Consent;
const auditsOf = () => store.all("DEFAULT").filter((one) => one.resourceType === "AuditEvent").length;

beforeEach(() => {
  store = createMemoryStore();
  deps = {
    store,
    suite,
    now: () => noon,
    ensureResident: async (id) => void (await store.createMissing("DEFAULT", [{ resourceType: "Patient", id }])),
  };
});

describe("granting", () => {
  it("stores the consent, its audit and the lookups it frees in one transaction, and permits from then on", async () => {
    await store.createMissing("DEFAULT", [waiting]);
    const extra = async (): Promise<Write[]> => [
      { kind: "update", resource: { ...waiting, status: "requested" }, ifMatch: "1" },
    ];
    expect((await grantConsent(deps, request({ extra }))).kind).toBe("granted");
    expect(store.requests.filter((one) => one.startsWith("commit"))).toEqual(["commit DEFAULT 3"]);
    expect(await store.read("DEFAULT", "Task", "hwaiting")).toMatchObject({ status: "requested" });
    expect(decide(await consentsOf(store, [resident]), lookup, noon).kind).toBe("permit");
    expect(decide(await consentsOf(store, [somebodyElse]), lookup, noon)).toEqual({ kind: "deny", reason: "none-given" });
  });

  it("with the same key is recorded once; with the same key and another content it is refused", async () => {
    await grantConsent(deps, request());
    const later = { ...deps, now: () => new Date("2026-11-18T20:00:00Z") };
    expect((await grantConsent(later, request())).kind).toBe("existed");
    expect((await grantConsent(later, request({ grant: { ...aGrant, categories: ["imaging"] } }))).kind).toBe("conflict");
    expect([store.versionOf("DEFAULT", "Consent", (await stored()).id ?? ""), auditsOf()]).toEqual([1, 1]);
  });

  it("again never brings a withdrawn consent back, even when both race", async () => {
    await grantConsent(deps, request());
    const { id = "" } = await stored();
    await withdrawConsent(store, { residents: [resident], id, audit });
    expect((await grantConsent(deps, request())).kind).toBe("existed");
    let looked = 0;
    // Its first look was before the first grant was stored.
    const read: FhirStore["read"] = async (...args) => (++looked === 1 ? undefined : store.read(...args));
    const blind: GrantDeps = { ...deps, store: { ...store, read } };
    expect((await grantConsent(blind, request())).kind).toBe("existed");
    expect((await stored()).status).toBe("inactive");
  });

  it("ten times at once with one key is one consent with one event", async () => {
    store.beforeCommit(() => new Promise((resolve) => setImmediate(resolve)));
    let second = 0;
    const ticking = { ...deps, now: () => new Date(noon.getTime() + ++second * 1000) };
    const kinds = (await Promise.all(Array.from({ length: 10 }, () => grantConsent(ticking, request())))).map(
      ({ kind }) => kind,
    );
    expect(kinds.filter((kind) => kind === "granted")).toHaveLength(1);
    expect([store.versionOf("DEFAULT", "Consent", (await stored()).id ?? ""), auditsOf()]).toEqual([1, 1]);
  });

  it("does not fail because somebody else keeps moving a waiting lookup", async () => {
    await store.createMissing("DEFAULT", [waiting]);
    const extra = async (): Promise<Write[]> => [
      { kind: "update", resource: { ...waiting, status: "requested" }, ifMatch: "7" },
    ];
    expect((await grantConsent(deps, request({ extra }))).kind).toBe("granted");
    expect(await store.read("DEFAULT", "Task", "hwaiting")).toMatchObject({ status: "on-hold" });
    expect(auditsOf()).toBe(1);
  });

  it("stores nothing when the store is down", async () => {
    store.down();
    await expect(grantConsent(deps, request())).rejects.toMatchObject({ code: "store-down" });
    store.up();
    expect(store.all("DEFAULT")).toEqual([]);
  });

  it.each<[string, Partial<Grant>, string]>([
    ["for nobody", { recipients: [] }, "recipients"],
    ["of nobody's data", { sources: [] }, "sources"],
    ["of no category", { categories: [] }, "categories"],
    ["for no purpose", { purposes: [] }, "purposes"],
    ["that is over already", { period: { end: "2026-11-17" } }, "period.end"],
    ["that ends before it starts", { period: { start: "2027-02-01", end: "2027-01-01" } }, "period"],
    ["until a day that does not exist", { period: { end: "2027-02-30" } }, "period"],
    ["of data dates the wrong way round", { dataPeriod: { start: "2026-02-01", end: "2026-01-01" } }, "dataPeriod"],
    [
      "for a visit of a hospital that may not look",
      { visit: { institution: at("b-central"), number: "V1" } },
      "visit.institution",
    ],
  ])("%s is refused, with the field", async (_says, more, field) => {
    const grant = { ...aGrant, ...more };
    expect(grantProblems(grant, noon).map((problem) => problem.field)).toEqual([field]);
    expect((await grantConsent(deps, request({ grant }))).kind).toBe("wrong");
    expect(store.all("DEFAULT")).toEqual([]);
  });

  it("never allows backwards: an earlier start becomes now", () => {
    const consent = buildConsent(
      "h1" as ResourceId,
      resident,
      { ...aGrant, period: { start: "2020-01-01", end: "2027-01-01" } },
      noon,
    );
    expect(consent.provision?.period?.start).toBe(noon.toISOString());
  });
});

describe("a consent read back", () => {
  const full: Grant = {
    recipients: [at("c-county"), at("b-central")],
    sources: [at("a-provincial")],
    categories: ["lab", "imaging"],
    purposes: ["TREAT", "ETREAT"],
    period: { start: "2026-12-01", end: "2027-01-01" },
    dataPeriod: { start: "2025-01-01" },
    visit: { institution: at("c-county"), number: "门/2026/17" },
  };
  it.each<[string, Grant]>([
    ["with everything", full],
    ["without what may be left out", { ...aGrant, period: { start: noon.toISOString(), end: "2027-01-01" } }],
  ])("is the grant %s", (_says, grant) =>
    expect(readConsent(buildConsent("h1" as ResourceId, resident, grant, noon), noon)).toEqual({
      ...grant,
      id: "h1",
      version: "",
      status: "active",
      grantedAt: noon.toISOString(),
    }),
  );

  it.each([
    ["active", {}, noon],
    ["expired", {}, new Date("2027-11-19T00:00:00+08:00")],
    ["withdrawn", { status: "inactive" }, noon],
  ] as const)("is %s", (status, more, now) =>
    expect(readConsent({ ...buildConsent("h1" as ResourceId, resident, aGrant, noon), ...more }, now).status).toBe(status),
  );
});

describe("withdrawing", () => {
  const withdrawal = async (more = {}) => ({ residents: [resident], id: (await stored()).id ?? "", audit, ...more });

  it("takes effect with its acknowledgement and is audited in the same transaction", async () => {
    await grantConsent(deps, request());
    expect((await withdrawConsent(store, await withdrawal())).kind).toBe("withdrawn");
    expect(decide(await consentsOf(store, [resident]), lookup, noon)).toEqual({ kind: "deny", reason: "none-given" });
    expect(auditsOf()).toBe(2);
    expect(await allConsentsOf(store, [resident])).toHaveLength(1);
  });

  it("twice is once", async () => {
    await grantConsent(deps, request());
    await withdrawConsent(store, await withdrawal());
    expect((await withdrawConsent(store, await withdrawal())).kind).toBe("existed");
    expect(auditsOf()).toBe(2);
  });

  it("somebody else's consent finds nothing", async () => {
    await grantConsent(deps, request());
    expect(await withdrawConsent(store, await withdrawal({ residents: [somebodyElse] }))).toEqual({ kind: "not-found" });
    expect(await withdrawConsent(store, await withdrawal({ id: "hnone" }))).toEqual({ kind: "not-found" });
    expect((await stored()).status).toBe("active");
  });

  it("a version that is not the current one is refused", async () => {
    await grantConsent(deps, request());
    expect(await withdrawConsent(store, await withdrawal({ ifMatch: "9" }))).toEqual({ kind: "conflict" });
    expect((await withdrawConsent(store, await withdrawal({ ifMatch: "1" }))).kind).toBe("withdrawn");
  });

  it("by a hundred at once is one withdrawal and one event", async () => {
    await grantConsent(deps, request());
    store.beforeCommit(() => new Promise((resolve) => setImmediate(resolve)));
    const one = await withdrawal();
    const kinds = (await Promise.all(Array.from({ length: 100 }, () => withdrawConsent(store, one)))).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === "withdrawn")).toHaveLength(1);
    expect([store.versionOf("DEFAULT", "Consent", one.id), auditsOf()]).toEqual([2, 2]);
  });

  it("also reaches a consent given under a golden that was replaced since", async () => {
    await grantConsent(deps, request({ resident: somebodyElse }));
    expect(decide(await consentsOf(store, [resident, somebodyElse]), lookup, noon).kind).toBe("permit");
    expect((await withdrawConsent(store, await withdrawal({ residents: [resident, somebodyElse] }))).kind).toBe("withdrawn");
  });
});

it("more consents than one search shows are found incomplete, so that nothing is permitted", async () => {
  const many = Array.from({ length: 200 }, (_, index) => buildConsent(`h${index}` as ResourceId, resident, aGrant, noon));
  await store.createMissing("DEFAULT", many);
  const found = await consentsOf(store, [resident]);
  expect(found.complete).toBe(false);
  expect(decide(found, lookup, noon)).toEqual({ kind: "deny", reason: "too-many" });
});
