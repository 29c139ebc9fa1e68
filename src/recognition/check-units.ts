import { UcumLhcUtils } from "@lhncbc/ucum-lhc";
import { type PlacedEntries, type PolicyProblem, problemAt } from "./placed.ts";
import type { Item } from "./policy-schema.ts";

type LabItem = Extract<Item, { kind: "lab" }>;
type Property = NonNullable<LabItem["property"]>;

/** How a unit of each property is written in UCUM. `G/L` is a unit of UCUM too, but gauss per litre: no property takes it. */
const unitsOf: Readonly<Record<Exclude<Property, "presence">, RegExp>> = {
  "substance-concentration": /^[munpk]?mol\/[dcm]?L$/,
  "mass-concentration": /^[munpk]?g\/[dcm]?L$/,
  "catalytic-concentration": /^(k?U|[mun]?kat)\/L$/,
  "number-concentration": /^(10\*\d+|\{cells\})?\/[um]?L$/,
  "arbitrary-concentration": /^(([mk]?\[IU\])\/m?L|\{[^}]+\})$/,
  fraction: /^(%|\[ppth\]|L\/L|[mu]?mol\/mol|[mu]?g\/g)$/,
  time: /^(s|min|h|mm\/h)$/,
  ratio: /^(\{[^}]+\}|1)$/,
};
const [mass, substance] = [unitsOf["mass-concentration"], unitsOf["substance-concentration"]];

/** A factor may be rounded as laboratories round it, but not be another one. */
const tolerance = 0.002;

/**
 * Units are UCUM, an item's unit is one of what it measures, and a factor to it is UCUM's own where both measure alike: a wrong or inverted factor would
 * turn a value into another person's. From mass to substance the factor is the analyte's, which no table of units knows.
 */
export function checkUnits(entries: PlacedEntries): PolicyProblem[] {
  return [
    ...entries.units
      .filter(({ entry }) => !isUcum(entry.ucum))
      .map((placed) => problemAt(placed, `"${placed.entry.ucum}" is no UCUM code`)),
    ...entries.items.flatMap((placed) => {
      const { entry } = placed;
      if (entry.kind !== "lab") return [];
      const wrong = [
        wrongUnit(entry),
        ...Object.entries(entry.convertible).map(([unit, factor]) => wrongFactor(entry, unit, factor)),
      ];
      return wrong.filter((one) => one !== undefined).map((one) => problemAt(placed, `item "${entry.id}" ${one}`));
    }),
  ];
}

function wrongUnit({ property, unit }: LabItem): string | undefined {
  if (property === undefined) return undefined;
  if (property === "presence") return unit === undefined ? undefined : `tells presence, which has no unit, in ${unit}`;
  if (unit === undefined) return `measures ${property} and names no unit`;
  return unitsOf[property].test(unit) ? undefined : `measures ${property}, which is not told in ${unit}`;
}

function wrongFactor({ unit }: LabItem, from: string, factor: number): string | undefined {
  if (unit === undefined) return `converts ${from} into no unit`;
  const own = conversion(from, unit);
  if (own === undefined)
    return mass.test(from) && substance.test(unit) ? undefined : `cannot be converted from ${from} to ${unit}`;
  return Math.abs(own / factor - 1) <= tolerance ? undefined : `converts ${from} to ${unit} by ${factor}, which is ${own}`;
}

const judged = new Map<string, unknown>();

function isUcum(code: string): boolean {
  return remembered(code, (ucum) => /^[\x21-\x7e]+$/.test(code) && ucum.validateUnitString(code).status === "valid");
}

function conversion(from: string, to: string): number | undefined {
  return remembered(`${from} > ${to}`, (ucum) => ucum.convertUnitTo(from, 1, to).toVal ?? undefined);
}

/** The library takes long for some codes, and policies are read again and again. */
function remembered<T>(key: string, ask: (ucum: ReturnType<typeof UcumLhcUtils.getInstance>) => T): T {
  if (!judged.has(key)) judged.set(key, ask(UcumLhcUtils.getInstance()));
  return judged.get(key) as T;
}
