import type { Now } from "../../kernel/clock.ts";
import { sha256 } from "../../kernel/crypto-suite.ts";
import type { Caller } from "../caller.ts";
import type { PageLink } from "../contract/web.ts";

const linkSeconds = 300;
const sessionSeconds = 1_800;
/** A page that is checked again and again for half an hour: what was shown earlier can still be answered. */
const mostChecks = 200;

/** Short-lived notes, sealed where they lie and gone by themselves; each throws `Fault("queue-down")` when their store does not answer. */
export interface SealedNotes {
  put(key: string, note: string, seconds: number): Promise<void>;
  read(key: string): Promise<string | undefined>;
  /** Reads and removes in one step: of two who take at once, one gets it. */
  take(key: string): Promise<string | undefined>;
  /** Puts another note in the place of one that is still there; it lives no longer than the first. */
  replace(key: string, note: string): Promise<void>;
}

/** A page somebody opened: for whom it acts, and for the pop-up the one question it may ask. */
export interface WebSession {
  /** Public part: stands in the page's addresses, so that two open windows never act in each other's session. */
  readonly id: string;
  /** The caller that asked for the link, as its token said. */
  readonly caller: Caller;
  readonly opened: PageLink;
  readonly expiresAt: string;
  /** Checks this page was shown: outcomes are taken for these alone. */
  readonly checks: readonly string[];
}

/** A session and the secret of its cookie, which only the browser keeps. */
export interface OpenedSession {
  readonly session: WebSession;
  readonly secret: string;
}

/** Links that open a page once, and the sessions they are exchanged for. */
export interface WebSessions {
  /** A one-time code, good for five minutes. */
  link(caller: Caller, page: PageLink): Promise<{ readonly code: string; readonly expiresAt: string }>;
  /** undefined = no such code, used before, or too old: they look the same. */
  open(code: string): Promise<OpenedSession | undefined>;
  find(id: string, secret: string): Promise<WebSession | undefined>;
  /** The page was shown this check. */
  shown(id: string, secret: string, check: string): Promise<void>;
}

/** What sessions need of the world; `random` gives 32 random bytes, base64url. */
export interface WebSessionDeps {
  readonly notes: SealedNotes;
  readonly random: () => string;
  readonly now: Now;
}

/** Links and sessions, kept under digests of their secrets: whoever reads the store's keys can open nothing. */
export function createWebSessions({ notes, random, now }: WebSessionDeps): WebSessions {
  const linkKey = (code: string) => `link:${sha256(code)}`;
  const sessionKey = (id: string, secret: string) => `session:${id}:${sha256(secret)}`;
  const inSeconds = (seconds: number) => new Date(now().getTime() + seconds * 1000).toISOString();
  const alive = (until: string) => now().getTime() < Date.parse(until);

  async function find(id: string, secret: string): Promise<WebSession | undefined> {
    const note = await notes.read(sessionKey(id, secret));
    const session = note === undefined ? undefined : (JSON.parse(note) as WebSession);
    return session !== undefined && alive(session.expiresAt) ? session : undefined;
  }

  return {
    async link(caller, page) {
      const code = random();
      const expiresAt = inSeconds(linkSeconds);
      await notes.put(linkKey(code), JSON.stringify({ caller, page, expiresAt }), linkSeconds);
      return { code, expiresAt };
    },
    async open(code) {
      const note = await notes.take(linkKey(code));
      if (note === undefined) return undefined;
      const { caller, page, expiresAt } = JSON.parse(note) as { caller: Caller; page: PageLink; expiresAt: string };
      if (!alive(expiresAt)) return undefined;
      const secret = random();
      const session = { id: random(), caller, opened: page, expiresAt: inSeconds(sessionSeconds), checks: [] };
      await notes.put(sessionKey(session.id, secret), JSON.stringify(session), sessionSeconds);
      return { session, secret };
    },
    find,
    async shown(id, secret, check) {
      const session = await find(id, secret);
      if (session === undefined) return;
      const checks = [...session.checks, check].slice(-mostChecks);
      await notes.replace(sessionKey(id, secret), JSON.stringify({ ...session, checks }));
    },
  };
}
