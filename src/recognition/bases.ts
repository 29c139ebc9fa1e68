import { certificateOn, isGood } from "./certificates.ts";
import { countsByLevel } from "./levels.ts";
import { type Mark, parseMark, parseMarks, scopeOfMark } from "./marks.ts";
import type { Basis, BasisName } from "./policy-schema.ts";
import type { Cause, Cover, Facts, Party } from "./rules/rule.ts";
import { regionOf } from "./scopes.ts";

/** What one basis says of one result. */
export type BasisAnswer =
  | { readonly kind: "covers"; readonly evidence?: Omit<Cover, "basis">; readonly notes?: readonly Cause[] }
  | { readonly kind: "lacks"; readonly cause: Cause };

/** Asks one part of a basis of recognition (互认依据) whether it carries this result to the ordering institution. */
export function askBasis(name: BasisName, facts: Facts, basis: Basis): BasisAnswer {
  return bases[name](facts, basis);
}

const covers: BasisAnswer = { kind: "covers" };

function lacks(code: string, facts?: Cause["facts"]): BasisAnswer {
  return { kind: "lacks", cause: facts === undefined ? { code } : { code, facts } };
}

const laboratoryOf = ({ prior, institutionOf }: Facts): Party | undefined => institutionOf(prior.laboratory ?? "");

const bases: Record<BasisName, (facts: Facts, basis: Basis) => BasisAnswer> = {
  "mark-and-certificate": byMark,
  "published-list": ({ prior, order, catalogue }) => {
    const named = catalogue.publishedLists.some(
      (list) =>
        list.institutions.includes(prior.laboratory ?? "") && (list.items === undefined || list.items.includes(order.item.id)),
    );
    return named ? covers : lacks("list-not-naming");
  },
  "institution-level": (facts, { bands }) => {
    const laboratory = laboratoryOf(facts);
    return laboratory !== undefined && countsByLevel(laboratory, facts.order.institution, bands)
      ? covers
      : lacks("level-not-enough");
  },
  alliance: (facts) => {
    const alliances = laboratoryOf(facts)?.alliances ?? [];
    return alliances.some((one) => facts.order.institution.alliances.includes(one)) ? covers : lacks("not-allied");
  },
  "public-institutions": (facts) =>
    laboratoryOf(facts)?.ownership === "public" && facts.order.institution.ownership === "public"
      ? covers
      : lacks("not-public"),
};

/**
 * The printed mark covers the ordering institution, and a certificate of the laboratory that measured backs it on the day of the test:
 * a certificate backs a mark only when the mark's region lies inside its own. A mark without such a certificate is unsupported and never believed.
 */
function byMark(facts: Facts): BasisAnswer {
  const answers = parseMarks(facts.prior.mark).map((mark) => byOneMark(facts, mark));
  const unsupported = answers.flatMap((one) => (one.kind === "lacks" && one.cause.code === "mark-unsupported" ? [one] : []));
  const covering = answers.find((one) => one.kind === "covers");
  if (covering === undefined) return unsupported[0] ?? answers[0] ?? lacks("mark-missing");
  return { ...covering, notes: [...(covering.notes ?? []), ...unsupported.map((one) => one.cause)] };
}

function byOneMark(facts: Facts, printed: Mark): BasisAnswer {
  const { scopes } = facts.catalogue;
  const laboratory = laboratoryOf(facts);
  const inside = laboratory && regionOf(laboratory.region, scopes);
  const mark = declared(printed, inside, facts);
  if (mark.kind !== "scoped") return lacks("mark-scope-unknown");
  const target = regionOf(facts.order.institution.region, scopes);
  const covering = (scope: string | undefined) => scope !== undefined && target !== undefined && scopes.covers(scope, target);
  // HR alone means the region of the body that certified: of several, one that holds the ordering institution is enough.
  if (mark.words === "") {
    const near = recordOf(facts, covering);
    const known = isGood(near.state) ? near : recordOf(facts, (scope) => scope !== undefined);
    return answerOf(facts, known, covering(known.certificate?.scope));
  }
  const region = scopeOfMark(mark.words, inside, scopes);
  if (region === undefined) return lacks("mark-scope-unknown");
  const record = recordOf(facts, (scope) => scope !== undefined && scopes.covers(scope, region));
  return answerOf(facts, record, covering(region));
}

type QualityRecord = ReturnType<typeof certificateOn>;

/** What the quality record of the laboratory that measured says of the day of the test, counting certificates of these scopes. */
function recordOf(
  { prior, order, catalogue, certificates, anchor }: Facts,
  backs: (scope: string | undefined) => boolean,
): QualityRecord {
  const on = {
    day: anchor === undefined ? "" : catalogue.dayOf(anchor),
    today: catalogue.day,
    carryOverDays: catalogue.head.certificateCarryOverDays,
  };
  return certificateOn(certificates.of(prior.laboratory ?? "", order.item.id), on, (one) => backs(one.scope));
}

function answerOf(facts: Facts, { state, certificate }: QualityRecord, isCovering: boolean): BasisAnswer {
  if (certificate === undefined || !isGood(state))
    return lacks("mark-unsupported", { state: `certificate-${facts.anchor === undefined ? "undated" : state}` });
  if (!isCovering) return lacks("mark-not-covering");
  const notes = notesOf(certificate.to, state === "carried-over", facts);
  return { kind: "covers", evidence: { certificate: certificate.id, state }, notes };
}

/**
 * A star before the item (★肌酐) says what the sheet declares; where the sheet is not at hand it stands for the region's mark (湖北: ★等同于鄂HR), if the
 * laboratory lies in that mark's region: elsewhere the same star means something else.
 */
function declared(mark: Mark, inside: string | undefined, { catalogue: { head, scopes } }: Facts): Mark {
  if (mark.kind !== "sheet" || inside === undefined || head.starMeans === undefined) return mark;
  const meant = parseMark(head.starMeans);
  const scope = meant.kind === "scoped" ? scopeOfMark(meant.words, inside, scopes) : undefined;
  return scope !== undefined && scopes.covers(scope, inside) ? meant : mark;
}

function notesOf(to: string, carriedOver: boolean, { prior, catalogue }: Facts): Cause[] {
  const reportedLate = prior.reportedAt !== undefined && catalogue.dayOf(prior.reportedAt) > to;
  return [
    ...(carriedOver ? [{ code: "certificate-carried-over", facts: { to } }] : []),
    ...(reportedLate ? [{ code: "reported-after-expiry", facts: { to } }] : []),
  ];
}
