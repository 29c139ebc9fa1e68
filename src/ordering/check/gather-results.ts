import type { InstitutionCode, ResourceId } from "../../kernel/brand.ts";
import type { Catalogue } from "../../recognition/catalogue.ts";
import type { Kind } from "../../recognition/policy-schema.ts";
import { askRemoteResults } from "./ask-remote-results.ts";
import type { RecognitionCheck } from "./check.ts";
import type { CheckDeps } from "./check-deps.ts";
import type { Draft } from "./draft-orders.ts";
import { type Findings, findResults } from "./find-results.ts";
import { type JudgedCheck, judgeCheck, type PermittedCheck } from "./judge-check.ts";

/** A consent answer older than this is asked again before the disclosure is committed, and after it when committing took longer than the second one. */
const freshMs = 500;
const committedMs = 900;
/** How long after its beginning a check waits for institutions with a server of their own; what is left of half a second is for the audit. */
const remoteMs = 400;
const auditMs = 100;
const dayMs = 86_400_000;

/** What is looked for about a resident, for whom, and since when. */
export interface Need {
  readonly check: Pick<RecognitionCheck, "asker" | "resident" | "visit" | "emergency" | "signal" | "deadlineMs">;
  /** Id of the check. */
  readonly id: ResourceId;
  readonly kinds: readonly Kind[];
  readonly labCodes: readonly string[] | "all";
  readonly imaging: boolean;
  /** When the check began, and how far back results are looked for. */
  readonly now: Date;
  readonly from: Date;
}

/** What draft orders need: their kinds of results, the codes of their laboratory items, how far back the policy looks. */
export function needOf(
  drafts: readonly Draft[],
  catalogue: Catalogue,
  now: Date,
): Pick<Need, "kinds" | "labCodes" | "imaging" | "now" | "from"> {
  const items = [...new Map(drafts.flatMap(({ item }) => (item === undefined ? [] : [[item.id, item] as const]))).values()];
  const kinds = [...new Set(items.map((item) => item.kind))];
  return {
    // Also when nobody knows any item, consent is asked, so that the answer takes the same way.
    kinds: kinds.length === 0 ? ["lab"] : kinds,
    labCodes: items.filter((item) => item.kind === "lab").flatMap((item) => catalogue.codesOf(item)),
    imaging: kinds.includes("imaging"),
    now,
    from: new Date(now.getTime() - catalogue.head.horizonDays * dayMs),
  };
}

/** What consent leaves of what every permitted source said; or a refusal. */
export type Gathered = Extract<JudgedCheck, { kind: "deny" }> | { kind: "permit"; judged: PermittedCheck; findings: Findings };

/** Asks consent and record locator, then every permitted source, then consent again when that took long. Throws `Fault("store-down")`. */
export async function gatherResults(deps: CheckDeps, need: Need): Promise<Gathered> {
  const judged = await judgeCheck(deps, need.check, need);
  if (judged.kind === "deny") return judged;
  const findings = await find(deps, need, judged);
  const still = ageMs(deps, judged) > freshMs ? await judgeCheck(deps, need.check, need) : judged;
  return still.kind === "deny" ? still : { kind: "permit", judged: still, findings: ofLinked(findings, still) };
}

/** Asks consent once more when committing the disclosure took long; a denial means that nothing may be shown after all. */
export async function stillPermitted(deps: CheckDeps, need: Need, judged: PermittedCheck): Promise<JudgedCheck> {
  return ageMs(deps, judged) > committedMs ? await judgeCheck(deps, need.check, need) : judged;
}

/** Of the permitted and linked sources other than the institution itself: all answered, some, or none. */
export function askedOf(asker: InstitutionCode, judged: PermittedCheck, silent: Findings["silent"]): "all" | "some" | "none" {
  const sources = new Set(judged.patients.flatMap((one) => (one.institution === asker ? [] : [one.institution])));
  const answered = [...sources].filter((source) => !silent.some((one) => one.source === source));
  if (answered.length === 0) return "none";
  return answered.length === sources.size ? "all" : "some";
}

async function find(deps: CheckDeps, need: Need, judged: PermittedCheck): Promise<Findings> {
  const { check, labCodes, imaging, from, now } = need;
  const until = new Date(now.getTime() + dayMs);
  const kindOf = (institution: string) => deps.institutionOf(institution)?.endpoint.kind;
  const at = (kind: "hosted" | "fhir" | undefined) => judged.patients.filter((one) => kindOf(one.institution) === kind);
  const deadline = AbortSignal.timeout(Math.min(deps.timeoutMs, check.deadlineMs ?? deps.timeoutMs));
  const signal = check.signal === undefined ? deadline : AbortSignal.any([deadline, check.signal]);
  const [hosted, remote] = await Promise.all([
    findResults(deps.store, at("hosted"), { labCodes, imaging, from, until, signal }),
    askRemoteResults(deps, {
      check: need.id,
      asker: check.asker.institution,
      purpose: check.emergency === true ? "ETREAT" : "TREAT",
      judged,
      patients: at("fhir"),
      from,
      until,
      budgetMs: budgetMs(deps, need),
    }),
  ]);
  for (const code of hosted.faults) deps.log.warn({ code }, "earlier results could not be searched");
  const lost = at(undefined).flatMap(({ institution, kinds }) =>
    kinds.map((kind) => ({ source: institution, kind, cause: "source-failed" as const })),
  );
  return {
    found: [...hosted.found, ...remote.found],
    silent: [...hosted.silent, ...remote.silent, ...lost],
    faults: hosted.faults,
  };
}

function budgetMs(deps: CheckDeps, { check, now }: Need): number {
  const whole = Math.min(remoteMs, (check.deadlineMs ?? Number.POSITIVE_INFINITY) - auditMs);
  return Math.max(0, whole - (deps.now().getTime() - now.getTime()));
}

/** What a link was cut of meanwhile is nobody's silence any more. */
function ofLinked(findings: Findings, judged: PermittedCheck): Findings {
  const linked = new Set(judged.patients.map((one) => one.institution));
  return { ...findings, silent: findings.silent.filter((one) => linked.has(one.source)) };
}

function ageMs(deps: CheckDeps, judged: PermittedCheck): number {
  return deps.now().getTime() - judged.at.getTime();
}
