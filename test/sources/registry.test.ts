import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { type ReadRegistry, readRegistry } from "../../src/sources/registry.ts";

const sample = readFileSync(new URL("../../scripts/sample/region/registry.yaml", import.meta.url), "utf8");

function sampleRegistry() {
  const read = readRegistry(sample);
  if (read.kind === "wrong") throw new Error(JSON.stringify(read.problems));
  return read.registry;
}

const problemsOf = (read: ReadRegistry) => (read.kind === "wrong" ? read.problems : []);

describe("the registry", () => {
  it("reads the sample region without a problem", () => {
    expect(sampleRegistry().institutions.map((one) => one.code)).toEqual([
      "a-provincial",
      "b-central",
      "c-county",
      "c-town-1",
      "c-town-2",
      "c-thirdlab",
      "quality-centre",
      "d-second",
      "e-third",
    ]);
  });

  it.each`
    supplier            | code                    | institution       | campus
    ${"a-his"}          | ${"0001"}               | ${"a-provincial"} | ${"0001"}
    ${"a-his"}          | ${" 0002 "}             | ${"a-provincial"} | ${"0002"}
    ${"c-shared-his"}   | ${"SQWSY"}              | ${"c-town-2"}     | ${undefined}
    ${"quality-centre"} | ${"12990100HTDEM0022M"} | ${"b-central"}    | ${undefined}
  `("knows whom $supplier means by $code", ({ supplier = "", code = "", institution, campus }) => {
    const found = sampleRegistry().institutionOf(supplier, code);
    expect(found?.tenant).toBe(institution);
    expect(found?.campus).toBe(campus);
  });

  it.each`
    said                                        | supplier       | code
    ${"a code nobody registered"}               | ${"a-his"}     | ${"0009"}
    ${"a code that only another supplier uses"} | ${"a-his"}     | ${"SQWSY"}
    ${"a supplier nobody registered"}           | ${"x-his"}     | ${"0001"}
    ${"no code at all"}                         | ${"a-his"}     | ${""}
    ${"a name every JavaScript object has"}     | ${"__proto__"} | ${"toString"}
  `("never guesses: $said is nobody", ({ supplier = "", code = "" }) => {
    expect(sampleRegistry().institutionOf(supplier, code)).toBeUndefined();
  });

  it("knows who sends a feed and which client may", () => {
    expect(sampleRegistry().supplierOfFeed("c-lis")?.code).toBe("c-shared-his");
    expect(sampleRegistry().supplierOfFeed("x-lis")).toBeUndefined();
    expect(sampleRegistry().client("c-town-1")?.institution).toBe("c-town-1");
    expect(sampleRegistry().client("nobody")).toBeUndefined();
  });

  it.each([
    {
      mistake: "a partition that belongs to another",
      from: "partition: 2",
      to: "partition: 1",
      path: "institutions.1.partition",
    },
    { mistake: "partition 0, which is DEFAULT", from: "partition: 2", to: "partition: 0", path: "institutions.1.partition" },
    { mistake: "an institution given twice", from: "code: b-central", to: "code: a-provincial", path: "institutions.1.code" },
    {
      mistake: "a row of nobody",
      from: "institution: b-central }",
      to: "institution: d-none }",
      path: "suppliers.1.rows.0.institution",
    },
    {
      mistake: "a campus that is not there",
      from: 'campus: "0002" }',
      to: 'campus: "0003" }',
      path: "suppliers.0.rows.1.campus",
    },
    {
      mistake: "a client's feed nobody sends",
      from: "feeds: [b-snake, b-cda] }",
      to: "feeds: [b-snail, b-cda] }",
      path: "clients.6.feeds.0",
    },
    {
      mistake: "a scope that does not exist",
      from: "scopes: [operate]",
      to: "scopes: [everything]",
      path: "clients.11.scopes.0",
    },
    {
      mistake: "a campus given twice",
      from: '{ code: "0002", name',
      to: '{ code: "0001", name',
      path: "institutions.0.campuses.1.code",
    },
    { mistake: "a supplier without feeds", from: ", feeds: [b-snake, b-cda] }", to: " }", path: "clients.6" },
    {
      mistake: "a CDS client with the issuer and tenant of another",
      from: "tenant: c-town-1",
      to: "tenant: c-county",
      path: "clients.3.cds",
    },
    {
      mistake: "a CDS client that may not check recognition",
      from: "scopes: [exports, lookups, recognitions, patients], cds",
      to: "scopes: [exports, lookups, patients], cds",
      path: "clients.2.cds",
    },
    { mistake: "an unknown key", from: "short: 临,", to: "shrot: 临,", path: "region" },
    { mistake: "an empty name", from: "name: 临湖康衡医学检验所", to: "name: ''", path: "institutions.5.name" },
  ])("names the line of $mistake", ({ from, to, path }) => {
    expect(sample).toContain(from);
    const line = sample.slice(0, sample.indexOf(from)).split("\n").length;
    const problems = problemsOf(readRegistry(sample.replace(from, to)));
    expect(problems.map((problem) => ({ path: problem.path, line: problem.line }))).toContainEqual({ path, line });
  });

  it("reports every mistake at once, and broken YAML with its line", () => {
    expect(
      problemsOf(readRegistry(sample.replace("partition: 2", "partition: x").replace("short: 临", "short: ''"))).length,
    ).toBe(2);
    expect(problemsOf(readRegistry("region: {\ninstitutions: [}"))[0]?.line).toBe(2);
  });
});
