import { Router } from "express";
import type { Now } from "../../kernel/clock.ts";
import type { Pages } from "./load-pages.ts";
import { openSession } from "./open-session.ts";
import { pageRoutes } from "./page-routes.ts";
import { runSession, type SessionDoor } from "./run-session.ts";
import { servePages } from "./serve-pages.ts";
import type { WebSessions } from "./web-session.ts";

/** What the pages are made of; `pages` absent = they were not built, and their addresses answer 404. */
export interface Web {
  readonly pages?: Pages;
  readonly sessions: WebSessions;
  nameOf(institution: string): string;
}

/** The pages, their files, and everything they ask for under a session. */
export function mountWeb(
  web: Web,
  door: Omit<SessionDoor, "sessions" | "nameOf">,
  more: { secure: boolean; now: Now },
): Router {
  const router = Router({ caseSensitive: true, strict: true });
  if (web.pages !== undefined) router.use(servePages(web.pages));
  const guard = { ...door, ...more, sessions: web.sessions, nameOf: web.nameOf };
  router.post("/web/sessions", openSession(guard));
  for (const route of pageRoutes(web.nameOf))
    router[route.method](`/web/sessions/:session${route.path}`, runSession(route, guard));
  return router;
}
