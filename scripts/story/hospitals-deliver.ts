import { expectStatus } from "../client/call.ts";
import { finishedExport, postExport } from "../client/deliver-export.ts";
import type { SampleExport } from "../sample/events.ts";
import { checkInMessageOfC, labExportOfA, labExportOfB } from "../sample/fresh.ts";
import { dayMs, later } from "../sample/time.ts";
import type { Stage } from "./stage.ts";
import { must } from "./tell.ts";

/** A and B deliver what they know of the resident; at C the patient checks in. */
export async function hospitalsDeliver(stage: Stage): Promise<void> {
  const { now, resident, step } = stage;
  const ofA = [
    { item: "CREA", value: "86" },
    { item: "UA", value: "351" },
  ];
  const ofB = [
    { item: "TC", value: "4.85" },
    { item: "TG", value: "1.32" },
  ];
  await step("省人民医院 (A) delivers its night's export: creatinine 86 μmol/L of three days ago, mark 全国HR", () =>
    deliver(stage, "a-his", labExportOfA(resident, ofA, later(now, -3 * dayMs))),
  );
  await step("市中心医院 (B) delivers: lipids of ten days ago", () =>
    deliver(stage, "b-platform", labExportOfB(resident, ofB, later(now, -10 * dayMs))),
  );
  await step("苇塘县人民医院 (C): the patient checks in", () => deliver(stage, "c-shared-his", checkInMessageOfC(stage.visit)));
}

async function deliver({ platform, signIn }: Stage, client: string, made: SampleExport) {
  const token = () => signIn.client(client, "exports");
  const { id } = await expectStatus(postExport(platform, await token(), made), 202);
  const state = await finishedExport(platform, token, id);
  must(state.status === "completed", `the export ended as ${state.status}: ${state.reason ?? "no reason given"}`);
  return { said: [`202, then completed: ${state.counts?.created ?? 0} resources new`], result: undefined };
}
