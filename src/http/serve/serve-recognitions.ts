import type { ParseOptions } from "../../identity/parse-identity-number.ts";
import type { InstitutionCode } from "../../kernel/brand.ts";
import type { CheckedVisit } from "../../ordering/check/check.ts";
import type { CheckDeps } from "../../ordering/check/check-deps.ts";
import { checkRecognition } from "../../ordering/check/check-recognition.ts";
import { recognitionHistory } from "../../ordering/check/recognition-history.ts";
import { streamCheck } from "../../ordering/check/stream-check.ts";
import { transcribeResult } from "../../ordering/transcripts/transcribe-result.ts";
import type { RecognitionRequest } from "../contract/recognition.ts";
import type { UseCases, Wrong } from "../use-cases.ts";
import { askerOf } from "./asker.ts";
import { residentOfKey } from "./resident-key.ts";

type Served = Pick<UseCases, "checkRecognition" | "recognitionHistory" | "transcribeResult" | "watchCheck">;

/** The check at the moment of ordering, its late answers, what exists before it, and paper results. */
export function serveRecognitions(deps: CheckDeps & { readonly parseOptions: () => ParseOptions }): Served {
  return {
    async checkRecognition({ caller, check, signal }) {
      const resident = residentOfKey(check.resident, deps);
      if (typeof resident === "object") return resident;
      const { visit, orders } = check;
      const asked = { asker: askerOf(caller), resident, ...visitOf(visit), orders, signal, ...emergencyOf(check) };
      return { kind: "checked", answer: await checkRecognition(deps, asked) };
    },
    async recognitionHistory({ caller, asked, signal }) {
      const resident = residentOfKey(asked.resident, deps);
      if (typeof resident === "object") return resident;
      const kinds = asked.kinds === undefined ? {} : { kinds: asked.kinds };
      const question = { asker: askerOf(caller), resident, ...visitOf(asked.visit), ...kinds, signal, ...emergencyOf(asked) };
      return { kind: "found", answer: await recognitionHistory(deps, question) };
    },
    async transcribeResult({ caller, typed }) {
      const resident = residentOfKey(typed.resident, deps);
      if (typeof resident === "object") return resident;
      const { institution, institutionName, reportedAt, result, visit, ...printed } = typed;
      if (institution !== undefined && deps.institutionOf(institution) === undefined)
        return wrong("institution", "is no institution of the registry");
      const kept = await transcribeResult(deps, {
        ...printed,
        asker: askerOf(caller),
        resident,
        visit: { number: visit.number },
        result: "item" in result ? result : result.code,
        printedName: institutionName,
        ...(institution === undefined ? {} : { institution: institution as InstitutionCode }),
        ...(reportedAt === undefined ? {} : { reportedAt }),
      });
      if (kept.kind === "unknown-item") return wrong("result", "is no laboratory item of the catalogue");
      return kept.kind === "too-many" ? wrong("visit", "has as many typed-in results as are kept") : { kind: "kept" };
    },
    watchCheck: ({ caller, id, signal }) => streamCheck(deps, { id, reader: askerOf(caller), signal }),
  };
}

/** The visit as the check takes it: its beginning decides nothing. */
function visitOf(visit: RecognitionRequest["visit"]): { visit?: CheckedVisit } {
  if (visit === undefined) return {};
  const { number, kind, department } = visit;
  return { visit: { number, kind, ...(department === undefined ? {} : { department }) } };
}

function emergencyOf({ emergency }: { readonly emergency?: boolean }): { emergency?: boolean } {
  return emergency === undefined ? {} : { emergency };
}

function wrong(field: string, reason: string): Wrong {
  return { kind: "wrong", problems: [{ field, reason }] };
}
