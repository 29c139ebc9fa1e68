import { catalogueOn } from "../../src/recognition/catalogue.ts";
import { explain as explainResult } from "../../src/recognition/explain.ts";
import { instantIn } from "../../src/recognition/region-time.ts";
import { versionAt } from "../../src/recognition/versions.ts";
import { Mistake, say, sayJson } from "../mapping/command.ts";
import { certificatesFor, imaginedPrior } from "./imagined-result.ts";
import { type Command, type Options, registryFor, versionsFor } from "./options.ts";

/** Decides an imagined result for an order of an item, as the engine would, and tells rule by rule why. */
export const explain: Command = {
  usage: "ITEM",
  summary: "how a result would be decided, rule by rule; the result is told by options",
  needs: 1,
  async run([wanted = ""], options) {
    const versions = await versionsFor(options);
    const [first] = versions;
    const now = instantFor(options.on, first?.head.utcOffset ?? "+00:00");
    const policy = versionAt(versions, now);
    if (policy === undefined) throw new Mistake("no version of the policy had begun by then");
    const catalogue = catalogueOn(policy, now);
    const item = catalogue.items.get(wanted);
    if (item === undefined) throw new Mistake(`there is no item ${wanted}; npm run recognition -- show lists them`);
    const registry = registryFor(options);
    const institution = registry.institution(options.institution ?? "c-county");
    if (institution === undefined) throw new Mistake("--institution names none of the registry");
    const setting = settingOf(options);
    const order = { item, institution, setting, emergency: setting === "emergency" };
    const grounds = {
      catalogue,
      certificates: certificatesFor(options, item, catalogue),
      institutionOf: (code: string) => registry.institution(code),
      now,
    };
    const prior = imaginedPrior(options, item, { catalogue, now });
    const { recognition, rules } = explainResult(prior, order, grounds);
    if (options.json) sayJson({ policy: catalogue.version, recognition, rules });
    else {
      say(`${catalogue.version}, ${item.id} ${item.name}, ordered by ${institution.name} (${setting})`);
      for (const { rule, verdict, clause, causes } of rules) {
        say(`${verdict.padEnd(11)} ${rule.padEnd(20)} ${clause}`);
        for (const { code, facts } of causes) say(`${"".padEnd(12)}${catalogue.textOf(code, facts)}`);
      }
      if (prior.source === institution.code)
        say("\nits own earlier result: no mark is needed, and it is never counted as recognised");
      const left = recognition?.daysLeft === undefined ? "" : `, ${recognition.daysLeft} days left`;
      say(`\n${recognition === undefined ? "no result for this order" : `${recognition.recognition}${left}`}`);
    }
    return 0;
  },
};

function settingOf({ setting = "outpatient" }: Options): "outpatient" | "inpatient" | "emergency" {
  if (setting === "outpatient" || setting === "inpatient" || setting === "emergency") return setting;
  throw new Mistake("--setting is outpatient, inpatient or emergency");
}

function instantFor(text: string | undefined, utcOffset: string): Date {
  if (text === undefined) return new Date();
  const at = /T\d\d:\d\d(:\d\d)?$/.test(text) ? new Date(`${text}${utcOffset}`) : instantIn(utcOffset, text);
  if (at === undefined || Number.isNaN(at.getTime()))
    throw new Mistake("--on is a day or an instant: 2026-11-22 or 2026-11-22T10:00");
  return at;
}
