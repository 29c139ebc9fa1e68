/**
 * `npm run page`: a one-time link to the staff pages of the running platform, as 苇塘县人民医院's system would ask for it.
 * `npm run page -- popup`: a link to the pop-up, with draft orders of a new resident who has results at other hospitals and lets this one see them.
 */
import { call, expectStatus } from "./client/call.ts";
import { finishedExport, postExport } from "./client/deliver-export.ts";
import { readPlatform } from "./client/platform.ts";
import { createSignIn } from "./client/sign-in.ts";
import { labExportOfA, labExportOfB } from "./sample/fresh.ts";
import { itemByKey } from "./sample/items.ts";
import { freshResident, type Person } from "./sample/people.ts";
import { dayMs, later } from "./sample/time.ts";

const [page = "staff"] = process.argv.slice(2);
const hospital = "c-county";
const doctor = { id: "doctor-17", name: "程医生", role: "doctor" };
const ordered = ["CREA", "UA", "UREA", "K", "LDL", "TC"];

const platform = readPlatform();
const signIn = createSignIn(platform);

if (page === "staff") console.log(await link({ page }));
else if (page === "popup") console.log(await popup());
else {
  console.error("npm run page knows: npm run page [-- popup]");
  process.exitCode = 1;
}

async function popup(): Promise<string> {
  const person = freshResident();
  await deliverResults(person);
  const now = Date.now();
  const granted = call(platform, {
    method: "POST",
    path: "/consents",
    token: await signIn.resident(person.number),
    json: {
      ...{ recipients: [hospital], categories: ["lab", "imaging"], purposes: ["TREAT"] },
      period: { start: new Date(now - 1000).toISOString(), end: new Date(now + dayMs).toISOString() },
    },
  });
  await expectStatus(granted, 201);
  const orders = ordered.map((key) => ({ id: key, code: { system: "http://loinc.org", code: itemByKey(key).loinc } }));
  const visit = { number: `MZ${now}`, department: "肾内科", kind: "outpatient", start: new Date(now).toISOString() };
  const check = { resident: { identityNumber: person.number }, visit, orders };
  return await link({ page: "popup", check, patient: "示例患者" });
}

async function deliverResults(person: Person): Promise<void> {
  const ago = (days: number) => later(new Date(), -days * dayMs);
  const results = [
    ["CREA", "86"],
    ["UA", "351"],
    ["UREA", "5.20"],
  ].map(([item = "", value = ""]) => ({ item, value }));
  const exports = [
    { supplier: "a-his", made: labExportOfA(person, results, ago(3)) },
    { supplier: "a-his", made: labExportOfA(person, [{ item: "K", value: "4.2" }], ago(9)) },
    { supplier: "b-platform", made: labExportOfB(person, [{ item: "LDL", value: "2.80" }], ago(5)) },
  ];
  await Promise.all(
    exports.map(async ({ supplier, made }) => {
      const token = () => signIn.client(supplier, "exports");
      const { id } = await expectStatus(postExport(platform, await token(), made), 202);
      await finishedExport(platform, token, id);
    }),
  );
}

async function link(json: object): Promise<string> {
  const token = await signIn.client(hospital, "recognitions", doctor);
  const made = call<{ url: string }>(platform, { method: "POST", path: "/recognitions/links", token, json });
  return (await expectStatus(made, 201)).url;
}
