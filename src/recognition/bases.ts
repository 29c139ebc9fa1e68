import { type CertificateState, certificateOn } from "./certificates.ts";
import { parseMark, scopeOfMark } from "./marks.ts";
import type { BasisName } from "./policy-schema.ts";
import type { Cause, Cover, Facts, Party } from "./rules/rule.ts";
import { regionOf } from "./scopes.ts";

/** What one basis says of one result. */
export type BasisAnswer =
  | { readonly kind: "covers"; readonly evidence?: Omit<Cover, "basis">; readonly notes?: readonly Cause[] }
  | { readonly kind: "lacks"; readonly cause: Cause };

/** Asks one basis (互认依据) whether it carries this result to the ordering institution. */
export function askBasis(name: BasisName, facts: Facts): BasisAnswer {
  return bases[name](facts);
}

const covers: BasisAnswer = { kind: "covers" };

function lacks(code: string, facts?: Cause["facts"]): BasisAnswer {
  return { kind: "lacks", cause: facts === undefined ? { code } : { code, facts } };
}

const bases: Record<BasisName, (facts: Facts) => BasisAnswer> = {
  "mark-and-certificate": byMark,
  "published-list": ({ prior, order, catalogue }) => {
    const named = catalogue.publishedLists.some(
      (list) =>
        list.institutions.includes(prior.laboratory ?? "") && (list.items === undefined || list.items.includes(order.item.id)),
    );
    return named ? covers : lacks("list-not-naming");
  },
  // 江苏-like: a result of the same or a higher level counts.
  "institution-level": ({ prior, order, institutionOf }) => {
    const laboratory = institutionOf(prior.laboratory ?? "");
    return laboratory !== undefined && rankOf(laboratory) >= rankOf(order.institution) ? covers : lacks("level-not-enough");
  },
  alliance: ({ prior, order, institutionOf }) => {
    const alliances = institutionOf(prior.laboratory ?? "")?.alliances ?? [];
    return alliances.some((one) => order.institution.alliances.includes(one)) ? covers : lacks("not-allied");
  },
  "public-institutions": ({ prior, order, institutionOf }) =>
    institutionOf(prior.laboratory ?? "")?.ownership === "public" && order.institution.ownership === "public"
      ? covers
      : lacks("not-public"),
};

/** 三甲 above 三乙 above 二甲 …; not graded (9) is below all. */
function rankOf({ level }: Party): number {
  const deng = { 甲: 3, 乙: 2, 丙: 1 }[level.deng] ?? 0;
  return level.ji >= 1 && level.ji <= 3 ? level.ji * 10 + deng : 0;
}

/**
 * The printed mark covers the ordering institution, and a certificate of the laboratory that measured backs it on the day of the test:
 * a certificate backs a mark only when the mark's region lies inside its own. A mark without such a certificate is unsupported and never believed.
 */
function byMark(facts: Facts): BasisAnswer {
  const { prior, order, catalogue, anchor, now } = facts;
  const mark = parseMark(prior.mark);
  if (mark.kind === "none") return lacks("mark-missing");
  if (mark.kind === "sheet") return lacks("mark-scope-unknown");
  const { scopes } = catalogue;
  const laboratory = facts.institutionOf(prior.laboratory ?? "");
  const printed = mark.words === "" ? "" : scopeOfMark(mark.words, laboratory && regionOf(laboratory.region, scopes), scopes);
  if (printed === undefined) return lacks("mark-scope-unknown");
  const target = regionOf(order.institution.region, scopes);
  const certificates = facts.certificates.of(prior.laboratory ?? "", order.item.id);
  const on = {
    day: anchor === undefined ? "" : catalogue.dayOf(anchor),
    today: catalogue.day,
    carryOverDays: catalogue.head.certificateCarryOverDays,
  };
  const backs = (scope: string | undefined) => scope !== undefined && (printed === "" || scopes.covers(scope, printed));
  const { state, certificate } = certificateOn(certificates, on, (one) => backs(one.scope));
  if (certificate === undefined || !good.has(state))
    return lacks("mark-unsupported", { state: `certificate-${anchor === undefined ? "undated" : state}` });
  const scope = printed === "" ? certificate.scope : printed;
  if (scope === undefined || target === undefined || !scopes.covers(scope, target)) return lacks("mark-not-covering");
  const evidence = { certificate: certificate.id, state };
  return { kind: "covers", evidence, notes: notesOf(state, certificate.to, facts, now) };
}

const good: ReadonlySet<CertificateState> = new Set(["valid", "carried-over"]);

function notesOf(state: CertificateState, to: string, { prior, catalogue }: Facts, now: Date): Cause[] {
  const reportedOn = catalogue.dayOf(prior.reportedAt ?? now);
  return [
    ...(state === "carried-over" ? [{ code: "certificate-carried-over", facts: { to } }] : []),
    ...(prior.reportedAt !== undefined && reportedOn > to ? [{ code: "reported-after-expiry", facts: { to } }] : []),
  ];
}
