import { describe, expect, it } from "@jest/globals";
import type { Bundle, Patient, Task } from "@medplum/fhirtypes";
import { addressOf, resourceReference } from "../../src/fhir/reference.ts";
import type { ResidentId, ResourceId } from "../../src/kernel/brand.ts";
import { Fault } from "../../src/kernel/fault.ts";
import { readLookup } from "../../src/lookup/read-lookup.ts";
import { reconsiderLookup } from "../../src/lookup/reconsider-lookup.ts";
import { type Released, releaseLookup } from "../../src/lookup/release-lookup.ts";
import { runLookup } from "../../src/lookup/run-lookup.ts";
import { claimTask } from "../../src/work/claim-task.ts";
import { asker, code, createLookupWorld, createMemoryAnswers, nobody, resident, stranger } from "../fakes/lookup-world.ts";

type World = ReturnType<typeof createLookupWorld>;

/** A world where A and B know the resident, each with one laboratory report. */
async function prepared() {
  const world = createLookupWorld();
  await world.link("a-provincial", "b-central", "c-county");
  await world.labReport("a-provincial", "a1");
  await world.labReport("b-central", "b1", "2026-10-02");
  await world.labReport("c-county", "c1");
  return world;
}

async function accepted(world: World, ...ask: Parameters<World["ask"]>): Promise<string> {
  const answer = await world.ask(...ask);
  if (answer.kind !== "accepted") throw new Error(answer.kind);
  return answer.id;
}

async function released(world: World, id: string, source?: string): Promise<Released> {
  const reading = await releaseLookup(world.deps, {
    id,
    reader: asker,
    ...(source === undefined ? {} : { source: code(source) }),
  });
  if (reading?.kind !== "released") throw new Error(`not released: ${reading?.kind}`);
  await reading.ended("sent");
  return reading;
}

async function granted(world: World, ...grant: Parameters<World["grant"]>): Promise<string> {
  const answer = await world.grant(...grant);
  if (answer.kind !== "granted") throw new Error(answer.kind);
  return answer.consent.id ?? "";
}

const state = (world: World, id: string) => readLookup(world.deps, { id, reader: asker });
const read = (world: World, id: string) => releaseLookup(world.deps, { id, reader: asker });
const idsIn = (bundle: Bundle) =>
  (bundle.entry ?? []).flatMap((entry) => (entry.search?.mode === "match" ? [entry.resource?.id] : [])).sort();
const task = async (world: World, id: string) => (await world.store.read("DEFAULT", "Task", id)) as Task;

describe("a lookup with consent", () => {
  it("runs and answers with every permitted institution's results, but not with the asker's own", async () => {
    const world = await prepared();
    await world.grant();
    const id = await accepted(world);
    await world.work();
    expect(await state(world, id)).toMatchObject({
      status: "completed",
      lines: [
        { source: "a-provincial", name: "name of a-provincial", outcome: "answered", count: 1 },
        { source: "b-central", outcome: "answered", count: 1 },
      ],
    });
    expect(idsIn((await released(world, id)).bundle)).toEqual(["h-a1", "h-a1-result", "h-b1", "h-b1-result"]);
  });

  it("asks consent and the locator once and every hosted institution in one search per type", async () => {
    const world = await prepared();
    await world.grant();
    await accepted(world);
    world.store.requests.length = 0;
    await world.work();
    expect(world.store.requests).toEqual([
      "read DEFAULT Task",
      "commit DEFAULT 1",
      "search DEFAULT Consent",
      "read DEFAULT Patient",
      "search _ALL Observation",
      "search _ALL DiagnosticReport",
      "commit DEFAULT 2",
    ]);
  });

  it("neither names nor counts an institution that consent does not cover", async () => {
    const world = await prepared();
    await world.grant({ sources: [code("a-provincial")] });
    const id = await accepted(world);
    await world.work();
    expect(JSON.stringify([await state(world, id), (await released(world, id)).bundle])).not.toContain("b-central");
  });

  it("leaves out what lies outside the data dates of the consent, and outside those asked for", async () => {
    const world = await prepared();
    await world.labReport("a-provincial", "a0", "2025-01-05");
    await world.grant({ dataPeriod: { start: "2026-01-01" } });
    const all = await accepted(world);
    const october = await accepted(world, { from: "2026-10-01", to: "2026-10-31" });
    await world.work();
    expect((await state(world, all))?.lines.map((line) => line.count)).toEqual([1, 1]);
    expect(JSON.stringify(await world.deps.answers.kept(all as ResourceId))).not.toContain("h-a0");
    expect(idsIn((await released(world, all)).bundle)).toEqual(["h-a1", "h-a1-result", "h-b1", "h-b1-result"]);
    expect(idsIn((await released(world, october)).bundle)).toEqual(["h-b1", "h-b1-result"]);
  });

  it("names in one disclosure event per reading every report with its version", async () => {
    const world = await prepared();
    await world.grant();
    const id = await accepted(world);
    await world.work();
    await world.labReport("a-provincial", "unrelated");
    expect(world.events("disclosure")).toHaveLength(0);
    await released(world, id);
    await released(world, id, "a-provincial");
    const [whole, one] = world.events("disclosure");
    const reports = (event: typeof whole) =>
      event?.entity?.flatMap((entity) =>
        addressOf(entity.what) ? [[addressOf(entity.what)?.id, entity.detail?.[0]?.valueString]] : [],
      );
    expect(reports(whole)).toEqual([
      ["h-a1", "1"],
      ["h-b1", "1"],
    ]);
    expect(reports(one)).toEqual([["h-a1", "1"]]);
    expect(world.events("disclosure")).toHaveLength(2);
  });

  it("hands out nothing when the disclosure cannot be audited", async () => {
    const world = await prepared();
    await world.grant();
    const id = await accepted(world);
    await world.work();
    const store = { ...world.store, commit: () => Promise.reject(new Fault("store-down")) };
    await expect(releaseLookup({ ...world.deps, store }, { id, reader: asker })).rejects.toMatchObject({ code: "store-down" });
    expect(world.events("disclosure")).toHaveLength(0);
  });

  it("keeps what is the hub's own inside: issue digests, the golden id, the index", async () => {
    const world = await prepared();
    await world.put("a-provincial", {
      resourceType: "DiagnosticReport",
      id: "h-a9",
      status: "final",
      category: [{ coding: [{ system: "http://terminology.hl7.org/CodeSystem/v2-0074", code: "LAB" }] }],
      code: { text: "x" },
      subject: { reference: `Patient/${world.patientAt("a-provincial")}` },
      effectiveDateTime: "2026-11-18T08:00:00+08:00",
      extension: [
        {
          url: "https://hutong.example/fhir/StructureDefinition/issue",
          extension: [
            { url: "digest", valueString: "secret-digest" },
            { url: "state", valueString: "present" },
          ],
        },
      ],
    });
    await world.grant();
    const id = await accepted(world);
    await world.work();
    const text = JSON.stringify((await released(world, id)).bundle);
    expect(text).toContain("h-a9");
    expect(text).not.toContain("secret-digest");
    expect(text).not.toContain(resident);
  });

  it("answers from the sources again when the sealed copies are gone, each source asked once at a time", async () => {
    const world = await prepared();
    await world.grant();
    const id = await accepted(world);
    await world.work();
    const before = idsIn((await released(world, id)).bundle);
    (world.deps.answers as ReturnType<typeof createMemoryAnswers>).lose();
    world.store.requests.length = 0;
    const readings = await Promise.all([released(world, id), released(world, id), released(world, id)]);
    expect(readings.map((reading) => idsIn(reading.bundle))).toEqual([before, before, before]);
    expect(world.store.requests.filter((line) => line.endsWith(" DiagnosticReport"))).toHaveLength(2);
  });

  it("can be waited for: a reading begun before the work answers when every source has, without waiting for the books to be closed", async () => {
    const world = await prepared();
    await world.grant();
    const id = await accepted(world);
    const began = Date.now();
    const reading = releaseLookup(world.deps, { id, reader: asker, waitMs: 5_000 });
    let closed = false;
    let close = () => {};
    world.store.beforeCommit(async (_tenant, writes) => {
      const [first] = writes;
      if (first?.resource.resourceType !== "Task" || first.resource.status !== "completed") return;
      await new Promise<void>((resolve) => {
        close = resolve;
      });
      closed = true;
    });
    const working = world.work();
    const released = (await reading) as Released;
    expect([released.kind, closed]).toEqual(["released", false]);
    expect(Date.now() - began).toBeLessThan(1_000);
    expect(idsIn(released.bundle)).toEqual(["h-a1", "h-a1-result", "h-b1", "h-b1-result"]);
    await released.ended("sent");
    close();
    await working;
  });

  it("read while a source is still being asked says so: no answer yet is not no data", async () => {
    const world = await prepared();
    await world.grant();
    const id = await accepted(world);
    let answerNow = () => {};
    const slow = new Promise<void>((resolve) => {
      answerNow = resolve;
    });
    const endpointOf = (institution: string) =>
      institution === "b-central" ? ({ kind: "fhir", url: "https://b.example" } as const) : ({ kind: "hosted" } as const);
    const remote = {
      async search() {
        await slow;
        return { kind: "found" as const, resources: [], more: false };
      },
    };
    const running = runLookup({ ...world.deps, sources: { ...world.deps.sources, endpointOf, remote } }, id);
    const early = (await releaseLookup(world.deps, { id, reader: asker, waitMs: 100 })) as Released;
    await early.ended("sent");
    const outcomes = (reading: Released) =>
      reading.bundle.entry?.flatMap((entry) =>
        entry.resource?.resourceType === "OperationOutcome" ? [entry.resource.issue[0]?.details?.text] : [],
      );
    expect([idsIn(early.bundle), outcomes(early)]).toEqual([
      ["h-a1", "h-a1-result"],
      ["name of b-central", undefined],
    ]);
    answerNow();
    await running;
    expect(outcomes(await released(world, id))).toEqual([undefined]);
  });

  it("that nobody works on is waited for only so long", async () => {
    const world = await prepared();
    await world.grant();
    const id = await accepted(world);
    expect(await releaseLookup(world.deps, { id, reader: asker, waitMs: 30 })).toEqual({ kind: "waiting" });
  });

  it("can be waited for before there is consent: one reading, from the grant to the answer", async () => {
    const world = await prepared();
    const id = await accepted(world);
    const reading = releaseLookup(world.deps, { id, reader: asker, waitMs: 5_000 });
    await world.grant();
    await world.work();
    const released = (await reading) as Released;
    expect(released.bundle.total).toBe(4);
    await released.ended("sent");
    expect(world.events("refusal")).toHaveLength(0);
  });

  it("that was withdrawn is waited for as long as one that nobody ever permitted", async () => {
    const world = await prepared();
    const consent = await granted(world);
    const ran = await accepted(world);
    await world.work();
    await world.withdraw(consent);
    const never = await accepted(world, { resident: nobody });
    for (const id of [ran, never]) {
      const began = Date.now();
      expect(await releaseLookup(world.deps, { id, reader: asker, waitMs: 150 })).toEqual({ kind: "refused" });
      expect(Date.now() - began).toBeGreaterThanOrEqual(145);
    }
  });

  it("releases nothing of a local Patient that was unlinked after it was asked", async () => {
    const world = await prepared();
    await world.grant();
    const id = await accepted(world);
    await world.work();
    await world.link("b-central");
    expect(idsIn((await released(world, id)).bundle)).toEqual(["h-b1", "h-b1-result"]);
  });

  it("releases nothing of one of two local Patients of an institution that was unlinked after it was asked", async () => {
    const world = await prepared();
    const second = world.deps.suite.computeId("a-provincial", "Patient", "patient", "card-2") as ResourceId;
    await world.labReport("a-provincial", "a2", "2026-11-18", second);
    await world.link(["a-provincial", second], "a-provincial");
    await world.grant();
    const id = await accepted(world);
    await world.work();
    expect(idsIn((await released(world, id)).bundle)).toEqual(["h-a1", "h-a1-result", "h-a2", "h-a2-result"]);
    await world.link("a-provincial");
    expect(idsIn((await released(world, id)).bundle)).toEqual(["h-a1", "h-a1-result"]);
  });

  it("follows a golden Patient to the one that replaced it, and the consents of both count", async () => {
    const world = await prepared();
    await world.grant({ sources: [code("a-provincial")] });
    const successor = world.deps.suite.computeId("DEFAULT", "Patient", "resident", "successor") as ResidentId;
    const linkTo = (id: ResidentId) =>
      resourceReference<Patient>({ tenant: "DEFAULT", type: "Patient", id: id as string as ResourceId });
    const golden = (await world.store.read("DEFAULT", "Patient", resident)) as Patient;
    await world.put("DEFAULT", {
      ...golden,
      id: successor,
      link: [...(golden.link ?? []), { type: "replaces", other: linkTo(resident) }],
    });
    await world.put("DEFAULT", {
      resourceType: "Patient",
      id: resident,
      link: [{ type: "replaced-by", other: linkTo(successor) }],
    });
    for (const who of [resident, successor]) {
      const id = await accepted(world, { resident: who });
      await world.work();
      expect((await state(world, id))?.lines.map((line) => line.source)).toEqual(["a-provincial"]);
    }
  });

  it("is not there for another institution, nor is a source that was not asked", async () => {
    const world = await prepared();
    await world.grant();
    const id = await accepted(world);
    await world.work();
    expect(await readLookup(world.deps, { id, reader: stranger })).toBeUndefined();
    expect(await releaseLookup(world.deps, { id, reader: stranger })).toBeUndefined();
    expect(await releaseLookup(world.deps, { id, reader: asker, source: code("c-town-1") })).toBeUndefined();
  });
});

describe("a lookup without consent", () => {
  it("looks the same for a known resident, an unknown one and one who withdrew", async () => {
    const world = await prepared();
    const consent = await granted(world);
    const ran = await accepted(world);
    await world.work();
    await released(world, ran);
    await world.withdraw(consent);
    const [known, unknown] = [await accepted(world), await accepted(world, { resident: nobody })];
    await world.work();
    const seen = async (id: string) => JSON.stringify([await state(world, id), await read(world, id)]).replaceAll(id, "<id>");
    expect(await seen(known)).toBe(await seen(unknown));
    expect(await seen(ran)).toBe(await seen(unknown));
    expect(JSON.parse(await seen(ran))).toMatchObject([{ status: "waiting", lines: [] }, { kind: "refused" }]);
    world.advance(73 * 3_600_000);
    for (const id of [known, unknown]) await reconsiderLookup(world.deps, await task(world, id));
    expect(await seen(known)).toBe(await seen(unknown));
    expect(await seen(ran)).toBe(await seen(unknown));
    expect((await task(world, known)).status).toBe("failed");
    expect((await state(world, ran))?.status).toBe("failed");
  });

  it("asks the store for the same things whether or not anybody knows the resident", async () => {
    const world = await prepared();
    const requests = async (who: typeof resident) => {
      world.store.requests.length = 0;
      await world.ask({ resident: who });
      return [...world.store.requests];
    };
    expect(await requests(resident)).toEqual(await requests(nobody));
  });

  it("makes nobody known: no golden Patient comes of asking", async () => {
    const world = await prepared();
    await world.ask({ resident: nobody });
    expect(await world.store.read("DEFAULT", "Patient", nobody)).toBeUndefined();
  });

  it("runs by itself when the resident consents, freed in the consent's own transaction", async () => {
    const world = await prepared();
    const id = await accepted(world);
    await world.work();
    expect((await task(world, id)).status).toBe("on-hold");
    await world.grant();
    expect(world.events("lookup-woken")).toHaveLength(1);
    await world.work();
    expect((await state(world, id))?.status).toBe("completed");
  });

  it("is not freed by a consent for another institution, purpose or visit", async () => {
    const world = await prepared();
    const id = await accepted(world);
    await world.grant({ recipients: [code("b-central")] });
    await world.grant({ purposes: ["ETREAT"] });
    await world.grant({ visit: { institution: asker.institution, number: "V2" } });
    expect((await task(world, id)).status).toBe("on-hold");
    await world.grant({ visit: { institution: asker.institution, number: "V1" } });
    expect((await task(world, id)).status).toBe("requested");
  });

  it("does not miss a consent given while it was being put to wait", async () => {
    const world = await prepared();
    let raced = false;
    world.store.beforeCommit(async (_tenant, writes) => {
      if (raced || writes[0]?.resource.resourceType !== "Task") return;
      raced = true;
      await world.grant();
    });
    const id = await accepted(world);
    expect((await task(world, id)).status).toBe("requested");
    expect(world.scheduled).toContain(id);
  });

  it("audits each refused reading, and none of the looks at its state", async () => {
    const world = await prepared();
    const id = await accepted(world);
    await state(world, id);
    expect(world.events("refusal")).toHaveLength(0);
    await read(world, id);
    await read(world, id);
    expect(world.events("refusal")).toHaveLength(2);
    expect(world.events("disclosure")).toHaveLength(0);
  });
});

describe("a withdrawal", () => {
  it("between accepting and running puts the lookup back to wait; no source is asked", async () => {
    const world = await prepared();
    const consent = await granted(world);
    const id = await accepted(world);
    await world.withdraw(consent);
    world.store.requests.length = 0;
    await world.work();
    expect((await task(world, id)).status).toBe("on-hold");
    expect(world.store.requests.filter((line) => line.includes("_ALL"))).toEqual([]);
  });

  it("may come and go as often as the resident likes: the lookup is not given up for that", async () => {
    const world = await prepared();
    const id = await accepted(world);
    for (let times = 0; times < 7; times++) {
      const consent = await granted(world);
      await world.withdraw(consent);
      await world.work();
      expect((await task(world, id)).status).toBe("on-hold");
    }
    await world.grant();
    await world.work();
    expect((await state(world, id))?.status).toBe("completed");
  });

  it("between running and reading refuses the reading, and a new consent opens it again", async () => {
    const world = await prepared();
    const consent = await granted(world);
    const id = await accepted(world);
    await world.work();
    await world.withdraw(consent);
    expect(await read(world, id)).toEqual({ kind: "refused" });
    await world.grant({ categories: ["lab"] });
    expect(idsIn((await released(world, id)).bundle)).toContain("h-a1");
  });

  it("followed by a narrower consent leaves what that one covers: dates, and institutions even by name", async () => {
    const world = await prepared();
    const consent = await granted(world);
    const id = await accepted(world);
    await world.work();
    await world.withdraw(consent);
    const dated = await granted(world, { dataPeriod: { end: "2026-10-31" } });
    expect(idsIn((await released(world, id)).bundle)).toEqual(["h-b1", "h-b1-result"]);
    await world.withdraw(dated);
    await world.grant({ sources: [code("b-central")] });
    expect((await state(world, id))?.lines.map((line) => line.source)).toEqual(["b-central"]);
    expect(idsIn((await released(world, id)).bundle)).toEqual(["h-b1", "h-b1-result"]);
  });

  it("undone by a new consent while the lookup is put back to wait does not leave it waiting", async () => {
    const world = await prepared();
    const consent = await granted(world);
    const id = await accepted(world);
    await world.withdraw(consent);
    let raced = false;
    world.store.beforeCommit(async (_tenant, writes) => {
      const [first] = writes;
      if (raced || first?.resource.resourceType !== "Task" || first.resource.status !== "on-hold") return;
      raced = true;
      await world.grant();
    });
    await runLookup(world.deps, id);
    expect((await task(world, id)).status).toBe("requested");
  });

  it("while the disclosure was slow to be stored hands out nothing, and the cut is audited", async () => {
    const world = await prepared();
    const consent = await granted(world);
    const id = await accepted(world);
    await world.work();
    let slow = true;
    world.store.beforeCommit(async (_tenant, writes) => {
      if (!slow || writes[0]?.resource.resourceType !== "AuditEvent") return;
      slow = false;
      await world.withdraw(consent);
      world.advance(1_100);
    });
    expect(await read(world, id)).toEqual({ kind: "refused" });
    expect(world.events("disclosure-cut")).toHaveLength(1);
  });

  it("during a reading that had to ask a slow source is seen before anything is disclosed", async () => {
    const world = await prepared();
    const consent = await granted(world);
    const id = await accepted(world);
    await world.work();
    const answers = createMemoryAnswers();
    const slow: typeof answers = {
      ...answers,
      async once(lookup, source, ask) {
        const answer = await answers.once(lookup, source, ask);
        await world.withdraw(consent);
        world.advance(600);
        return answer;
      },
    };
    expect(await releaseLookup({ ...world.deps, answers: slow }, { id, reader: asker })).toEqual({ kind: "refused" });
    expect(world.events("disclosure")).toHaveLength(0);
  });

  it("cuts what is still being sent within a second, and the cut is audited", async () => {
    const world = await prepared();
    const consent = await granted(world);
    const id = await accepted(world);
    await world.work();
    const reading = (await read(world, id)) as Released;
    await world.withdraw(consent);
    const began = Date.now();
    await new Promise((resolve) => reading.revoked.addEventListener("abort", resolve));
    expect(Date.now() - began).toBeLessThan(1_000);
    await reading.ended("cut");
    expect(world.events("disclosure-cut")).toHaveLength(1);
  });
});

describe("what is being sent", () => {
  it("is cut when consent can no longer be asked: silence is no consent", async () => {
    const world = await prepared();
    await world.grant();
    const id = await accepted(world);
    await world.work();
    const reading = (await read(world, id)) as Released;
    world.store.down();
    await new Promise((resolve) => reading.revoked.addEventListener("abort", resolve));
    await reading.ended("left");
  });

  it("is watched only until it was sent", async () => {
    const world = await prepared();
    await world.grant();
    const id = await accepted(world);
    await world.work();
    await released(world, id);
    world.store.requests.length = 0;
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(world.store.requests).toEqual([]);
  });
});

describe("the work of a lookup", () => {
  it("the same key is the same lookup, another body under it a conflict, another institution's key its own", async () => {
    const world = await prepared();
    const first = await accepted(world, {}, "one-key");
    expect(await accepted(world, {}, "one-key")).toBe(first);
    expect(await world.ask({ categories: ["imaging"] }, "one-key")).toEqual({ kind: "conflict" });
    expect(await world.ask({ resident: nobody }, "one-key")).toEqual({ kind: "conflict" });
    expect(await accepted(world, { asker: stranger }, "one-key")).not.toBe(first);
    expect(world.events("lookup-accepted")).toHaveLength(2);
  });

  it("is closed by one worker only: the one that was fenced out leaves no line and no event", async () => {
    const world = await prepared();
    await world.grant();
    const id = await accepted(world);
    const zombie = runLookup(
      {
        ...world.deps,
        answers: {
          ...world.deps.answers,
          async keep() {
            await claimTask(world.store, id, world.deps.now());
          },
        },
      },
      id,
    );
    await expect(zombie).rejects.toMatchObject({ code: "work-lost" });
    expect((await task(world, id)).status).toBe("in-progress");
    expect(world.events("lookup-run")).toHaveLength(0);
    await runLookup(world.deps, id);
    expect(world.events("lookup-run")).toHaveLength(1);
    expect((await state(world, id))?.lines).toHaveLength(2);
  });

  it("accepts nothing while the store is down", async () => {
    const world = await prepared();
    world.store.down();
    await expect(world.ask()).rejects.toMatchObject({ code: "store-down" });
    world.store.up();
    expect(world.store.all("DEFAULT").filter((one) => one.resourceType === "Task")).toEqual([]);
  });

  it("does nothing with a lookup that is closed or waits", async () => {
    const world = await prepared();
    const waiting = await accepted(world);
    await runLookup(world.deps, waiting);
    expect((await task(world, waiting)).status).toBe("on-hold");
    await world.grant();
    await world.work();
    world.store.requests.length = 0;
    await runLookup(world.deps, waiting);
    expect(world.store.requests).toEqual(["read DEFAULT Task"]);
  });

  it("holds no name, no number and no golden reference: the resident stands in it by identifier only", async () => {
    const world = await prepared();
    const id = await accepted(world);
    const { for: subject, ...rest } = await task(world, id);
    expect(subject).toEqual({ type: "Patient", identifier: { system: "urn:hutong:resident", value: resident } });
    expect(JSON.stringify(rest)).not.toContain(resident);
  });

  it("says a line failed, and never nothing, for institutions whose search failed", async () => {
    const world = await prepared();
    await world.grant();
    const id = await accepted(world);
    const store = {
      ...world.store,
      search: ((tenant, type, params, limit, options) =>
        tenant === "_ALL" && type === "Observation"
          ? Promise.reject(new Error("no"))
          : world.store.search(tenant, type, params, limit, options)) as typeof world.store.search,
    };
    await runLookup({ ...world.deps, sources: { ...world.deps.sources, store } }, id);
    world.scheduled.length = 0;
    expect((await state(world, id))?.lines).toMatchObject([
      { outcome: "failed", count: 0 },
      { outcome: "failed", count: 0 },
    ]);
    const outcomes = (await released(world, id)).bundle.entry?.filter((entry) => entry.search?.mode === "outcome");
    expect(outcomes).toHaveLength(3);
    world.advance(31_000);
    expect((await released(world, id)).lines).toMatchObject([{ outcome: "answered" }, { outcome: "answered" }]);
  });
});
