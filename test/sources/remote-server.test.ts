import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "@jest/globals";
import { createRemoteSources } from "../../src/adapters/institution/remote-sources.ts";
import type { InstitutionCode, ResourceId } from "../../src/kernel/brand.ts";
import { asFault } from "../../src/kernel/fault.ts";
import { checkAnswer } from "../../src/sources/check-answer.ts";

type Answer = (request: IncomingMessage, response: ServerResponse, form: URLSearchParams) => void;

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const institution = "b-central" as InstitutionCode;
const key = { system: "urn:b:mrn", value: "7|8" };
const observation = (id: string, patient: string) => ({
  resourceType: "Observation",
  id,
  status: "final",
  code: { text: "x" },
  subject: { reference: patient },
});
const searchset = (resources: readonly object[], more: object = {}) => ({
  resourceType: "Bundle",
  type: "searchset",
  entry: resources.map((resource) => ({ resource })),
  ...more,
});
const json = (response: ServerResponse, body: unknown) => {
  response.setHeader("content-type", "application/fhir+json");
  response.end(typeof body === "string" ? body : JSON.stringify(body));
};

/** An institution's server that answers as told, and the client that asks it; `registered` = it knows the patient by an identifier of its own. */
async function serverOf(answer: Answer, more: { registered?: boolean; maxBytes?: number } = {}) {
  const requests: { method: string; url: string; authorization?: string; form: URLSearchParams }[] = [];
  const server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    const { method = "", url = "", headers } = request;
    const form = new URLSearchParams(body);
    requests.push({
      method,
      url,
      form,
      ...(headers.authorization === undefined ? {} : { authorization: headers.authorization }),
    });
    answer(request, response, form);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const remote = createRemoteSources({
    maxBytes: more.maxBytes ?? 10_000,
    tokenOf: () => "a-token",
    identifiersOf: async () => (more.registered === true ? [key] : []),
  });
  closing.push(
    () => remote.close(),
    async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  );
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/fhir`;
  const search = (signal: AbortSignal = AbortSignal.timeout(5_000)) =>
    remote.search({ institution, url }, { type: "Observation", params: { patient: "Patient/h-ours" } }, signal);
  return { requests, search };
}

const faultOf = (search: Promise<unknown>) =>
  search.then(
    () => "no fault",
    (error) => asFault(error).code,
  );

describe("an institution's own server", () => {
  it("is asked by POST with its token: no patient stands in an address", async () => {
    const { requests, search } = await serverOf((_, response) =>
      json(response, searchset([observation("o1", "Patient/h-ours")])),
    );
    const page = await search();
    expect(page).toMatchObject({ kind: "found", more: false, resources: [{ id: "o1" }] });
    expect(requests.map(({ method, url, authorization }) => [method, url, authorization])).toEqual([
      ["POST", "/fhir/Observation/_search", "Bearer a-token"],
    ]);
    expect(requests[0]?.form.get("patient")).toBe("Patient/h-ours");
  });
  it("finds its own patient by the identifier it registered, and what it tells names ours", async () => {
    const { requests, search } = await serverOf(
      (request, response) =>
        json(
          response,
          request.url?.includes("/Patient/")
            ? searchset([{ resourceType: "Patient", id: "1234", identifier: [key] }])
            : searchset([
                observation("o1", "Patient/1234"),
                observation("o2", "http://x.example/fhir/Patient/1234"),
                observation("o3", "Patient/99"),
              ]),
        ),
      { registered: true },
    );
    const page = await search();
    const resources = page.kind === "found" ? page.resources : [];
    expect(resources.map((one) => (one as { subject?: { reference?: string } }).subject?.reference)).toEqual([
      "Patient/h-ours",
      "Patient/h-ours",
      "Patient/99",
    ]);
    expect(requests.map(({ form }) => form.get("identifier") ?? form.get("patient"))).toEqual([
      "urn:b:mrn|7\\|8",
      "Patient/1234",
    ]);
    const { strangers } = checkAnswer(resources, [{ institution, patient: "h-ours" as ResourceId }]);
    expect(strangers).toBe(1);
  });
  it("looks its patient up once for all searches of a question", async () => {
    const { requests, search } = await serverOf(
      (request, response) =>
        json(
          response,
          request.url?.includes("/Patient/")
            ? searchset([{ resourceType: "Patient", id: "1", identifier: [key] }])
            : searchset([]),
        ),
      { registered: true },
    );
    const signal = AbortSignal.timeout(5_000);
    await Promise.all([search(signal), search(signal), search(signal)]);
    expect(requests.filter((one) => one.url.includes("/Patient/"))).toHaveLength(1);
  });
  it("that knows nobody by that identifier, or answers with somebody else, holds nothing", async () => {
    const { requests, search } = await serverOf(
      (_, response) =>
        json(response, searchset([{ resourceType: "Patient", id: "1", identifier: [{ ...key, value: "other" }] }])),
      { registered: true },
    );
    expect(await search()).toEqual({ kind: "found", resources: [], more: false });
    expect(requests).toHaveLength(1);
  });
  it("that has two patients under one identifier gives no usable answer", async () => {
    const two = ["1", "2"].map((id) => ({ resourceType: "Patient", id, identifier: [key] }));
    const { search } = await serverOf((_, response) => json(response, searchset(two)), { registered: true });
    expect(await faultOf(search())).toBe("source-unusable");
  });
  it("keeps its decimals, and tells when it has more", async () => {
    const text = `{"resourceType":"Bundle","type":"searchset","link":[{"relation":"next","url":"http://x"}],"entry":[{"resource":{"resourceType":"Observation","id":"o","valueQuantity":{"value":11.30}}}]}`;
    const { search } = await serverOf((_, response) => json(response, text));
    const page = await search();
    expect(JSON.stringify(page)).toContain('"value":11.30');
    expect(page).toMatchObject({ more: true });
  });
  it.each([401, 403])("that answers %d refuses", async (status) => {
    const { search } = await serverOf((_, response) => response.writeHead(status).end("go away"));
    expect(await search()).toEqual({ kind: "refused" });
  });
});

describe("a hostile server gives no usable answer when it", () => {
  const endless: Answer = (_, response) => {
    response.writeHead(200, { "content-type": "application/fhir+json" });
    const more = () => {
      if (response.destroyed) return;
      response.write("[".repeat(1_000));
      setImmediate(more);
    };
    more();
  };
  it.each<[string, Answer]>([
    ["redirects", (_, response) => response.writeHead(302, { location: "http://127.0.0.1:1/" }).end()],
    ["breaks", (_, response) => response.writeHead(500).end("{}")],
    ["sends no JSON", (_, response) => json(response, "<html>")],
    ["sends nothing", (_, response) => json(response, "")],
    ["sends null", (_, response) => json(response, "null")],
    ["sends another resource", (_, response) => json(response, { resourceType: "OperationOutcome" })],
    ["sends a transaction", (_, response) => json(response, { resourceType: "Bundle", type: "transaction", entry: [] })],
    ["nests a million deep", (_, response) => json(response, `${"[".repeat(4_000)}${"]".repeat(4_000)}`)],
    ["never stops", endless],
    ["hangs up", (request) => request.socket.destroy()],
  ])("%s", async (_, answer) => {
    const { search } = await serverOf(answer);
    expect(await faultOf(search())).toBe("source-unusable");
  });
  it("drips: the question's own end ends it", async () => {
    const { search } = await serverOf((_, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write(" "), 10);
      response.on("close", () => clearInterval(timer));
    });
    const begun = performance.now();
    expect(await faultOf(search(AbortSignal.timeout(150)))).toBe("source-unusable");
    expect(performance.now() - begun).toBeLessThan(3_000);
  });
  it("mixes in what was not asked for: other types, included resources, ids that are none", async () => {
    const { search } = await serverOf((_, response) =>
      json(response, {
        resourceType: "Bundle",
        type: "searchset",
        entry: [
          null,
          { resource: null },
          { resource: { resourceType: "Patient", id: "x" } },
          { resource: observation("../../x", "Patient/h-ours") },
          { resource: observation("included", "Patient/h-ours"), search: { mode: "include" } },
          { resource: observation("good", "Patient/h-ours"), search: { mode: "match" } },
        ],
      }),
    );
    const page = await search();
    expect(page.kind === "found" && page.resources.map((one) => one.id)).toEqual(["good"]);
  });
});
