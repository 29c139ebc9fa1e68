import { expectStatus } from "../client/call.ts";
import { itemByKey } from "../sample/items.ts";
import type { Stage } from "./stage.ts";
import { must } from "./tell.ts";

/** A draft order for creatinine: A's result of three days ago must be recognised. */
export async function doctorOrders({ doctor, named, resident, step }: Stage): Promise<void> {
  await step("The doctor orders creatinine", async () => {
    const { results } = await expectStatus(doctor.check(resident.number, named, itemByKey("CREA").loinc), 200);
    const line = results[0]?.lines.find((one) => one.source === "a-provincial");
    must(line !== undefined, `no line of A: ${JSON.stringify(results)}`);
    const reasons = line.reasons.map((reason) => reason.code).join(", ");
    must(line.recognition === "must", `A's result is ${line.recognition}: ${reasons}`);
    const result = `${line.value} ${line.unit ?? ""} of ${line.collectedAt}, ${line.mark}, ${line.daysLeft?.toFixed(1)} days left`;
    return { said: [`must be recognised: ${result}`], result: undefined };
  });
}
