import type { ResourceAddress } from "../../fhir/reference.ts";
import type { InstitutionCode } from "../../kernel/brand.ts";
import type { FlaggedMark, RecognitionData } from "../check/check-deps.ts";
import { type NoticeDeps, openNotice } from "./open-notice.ts";

/** So many are remembered as told; forgotten ones cost a read, and are told nothing twice. */
const mostRemembered = 5_000;

/**
 * Tells the quality centres of the policy which laboratory prints a mark that no certificate stands behind: once a month for each laboratory, item and state of its record, with one result
 * as the example. They learn of no check, no order and no resident.
 */
export function createMarkDesk(
  deps: NoticeDeps & { readonly recognitionData: () => Promise<RecognitionData> },
): (marks: readonly FlaggedMark[]) => Promise<void> {
  const remembered = new Set<string>();
  return async (marks) => {
    const { catalogue } = await deps.recognitionData();
    const month = catalogue.day.slice(0, 7);
    for (const { laboratory, item, state, about } of marks) {
      for (const centre of catalogue.head.qualityCentres as InstitutionCode[]) {
        const key = ["mark", centre, laboratory, item, state, month].join("|");
        if (remembered.has(key)) continue;
        const detail = { laboratory, item, state };
        await openNotice(deps, {
          institution: centre,
          kind: "mark-unsupported",
          about: about satisfies ResourceAddress,
          key,
          detail,
        });
        if (remembered.size >= mostRemembered) remembered.clear();
        remembered.add(key);
      }
    }
  };
}
