/** `npm run mapping -- COMMAND …`: the integrator's tools for the folders in mappings/. Nothing leaves this machine. */
import { parseArgs } from "node:util";
import { check } from "./check.ts";
import { type Command, Mistake, type Options, say } from "./command.ts";
import { coverage } from "./coverage.ts";
import { diff } from "./diff.ts";
import { init } from "./init.ts";
import { preview } from "./preview.ts";
import { testCases } from "./test-cases.ts";

const commands: Readonly<Record<string, Command>> = { init, check, preview, coverage, test: testCases, diff };

// `… | head` closes the pipe: that is no failure.
process.stdout.on("error", () => process.exit(0));
process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  try {
    const { values, positionals } = parse(argv);
    const [name, ...args] = positionals;
    const command = name === undefined ? undefined : commands[name];
    if (command === undefined || values.help || args.length < command.needs) return help(name, command, values.help === true);
    return await command.run(args, optionsOf(values));
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        feed: { type: "string" },
        mappings: { type: "string", default: "mappings" },
        registry: { type: "string" },
        out: { type: "string" },
        json: { type: "boolean", default: false },
        sheets: { type: "string", default: "60" },
        update: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    throw new Mistake(error instanceof Error ? error.message : String(error));
  }
}

function optionsOf(values: ReturnType<typeof parse>["values"]): Options {
  const { feed, registry, out } = values;
  const sheets = Number(values.sheets);
  if (!Number.isInteger(sheets) || sheets < 1) throw new Mistake("--sheets is a whole number from 1");
  return {
    mappings: values.mappings,
    json: values.json,
    update: values.update,
    sheets,
    ...(feed === undefined ? {} : { feed }),
    ...(registry === undefined ? {} : { registry }),
    ...(out === undefined ? {} : { out }),
  };
}

function help(name: string | undefined, command: Command | undefined, asked: boolean): number {
  if (name !== undefined && command === undefined) say(`There is no command ${name}.\n`);
  if (command !== undefined && !asked) say("Something is missing:\n");
  const shown = command === undefined ? Object.entries(commands) : Object.entries(commands).filter(([one]) => one === name);
  say("npm run mapping -- COMMAND [OPTIONS]\n");
  for (const [one, { usage, summary }] of shown) say(`  ${`${one} ${usage}`.trim().padEnd(24)} ${summary}`);
  say(`
FILE    one or more files of one export, a folder, or an archive
  --feed NAME      which feed (else guessed from the names of the files)
  --mappings DIR   folder of all feeds, or of one (mappings)
  --registry FILE  says which institution a code means (else every code is an institution of its own)
  --out PATH       where a page or a folder is written
  --json           for programs
  --sheets N       most sheets a preview shows (60)
  --update         test: write the expectations anew, then read the difference

Exit code: 0 good, 1 something is wrong with the mapping or the file, 2 wrong use. What it all means: docs/mapping.md`);
  return asked || name === undefined ? 0 : 2;
}
