import { Fault } from "../../kernel/fault.ts";
import { listAppeals, listOutcomes, listReportedFaults } from "../../ordering/outcomes/list-outcomes.ts";
import { objectToAnswers } from "../../ordering/outcomes/object-to-answers.ts";
import type { Explained, Outcome } from "../../ordering/outcomes/outcome.ts";
import { readOutcome } from "../../ordering/outcomes/read-outcome.ts";
import { recordOutcomes } from "../../ordering/outcomes/record-outcomes.ts";
import { type FaultDeps, reportFaults } from "../../ordering/outcomes/report-faults.ts";
import { tellUses } from "../../ordering/outcomes/tell-uses.ts";
import type { OutcomesRequest } from "../contract/recognition-outcome.ts";
import type { UseCases } from "../use-cases.ts";
import { askerOf } from "./asker.ts";

/** What doctors say about the reminders of a check, and what is read of it later. */
export function serveOutcomes(
  deps: FaultDeps,
): Pick<
  UseCases,
  | "recordOutcomes"
  | "recognitionState"
  | "listOutcomes"
  | "listReportedFaults"
  | "listAppeals"
  | "tellUses"
  | "objectToAnswers"
  | "reportFaults"
> {
  return {
    recordOutcomes: ({ caller, id, given }) =>
      recordOutcomes(deps, { asker: askerOf(caller), check: id, outcomes: outcomesIn(given) }),
    recognitionState: ({ caller, id }) => readOutcome(deps, { asker: askerOf(caller), check: id }),
    listOutcomes: ({ caller, visit }) => listOutcomes(deps, { asker: askerOf(caller), visit }),
    listReportedFaults: ({ caller }) => listReportedFaults(deps, { asker: askerOf(caller) }),
    listAppeals: ({ caller }) => listAppeals(deps, { operator: caller.client }),
    tellUses: ({ caller, id, kind, given }) => tellUses(deps, { asker: askerOf(caller), check: id, kind, uses: given.results }),
    async objectToAnswers({ caller, id, code, given }) {
      const asker = askerOf(caller);
      const { practitioner } = asker;
      if (practitioner === undefined) throw new Fault("not-entitled");
      return objectToAnswers(deps, { asker: { ...asker, practitioner }, check: id, code, objections: given.answers });
    },
    reportFaults: ({ caller, id, given }) => reportFaults(deps, { asker: askerOf(caller), check: id, reports: given.results }),
  };
}

/** One answer per order; a refusal without an explanation of its own takes the one for all. */
function outcomesIn({ outcomes, explained: forAll }: OutcomesRequest): Outcome[] {
  return outcomes.flatMap((one): Outcome[] => {
    if (one.outcome === "adopted") return [one];
    const { order, orders, explained = forAll, ...rest } = one;
    const told = explained === undefined ? {} : { explained: explainedOf(explained) };
    return (orders ?? [order ?? ""]).map((name) => ({ ...rest, order: name, ...told }));
  });
}

function explainedOf({ by, at }: { readonly by?: string; readonly at?: string }): Explained {
  return { ...(by === undefined ? {} : { by }), ...(at === undefined ? {} : { at: new Date(at) }) };
}
