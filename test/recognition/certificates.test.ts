import { beforeAll, describe, expect, it } from "@jest/globals";
import type { Basic } from "@medplum/fhirtypes";
import { withIssue } from "../../src/fhir/issue.ts";
import { extensions } from "../../src/fhir/systems.ts";
import type { Catalogue } from "../../src/recognition/catalogue.ts";
import { certificateOf, certificateOn } from "../../src/recognition/certificates.ts";
import { certificatesOf, type GivenCertificate, linhuCatalogue } from "./laboratory.ts";

let catalogue: Catalogue;
beforeAll(async () => {
  catalogue = await linhuCatalogue(new Date("2026-11-22T02:00:00Z"));
});

const on = { day: "2026-11-19", today: "2026-11-22", carryOverDays: 90 };
const state = (given: readonly GivenCertificate[]) =>
  certificateOn(certificatesOf(given, catalogue).of("a-provincial", "creatinine"), on).state;

describe("on the day of the test the record of a laboratory", () => {
  it.each`
    said                                                                     | given                                                                                 | is
    ${"without a certificate is missing"}                                    | ${[]}                                                                                 | ${"missing"}
    ${"passed and running is valid"}                                         | ${[{}]}                                                                               | ${"valid"}
    ${"counts on its first day"}                                             | ${[{ from: "2026-11-19" }]}                                                           | ${"valid"}
    ${"counts on its last day"}                                              | ${[{ to: "2026-11-19" }]}                                                             | ${"valid"}
    ${"that begins later is missing"}                                        | ${[{ from: "2026-11-20" }]}                                                           | ${"missing"}
    ${"that ended is carried over"}                                          | ${[{ to: "2026-11-18" }]}                                                             | ${"carried-over"}
    ${"is carried over 90 days"}                                             | ${[{ to: "2026-08-21" }]}                                                             | ${"carried-over"}
    ${"is not carried over longer"}                                          | ${[{ to: "2026-08-20" }]}                                                             | ${"expired"}
    ${"not yet published is not failed"}                                     | ${[{ result: "unpublished" }]}                                                        | ${"not-yet-published"}
    ${"published tomorrow is not yet known"}                                 | ${[{ published: "2026-11-23" }]}                                                      | ${"not-yet-published"}
    ${"published today is known"}                                            | ${[{ published: "2026-11-22" }]}                                                      | ${"valid"}
    ${"failed is failed"}                                                    | ${[{ result: "failed" }]}                                                             | ${"failed"}
    ${"failed after a pass is failed"}                                       | ${[{ to: "2026-10-31" }, { result: "failed", from: "2026-11-01" }]}                   | ${"failed"}
    ${"passed after a failure is valid"}                                     | ${[{ result: "failed", to: "2026-10-31" }, { from: "2026-11-01" }]}                   | ${"valid"}
    ${"failed for the county ends what the same body gave for the province"} | ${[{ to: "2026-10-31" }, { result: "failed", from: "2026-11-01", region: "苇塘县" }]} | ${"failed"}
    ${"failed at one body and passed at another, valid"}                     | ${[{ result: "failed", body: "甲" }, { body: "乙" }]}                                 | ${"valid"}
    ${"withdrawn for all time is withdrawn"}                                 | ${[{ result: "withdrawn" }]}                                                          | ${"withdrawn"}
    ${"withdrawn from a later day on is valid"}                              | ${[{ result: "withdrawn", withdrawnFrom: "2026-11-20" }]}                             | ${"valid"}
    ${"withdrawn from that day on is withdrawn"}                             | ${[{ result: "withdrawn", withdrawnFrom: "2026-11-19" }]}                             | ${"withdrawn"}
    ${"of another laboratory says nothing"}                                  | ${[{ laboratory: "b-central" }]}                                                      | ${"missing"}
    ${"for another item says nothing"}                                       | ${[{ item: "urea" }]}                                                                 | ${"missing"}
  `("$said", ({ given, is }) => expect(state(given as GivenCertificate[])).toBe(is));
});

const basic = (parts: Record<string, object>): Basic => ({
  resourceType: "Basic",
  id: "h1",
  code: { text: "室间质评" },
  extension: [
    { url: extensions.qualityCertificate, extension: Object.entries(parts).map(([url, value]) => ({ url, ...value })) },
  ],
});
const whole = {
  laboratory: { valueCode: "a-provincial" },
  item: { valueCoding: { system: "http://loinc.org", code: "14682-9" } },
  body: { valueString: "临湖省临床检验中心" },
  level: { valueCode: "provincial" },
  testPeriod: { valuePeriod: { start: "2025-10-01", end: "2025-11-30" } },
  region: { valueString: "临湖省" },
  validity: { valuePeriod: { start: "2026-01-01", end: "2026-12-31" } },
  published: { valueDate: "2026-01-05" },
  result: { valueCode: "passed" },
};

describe("a certificate in the store", () => {
  it("is read with the item its LOINC code means and the scope its region means", () => {
    expect(certificateOf(basic(whole), catalogue)).toEqual({
      id: "h1",
      laboratory: "a-provincial",
      item: "creatinine",
      body: "临湖省临床检验中心",
      level: "provincial",
      tested: { from: "2025-10-01", to: "2025-11-30" },
      scope: "linhu",
      result: "passed",
      from: "2026-01-01",
      to: "2026-12-31",
      published: "2026-01-05",
    });
  });
  it("with an unknown region backs no scope", () =>
    expect(certificateOf(basic({ ...whole, region: { valueString: "火星" } }), catalogue)?.scope).toBeUndefined());
  it.each(["laboratory", "item", "validity", "result"])("without %s is no certificate", (part) => {
    const { [part as keyof typeof whole]: _left, ...others } = whole;
    expect(certificateOf(basic(others), catalogue)).toBeUndefined();
  });
  it("without the level or the period of the assessment is one all the same", () => {
    const { level: _level, testPeriod: _period, ...others } = whole;
    const found = certificateOf(basic(others), catalogue);
    expect([found?.result, found?.level, found?.tested]).toEqual(["passed", undefined, undefined]);
  });
  it("that was retracted is no certificate", () => {
    const retracted = withIssue(basic(whole), { order: "2", digest: "h", state: "retracted" });
    expect(certificateOf(retracted, catalogue)).toBeUndefined();
  });
});
