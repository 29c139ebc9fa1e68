import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { type Figure, rounded } from "./figure.ts";

const file = "docs/benchmarks.md";

/** Puts the figures of one bench into docs/benchmarks.md in place of its earlier ones, with machine and date; other benches' rows stay. */
export function reportFigures(bench: string, figures: readonly Figure[], at: Date): void {
  const others = existsSync(file) ? sectionsOf(readFileSync(file, "utf8")) : new Map<string, string>();
  others.set(bench, section(bench, figures, at));
  const ordered = [...others].sort(([a], [b]) => a.localeCompare(b)).map(([, text]) => text);
  writeFileSync(file, `${heading}\n${ordered.join("\n")}`);
}

const heading = `# Benchmarks

Written by \`npm run bench\`. Baseline and candidate run on one machine in one run, each warmed up alike; a ratio compares them. Absolute
numbers move with the machine, ratios much less. A missed goal stays in the table.
`;

function section(bench: string, figures: readonly Figure[], at: Date): string {
  const machine = `${cpus().length} cores (${cpus()[0]?.model.trim() ?? "unknown"}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
  const rows = figures.map(
    ({ name, value, unit, baseline, ratio, goal, met }) =>
      `| ${name} | ${rounded(value)} ${unit} | ${baseline === undefined ? "" : rounded(baseline)} | ${ratio === undefined ? "" : rounded(ratio)} | ${goal} | ${met === undefined ? "told" : met ? "met" : "**missed**"} |`,
  );
  return `## ${bench}\n\n${at.toISOString().slice(0, 10)}, ${machine}\n\n| figure | value | baseline | ratio | goal | |\n|---|---|---|---|---|---|\n${rows.join("\n")}\n`;
}

function sectionsOf(text: string): Map<string, string> {
  const parts = text.split(/^(?=## )/m).slice(1);
  return new Map(parts.map((part) => [/^## (\S+)/.exec(part)?.[1] ?? "", `${part.trimEnd()}\n`]));
}
