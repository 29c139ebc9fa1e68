import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it } from "@jest/globals";
import type { Bundle } from "@medplum/fhirtypes";
import type { LookupEvent, Reading } from "../../src/http/use-cases.ts";
import { exactNumber } from "../../src/kernel/exact-json.ts";
import { Fault } from "../../src/kernel/fault.ts";
import { someId } from "./fake-use-cases.ts";
import { goodRequest, send } from "./requests.ts";
import { listening, startApp } from "./start-app.ts";
import { tokenFor } from "./tokens.ts";

const token = await tokenFor("institution");
const headers = { Authorization: `Bearer ${token}` };
const results = goodRequest("GET /lookups/{id}/results");
const bundle = (...resources: object[]): Bundle =>
  ({ resourceType: "Bundle", type: "searchset", entry: resources.map((resource) => ({ resource })) }) as Bundle;
const large = bundle(
  ...Array.from({ length: 20_000 }, (_, n) => ({
    resourceType: "Observation",
    id: `o${n}`,
    status: "final",
    note: [{ text: "x".repeat(1000) }],
  })),
);

describe("reading a lookup's answer", () => {
  it("keeps the digits of a decimal", async () => {
    const reading: Reading = {
      kind: "released",
      bundle: bundle({ resourceType: "Observation", valueQuantity: { value: exactNumber("11.30") } }),
    };
    const { app } = startApp({ readLookup: async () => reading });
    const response = await send(app, results, token);
    expect(response.headers["content-type"]).toMatch(/^application\/fhir\+json/);
    expect(response.headers["cache-control"]).toBe("no-store");
    expect(response.text).toContain('"value":11.30');
  });

  it("lets no blind index, ciphertext, golden id, link or issue out, whatever the reading holds", async () => {
    const inner = [
      { system: "urn:hutong:index:identity-number", value: "INNER" },
      { system: "urn:hutong:resident", value: "INNER" },
    ];
    const patient = {
      resourceType: "Patient",
      identifier: [
        {
          system: "urn:card",
          value: "outer",
          extension: [{ url: "https://hutong.example/fhir/StructureDefinition/ciphertext", valueString: "INNER" }],
        },
        ...inner,
      ],
      telecom: [{ system: "urn:hutong:index:phone", value: "INNER" }],
      link: [{ other: { identifier: { value: "INNER" } }, type: "seealso" }],
      extension: [
        { url: "https://hutong.example/fhir/StructureDefinition/issue", extension: [{ url: "digest", valueString: "INNER" }] },
      ],
    };
    const observation = { resourceType: "Observation", subject: { identifier: inner[1], display: "outer" } };
    const { app } = startApp({ readLookup: async () => ({ kind: "released", bundle: bundle(patient, observation) }) });
    const response = await send(app, results, token);
    expect(response.text).not.toContain("INNER");
    expect(response.body.entry).toEqual([
      { resource: { resourceType: "Patient", identifier: [{ system: "urn:card", value: "outer" }] } },
      { resource: { resourceType: "Observation", subject: { display: "outer" } } },
    ]);
  });

  it("says 202 while there is nothing to read, 403 when consent does not permit, 404 when it is not there", async () => {
    const waiting = await send(startApp({ readLookup: async () => ({ kind: "waiting" }) }).app, results, token);
    expect([waiting.status, waiting.headers["retry-after"], waiting.body.resourceType]).toEqual([202, "2", "OperationOutcome"]);
    const refused = await send(startApp({ readLookup: async () => ({ kind: "refused" }) }).app, results, token);
    expect([refused.status, refused.body.issue[0].code]).toEqual([403, "forbidden"]);
    const absent = await send(startApp({ readLookup: async () => undefined }).app, results, token);
    expect([absent.status, absent.body.issue[0].code]).toEqual([404, "not-found"]);
  });

  it("is cut when the consent is withdrawn while it is sent, and the reading is told", async () => {
    const revoke = new AbortController();
    const how = Promise.withResolvers<string>();
    const reading: Reading = { kind: "released", bundle: large, revoked: revoke.signal, ended: (end) => how.resolve(end) };
    const { app } = startApp({ readLookup: async () => reading });
    await listening(app, async (url) => {
      const response = await fetch(`${url}${results.url}`, { headers });
      revoke.abort();
      await expect(response.text()).rejects.toThrow();
      expect(await how.promise).toBe("cut");
    });
  });

  it("is told when it was sent, and when the client left", async () => {
    const ends: string[] = [];
    const reading: Reading = { kind: "released", bundle: large, ended: (end) => void ends.push(end) };
    const { app } = startApp({ readLookup: async () => reading });
    await listening(app, async (url) => {
      await (await fetch(`${url}${results.url}`, { headers })).text();
      const leaving = new AbortController();
      const response = await fetch(`${url}${results.url}`, { headers, signal: leaving.signal });
      leaving.abort();
      await response.text().catch(() => {});
      for (let time = 0; time < 50 && ends.length < 2; time++) await pause(20);
    });
    expect(ends).toEqual(["sent", "left"]);
  });

  it("sends nothing when the consent was withdrawn before the first byte", async () => {
    const reading: Reading = { kind: "released", bundle: large, revoked: AbortSignal.abort() };
    const { app } = startApp({ readLookup: async () => reading });
    await expect(send(app, results, token)).rejects.toThrow();
  });
});

describe("a lookup's events", () => {
  const events = goodRequest("GET /lookups/{id}/events");
  const line = { source: "a-provincial", name: "省人民医院", outcome: "answered", count: 2, inner: "INNER" } as const;
  const done = { id: someId, status: "completed", lines: [line], note: "n" } as const;

  it("come as line, block and done, each in one data field", async () => {
    async function* stream(): AsyncGenerator<LookupEvent> {
      yield { event: "line", data: line };
      yield { event: "block", data: { source: "a-provincial", reading: { kind: "released", bundle: bundle() } } };
      yield { event: "done", data: done };
    }
    const response = await send(startApp({ watchLookup: async () => stream() }).app, events, token);
    expect(response.headers["content-type"]).toBe("text/event-stream; charset=utf-8");
    expect(response.text).not.toContain("INNER");
    const frames = response.text
      .trim()
      .split("\n\n")
      .map((frame) => frame.split("\n"));
    expect(frames.map(([event]) => event)).toEqual(["event: line", "event: block", "event: done"]);
    expect(frames[1]?.[1]).toBe(
      'data: {"source":"a-provincial","bundle":{"resourceType":"Bundle","type":"searchset","entry":[]}}',
    );
  });

  it("a fault in the middle is told as a problem, and nothing of its cause", async () => {
    async function* stream(): AsyncGenerator<LookupEvent> {
      yield { event: "line", data: line };
      throw new Fault("store-down", { cause: new Error("secret cause"), detail: "secret detail" });
    }
    const response = await send(startApp({ watchLookup: async () => stream() }).app, events, token);
    expect(response.text).toContain('event: problem\ndata: {"type":"urn:hutong:problem:store-down"');
    expect(response.text).not.toContain("secret");
  });

  it("arrive when they happen, and the source ends when the client leaves", async () => {
    const ended = Promise.withResolvers<string>();
    const { app } = startApp({
      watchLookup: async ({ signal }) =>
        (async function* (): AsyncGenerator<LookupEvent> {
          yield { event: "line", data: line };
          await new Promise((resolve) => signal.addEventListener("abort", resolve));
          ended.resolve("ended");
        })(),
    });
    await listening(app, async (url) => {
      const leaving = new AbortController();
      const response = await fetch(`${url}${events.url}`, { headers, signal: leaving.signal });
      const first = await response.body?.getReader().read();
      expect(Buffer.from(first?.value ?? "").toString()).toContain("event: line");
      leaving.abort();
      expect(await ended.promise).toBe("ended");
    });
  });

  it("a client that does not read holds the source back instead of filling memory", async () => {
    let made = 0;
    const { app } = startApp({
      watchLookup: async ({ signal }) =>
        (async function* (): AsyncGenerator<LookupEvent> {
          while (made < 200 && !signal.aborted) {
            made += 1;
            yield { event: "block", data: { source: "a-provincial", reading: { kind: "released", bundle: large } } };
          }
        })(),
    });
    await listening(app, async (url) => {
      const leaving = new AbortController();
      await fetch(`${url}${events.url}`, { headers, signal: leaving.signal });
      await pause(500);
      expect(made).toBeLessThan(5);
      leaving.abort();
    });
  });

  it("a block whose consent is withdrawn cuts the stream", async () => {
    const revoke = new AbortController();
    const how = Promise.withResolvers<string>();
    const reading: Reading = { kind: "released", bundle: large, revoked: revoke.signal, ended: (end) => how.resolve(end) };
    const { app } = startApp({
      watchLookup: async () =>
        (async function* (): AsyncGenerator<LookupEvent> {
          yield { event: "block", data: { source: "a-provincial", reading } };
          yield { event: "done", data: done };
        })(),
    });
    await listening(app, async (url) => {
      const response = await fetch(`${url}${events.url}`, { headers });
      revoke.abort();
      await expect(response.text()).rejects.toThrow();
      expect(await how.promise).toBe("cut");
    });
  });
});
