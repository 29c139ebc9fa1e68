/** `npm run recognition -- COMMAND …`: tools for the policies in profiles/recognition. Nothing leaves this machine, nothing of a resident is read. */
import { parseArgs } from "node:util";
import { Mistake, say } from "../mapping/command.ts";
import { check } from "./check.ts";
import { diff } from "./diff.ts";
import { explain } from "./explain.ts";
import { type Command, type OptionName, type Options, optionHelp } from "./options.ts";
import { show } from "./show.ts";

const commands: Readonly<Record<string, Command>> = { check, diff, show, explain };

// `… | head` closes the pipe: that is no failure.
process.stdout.on("error", () => process.exit(0));
process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  try {
    const { values, positionals } = parse(argv);
    const [name, ...args] = positionals;
    const command = name === undefined || !Object.hasOwn(commands, name) ? undefined : commands[name];
    if (command === undefined || values.help === true || args.length < command.needs) return help(values.help === true);
    return await command.run(args, {
      ...(values as Partial<Record<OptionName, string>>),
      json: values.json === true,
    } satisfies Options);
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
}

function parse(argv: readonly string[]) {
  const texts = Object.fromEntries(Object.keys(optionHelp).map((name) => [name, { type: "string" as const }]));
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: { ...texts, json: { type: "boolean" }, help: { type: "boolean", short: "h" } },
    });
  } catch (error) {
    throw new Mistake(error instanceof Error ? error.message : String(error));
  }
}

function help(asked: boolean): number {
  say("npm run recognition -- COMMAND [OPTIONS]\n");
  for (const [name, { usage, summary }] of Object.entries(commands))
    say(`  ${`${name} ${usage}`.trim().padEnd(24)} ${summary}`);
  say();
  for (const [name, text] of Object.entries(optionHelp)) say(`  --${name.padEnd(14)} ${text}`);
  say(`  --json           for programs

Exit code: 0 good, 1 a policy is wrong or two differ, 2 wrong use. What it all means: docs/recognition.md`);
  return asked ? 0 : 2;
}
