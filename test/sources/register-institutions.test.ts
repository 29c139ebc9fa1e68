import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { createCryptoSuite } from "../../src/kernel/crypto-suite.ts";
import { organizationId, type Partitions, registerInstitutions } from "../../src/sources/register-institutions.ts";
import { readRegistry } from "../../src/sources/registry.ts";
import { createMemoryStore } from "../fakes/memory-store.ts";

const suite = createCryptoSuite({ ids: Buffer.alloc(32, 1), index: Buffer.alloc(32, 2), data: Buffer.alloc(32, 3) });
const yaml = readFileSync(new URL("../../scripts/sample/region/registry.yaml", import.meta.url), "utf8");

function registryOf(text: string) {
  const read = readRegistry(text);
  if (read.kind === "wrong") throw new Error(JSON.stringify(read.problems));
  return read.registry;
}

describe("registering the institutions", () => {
  const made: string[] = [];
  const partitions: Partitions = { ensure: async (id, name) => void made.push(`${id} ${name}`) };
  let deps: Parameters<typeof registerInstitutions>[0];
  beforeEach(() => {
    made.length = 0;
    deps = { store: createMemoryStore(), partitions, suite };
  });
  const stored = (tenant: "DEFAULT" | "a-provincial", code: string) =>
    deps.store.read(tenant as never, "Organization", organizationId(suite, tenant as never, code));

  it("makes every partition and writes each institution to the hub and to its own partition", async () => {
    await registerInstitutions(deps, registryOf(yaml));
    expect(made).toContain("1 a-provincial");
    expect(made).toHaveLength(9);
    expect((await stored("DEFAULT", "a-provincial"))?.name).toBe("临湖省人民医院");
    expect((await stored("a-provincial", "a-provincial"))?.endpoint).toBeUndefined();
    expect(await stored("a-provincial", "b-central")).toBeUndefined();
  });

  it("writes nothing the second time", async () => {
    const first = await registerInstitutions(deps, registryOf(yaml));
    const second = await registerInstitutions(deps, registryOf(yaml));
    expect(first.written).toBeGreaterThan(14);
    expect(second.written).toBe(0);
    expect((await stored("DEFAULT", "a-provincial"))?.meta?.versionId).toBe("1");
  });

  it("writes only what changed when a hospital is renamed", async () => {
    await registerInstitutions(deps, registryOf(yaml));
    const { written } = await registerInstitutions(
      deps,
      registryOf(yaml.replace("name: 临湖市中心医院\n    credit", "name: 临湖大学附属医院\n    credit")),
    );
    expect(written).toBe(3); // Organization and Endpoint in DEFAULT, Organization in its own partition
    expect((await stored("DEFAULT", "b-central"))?.name).toBe("临湖大学附属医院");
  });

  it("may run in several processes at once", async () => {
    const runs = await Promise.all([1, 2, 3, 4].map(() => registerInstitutions(deps, registryOf(yaml))));
    expect(runs.reduce((sum, run) => sum + run.written, 0)).toBeGreaterThan(14);
    expect((await stored("a-provincial", "a-provincial"))?.meta?.versionId).toBe("1");
  });
});
