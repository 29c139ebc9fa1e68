import { pino } from "pino";
import { readFileSync } from "node:fs";
import { createHapiClient } from "../src/adapters/hapi/client.ts";
import { installSearchParameters } from "../src/adapters/hapi/install-conformance.ts";
import { createHapiPartitions } from "../src/adapters/hapi/partitions.ts";
import { createHapiStore } from "../src/adapters/hapi/store.ts";
import { createSealedAnswers } from "../src/adapters/redis/answers.ts";
import { connectRedis } from "../src/adapters/redis/connection.ts";
import { createProgress } from "../src/adapters/redis/progress.ts";
import { createTaskQueues, createTaskWorker } from "../src/adapters/redis/queue.ts";
import { createCryptoSuite } from "../src/kernel/crypto-suite.ts";
import { consentsOf } from "../src/consent/consents-of.ts";
import { readResident, ensureResident } from "../src/identity/resident.ts";
import { newGolden, withLink } from "../src/identity/golden-patient.ts";
import { createSourceGate } from "../src/sources/source-gate.ts";
import { grantAndWake } from "../src/lookup/wake-lookups.ts";
import { requestLookup } from "../src/lookup/request-lookup.ts";
import { runLookup } from "../src/lookup/run-lookup.ts";
import { readLookup } from "../src/lookup/read-lookup.ts";
import { releaseLookup } from "../src/lookup/release-lookup.ts";
import { streamLookup } from "../src/lookup/stream-lookup.ts";
import { auditEvent } from "../src/audit/audit-event.ts";
import { exactNumber } from "../src/kernel/exact-json.ts";
const urls = JSON.parse(readFileSync("/tmp/lookupdev/state.json","utf8")).urls;
const hapi = createHapiClient({ baseUrl: urls.hapi });
const store = createHapiStore(hapi);
const log = pino({ level: "info" });
const t0 = performance.now(); const mark = (s: string) => console.log(Math.round(performance.now()-t0), s);
await installSearchParameters(store, "profiles"); mark("search params");
const partitions = createHapiPartitions(hapi);
const codes = Array.from({length: 11}, (_, i) => `t-l${i}`);
for (const [i, c] of codes.entries()) await partitions.ensure(9100+i, c as never);
mark("partitions");
const suite = createCryptoSuite({ ids: Buffer.alloc(32, 7), index: Buffer.alloc(32, 2), data: Buffer.alloc(32, 3) });
const run = Math.random().toString(36).slice(2);
const resident = suite.computeId("DEFAULT","Patient","resident", run) as never;
let golden = newGolden(resident);
const lab = [{ coding: [{ system: "http://terminology.hl7.org/CodeSystem/observation-category", code: "laboratory" }] }];
const LAB = (c: string) => [{ coding: [{ system: "http://terminology.hl7.org/CodeSystem/v2-0074", code: c }] }];
const big = process.argv[2] === "big";
for (const c of codes) {
  const p = suite.computeId(c, "Patient", "patient", run);
  golden = withLink(golden, { tenant: c as never, patientId: p as never, basis: "number", at: "2026-01-01T00:00:00Z" });
  const subject = { reference: `Patient/${p}` };
  const id = (n: string) => suite.computeId(c, n, run);
  const writes: any[] = [{ kind: "put", resource: { resourceType: "Patient", id: p, identifier: [{ system: "urn:x", value: run + c }] } }];
  for (let k = 0; k < 2; k++) {
    const results = Array.from({length: 10}, (_, n) => ({ resourceType: "Observation", id: id(`o${k}-${n}`), status: "final", category: lab, code: { text: "x" }, subject, effectiveDateTime: `2026-11-1${k}T08:00:00+08:00`, valueQuantity: { value: exactNumber("11.30"), unit: "umol/L" } }));
    writes.push(...results.map((resource) => ({ kind: "put", resource })));
    writes.push({ kind: "put", resource: { resourceType: "DiagnosticReport", id: id(`r${k}`), status: "final", category: LAB("LAB"), code: { text: "r" }, subject, effectiveDateTime: `2026-11-1${k}T08:00:00+08:00`, result: results.map((r) => ({ reference: `Observation/${r.id}` })) } });
  }
  writes.push({ kind: "put", resource: { resourceType: "DiagnosticReport", id: id(`ct`), status: "final", category: LAB("RAD"), code: { text: "ct" }, subject, effectiveDateTime: `2026-11-10T08:00:00+08:00` } });
  writes.push({ kind: "put", resource: { resourceType: "ImagingStudy", id: id(`is`), status: "available", subject, started: `2026-11-10T08:00:00+08:00` } });
  writes.push({ kind: "put", resource: { resourceType: "Encounter", id: id(`e`), status: "finished", class: { code: "AMB" }, subject, period: { start: `2026-11-10T08:00:00+08:00` } } });
  writes.push({ kind: "put", resource: { resourceType: "Condition", id: id(`c`), code: { text: "x" }, subject, recordedDate: `2026-11-10T08:00:00+08:00` } });
  await store.commit(c as never, writes, { createOnly: true });
  if (big && c === "t-l1") for (let b = 0; b < 4; b++) await store.commit(c as never, Array.from({length: 90}, (_, n) => ({ kind: "put", resource: { resourceType: "Observation", id: id(`big${b}-${n}`), status: "final", category: lab, code: { text: "x" }, subject, effectiveDateTime: `2026-11-12T08:00:00+08:00` } }) as never));
}
await store.commit("DEFAULT", [{ kind: "put", resource: golden }]);
mark("seeded");
const redis = connectRedis(urls.redis, log);
const now = () => new Date();
const queues = createTaskQueues(redis, log);
const deps: any = {
  store, suite, now, log, scheduler: queues,
  consentsOf: (r: any) => consentsOf(store, r), readGolden: (r: any) => readResident(store, r), ensureResident: (r: any) => ensureResident(store, r),
  sources: { store, now, remote: { search: async () => ({ kind: "refused" }) }, gate: createSourceGate({ concurrent: 8, failures: 5, openMs: 30000 }, now), endpointOf: () => ({ kind: "hosted" }), timeoutMs: 8000 },
  answers: createSealedAnswers(redis, suite, { ttlSeconds: 600, askMs: 8000, log }), progress: createProgress(redis, log),
  nameOf: (c: string) => c, unique: () => crypto.randomUUID(), publicUrl: "http://x", answerWindowMs: 3600e3,
};
const wrap = (o: any, n: string) => { const f = o[n].bind(o); o[n] = async (...a: any[]) => { const t = performance.now(); try { return await f(...a); } finally { if (tracing) trace.push(`${Math.round(t-base0)}+${Math.round(performance.now()-t)} ${n} ${a[0]} ${Array.isArray(a[1]) ? a[1].length : a[1]}`); } }; };
let tracing = false; const trace: string[] = []; let base0 = 0;
for (const n of ["read","search","commit"]) wrap(store, n);
for (const n of ["keep","kept"]) wrap(deps.answers, n);
const worker = createTaskWorker(redis, { kind: "lookup", concurrency: 16, log, run: async (id) => { await runLookup(deps, id).catch((e) => console.log("run failed", e)); } });
const asker = { client: "t-l0", institution: "t-l0" as never, practitioner: { id: "d1" } };
const ask = (more = {}) => requestLookup(deps, { asker, resident, categories: ["lab","imaging","record"], purpose: "TREAT", from: "2025-11-20", visit: { number: "V1", department: "内科", kind: "outpatient", start: "2026-11-20T00:00:00Z" }, ...more } as never, crypto.randomUUID());
const waiting: any = await ask(); mark("waiting lookup");
console.log(await readLookup(deps, { id: waiting.id, reader: asker }), await releaseLookup(deps, { id: waiting.id, reader: asker }));
const granted: any = await grantAndWake(deps, { resident, key: "k", grant: { recipients: ["t-l0" as never], categories: ["lab","imaging","record"], purposes: ["TREAT"], period: { end: "2027-11-01" } }, audit: (c) => [auditEvent({ id: suite.computeId("ev", c.id ?? ""), kind: "consent-given", at: now(), outcome: "success", agent: { client: "portal" } })] });
mark("granted " + granted.kind);
console.log(await readLookup(deps, { id: waiting.id, reader: asker, waitMs: 5000 })); mark("ran");
const r: any = await releaseLookup(deps, { id: waiting.id, reader: asker }); await r.ended("sent");
console.log(r.bundle.total, JSON.stringify(r.bundle).match(/"value":11\.30/g)?.length); mark("released");
const st: any = await streamLookup(deps, { id: waiting.id, reader: asker, signal: new AbortController().signal });
for await (const e of st) { if (e.event === "done") console.log("done", e.data.status); } mark("streamed");

const pats = codes.slice(1).map((c) => `Patient/${suite.computeId(c, "Patient", "patient", run)}`);
const cases: Record<string, () => Promise<unknown>> = {
  plain: () => store.search("_ALL", "Observation", { patient: pats.slice(0,9).join(","), category: "http://terminology.hl7.org/CodeSystem/observation-category|laboratory", date: "ge2025-11-20" }, 199, { exactDecimals: true }),
  sorted: () => store.search("_ALL", "Observation", { patient: pats.slice(0,9).join(","), category: "http://terminology.hl7.org/CodeSystem/observation-category|laboratory", date: "ge2025-11-20", _sort: "_lastUpdated" }, 199, { exactDecimals: true }),
  inexact: () => store.search("_ALL", "Observation", { patient: pats.slice(0,9).join(","), category: "http://terminology.hl7.org/CodeSystem/observation-category|laboratory", date: "ge2025-11-20" }, 199),
  nodate: () => store.search("_ALL", "Observation", { patient: pats.slice(0,9).join(","), category: "http://terminology.hl7.org/CodeSystem/observation-category|laboratory"}, 199),
  nocat: () => store.search("_ALL", "Observation", { patient: pats.slice(0,9).join(",")}, 199),
  halves: () => Promise.all([pats.slice(0,5), pats.slice(5,9)].map((p) => store.search("_ALL", "Observation", { patient: p.join(","), category: "http://terminology.hl7.org/CodeSystem/observation-category|laboratory", date: "ge2025-11-20" }, 199, { exactDecimals: true }))),
  one: () => store.search("_ALL", "Observation", { patient: pats[0]!, category: "http://terminology.hl7.org/CodeSystem/observation-category|laboratory", date: "ge2025-11-20" }, 199, { exactDecimals: true }),
  chain: () => store.search(codes[1] as never, "Observation", { "patient.identifier": `urn:x|${run}${codes[1]}`, date: "ge2025-11-20" }, 199),
};
const r2: Record<string, number[]> = {};
for (let i = 0; i < 25; i++) for (const [n, f] of Object.entries(cases)) { const t = performance.now(); await f(); (r2[n] ??= []).push(performance.now() - t); }
for (const [n, x] of Object.entries(r2)) { x.sort((p,q)=>p-q); console.log(n, "min", Math.round(x[0]!), "p25", Math.round(x[6]!), "p50", Math.round(x[12]!)); }
await worker.close(); await queues.close(); redis.close(); await hapi.close();
