import { json } from "../answers.ts";
import { SessionState } from "../contract/web.ts";
import { mayOpenPages } from "../entitle.ts";
import { popupRoutes } from "./popup.route.ts";
import { ofPage, type PageRoute } from "./run-session.ts";
import { stateOf } from "./session-state.ts";
import { staffRoutes } from "./staff.route.ts";

/** Everything a page may ask for under its session. Not part of the public API: they change with the pages. */
export function pageRoutes(nameOf: (institution: string) => string): readonly PageRoute[] {
  const state = ofPage({
    method: "get",
    path: "",
    policy: mayOpenPages,
    handle: async ({ session }) => json(SessionState, stateOf(session, nameOf)),
  });
  return [state, ...popupRoutes, ...staffRoutes];
}
