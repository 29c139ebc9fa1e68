import type { Bundle, BundleEntry, OperationOutcomeIssue, Resource } from "@medplum/fhirtypes";
import { extensions } from "../fhir/systems.ts";
import type { InstitutionCode } from "../kernel/brand.ts";
import type { SourceAnswer, SourceOutcome } from "../sources/answer.ts";

/** The one sentence every answer carries, whether or not there is more. */
export const coverageNote =
  "Institutions that the resident's consent does not cover are neither named nor counted; more may exist.";

/** Extensions that are the hub's own affair and never leave it. */
const internal = new Set<string>([extensions.issue, extensions.ciphertext, extensions.stub, extensions.linkBasis]);

type Told = Pick<OperationOutcomeIssue, "severity" | "code"> & { readonly text: string };

const stillAsked: Told = {
  severity: "information",
  code: "incomplete",
  text: "The institution is still being asked; read again.",
};

const unanswered: Partial<Record<SourceOutcome, Told>> = {
  more: {
    severity: "warning",
    code: "too-costly",
    text: "The answer was cut at its bound; there is more at this institution.",
  },
  refused: { severity: "warning", code: "forbidden", text: "The institution refused to answer; it may hold data." },
  "timed-out": { severity: "warning", code: "timeout", text: "The institution did not answer in time; it may hold data." },
  failed: { severity: "warning", code: "exception", text: "The institution could not be asked; it may hold data." },
};

/**
 * What goes out: a searchset with every released resource as its institution stored it, less what is the hub's own, and an OperationOutcome
 * for each source whose answer is missing, cut or still to come, and one with the sentence that more may exist. `total` counts what is released.
 */
export function answerBundle(
  answers: readonly SourceAnswer[],
  pending: readonly InstitutionCode[],
  from: { at: string; publicUrl: string; nameOf: (code: InstitutionCode) => string },
): Bundle {
  const matches = answers.flatMap(({ institution, resources }) =>
    resources.map(
      (resource): BundleEntry => ({
        fullUrl: `${from.publicUrl}/sources/${institution}/${resource.resourceType}/${resource.id}`,
        resource: presentable(resource, institution),
        search: { mode: "match" },
      }),
    ),
  );
  const said = [
    ...answers.map(({ institution, outcome }) => ({ institution, issue: unanswered[outcome] })),
    ...pending.map((institution) => ({ institution, issue: stillAsked })),
  ];
  const outcomes = said.flatMap(({ institution, issue }) => {
    if (issue === undefined) return [];
    const { severity, code, text } = issue;
    return [outcomeEntry({ severity, code, details: { text: from.nameOf(institution) }, diagnostics: text })];
  });
  return {
    resourceType: "Bundle",
    type: "searchset",
    timestamp: from.at,
    total: matches.length,
    entry: [
      ...matches,
      ...outcomes,
      outcomeEntry({ severity: "information", code: "informational", diagnostics: coverageNote }),
    ],
  };
}

function presentable(resource: Resource, institution: InstitutionCode): Resource {
  const { extension, ...rest } = resource as Resource & { extension?: { url: string }[] };
  const kept = (extension ?? []).filter((one) => !internal.has(one.url));
  const meta = { ...resource.meta, source: `urn:hutong:institution:${institution}` };
  return { ...rest, meta, ...(kept.length === 0 ? {} : { extension: kept }) } as Resource;
}

function outcomeEntry(issue: OperationOutcomeIssue): BundleEntry {
  return { resource: { resourceType: "OperationOutcome", issue: [issue] }, search: { mode: "outcome" } };
}
