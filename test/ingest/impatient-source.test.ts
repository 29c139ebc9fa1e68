import { describe, expect, it } from "@jest/globals";
import { impatient } from "../../src/adapters/tables/open-table-source.ts";
import type { TableSession, TableWindow } from "../../src/ingest/table-source.ts";

const never = new Promise<never>(() => {});
const window: TableWindow = { from: { table: "t" }, column: "c", kind: "number", after: "0", upTo: "1" };
const session: TableSession = {
  clock: () => never,
  largest: () => never,
  async *rows() {
    yield { columns: ["a"], rows: [["1"]] };
    await never;
  },
  close: () => never,
};

describe("a database that goes silent", () => {
  it.each([
    ["while it is signed in to", () => impatient({ open: () => never }, 20).open()],
    ["when its time is asked", async () => (await impatient({ open: async () => session }, 20).open()).clock()],
    [
      "between two pages",
      async () => {
        for await (const page of (await impatient({ open: async () => session }, 20).open()).rows(window))
          expect(page.rows).toEqual([["1"]]);
      },
    ],
  ])("%s is not waited for", async (_, ask) => {
    await expect(ask()).rejects.toMatchObject({ code: "tables-down", message: "The database did not answer in time." });
  });

  it("may be left all the same", async () => {
    await (await impatient({ open: async () => session }, 20).open()).close();
  });
});
