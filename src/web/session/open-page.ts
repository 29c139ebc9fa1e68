import type { SessionState } from "../../http/contract/web.ts";
import { type Answered, call } from "../call.ts";

/** Where this window keeps the public part of its session, so that a reload goes on; the secret is a cookie no script can read. */
const place = "hutong-session";

/** The window as far as opening a page needs it. */
export interface PageWindow {
  readonly location: { readonly hash: string; readonly pathname: string };
  readonly history: { replaceState(data: unknown, unused: string, url: string): void };
  readonly sessionStorage: { getItem(key: string): string | null; setItem(key: string, value: string): void };
}

/**
 * Opens the page: with the one-time code behind `#` when there is one (it is gone from the address at once), else the session this window
 * has had before. A window without either was opened by hand.
 */
export async function openPage(window: PageWindow): Promise<Answered<SessionState>> {
  const code = window.location.hash.slice(1);
  if (code !== "") {
    window.history.replaceState(null, "", window.location.pathname);
    const opened = await call<SessionState>("POST", "/web/sessions", { code });
    if (opened.kind === "ok") window.sessionStorage.setItem(place, opened.value.id);
    return opened.kind === "failed" && opened.failure.kind === "wrong" ? over : opened;
  }
  const id = window.sessionStorage.getItem(place);
  return id === null ? over : await call<SessionState>("GET", `/web/sessions/${id}`);
}

const over: Answered<SessionState> = { kind: "failed", failure: { kind: "over" } };
