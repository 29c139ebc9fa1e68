import type { OperationOutcomeIssue, Resource } from "@medplum/fhirtypes";
import type { HapiClient } from "../../src/adapters/hapi/client.ts";

/** Errors that HAPI's own validator finds in a resource held against one of our profiles: `<place>: <text>`. */
export async function validateOnHapi(client: HapiClient, resource: Resource, profile: string | undefined): Promise<string[]> {
  const query =
    profile === undefined ? "" : `?profile=${encodeURIComponent(`https://hutong.example/fhir/StructureDefinition/${profile}`)}`;
  const answer = await client.send(
    {
      method: "POST",
      path: `/DEFAULT/${resource.resourceType}/$validate${query}`,
      headers: { "content-type": "application/fhir+json" },
      body: JSON.stringify(resource),
    },
    { deadlineMs: 60_000 },
  );
  const issues = (answer.body as { issue?: OperationOutcomeIssue[] }).issue ?? [];
  return issues
    .filter((one) => one.severity === "error" || one.severity === "fatal")
    .map((one) => `${one.location?.[0] ?? one.expression?.[0] ?? ""}: ${one.diagnostics ?? one.details?.text ?? one.code}`);
}
