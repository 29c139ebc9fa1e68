import { entriesOn } from "./catalogue.ts";
import type { Condition, Entry, Item, Panel, Policy } from "./policy-schema.ts";
import { lastDayOf, type PolicySide } from "./policy-side.ts";
import { rules } from "./rules/all.ts";
import { byBeginning, versionOn } from "./versions.ts";

/** Which part of a catalogue is asked for; what is absent narrows nothing. */
export interface CataloguePart {
  /** Id of an item or of a panel, whose members are meant. */
  readonly item?: string;
  readonly kind?: Item["kind"];
  /** Part of a name, an id or a LOINC code, of the item or of a panel it is in. */
  readonly words?: string;
}

/** What a policy says on a day, item by item, for people and programs to read; every entry with its source, clause and dates. */
export type DescribedCatalogue = ReturnType<typeof describeCatalogue>;

/** Describes one side of a region's policy, or the part of it that is asked for. */
export function describeCatalogue({ policy, day }: PolicySide, part: CataloguePart = {}) {
  const { head } = policy;
  const entries = entriesOn(policy, day);
  const items = entries.items.filter((item) => isMeant(item, entries.panels, part)).map((item) => itemIn(item, entries));
  const [ids, panelIds] = [new Set(items.map((item) => item.id)), new Set(items.flatMap((item) => item.panels))];
  const conditionIds = new Set(items.flatMap((item) => item.conditions));
  return {
    region: head.region,
    name: head.name,
    version: head.version,
    on: day,
    horizonDays: head.horizonDays,
    certificateCarryOverDays: head.certificateCarryOverDays,
    unsupportedMark: head.unsupportedMark,
    ...(head.starMeans === undefined ? {} : { starMeans: head.starMeans }),
    items,
    names: Object.fromEntries([...entries.specimens, ...entries.sites].map(({ id, names: [first = id] }) => [id, first])),
    panels: entries.panels
      .filter((panel) => panelIds.has(panel.id) && panel.members.some((member) => ids.has(member)))
      .map((panel) => ({ ...panel, core: panel.core ?? panel.members })),
    bases: entries.bases,
    conditions: entries.conditions.filter((condition) => conditionIds.has(condition.id)),
    notRecognised: entries.notRecognisable.flatMap(({ origin, ...entry }) =>
      origin === undefined ? [] : [{ ...entry, origin }],
    ),
    rules: entries.rules.map((rule) => ({
      ...rule,
      question: rules.get(rule.id)?.question ?? "",
      law: rules.get(rule.id)?.law ?? "",
    })),
    declineReasons: head.reasonsInUse.flatMap((code) => entries.declineReasons.find((one) => one.code === code) ?? []),
  };
}

/** Every version of a region, oldest first, and how it stands on a day. */
export function describeVersions(versions: readonly Policy[], today: string) {
  const inForce = versionOn(versions, today);
  return [...versions].sort(byBeginning).map((policy) => {
    const to = lastDayOf(versions, policy);
    const { from } = policy.head.effective;
    const state = policy === inForce ? "in-force" : from > today ? "coming" : "past";
    return { version: policy.head.version, from, ...(to === undefined ? {} : { to }), state } as const;
  });
}

function isMeant(item: Item, panels: readonly Panel[], { item: wanted, kind, words }: CataloguePart): boolean {
  const within = panels.filter((panel) => panel.members.includes(item.id));
  const texts = [item, ...within].flatMap((one) => [one.name, one.id, one.loinc ?? "", ...one.alsoLoinc]);
  return (
    (wanted === undefined || item.id === wanted || within.some((panel) => panel.id === wanted)) &&
    (kind === undefined || item.kind === kind) &&
    (words === undefined || texts.some((text) => text.toLowerCase().includes(words.trim().toLowerCase())))
  );
}

function itemIn(item: Item, entries: Policy["entries"]) {
  const excluded = entries.notRecognisable.find((one) => one.item === item.id);
  return {
    ...item,
    windows: entries.windows.filter((window) => window.items.includes(item.id)),
    prices: entries.prices.filter((price) => price.items.includes(item.id)),
    panels: idsOf(entries.panels.filter((panel) => panel.members.includes(item.id))),
    conditions: idsOf(entries.conditions.filter((condition) => isAbout(condition, item))),
    bases: idsOf(entries.bases.filter((basis) => basis.kinds.includes(item.kind))),
    ...(excluded === undefined ? {} : { notRecognised: excluded }),
  };
}

function isAbout({ items, kinds }: Condition, item: Item): boolean {
  return (items?.includes(item.id) ?? true) && (kinds?.includes(item.kind) ?? true);
}

function idsOf(entries: readonly Pick<Entry<"bases">, "id">[]): string[] {
  return entries.map((entry) => entry.id);
}
