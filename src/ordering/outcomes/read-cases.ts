import type { FhirStore } from "../../fhir/store.ts";
import { systems } from "../../fhir/systems.ts";
import type { InstitutionCode } from "../../kernel/brand.ts";
import type { CryptoSuite } from "../../kernel/crypto-suite.ts";
import { type ReadIssue, readIssue } from "./read-issue.ts";

/** What an institution has said on one case so far. */
export interface CaseState {
  /** The answer that stands; undefined = none yet, or taken back. */
  readonly standing?: ReadIssue;
  /** Which answer the next one would be: 0, and one more after each revocation. */
  readonly ordinal: number;
  /** Everything said, earliest first. */
  readonly history: readonly ReadIssue[];
}

/** So many cases are asked for at once: their answers, revocations and appeals fit on one page but for odd ones. */
const casesAtOnce = 40;
const pageSize = 199;

/** The state of these cases of an institution, fresh from its partition; a case nobody has answered is there with ordinal 0. */
export async function readCases(
  store: Pick<FhirStore, "search" | "searchAll">,
  institution: InstitutionCode,
  cases: readonly string[],
): Promise<ReadonlyMap<string, CaseState>> {
  const unique = [...new Set(cases)];
  const parts = await Promise.all(
    Array.from({ length: Math.ceil(unique.length / casesAtOnce) }, (_, index) =>
      issuesOf(store, institution, unique.slice(index * casesAtOnce, (index + 1) * casesAtOnce)),
    ),
  );
  const byCase = Map.groupBy(parts.flat(), (one) => one.case);
  return new Map(unique.map((one) => [one, stateOf(byCase.get(one) ?? [])]));
}

async function issuesOf(
  store: Pick<FhirStore, "search" | "searchAll">,
  institution: InstitutionCode,
  cases: readonly string[],
): Promise<ReadIssue[]> {
  const params = { identifier: cases.map((one) => `${systems.recognitionCase}|${one}`).join(",") };
  const page = await store.search(institution, "DetectedIssue", params, pageSize);
  const all = page.more ? await store.searchAll(institution, "DetectedIssue", params) : page.resources;
  return all.flatMap((one) => readIssue(one) ?? []);
}

function stateOf(issues: readonly ReadIssue[]): CaseState {
  const history = [...issues].sort((a, b) => a.at.getTime() - b.at.getTime() || a.ordinal - b.ordinal);
  const revoked = new Set(history.flatMap((one) => (one.code === "revoked" ? [one.ordinal] : [])));
  const answer = history.find((one) => isAnswer(one) && !revoked.has(one.ordinal));
  const explained = history.find((one) => one.code === "explained" && one.about === answer?.id)?.explained;
  const standing = answer === undefined || explained === undefined ? answer : { ...answer, explained };
  return { history, ordinal: revoked.size, ...(standing === undefined ? {} : { standing }) };
}

/** Whether it is an answer, and not what later happened to one. */
export function isAnswer({ code }: ReadIssue): boolean {
  return code === "adopted" || code === "declined";
}

/** Id of the n-th answer of a case: the first is the case itself, so that two who answer at once meet at one id. */
export function answerId(suite: CryptoSuite, { institution, reminderCase, ordinal }: AnswerKey): string {
  return ordinal === 0 ? reminderCase : suite.computeId(institution, "DetectedIssue", "answer", reminderCase, String(ordinal));
}

interface AnswerKey {
  readonly institution: InstitutionCode;
  readonly reminderCase: string;
  readonly ordinal: number;
}
