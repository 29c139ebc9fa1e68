import type { RecognitionRequest } from "../contract/recognition.ts";
import type { SessionState } from "../contract/web.ts";
import type { WebSession } from "./web-session.ts";

/** What a page may know of its session: everything but the resident. */
export function stateOf(session: WebSession, nameOf: (institution: string) => string): SessionState {
  const { id, caller, opened, expiresAt } = session;
  const { institution, practitioner } = caller;
  const check = opened.page === "popup" ? opened.check : undefined;
  const { patient, names } = opened.page === "popup" ? opened : {};
  return {
    id,
    page: opened.page,
    viewer: practitioner ?? { id: caller.client },
    ...(institution === undefined ? {} : { institution: { code: institution, name: nameOf(institution) } }),
    expiresAt,
    ...(patient === undefined ? {} : { patient }),
    ...(names === undefined ? {} : { names }),
    ...(check?.visit === undefined ? {} : { visit: visitOf(check.visit) }),
  };
}

function visitOf(visit: NonNullable<RecognitionRequest["visit"]>): NonNullable<SessionState["visit"]> {
  const { number, department } = visit;
  return { number, ...(department === undefined ? {} : { department: department.name ?? department.code }) };
}
