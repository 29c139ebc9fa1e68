import { diffPolicies, type EntryChange, type FieldChange } from "../../src/recognition/diff-policies.ts";
import type { PolicySide } from "../../src/recognition/policy-side.ts";
import { say, sayJson } from "../mapping/command.ts";
import { type Command, sideFor, versionsFor } from "./options.ts";

/** Tells what differs between two versions, or between two days: what a doctor meets item by item, then every entry. */
export const diff: Command = {
  usage: "REGION FROM TO",
  summary: "what differs between two versions or days; ends with 1 when something does",
  needs: 3,
  async run([region = "", from, to], options) {
    const versions = await versionsFor(options, region);
    const [before, after] = [sideFor(versions, from, "before"), sideFor(versions, to, "after")];
    const difference = diffPolicies(before, after);
    if (options.json) sayJson(difference);
    else {
      say(`old  ${named(before)}\nnew  ${named(after)}`);
      section("head", difference.head.length === 0 ? [] : [{ name: "policy", change: "changed", fields: difference.head }]);
      section(
        "items: what a doctor meets",
        difference.items.map((one) => ({ ...one, name: `${one.item} ${one.name}` })),
      );
      section(
        "entries",
        difference.entries.map((one) => ({ ...one, name: `${one.section} ${one.key}` })),
      );
    }
    return difference.head.length + difference.items.length + difference.entries.length === 0 ? 0 : 1;
  },
};

function named({ policy, day }: PolicySide): string {
  return `${policy.head.region} ${policy.head.version}, as of ${day}`;
}

function section(
  title: string,
  changes: readonly (Pick<EntryChange, "change" | "fields"> & { readonly name: string })[],
): void {
  if (changes.length === 0) return;
  say(`\n${title}`);
  for (const { name, change, fields } of changes) {
    const sign = { added: "+", removed: "-", changed: " " }[change];
    say(`${sign} ${name}${change === "changed" ? "" : `: ${change}`}`);
    if (change === "changed") for (const field of fields) say(`    ${fieldText(field)}`);
  }
}

function fieldText({ field, before, after }: FieldChange): string {
  if (Array.isArray(before) && Array.isArray(after)) {
    const parts = [
      ...before.filter((one) => !after.includes(one)).map((one) => `- ${valueText(one)}`),
      ...after.filter((one) => !before.includes(one)).map((one) => `+ ${valueText(one)}`),
    ];
    if (parts.length > 0) return `${field}: ${parts.join(", ")}`;
  }
  return `${field}: ${valueText(before)} → ${valueText(after)}`;
}

function valueText(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value !== "object" || value === null) return String(value);
  const { days, anchor, provisional } = value as { days?: number; anchor?: string; provisional?: boolean };
  if (days !== undefined) return `${days} d from ${anchor}${provisional ? " (provisional)" : ""}`;
  return JSON.stringify(value);
}
