import { brotliCompressSync } from "node:zlib";
import { describe, expect, it } from "@jest/globals";
import request, { type Test } from "supertest";
import type { UseCases } from "../../src/http/use-cases.ts";
import type { WebSession, WebSessions } from "../../src/http/web/web-session.ts";
import { Fault } from "../../src/kernel/fault.ts";
import { someId } from "./fake-use-cases.ts";
import { check } from "./requests.ts";
import { startApp } from "./start-app.ts";
import { clients } from "./tokens.ts";

const code = "c".repeat(43);
const secret = "s".repeat(43);
const [institution] = clients;
const caller = {
  ...{ kind: "institution", client: "a-provincial", purposes: [], scopes: ["recognitions"], feeds: [] },
  ...{ institution: institution?.institution, practitioner: { id: "d1", name: "程医生" } },
} as unknown as WebSession["caller"];
const popup = { page: "popup", check, patient: "张*三 男 36岁", names: { o1: "肌酐测定" } } as unknown as WebSession["opened"];
const staff = { page: "staff" } as const;
const session = (changes: Partial<WebSession> = {}): WebSession => ({
  ...{ id: "sid", caller, opened: popup, expiresAt: "2026-11-18T12:30:00Z", checks: [] },
  ...changes,
});

/** The app with one session, opened by one code. */
function pages(one: WebSession = session(), changes: Partial<UseCases> = {}, more: Partial<WebSessions> = {}) {
  const shown: string[] = [];
  const sessions: WebSessions = {
    link: async () => ({ code, expiresAt: "2026-11-18T12:05:00Z" }),
    open: async (given) => (given === code ? { session: one, secret } : undefined),
    find: async (id, given) => (id === one.id && given === secret ? one : undefined),
    shown: async (_id, _secret, id) => void shown.push(id),
    ...more,
  };
  const html = (nonce: string) => `<html><meta nonce="${nonce}"></html>`;
  const asset = { type: "text/javascript; charset=utf-8", bytes: Buffer.from("plain"), brotli: brotliCompressSync("small") };
  const web = { sessions, nameOf: () => "临湖省人民医院", pages: { html, assets: new Map([["main-1.js", asset]]) } };
  return { ...startApp(changes, { web }), shown };
}

const ours = (test: Test) => test.set("X-Hutong-Page", "1").set("Sec-Fetch-Site", "same-origin");
const withCookie = (test: Test) => ours(test).set("Cookie", `hutong-page=${secret}`);

describe("a page", () => {
  it("comes with a policy that lets no other site's script, style or frame in, and a nonce of its own each time", async () => {
    const { app } = pages();
    const [one, two] = await Promise.all([request(app).get("/recognition/popup"), request(app).get("/recognition")]);
    const policy = one.headers["content-security-policy"] ?? "";
    const nonce = /'nonce-([\w-]{24})'/.exec(policy)?.[1] ?? "none";
    expect(one.text).toContain(`nonce="${nonce}"`);
    expect(two.headers["content-security-policy"]).not.toContain(nonce);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|http|\*/);
    expect(one.headers["cache-control"]).toBe("no-store");
  });

  it("names files that are kept for ever, and come compressed to who takes them so", async () => {
    const { app } = pages();
    const asset = await request(app).get("/assets/main-1.js").set("Accept-Encoding", "gzip, br");
    expect(asset.headers).toMatchObject({ "content-encoding": "br", "cache-control": expect.stringContaining("immutable") });
    expect((await request(app).get("/assets/main-1.js").set("Accept-Encoding", "gzip")).text).toBe("plain");
    expect((await request(app).get("/assets/..%2f..%2fpackage.json")).status).toBe(404);
  });

  it("is not there when it was not built, and the API is", async () => {
    const { app } = startApp({}, { web: { sessions: {} as WebSessions, nameOf: () => "" } });
    expect((await request(app).get("/recognition")).status).toBe(404);
    expect((await request(app).get("/healthz")).status).toBe(200);
  });
});

describe("opening a page", () => {
  const open = (app: Parameters<typeof request>[0], body: object) => ours(request(app).post("/web/sessions")).send(body);

  it("exchanges the code for a cookie, and tells the page who looks and never who the resident is", async () => {
    const { app } = pages();
    const opened = await open(app, { code });
    expect(opened.status).toBe(201);
    expect(opened.headers["set-cookie"]).toEqual([
      `hutong-page=${secret}; Path=/web/sessions/sid; Max-Age=1800; HttpOnly; SameSite=Strict; Secure`,
    ]);
    expect(opened.body).toMatchObject({ viewer: { name: "程医生" }, patient: "张*三 男 36岁", names: { o1: "肌酐测定" } });
    expect(JSON.stringify(opened.body)).not.toContain(check.resident.identityNumber);
  });

  it("refuses a code it does not know and counts the attempt", async () => {
    const { app, failures, tellFailures } = pages();
    const refused = await open(app, { code: "d".repeat(43) });
    expect(refused.status).toBe(401);
    expect(refused.body.code).toBe("session-over");
    await tellFailures();
    expect(failures).toMatchObject([{ client: "unknown", causes: { "page-code": 1 } }]);
  });

  it("keeps the code in when another site sends it", async () => {
    let asked = 0;
    const { app } = pages(session(), {}, { open: async () => void asked++ as never });
    expect((await request(app).post("/web/sessions").send({ code })).status).toBe(401);
    expect((await open(app, { code }).set("Sec-Fetch-Site", "cross-site")).status).toBe(401);
    expect(asked).toBe(0);
  });

  it("says 400 to what is no code and 503 when the store of links is down; neither repeats the code", async () => {
    const { app, logged } = pages(session(), {}, { open: () => Promise.reject(new Fault("queue-down")) });
    expect((await open(app, { code: "short" })).status).toBe(400);
    expect((await open(app, { code })).status).toBe(503);
    expect(logged.join("")).not.toContain(code);
  });
});

describe("what a page asks for", () => {
  const asked = (app: Parameters<typeof request>[0], path = "") => request(app).get(`/web/sessions/sid${path}`);

  it.each([
    ["without its cookie", (test: Test) => ours(test)],
    ["with another session's cookie", (test: Test) => ours(test).set("Cookie", `hutong-page=${"t".repeat(43)}`)],
    ["without the header only our pages send", (test: Test) => test.set("Cookie", `hutong-page=${secret}`)],
    ["from another site", (test: Test) => withCookie(test).set("Sec-Fetch-Site", "cross-site")],
    ["from a sister site", (test: Test) => withCookie(test).set("Sec-Fetch-Site", "same-site")],
  ])("is refused %s", async (_said, dress) => {
    const { app, seen } = pages();
    expect((await dress(asked(app))).status).toBe(401);
    expect((await dress(request(app).post("/web/sessions/sid/check"))).status).toBe(401);
    expect(seen.calls).toEqual([]);
  });

  it("is answered for the question that came with the link", async () => {
    const answer = { id: someId, policy: "p", answerUntil: "u", asked: "all" as const, results: [], panels: [], note: "n" };
    const { app, shown } = pages(session(), {
      checkRecognition: async (asking) => {
        expect(asking.check.resident).toEqual(check.resident);
        expect(asking.caller.practitioner?.name).toBe("程医生");
        return { kind: "checked", answer };
      },
    });
    const response = await withCookie(request(app).post("/web/sessions/sid/check"));
    expect(response.status).toBe(200);
    expect(response.body).toMatchObject({ answer, reasons: [], given: [] });
    expect(shown).toEqual([someId]);
  });

  it("is refused and audited where the page is not for it", async () => {
    const { app, seen } = pages(session({ opened: staff }));
    expect((await withCookie(request(app).post("/web/sessions/sid/check"))).status).toBe(403);
    expect(seen.refusals).toMatchObject([{ route: "POST /web/sessions/{session}/check", caller: { client: "a-provincial" } }]);
    expect((await withCookie(asked(app, "/institutions"))).status).toBe(200);
  });

  it("ends when the registry takes the client or its right away", async () => {
    const gone = pages(session({ caller: { ...caller, client: "nobody" } }));
    expect((await withCookie(asked(gone.app))).status).toBe(401);
    const narrowed = pages(session({ caller: { ...caller, scopes: ["operate"] } }));
    expect((await withCookie(asked(narrowed.app))).status).toBe(403);
  });

  it("about a check it was not shown is as if there were none", async () => {
    const { app, seen } = pages();
    expect((await withCookie(asked(app, `/events?check=${someId}`))).status).toBe(404);
    expect(seen.calls).toEqual([]);
  });
});
