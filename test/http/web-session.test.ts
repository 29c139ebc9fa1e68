import { describe, expect, it } from "@jest/globals";
import type { Caller } from "../../src/http/caller.ts";
import { secretOf, sessionCookie } from "../../src/http/web/session-cookie.ts";
import { createWebSessions, type SealedNotes } from "../../src/http/web/web-session.ts";

const caller = { kind: "institution", client: "a-provincial", purposes: [], scopes: [], feeds: [] } as const satisfies Caller;

/** Sessions on notes in memory, with a clock to turn. */
function world() {
  const kept = new Map<string, string>();
  const notes: SealedNotes = {
    put: async (key, note) => void kept.set(key, note),
    read: async (key) => kept.get(key),
    take: async (key) => {
      const note = kept.get(key);
      kept.delete(key);
      return note;
    },
    replace: async (key, note) => void (kept.has(key) && kept.set(key, note)),
  };
  let [now, drawn] = [Date.parse("2026-11-18T08:00:00Z"), 0];
  const random = () => String(++drawn).padStart(43, "x");
  const sessions = createWebSessions({ notes, random, now: () => new Date(now) });
  return { sessions, kept, wait: (seconds: number) => (now += seconds * 1000) };
}

async function opened() {
  const { sessions, ...more } = world();
  const { code } = await sessions.link(caller, { page: "staff" });
  const found = await sessions.open(code);
  if (found === undefined) throw new Error("did not open");
  return { sessions, code, ...found, ...more };
}

describe("a one-time link", () => {
  it("opens once", async () => {
    const { sessions, code } = await opened();
    expect(await sessions.open(code)).toBeUndefined();
  });

  it("opens for one of two who try at once", async () => {
    const { sessions } = world();
    const { code } = await sessions.link(caller, { page: "staff" });
    const both = await Promise.all([sessions.open(code), sessions.open(code)]);
    expect(both.filter((one) => one !== undefined)).toHaveLength(1);
  });

  it("is good for five minutes and not longer", async () => {
    const { sessions, wait } = world();
    const { code } = await sessions.link(caller, { page: "staff" });
    wait(300);
    expect(await sessions.open(code)).toBeUndefined();
  });

  it("cannot be opened by who reads the names of what is stored", async () => {
    const { kept, secret } = await opened();
    for (const key of kept.keys()) expect(key).not.toContain(secret);
  });
});

describe("a session", () => {
  it("is found by its secret alone, and only under its own id", async () => {
    const { sessions, session, secret } = await opened();
    expect((await sessions.find(session.id, secret))?.caller.client).toBe("a-provincial");
    expect(await sessions.find(session.id, "x".repeat(43))).toBeUndefined();
    expect(await sessions.find("another", secret)).toBeUndefined();
  });

  it("ends after half an hour, however often it was used", async () => {
    const { sessions, session, secret, wait } = await opened();
    wait(1_799);
    await sessions.shown(session.id, secret, "check-1");
    expect((await sessions.find(session.id, secret))?.checks).toEqual(["check-1"]);
    wait(1);
    expect(await sessions.find(session.id, secret)).toBeUndefined();
  });

  it("remembers every check it was shown", async () => {
    const { sessions, session, secret } = await opened();
    for (const check of ["one", "two", "three"]) await sessions.shown(session.id, secret, check);
    expect((await sessions.find(session.id, secret))?.checks).toEqual(["one", "two", "three"]);
  });
});

describe("the session's cookie", () => {
  const secret = "s".repeat(43);

  it("is read by no script, sent by no other site and only to its own session", () => {
    const cookie = sessionCookie({ id: "abc", secret, seconds: 1800, secure: true });
    expect(cookie).toBe(`hutong-page=${secret}; Path=/web/sessions/abc; Max-Age=1800; HttpOnly; SameSite=Strict; Secure`);
  });

  it.each([
    ["one is found among others", `a=b; hutong-page=${secret}`, secret],
    ["none is none", "a=b", undefined],
    ["two are none, for two readers could take different ones", `hutong-page=${secret}; hutong-page=${secret}`, undefined],
    ["another shape is none", "hutong-page=short", undefined],
    ["no header is none", undefined, undefined],
  ])("%s", (_said, header, found) => expect(secretOf(header)).toBe(found));
});
