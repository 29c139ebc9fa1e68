import { type Command, counted, say, sayJson } from "./command.ts";
import { compileAll, problemLine } from "./load-mappings.ts";

/** Compiles all feeds, or one, and prints what is wrong as a compiler does. */
export const check: Command = {
  usage: "[FEED]",
  summary: "compile the mappings; every mistake with file and line",
  needs: 0,
  async run([feed], options) {
    const compiled = await compileAll(options.mappings, feed ?? options.feed);
    const wrong = compiled.filter((one) => one.feed === undefined);
    if (options.json) {
      sayJson(compiled.map(({ name, feed: good, problems }) => ({ feed: name, version: good?.version ?? null, problems })));
      return wrong.length === 0 ? 0 : 1;
    }
    for (const one of wrong) for (const problem of one.problems) say(problemLine(one, problem));
    for (const { name, feed: good } of compiled) {
      if (good === undefined) continue;
      say(`${name}: ${good.version}`);
      for (const { table, column } of good.unusedColumns)
        say(`  ${table}.${column} is read by no template and does not say why (unused: "…")`);
    }
    const count = wrong.reduce((sum, one) => sum + one.problems.length, 0);
    say(
      wrong.length === 0
        ? `${counted(compiled.length, "feed")} ${compiled.length === 1 ? "compiles" : "compile"}`
        : `${counted(count, "problem")} in ${wrong.map((one) => one.name).join(", ")}`,
    );
    return wrong.length === 0 ? 0 : 1;
  },
};
