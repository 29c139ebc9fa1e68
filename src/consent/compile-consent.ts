import type { CodeableConcept, Coding, Consent, ConsentProvision, ConsentProvisionActor } from "@medplum/fhirtypes";
import { extensions, systems } from "../fhir/systems.ts";
import { intervalOf, periodInterval } from "./interval.ts";
import { type AccessRequest, codeSystems, type Names, type Rule } from "./model.ts";

/** Three-valued: `unknown` = it could not be understood, so it must never help anybody to see data. */
type Truth = "yes" | "no" | "unknown";

const maxDepth = 8;
const maxProvisions = 200;
/** What cannot be understood at all: denies everything. */
const denyAll: Rule = { effect: "deny", sure: true, exceptions: [] };

/**
 * One Consent as rules about data, its request part (status, period, recipient, purpose, visit) decided for this request and instant.
 * Undefined when it is no candidate: not active, another scope, or its root certainly does not concern this request.
 */
export function compileConsent(consent: Consent, request: AccessRequest, now: number): Rule | undefined {
  if (consent.status !== "active") return undefined;
  const scope = oneOf(consent.scope?.coding, codeSystems.scope, (code) => code === "patient-privacy");
  if (scope === "no") return undefined;
  if (!bounded(consent.provision)) return denyAll;
  const verified = (consent.verification ?? []).every((one) => one.verified === true);
  const understood = consent.modifierExtension === undefined && consent.implicitRules === undefined && verified;
  const whole = all([scope, understood ? "yes" : "unknown", visitHolds(consent, request)]);
  if (whole === "no") return undefined;
  const rule = compileProvision(consent.provision ?? {}, baseOf(consent), { request, now, named: false });
  return rule === undefined || whole === "yes" ? rule : { ...rule, sure: false };
}

interface Context {
  readonly request: AccessRequest;
  readonly now: number;
  /** Whether this provision or one above it names who may look. */
  readonly named: boolean;
}

function compileProvision(provision: ConsentProvision, effect: Rule["effect"], context: Context): Rule | undefined {
  const recipients = actorsOf(provision, "IRCP");
  // A modifier may turn the sense of every other element round, so even a certain "no" is not certain.
  const modified = provision.modifierExtension !== undefined;
  const held = modified ? "unknown" : concerns(provision, recipients, context);
  if (held === "no") return undefined;
  const sources = modified ? undefined : actorsOf(provision, "CST");
  const categories = modified ? undefined : namesIn(provision.class, codeSystems.category);
  const dates = modified || provision.dataPeriod === undefined ? undefined : periodInterval(provision.dataPeriod);
  const named = context.named || recipients !== undefined;
  return {
    // The law asks for a named recipient (个人信息保护法 23): a permit for nobody in particular permits nobody.
    effect: effect === "permit" && !named ? "none" : effect,
    sure: held === "yes",
    ...(sources === undefined ? undefined : { sources }),
    ...(categories === undefined ? undefined : { categories }),
    ...(dates === undefined ? undefined : { dates }),
    exceptions: (provision.provision ?? []).flatMap(
      (inner) => compileProvision(inner, inner.type ?? "deny", { ...context, named }) ?? [],
    ),
  };
}

/** The request part of a provision; what most often says no is asked first. */
function concerns(provision: ConsentProvision, recipients: Names | undefined, { request, now }: Context): Truth {
  const named = recipients === undefined ? "yes" : has(recipients, request.recipient);
  if (named === "no") return "no";
  return all([
    named,
    inForce(provision, now),
    matchAny(provision.purpose, (coding) => purposeHolds(coding, request.purpose)),
    matchAny(provision.action, actionHolds),
    actorsUnderstood(provision) ? "yes" : "unknown",
    // Data named by label, code or reference cannot be judged from what a source tells us about an item.
    provision.securityLabel === undefined && provision.code === undefined && provision.data === undefined ? "yes" : "unknown",
  ]);
}

/** What the root says: its type; else its policy: opt-in says nothing by itself, opt-out permits, anything else denies. */
function baseOf(consent: Consent): Rule["effect"] {
  if (consent.provision?.type !== undefined) return consent.provision.type;
  const codes = (consent.policyRule?.coding ?? []).map((coding) =>
    coding.system === codeSystems.policy ? coding.code : undefined,
  );
  if (codes.length !== 1) return "deny";
  return codes[0] === "OPTIN" ? "none" : codes[0] === "OPTOUT" ? "permit" : "deny";
}

/** Policy `asserted`: a consent bound to a visit holds when the recipient says it asks in that visit of its own. */
function visitHolds(consent: Consent, request: AccessRequest): Truth {
  const bound = consent.extension?.filter((one) => one.url === extensions.consentVisit);
  return matchAny(bound?.length === 0 ? undefined : bound, ({ valueIdentifier: visit }) => {
    if (visit?.system !== systems.visit || visit.value === undefined || request.visit === undefined) return "unknown";
    if (request.visit.institution !== request.recipient) return "unknown";
    return visit.value === `${request.visit.institution}/${request.visit.number}` ? "yes" : "no";
  });
}

function inForce({ period }: ConsentProvision, now: number): Truth {
  if (period === undefined) return "yes";
  const start = period.start === undefined ? undefined : intervalOf(period.start);
  const end = period.end === undefined ? undefined : intervalOf(period.end);
  if ((start !== undefined && now < start.from) || (end !== undefined && now >= end.until)) return "no";
  const readable = (period.start === undefined || start !== undefined) && (period.end === undefined || end !== undefined);
  return readable ? "yes" : "unknown";
}

/** Purposes are named one by one: treatment and emergency treatment are related, which is neither a match nor none. */
function purposeHolds(coding: Coding, purpose: AccessRequest["purpose"]): Truth {
  if (coding.system !== codeSystems.purpose || coding.code === undefined) return "unknown";
  if (coding.code === purpose) return "yes";
  const treatment = ["TREAT", "ETREAT", "BTG"];
  return treatment.includes(coding.code) && treatment.includes(purpose) ? "unknown" : "no";
}

/** A lookup discloses at the source and gives access at the recipient. */
function actionHolds(concept: CodeableConcept): Truth {
  return oneOf(concept.coding, codeSystems.action, (code) => code === "access" || code === "disclose");
}

/** The institutions that stand in a role: IRCP who may look, CST whose data. Undefined = no constraint. */
function actorsOf(provision: ConsentProvision, role: "IRCP" | "CST"): Names | undefined {
  const codes: string[] = [];
  let unresolved = false;
  for (const actor of provision.actor ?? []) {
    if (roleOf(actor) !== role) continue;
    const { system, value } = actor.reference?.identifier ?? {};
    if (system === systems.institution && value !== undefined) codes.push(value);
    else unresolved = true;
  }
  return codes.length === 0 && !unresolved ? undefined : { codes, unresolved };
}

function actorsUnderstood({ actor }: ConsentProvision): boolean {
  return (
    actor === undefined ||
    (actor.length > 0 && actor.every((one) => one.modifierExtension === undefined && roleOf(one) !== undefined))
  );
}

function roleOf(actor: ConsentProvisionActor): "IRCP" | "CST" | undefined {
  let found: string | undefined;
  for (const { system, code } of actor.role?.coding ?? []) {
    if (system !== codeSystems.role) continue;
    if (found !== undefined) return undefined;
    found = code;
  }
  return found === "IRCP" || found === "CST" ? found : undefined;
}

function namesIn(codings: readonly Coding[] | undefined, system: string): Names | undefined {
  if (codings === undefined) return undefined;
  const known = codings.filter((coding) => coding.system === system && coding.code !== undefined);
  return {
    codes: known.map((coding) => coding.code as string),
    unresolved: known.length !== codings.length || codings.length === 0,
  };
}

/** Whether a name is among names. */
export function has(names: Names, name: string): Truth {
  if (names.codes.includes(name)) return "yes";
  return names.unresolved ? "unknown" : "no";
}

function oneOf(codings: readonly Coding[] | undefined, system: string, test: (code: string) => boolean): Truth {
  return matchAny(codings ?? [], (coding) => {
    if (coding.system !== system || coding.code === undefined) return "unknown";
    return test(coding.code) ? "yes" : "no";
  });
}

/** Repetitions are OR; an absent element is no constraint; an empty one is no FHIR, so it cannot be understood. */
function matchAny<T>(list: readonly T[] | undefined, test: (one: T) => Truth): Truth {
  if (list === undefined) return "yes";
  let truth: Truth = list.length === 0 ? "unknown" : "no";
  for (const one of list) {
    const found = test(one);
    if (found === "yes") return "yes";
    if (found === "unknown") truth = "unknown";
  }
  return truth;
}

function all(truths: readonly Truth[]): Truth {
  if (truths.includes("no")) return "no";
  return truths.includes("unknown") ? "unknown" : "yes";
}

/** Keeps an endless or huge tree from being walked: depth ≤ 8, provisions ≤ 200. */
function bounded(root: ConsentProvision | undefined): boolean {
  let seen = 0;
  const walk = (provision: ConsentProvision, depth: number): boolean => {
    seen += 1;
    if (depth > maxDepth || seen > maxProvisions) return false;
    return (provision.provision ?? []).every((inner) => walk(inner, depth + 1));
  };
  return root === undefined || walk(root, 1);
}
