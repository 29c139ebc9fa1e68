import type { FhirStore } from "../../fhir/store.ts";
import type { Now } from "../../kernel/clock.ts";
import type { CryptoSuite } from "../../kernel/crypto-suite.ts";
import { acknowledgeNotice } from "../../ordering/notices/acknowledge-notice.ts";
import { listNotices, type ToldNotice } from "../../ordering/notices/list-notices.ts";
import type { Notice } from "../contract/notice.ts";
import type { UseCases } from "../use-cases.ts";
import { askerOf } from "./asker.ts";

interface Deps {
  readonly store: FhirStore;
  readonly suite: CryptoSuite;
  readonly now: Now;
}

/** The notice lists of institutions, and the operator's view of them all. */
export function serveNotices(deps: Deps): Pick<UseCases, "listNotices" | "acknowledgeNotice"> {
  return {
    async listNotices({ caller, state }) {
      const whose = caller.kind === "operator" ? {} : { institution: askerOf(caller).institution };
      const { notices, more } = await listNotices(deps.store, { ...whose, state });
      return { notices: notices.map(shown), more };
    },
    async acknowledgeNotice({ caller, id }) {
      const by = askerOf(caller);
      const notice = await acknowledgeNotice(deps, { id, institution: by.institution, by });
      return notice === undefined ? undefined : shown({ ...notice, places: [] });
    },
  };
}

function shown({ about, detail, ...notice }: ToldNotice): Notice {
  const { laboratory, item, state, issue } = detail;
  return {
    ...notice,
    about: `${about.tenant}/${about.type}/${about.id}`,
    ...(laboratory === undefined ? {} : { laboratory }),
    ...(item === undefined ? {} : { item }),
    ...(state === undefined ? {} : { certificateState: state }),
    ...(issue === undefined ? {} : { issue: `${issue.tenant}/${issue.type}/${issue.id}` }),
  };
}
