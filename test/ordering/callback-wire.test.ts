import { createHmac } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { createCallbacks } from "../../src/adapters/callback/call-institution.ts";
import { code } from "./ordering-world.ts";

const secret = "a-secret-of-thirty-two-characters";
const call = {
  institution: code("c-county"),
  id: "h1",
  at: new Date("2026-11-22T02:00:00Z"),
  body: '{"type":"recognition.notice"}',
};

let server: Server;
let heard: { headers: IncomingHttpHeaders; body: string; url: string }[];
let answer: { status: number; headers?: Record<string, string>; body?: string | "never" };
let callbacks: ReturnType<typeof createCallbacks>;

beforeEach(async () => {
  heard = [];
  answer = { status: 204 };
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      heard.push({ headers: request.headers, body, url: request.url ?? "" });
      response.writeHead(answer.status, answer.headers);
      response.end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hutong`;
  callbacks = createCallbacks((institution) => (institution === "c-county" ? { url, secret } : undefined));
});
afterEach(async () => {
  await callbacks.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

describe("a call to an institution's address", () => {
  it("is signed so that any receiver of Standard Webhooks can check it", async () => {
    expect(await callbacks.call(call)).toBe("delivered");
    const { headers, body } = heard[0] ?? { headers: {} as IncomingHttpHeaders, body: "" };
    const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
    expect(headers["webhook-signature"]).toBe(`v1,${createHmac("sha256", secret).update(signed).digest("base64")}`);
    expect([headers["webhook-id"], headers["webhook-timestamp"], body]).toEqual(["h1", "1795312800", call.body]);
  });
  it.each([
    { said: "taken", status: 202, outcome: "delivered" },
    { said: "told that the address is gone", status: 410, outcome: "gone" },
    { said: "told that the server is broken", status: 500, outcome: "refused" },
    { said: "told that it may not", status: 401, outcome: "refused" },
  ])("that is $said is $outcome", async ({ status, outcome }) => {
    answer = { status };
    expect(await callbacks.call(call)).toBe(outcome);
  });
  it("follows no redirect: the secret's signature goes nowhere else", async () => {
    answer = { status: 307, headers: { location: "/elsewhere" } };
    expect(await callbacks.call(call)).toBe("refused");
    expect(heard.map((one) => one.url)).toEqual(["/hutong"]);
  });
  it("does not read an answer without end", async () => {
    answer = { status: 200, body: "x".repeat(20_000_000) };
    expect(await callbacks.call(call)).toBe("delivered");
  });
  it("to a server that is away is tried again by its Task, not here", async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect(await callbacks.call(call)).toBe("unreachable");
    server.listen(0);
  });
  it("is not made where there is no address", () => {
    expect(callbacks.call({ ...call, institution: code("b-central") })).toBeUndefined();
  });
});
