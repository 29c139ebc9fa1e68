import type { RequestHandler } from "express";
import type { Now } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/fault.ts";
import { json } from "../answers.ts";
import type { Served } from "../context.ts";
import { SessionCode, SessionState } from "../contract/web.ts";
import { parseJson } from "../parse-json.ts";
import { parseWith } from "../parse-with.ts";
import { readBody } from "../read-body.ts";
import { sendAnswer } from "../send-answer.ts";
import { isFromOwnPage } from "./own-page.ts";
import type { SessionDoor } from "./run-session.ts";
import { sessionCookie } from "./session-cookie.ts";
import { stateOf } from "./session-state.ts";

/** `POST /web/sessions`: exchanges the one-time code of a link, sent in the body by our own page, for a session and its cookie. */
export function openSession(door: SessionDoor & { readonly secure: boolean; readonly now: Now }): RequestHandler {
  return async (request, response) => {
    const served = response as Served;
    served.locals.context.route = { method: "post", path: "/web/sessions", errors: "problem" };
    const refuse = () => {
      door.failures.note("unknown", "page-code");
      return new Fault("session-over");
    };
    if (!isFromOwnPage(request.headers)) throw refuse();
    const { code } = parseWith(SessionCode, parseJson(await readBody(request, door.bodies)), "body") as { code: string };
    const opened = await door.sessions.open(code);
    if (opened === undefined) throw refuse();
    const { session, secret } = opened;
    served.locals.context.caller = session.caller;
    const seconds = Math.max(1, Math.floor((Date.parse(session.expiresAt) - door.now().getTime()) / 1000));
    served.set("Set-Cookie", sessionCookie({ id: session.id, secret, seconds, secure: door.secure }));
    await sendAnswer(served, json(SessionState, stateOf(session, door.nameOf), { status: 201 }));
  };
}
