import { call, expectStatus } from "../../scripts/client/call.ts";
import { waitFor } from "../../scripts/client/wait-for.ts";
import { certificateExport, certificateRows } from "../../scripts/sample/certificates.ts";
import { labExportOfA, labExportOfB, type ResultGiven } from "../../scripts/sample/fresh.ts";
import { itemByKey } from "../../scripts/sample/items.ts";
import { freshResident, type Person } from "../../scripts/sample/people.ts";
import { dayMs, later } from "../../scripts/sample/time.ts";
import { aVisit, grant } from "../flow/people.ts";
import type { World } from "../platform.ts";

/** The doctor at 苇塘县人民医院 whose system opens the pages. */
const doctor = { id: "doctor-17", name: "程医生", role: "doctor" };

/** A resident whom A and B know, with consent for the county hospital: creatinine and urate that must be recognised, one that may, one too old. */
export async function residentWithResults(world: World): Promise<Person> {
  const person = freshResident();
  const now = new Date();
  const ago = (days: number) => later(now, -days * dayMs);
  const results = (...given: [string, string][]): ResultGiven[] => given.map(([item, value]) => ({ item, value }));
  await Promise.all([
    world.deliver(certificateExport(certificateRows(now), ago(30))),
    world.deliver(labExportOfA(person, results(["CREA", "86"], ["UA", "351"], ["UREA", "5.20"]), ago(3))),
    world.deliver(labExportOfA(person, results(["CREA", "91"]), ago(40))),
    world.deliver(labExportOfA(person, results(["K", "4.2"]), ago(9))),
    world.deliver(labExportOfB(person, results(["LDL", "2.80"]), ago(5))),
  ]);
  await expectStatus(grant(world, person, "c-county"), 201);
  await waitFor(
    "the certificates",
    async () => {
      const answer = await world.as<{ results: { lines: { recognition: string }[] }[] }>("c-county", "recognitions", {
        method: "POST",
        path: "/recognitions/check",
        json: { resident: { identityNumber: person.number }, visit: aVisit(), orders: [orderOf("CREA")] },
      });
      return (await expectStatus(answer, 200)).results[0]?.lines ?? [];
    },
    (lines) => lines.some((line) => line.recognition === "must"),
    { timeoutMs: 75_000, everyMs: 1000 },
  );
  return person;
}

/** A draft order of a laboratory item by its LOINC code; its id is the item's key. */
export function orderOf(key: string): { id: string; code: { system: string; code: string } } {
  return { id: key, code: { system: "http://loinc.org", code: itemByKey(key).loinc } };
}

/** What the county hospital's system sends to get a link to the pop-up. */
export interface PopupAsked {
  readonly orders: readonly object[];
  readonly visit?: object;
  readonly names?: Readonly<Record<string, string>>;
}

/** A link to the pop-up for these draft orders, asked for as the doctor's system does. */
export async function linkToPopup(
  world: World,
  person: Person,
  { orders, visit = aVisit(), names }: PopupAsked,
): Promise<string> {
  const check = { resident: { identityNumber: person.number }, visit, orders };
  return await link(world, { page: "popup", check, patient: "测试患者 男 46岁", ...(names === undefined ? {} : { names }) });
}

/** A link to the pages of the hospital's staff. */
export function linkToStaff(world: World): Promise<string> {
  return link(world, { page: "staff" });
}

async function link(world: World, json: object): Promise<string> {
  const token = await world.signIn.client("c-county", "recognitions", doctor);
  const made = call<{ url: string }>(world.platform, { method: "POST", path: "/recognitions/links", token, json });
  return (await expectStatus(made, 201)).url;
}
