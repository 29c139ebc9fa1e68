import type { Bundle } from "@medplum/fhirtypes";
import { instant } from "../../kernel/clock.ts";
import { faultOf, type HapiClient } from "./client.ts";

const deadlineMs = 30_000;

interface Wanted {
  readonly institution: string;
  readonly type: "Observation" | "DiagnosticReport";
  readonly codes: readonly string[];
  readonly from: Date;
  readonly until: Date;
}

/** Counts reviewed results of an institution by code and date of the examination; HAPI counts, nothing is read. Throws `Fault("store-down")`, `Fault("store-refused")`. */
export function createResultCounter(client: HapiClient): (wanted: Wanted) => Promise<number> {
  return async ({ institution, type, codes, from, until }) => {
    const form = new URLSearchParams({ code: codes.join(","), status: "final,amended,corrected,appended", _summary: "count" });
    form.append("date", `ge${instant(from)}`);
    form.append("date", `lt${instant(until)}`);
    const answer = await client.send(
      {
        method: "POST",
        path: `/${institution}/${type}/_search`,
        headers: { "content-type": "application/x-www-form-urlencoded", "cache-control": "no-cache" },
        body: form.toString(),
      },
      { deadlineMs },
    );
    if (answer.status !== 200) throw faultOf(answer);
    return (answer.body as Bundle).total ?? 0;
  };
}
