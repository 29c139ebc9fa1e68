import { faultOf, type HapiClient } from "./client.ts";

/** Makes HAPI partitions; DEFAULT (id 0) is there from the start and is never made. */
export interface HapiPartitions {
  /** Makes the partition or finds it there; throws `Fault("store-refused")` when the id belongs to another name. */
  ensure(id: number, name: string): Promise<"created" | "existed">;
}

/** Partition management of HAPI: `$partition-management-create-partition` on DEFAULT. */
export function createHapiPartitions(client: HapiClient): HapiPartitions {
  const call = (operation: string, parameter: object[]) =>
    client.send(
      {
        method: "POST",
        path: `/DEFAULT/$partition-management-${operation}`,
        headers: { "content-type": "application/fhir+json" },
        body: JSON.stringify({ resourceType: "Parameters", parameter }),
      },
      { deadlineMs: 30_000 },
    );
  return {
    async ensure(id, name) {
      const existing = await call("read-partition", [{ name: "id", valueInteger: id }]);
      if (existing.status === 200) {
        const parameters = (existing.body as { parameter?: { name: string; valueCode?: string }[] }).parameter ?? [];
        if (parameters.find((one) => one.name === "name")?.valueCode === name) return "existed";
        throw faultOf({ status: 400, body: undefined });
      }
      const created = await call("create-partition", [
        { name: "id", valueInteger: id },
        { name: "name", valueCode: name },
      ]);
      if (created.status !== 200) throw faultOf(created);
      return "created";
    },
  };
}
