import type { ParseOptions } from "../../identity/parse-identity-number.ts";
import type { CryptoSuite } from "../../kernel/crypto-suite.ts";
import { Fault } from "../../kernel/fault.ts";
import type { UseCases, Wrong } from "../use-cases.ts";
import type { WebSessions } from "../web/web-session.ts";
import { residentOfKey } from "./resident-key.ts";

/** Links to the pages. What would be wrong when the page opens is told now, to the system that can mend it. */
export function serveLinks(deps: {
  readonly sessions: WebSessions;
  readonly suite: CryptoSuite;
  readonly parseOptions: () => ParseOptions;
  readonly publicUrl: string;
}): Pick<UseCases, "makeLink"> {
  return {
    async makeLink({ caller, page }) {
      // Who looks stands on every page as a watermark and in every audit event.
      if (caller.kind === "institution" && caller.practitioner?.name === undefined) {
        return wrong("token", "must name the practitioner (subject_id and subject_name of the assertion's hl7-b2b extension)");
      }
      if (page.page === "popup") {
        const purpose = page.check.emergency === true ? "ETREAT" : "TREAT";
        const entitled = caller.purposes.length === 0 || caller.purposes.includes(purpose);
        if (caller.institution === undefined || !entitled) throw new Fault("not-entitled");
        const resident = residentOfKey(page.check.resident, deps);
        if (typeof resident === "object") return inCheck(resident);
      }
      const { code, expiresAt } = await deps.sessions.link(caller, page);
      const path = page.page === "popup" ? "/recognition/popup" : "/recognition";
      // Behind `#`: a browser sends it to no server, so no log and no proxy sees it.
      return { kind: "made", link: { url: `${deps.publicUrl}${path}#${code}`, expiresAt } };
    },
  };
}

function wrong(field: string, reason: string): Wrong {
  return { kind: "wrong", problems: [{ field, reason }] };
}

function inCheck({ problems }: Wrong): Wrong {
  return { kind: "wrong", problems: problems.map(({ field, reason }) => ({ field: `check.${field}`, reason })) };
}
