import type { Stage } from "./stage.ts";
import { must } from "./tell.ts";

/** The resident consents, for this visit; the id of the consent. */
export function residentConsents({ portal, step, visit }: Stage): Promise<string> {
  return step("The resident lets 苇塘县人民医院 look, for this visit", async () => {
    const id = await portal.consent({ institution: "c-county", visit: visit.number, days: 7 });
    return { said: ["201, the consent is active"], result: id };
  });
}

/** The resident reads who looked, and withdraws. */
export async function residentWithdraws({ portal, step }: Stage, consent: string): Promise<void> {
  await step("The resident sees who looked", async () => {
    const log = await portal.accessLog();
    const shown = log.filter((row) => row.outcome === "success" && row.institution === "c-county" && row.shown.length > 0);
    must(shown.length >= 1, `no disclosure to C among ${log.length} lines`);
    const said = shown.map(
      (row) =>
        `${row.kind}, ${row.institution} ${row.practitioner ?? ""}: ${row.shown.map((one) => `${one.institution} ×${one.count}`).join(", ")}`,
    );
    return { said, result: undefined };
  });
  await step("The resident withdraws", async () => {
    const status = await portal.withdraw(consent);
    must(status === "withdrawn", `the consent is ${status}`);
    return { said: ["200, withdrawn"], result: undefined };
  });
}
