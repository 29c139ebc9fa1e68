import { call, expectStatus } from "../client/call.ts";
import { finishedExport, postExport } from "../client/deliver-export.ts";
import type { SampleExport } from "../sample/events.ts";
import { checkInMessageOfC, labExportOfA, labExportOfB, type ResultGiven } from "../sample/fresh.ts";
import { dayMs, later, minuteMs } from "../sample/time.ts";
import type { Stage } from "./stage.ts";
import { must } from "./tell.ts";

/** A's kidney sheet of three days ago; delivered a second time with a corrected value. */
const kidneySheet: readonly ResultGiven[] = [
  { item: "CREA", value: "86" },
  { item: "UA", value: "351" },
  // Printed without a mark.
  { item: "UREA", value: "6.2", mark: "" },
];

/** A and B deliver what they know of the resident; at C the patient checks in. */
export async function hospitalsDeliver(stage: Stage): Promise<void> {
  const { now, resident, step } = stage;
  const ofB = [
    { item: "TC", value: "4.85" },
    { item: "TG", value: "1.32" },
    { item: "LDL", value: "2.80" },
  ];
  await step("省人民医院 (A) delivers its night's export: creatinine 86 μmol/L, urate and urea of three days ago", () =>
    deliver(stage, "a-his", kidneyExport(stage, kidneySheet)),
  );
  await step("A delivers older and other results: potassium of nine days ago, glycated haemoglobin of three", async () => {
    const first = await deliver(stage, "a-his", labExportOfA(resident, [{ item: "K", value: "4.2" }], later(now, -9 * dayMs)));
    const second = await deliver(
      stage,
      "a-his",
      labExportOfA(resident, [{ item: "HBA1C", value: "5.6" }], later(now, -3 * dayMs)),
    );
    return { said: [...first.said, ...second.said], result: undefined };
  });
  await step("市中心医院 (B) delivers: lipids of ten days ago", () =>
    deliver(stage, "b-platform", labExportOfB(resident, ofB, later(now, -10 * dayMs))),
  );
  await step("苇塘县人民医院 (C): the patient checks in", () => deliver(stage, "c-shared-his", checkInMessageOfC(stage.visit)));
  await step(
    "市第三人民医院 keeps records on a server of its own and registers the patient; the server does not answer today",
    () => registerAtThird(stage),
  );
}

/** The laboratory of A corrects its creatinine: the same report again, reviewed later, with another value. */
export function correctionArrives(stage: Stage): Promise<void> {
  const corrected = kidneySheet.map((one) => (one.item === "CREA" ? { ...one, value: "186" } : one));
  return stage.step("A's laboratory corrects the report: creatinine is 186 μmol/L, not 86", () =>
    deliver(stage, "a-his", kidneyExport(stage, corrected, later(stage.now, -minuteMs))),
  );
}

function kidneyExport(
  { now, resident, kidneyReport }: Stage,
  results: readonly ResultGiven[],
  reviewedAt?: Date,
): SampleExport {
  const issue = {
    reportNumber: kidneyReport,
    ...(reviewedAt === undefined ? {} : { reviewedAt, state: "corrected" as const }),
  };
  return labExportOfA(resident, results, later(now, -3 * dayMs), issue);
}

async function deliver({ platform, signIn }: Stage, client: string, made: SampleExport) {
  const token = () => signIn.client(client, "exports");
  const { id } = await expectStatus(postExport(platform, await token(), made), 202);
  const state = await finishedExport(platform, token, id);
  must(state.status === "completed", `the export ended as ${state.status}: ${state.reason ?? "no reason given"}`);
  const { created = 0, updated = 0 } = state.counts ?? {};
  return { said: [`202, then completed: ${created} resources new, ${updated} changed`], result: undefined };
}

async function registerAtThird({ platform, signIn, resident, kidneyReport }: Stage) {
  const { number, name, sex, birthDate } = resident;
  const answer = call(platform, {
    method: "PUT",
    path: `/fhir/Patient?identifier=urn:e-third:file|${kidneyReport}`,
    token: await signIn.client("e-third", "patients"),
    json: {
      resourceType: "Patient",
      identifier: [
        { system: "urn:e-third:file", value: kidneyReport },
        { system: "urn:oid:2.16.156.10011.1.3", value: number },
      ],
      name: [{ text: name }],
      gender: sex === "1" ? "male" : "female",
      birthDate,
    },
  });
  await expectStatus(answer, 200, 201);
  return { said: ["201, registered under the institution's own file number"], result: undefined };
}
