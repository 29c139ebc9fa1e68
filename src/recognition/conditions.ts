import type { Resource } from "@medplum/fhirtypes";
import fhirpath from "fhirpath";
import r4 from "fhirpath/fhir-context/r4";
import { checkExpression } from "./check-expression.ts";
import type { Condition, Kind, Setting } from "./policy-schema.ts";

/** An institution as a condition sees it: `%institution` orders, `%laboratory` measured. */
export interface ConditionParty {
  readonly code: string;
  readonly level: { readonly ji: number; readonly deng: string };
  readonly ownership: string;
  readonly region: { readonly province: string; readonly city?: string | undefined; readonly county?: string | undefined };
}

/** Everything a condition may look at; the resource is the result's own (Observation, ImagingStudy, or a report without images). */
export interface ConditionFacts {
  readonly resource: Resource;
  /** `%order.item`, `.kind`, `.setting`, `.emergency`. */
  readonly order: { readonly item: string; readonly kind: Kind; readonly setting: Setting; readonly emergency: boolean };
  /** `%visit.department`: code of the 诊疗科目, where it is known. */
  readonly department?: string | undefined;
  readonly institution: ConditionParty;
  /** Undefined when the source does not say who measured. */
  readonly laboratory: ConditionParty | undefined;
  /** `%ageDays`: days of 24 hours since the window's anchor, with their fraction; undefined when the result is undated. */
  readonly ageDays: number | undefined;
}

/** A condition ready to be asked. */
export interface CompiledCondition {
  readonly entry: Condition;
  /** Undefined = it cannot be told from this result: what it names is not there, or is not what it expects. */
  holds(facts: ConditionFacts): boolean | undefined;
}

/** A result of more than this many bytes is not looked into: then the condition cannot be told. */
const longestResource = 200_000;

type Evaluate = (resource: object, names: Record<string, unknown>) => unknown[];

/**
 * Compiles the expression of a condition once. It is bounded by what it may hold (check-expression.ts): no function that walks a tree, reads a clock, a
 * server or a pattern, a bounded length and depth. Anything else is told as what is wrong.
 */
export function compileCondition(entry: Condition): CompiledCondition | { readonly wrong: string } {
  const wrong = checkExpression(entry.expression, rootsOf(entry));
  if (wrong !== undefined) return { wrong };
  const evaluate = fhirpath.compile(entry.expression, r4, { async: false }) as unknown as Evaluate;
  return { entry, holds: (facts) => ask(evaluate, facts) };
}

/** Types a condition's resource may have: a condition for laboratory items never meets an ImagingStudy. */
function rootsOf({ kinds = ["lab", "imaging"] }: Condition): string[] {
  return kinds.flatMap((kind) => (kind === "lab" ? ["Observation"] : ["ImagingStudy", "DiagnosticReport"]));
}

function ask(evaluate: Evaluate, facts: ConditionFacts): boolean | undefined {
  const resource = plainOf(facts.resource);
  if (resource === undefined) return undefined;
  const { order, department, institution, laboratory, ageDays } = facts;
  try {
    const values = evaluate(resource, {
      order,
      visit: { kind: order.setting, ...(department === undefined ? {} : { department }) },
      institution: partyOf(institution),
      laboratory: laboratory === undefined ? [] : partyOf(laboratory),
      ageDays: ageDays ?? [],
    });
    const [value] = values;
    return values.length === 1 && typeof value === "boolean" ? value : undefined;
  } catch {
    // The engine's own words may hold what the result holds.
    return undefined;
  }
}

function partyOf({ code, level, ownership, region }: ConditionParty): Record<string, unknown> {
  return Object.assign(Object.create(null), { code, ownership, ji: level.ji, deng: level.deng, ...region });
}

const plain = new WeakMap<Resource, object>();

/** Exact decimals are raw JSON until they are sent; the FHIRPath engine wants numbers, and may write into what it is given. */
function plainOf(resource: Resource): object | undefined {
  const known = plain.get(resource);
  if (known !== undefined) return known;
  const text = JSON.stringify(resource);
  if (text.length > longestResource) return undefined;
  const value = JSON.parse(text) as object;
  plain.set(resource, value);
  return value;
}
