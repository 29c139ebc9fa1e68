import { describeProblems, loadCatalogue, regionsIn } from "../../src/recognition/load-catalogue.ts";
import type { PolicyProblem } from "../../src/recognition/placed.ts";
import type { Policy } from "../../src/recognition/policy-schema.ts";
import { say, sayJson } from "../mapping/command.ts";
import { type Command, policiesIn, registryFor } from "./options.ts";

/** Loads policies as the engine does and tells every problem with file and line; with `--registry` also who in them nobody knows. */
export const check: Command = {
  usage: "[REGION…]",
  summary: "whether policies are right: every problem with file, line and reason",
  needs: 0,
  async run(named, options) {
    const root = policiesIn(options);
    const regions = named.length === 0 ? await regionsIn(root) : named;
    const registry = options.registry === undefined ? undefined : registryFor(options);
    const isInstitution = registry === undefined ? undefined : (code: string) => registry.institution(code) !== undefined;
    const results = await Promise.all(
      regions.map(async (region): Promise<Checked> => {
        const loaded = await loadCatalogue(root, region, isInstitution);
        const [problems, versions] = loaded.kind === "wrong" ? [loaded.problems, []] : [[], loaded.versions];
        return { region, problems, versions: versions.map(summaryOf) };
      }),
    );
    if (options.json) sayJson(results);
    else for (const result of results) print(result);
    return results.every((one) => one.problems.length === 0) ? 0 : 1;
  },
};

interface Checked {
  readonly region: string;
  readonly problems: readonly PolicyProblem[];
  readonly versions: readonly ReturnType<typeof summaryOf>[];
}

function print({ region, problems, versions }: Checked): void {
  if (problems.length > 0) say(describeProblems(problems));
  for (const { version, from, items, panels, provisional, entries } of versions) {
    say(
      `ok   ${region} ${version} from ${from}: ${items} items, ${panels} panels; ${provisional} of ${entries} entries provisional`,
    );
  }
}

function summaryOf({ head, entries }: Policy) {
  const all = Object.values(entries).flat();
  return {
    version: head.version,
    from: head.effective.from,
    items: entries.items.length,
    panels: entries.panels.length,
    entries: all.length,
    provisional: all.filter((entry) => entry.provisional).length,
  };
}
