import { compileConsent, has } from "./compile-consent.ts";
import { type Interval, intervalOf, periodInterval, placeOf } from "./interval.ts";
import type {
  AccessRequest,
  Category,
  ConsentBasis,
  DataItem,
  DataScope,
  Decision,
  FoundConsents,
  Residual,
  Rule,
} from "./model.ts";

/**
 * Decides a request, pure and fail-closed: a permit counts only when every part of it was understood and holds, a deny also when it merely
 * might. Within a consent the deepest matching provision wins, among siblings a deny; across consents a deny wins; silence is no consent.
 * After IHE PCF P.4.4 and HL7 FHIR R4 Consent. The permit's residual must be asked about every resource: `permits`.
 */
export function decide(found: FoundConsents, request: AccessRequest, now: Date): Decision {
  if (!found.complete) return { kind: "deny", reason: "too-many" };
  const at = now.getTime();
  const consents = found.consents.flatMap((consent) => {
    const rule = compileConsent(consent, request, at);
    return rule === undefined ? [] : [{ basis: { id: consent.id ?? "", version: consent.meta?.versionId ?? "" }, rule }];
  });
  const date = freeDate(request);
  const categories: Category[] = [];
  const permitting = new Set<ConsentBasis>();
  let denied = false;
  for (const category of request.categories) {
    const probe: Probe = { institution: undefined, category, date };
    const each = consents.map(({ rule }) => ruleOutcome(rule, probe));
    const outcome = combine(each, NONE);
    denied ||= (outcome & DENY) !== 0;
    if (!(outcome & PERMIT)) continue;
    categories.push(category);
    for (const [index, { basis }] of consents.entries()) if ((each[index] ?? NONE) & PERMIT) permitting.add(basis);
  }
  if (categories.length > 0) return { kind: "permit", basis: [...permitting], residual: { categories, consents } };
  if (denied) return { kind: "deny", reason: "denied" };
  return { kind: "deny", reason: found.consents.length === 0 ? "none-given" : "not-covered" };
}

/** Whether this very resource may be released under a permit. */
export function permits(residual: Residual, item: DataItem): boolean {
  if (!residual.categories.includes(item.category)) return false;
  const known = item.date === undefined ? undefined : intervalOf(item.date);
  const date: Probe["date"] = known === undefined ? "missing" : { kind: "exact", ...known };
  return outcomeOf(residual.consents, { institution: item.institution, category: item.category, date }) === PERMIT;
}

/** Whether some resource in this scope might be released: which sources to ask, for what. False means: neither ask it nor name it. */
export function mayPermit(residual: Residual, scope: DataScope): boolean {
  if (!residual.categories.includes(scope.category)) return false;
  const probe: Probe = { institution: scope.institution, category: scope.category, date: freeDate(scope) };
  return (outcomeOf(residual.consents, probe) & PERMIT) !== 0;
}

/** What is asked of the rules: `free` dates stand for every date in a stretch, an undefined institution for every institution. */
interface Probe {
  readonly institution: string | undefined;
  readonly category: Category;
  readonly date: "missing" | ({ readonly kind: "exact" | "free" } & Interval);
}

// A set of possible outcomes as bits: one bit when all is known, several when a probe leaves an institution or a date free.
const PERMIT = 1;
const DENY = 2;
const NONE = 4;
type Outcomes = number;
const effects: Record<Rule["effect"], Outcomes> = { permit: PERMIT, deny: DENY, none: NONE };

function outcomeOf(consents: Residual["consents"], probe: Probe): Outcomes {
  return combine(
    consents.map(({ rule }) => ruleOutcome(rule, probe)),
    NONE,
  );
}

function ruleOutcome(rule: Rule, probe: Probe): Outcomes {
  const parts = [
    rule.sources === undefined ? "yes" : probe.institution === undefined ? "maybe" : has(rule.sources, probe.institution),
    rule.categories === undefined ? "yes" : has(rule.categories, probe.category),
    datesHold(rule.dates, probe.date),
  ];
  if (parts.includes("no")) return NONE;
  const matched = combine(
    rule.exceptions.map((inner) => ruleOutcome(inner, probe)),
    effects[rule.effect],
  );
  // Not understood: a deny it would have said stands; a permit it would have said does not.
  const sure = rule.sure && !parts.includes("unknown");
  const said = sure ? matched : (matched & DENY) | (matched & ~DENY ? NONE : 0);
  return parts.includes("maybe") ? said | NONE : said;
}

function datesHold(dates: Rule["dates"], date: Probe["date"]): "yes" | "no" | "unknown" | "maybe" {
  if (dates === undefined) return "yes";
  if (dates === "unreadable" || date === "missing") return "unknown";
  const place = placeOf(date, dates);
  if (place === "across") return date.kind === "free" ? "maybe" : "unknown";
  return place === "inside" ? "yes" : "no";
}

/** Any deny wins, then any permit; when none of them speaks, `base` does. */
function combine(outcomes: readonly Outcomes[], base: Outcomes): Outcomes {
  let possible = 0;
  let silent = true;
  for (const outcome of outcomes) {
    if (outcome === DENY) return DENY;
    possible |= outcome & ~NONE;
    if (!(outcome & NONE)) silent = false;
  }
  return silent ? possible | base : possible;
}

/** An unreadable stretch asks for everything: what is released is judged item by item all the same. */
function freeDate(scope: { readonly from?: string; readonly to?: string }): Probe["date"] {
  const { from, to } = scope;
  const asked = periodInterval({ ...(from === undefined ? {} : { start: from }), ...(to === undefined ? {} : { end: to }) });
  if (asked === "unreadable") return { kind: "free", from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY };
  return { kind: "free", ...asked };
}
