import {
  type CataloguePart,
  type DescribedCatalogue,
  describeCatalogue,
  describeVersions,
} from "../../src/recognition/describe-catalogue.ts";
import { dayIn } from "../../src/recognition/region-time.ts";
import { Mistake, say, sayJson } from "../mapping/command.ts";
import { type Command, type Options, sideFor, versionsFor } from "./options.ts";

/** Prints what a policy says on a day: all items in a table, or one item or panel with every entry about it. */
export const show: Command = {
  usage: "[REGION [ITEM]]",
  summary: "what is recognised, for how long and why; an item or panel with its sources",
  needs: 0,
  async run([region = "linhu", item], options) {
    const versions = await versionsFor(options, region);
    const side = sideFor(versions, options.version ?? options.on, "after");
    const described = describeCatalogue(side, partOf(item, options));
    if (item !== undefined && described.items.length === 0) throw new Mistake(`there is no item or panel ${item}`);
    if (options.json) {
      sayJson(described);
      return 0;
    }
    say(`${described.name} ${described.version}, as of ${described.on}`);
    const today = dayIn(side.policy.head.utcOffset, new Date());
    for (const { version, from, to = "", state } of describeVersions(versions, today))
      say(`  ${version} ${from}–${to} ${state}`);
    if (item === undefined) table(described);
    else for (const one of described.items) details(one, described);
    return 0;
  },
};

function partOf(item: string | undefined, { kind }: Options): CataloguePart {
  if (kind !== undefined && kind !== "lab" && kind !== "imaging") throw new Mistake("--kind is lab or imaging");
  return { ...(item === undefined ? {} : { item }), ...(kind === undefined ? {} : { kind }) };
}

function table({ items, panels }: DescribedCatalogue): void {
  say();
  for (const item of items) {
    const windows = item.windows.filter((window) => window.results === "others").map(windowText);
    const text = item.notRecognised === undefined ? windows.join("; ") : `not recognised: ${item.notRecognised.reason}`;
    say(`${item.id.padEnd(20)} ${item.loinc.padEnd(8)} ${text.padEnd(34)} ${item.name}`);
  }
  for (const { id, name, advice, members } of panels) say(`${id.padEnd(20)} ${advice.padEnd(10)}${members.join(" ")}  ${name}`);
}

type Described = DescribedCatalogue["items"][number];
type Told = Pick<Described, "source" | "clause" | "effective" | "provisional">;

function details(item: Described, { bases, conditions, panels }: DescribedCatalogue): void {
  say(`\n${item.id} ${item.name}, LOINC ${[item.loinc, ...item.alsoLoinc].join(" ")}${toldText(item)}`);
  if (item.kind === "lab")
    say(`  ${item.specimens.join(", ")}; ${item.unit ?? "no unit"}; comparable by ${item.comparability}`);
  else say(`  ${item.modalities.join(", ")}; ${item.site}; side ${item.laterality}; contrast ${item.contrast}`);
  if (item.notRecognised !== undefined) say(`  not recognised: ${item.notRecognised.reason}${toldText(item.notRecognised)}`);
  for (const window of item.windows)
    say(`  window ${window.results === "own" ? "of own results " : ""}${windowText(window)}${toldText(window)}`);
  for (const basis of bases.filter(({ id }) => item.bases.includes(id)))
    say(`  basis ${basis.all.join(" and ")}${toldText(basis)}`);
  for (const { id, expression, effect, text, ...told } of conditions.filter((one) => item.conditions.includes(one.id)))
    say(`  condition ${id}: ${expression}, else ${effect}: ${text}${toldText(told)}`);
  for (const panel of panels.filter(({ id }) => item.panels.includes(id)))
    say(`  panel ${panel.id} ${panel.name} (${panel.advice})`);
  for (const { ji, fen, ...told } of item.prices)
    say(`  price ${(fen / 100).toFixed(2)} yuan at level ${ji?.join(", ") ?? "any other"}${toldText(told)}`);
}

function windowText({ days, anchor, settings }: Described["windows"][number]): string {
  return `${days} d from ${anchor}${settings === undefined ? "" : ` (${settings.join(", ")})`}`;
}

function toldText({ source, clause, effective, provisional }: Told): string {
  const dates = `${effective.from}–${effective.to ?? ""}`;
  return `  [${source}：${clause}; ${dates}${provisional ? "; provisional" : ""}]`;
}
