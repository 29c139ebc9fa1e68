import { checkConditions } from "./check-conditions.ts";
import { checkNames } from "./check-names.ts";
import { checkPanels } from "./check-panels.ts";
import { checkUnits } from "./check-units.ts";
import { checkWindows } from "./check-windows.ts";
import { gapIn } from "./periods.ts";
import { type Placed, type PlacedEntries, type PolicyProblem, problemAt } from "./placed.ts";
import type { PolicyHead } from "./policy-schema.ts";
import { otherCauses, rules } from "./rules/all.ts";

/** Whether the registry holds an institution of this code. */
export type IsInstitution = (code: string) => boolean;

/**
 * What the entries of a version say about each other: no name twice, every reference meets something, windows and prices do not overlap or leave a gap,
 * every panel and condition makes sense, no required rule, sentence or lawful reason is left out on any day from the version's first.
 */
export function checkPolicy(
  head: Placed<PolicyHead>,
  entries: PlacedEntries,
  isInstitution: IsInstitution = () => true,
): PolicyProblem[] {
  return [
    ...strangers(head, entries, isInstitution),
    ...checkNames(entries),
    ...checkWindows(head, entries),
    ...checkPanels(head, entries),
    ...checkConditions(entries),
    ...checkUnits(entries),
    ...methodProblems(entries),
    ...ruleProblems(head, entries),
    ...basisProblems(head, entries),
    ...reasonProblems(head, entries),
    ...scopeCycles(entries),
  ];
}

/** Institutions are named by their code in the registry: certificates of a stranger would never be read, its lists never apply. */
function strangers(head: Placed<PolicyHead>, entries: PlacedEntries, isInstitution: IsInstitution): PolicyProblem[] {
  const unknown = (placed: Placed<unknown>, codes: readonly string[]) =>
    codes
      .filter((code) => !isInstitution(code))
      .map((code) => problemAt(placed, `there is no institution "${code}" in the registry`));
  return [
    ...unknown(head, head.entry.qualityCentres),
    ...entries.publishedLists.flatMap((placed) => unknown(placed, placed.entry.institutions)),
  ];
}

function methodProblems(entries: PlacedEntries): PolicyProblem[] {
  return entries.items
    .filter(({ entry }) => entry.kind === "lab" && entry.comparability === "method" && entry.methods.length === 0)
    .map((placed) => problemAt(placed, `item "${placed.entry.id}" is bound to its method but names none`));
}

function ruleProblems(head: Placed<PolicyHead>, entries: PlacedEntries): PolicyProblem[] {
  const required = [...rules.values()].filter((rule) => rule.required);
  const needed = [...otherCauses, ...[...rules.values()].flatMap((rule) => rule.causes)];
  return [
    ...entries.rules
      .filter(({ entry }) => !rules.has(entry.id))
      .map((placed) => problemAt(placed, `there is no rule "${placed.entry.id}"`)),
    ...required.flatMap((rule) => {
      const named = entries.rules.filter(({ entry }) => entry.id === rule.id);
      return missing(head, named, `the rule "${rule.id}" is left out`);
    }),
    ...needed.flatMap((code) => {
      const told = entries.causes.filter(({ entry }) => entry.code === code);
      return missing(head, told, `there is no sentence for the cause "${code}"`);
    }),
  ];
}

function basisProblems(head: Placed<PolicyHead>, entries: PlacedEntries): PolicyProblem[] {
  const banded = entries.bases.filter(({ entry }) => entry.bands !== undefined && !entry.all.includes("institution-level"));
  return [
    ...missing(head, entries.bases, "there is no basis of recognition"),
    ...banded.map((placed) => problemAt(placed, `basis "${placed.entry.id}" has bands but does not ask for institution-level`)),
  ];
}

/** What the region offers a doctor as reasons: codes that exist, and never fewer than the six of the law (第十七条). */
function reasonProblems(head: Placed<PolicyHead>, entries: PlacedEntries): PolicyProblem[] {
  const { reasonsInUse } = head.entry;
  const lawful = entries.declineReasons.filter(({ entry }) => entry.counts && entry.means === undefined);
  return [
    ...reasonsInUse.flatMap((code) => {
      const told = entries.declineReasons.filter(({ entry }) => entry.code === code);
      return missing(head, told, `reasonsInUse: there is no reason "${code}"`);
    }),
    ...lawful
      .filter(({ entry }) => !reasonsInUse.includes(entry.code))
      .map(({ entry }) => problemAt(head, `reasonsInUse: the reason "${entry.code}" is left out`)),
    ...entries.declineReasons
      .filter(({ entry: { means } }) => means !== undefined && !lawful.some(({ entry }) => entry.code === means))
      .map((placed) => problemAt(placed, `there is no reason of the law "${placed.entry.means}"`)),
  ];
}

/** A problem of the head when these entries leave a day out, from the version's first day on. */
function missing(
  head: Placed<PolicyHead>,
  placed: readonly Placed<Parameters<typeof gapIn>[0][number]>[],
  reason: string,
): PolicyProblem[] {
  const { from } = head.entry.effective;
  const gap = gapIn(
    placed.map(({ entry }) => entry),
    from,
  );
  if (gap === undefined) return [];
  return [problemAt(head, placed.length === 0 ? reason : `${reason} on ${gap}`)];
}

function scopeCycles(entries: PlacedEntries): PolicyProblem[] {
  const outer = new Map(entries.scopes.map(({ entry }) => [entry.id, entry.within]));
  const reaches = (from: string, goal: string, seen: ReadonlySet<string>): boolean =>
    (outer.get(from) ?? []).some((next) => next === goal || (!seen.has(next) && reaches(next, goal, new Set([...seen, next]))));
  return entries.scopes
    .filter(({ entry }) => reaches(entry.id, entry.id, new Set()))
    .map((placed) => problemAt(placed, `scope "${placed.entry.id}" lies in itself`));
}
