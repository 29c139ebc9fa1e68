import type { Extension, Provenance, ProvenanceAgent, ProvenanceEntity, Resource } from "@medplum/fhirtypes";
import { issueOf } from "../fhir/issue.ts";
import { replacementOf } from "../fhir/replacement.ts";
import { extensions, systems } from "../fhir/systems.ts";
import type { Tenant } from "../kernel/brand.ts";
import { type Row, refOf } from "./sheet.ts";
import { listsOf, refsIn } from "./sheet-lists.ts";

/** What every Provenance of one export tells. */
export interface Origin {
  readonly feed: string;
  /** Client that delivered. */
  readonly supplier: string;
  /** When the export was accepted (FHIR instant): never the time of a run, so that a replay tells the same. */
  readonly acceptedAt: string;
  /** SHA-256 of each file by its name. */
  readonly files: ReadonlyMap<string, string>;
  /** Names the export by its content: equal for every replay. */
  readonly exportId: string;
  /** Rows that waited, written with their sheets: the sheets' own rows were only read again, and came at another time. */
  readonly readAgain?: true;
}

const readAgain = { system: systems.taskKind, code: "orphan-row" } as const;

/** Whether it tells of rows that waited, so that `recorded` is not when the sheet's own row came. */
export function isReadAgain({ activity }: Provenance): boolean {
  return activity?.coding?.some(({ system, code }) => system === readAgain.system && code === readAgain.code) ?? false;
}

/**
 * Tells where the resources of one transaction come from: file, lines, feed, mapping. Its id is computed from the export's content and
 * what is written, so that a replay makes the same one.
 */
export function provenanceOf(
  origin: Origin,
  written: { readonly tenant: Tenant; readonly resources: readonly Resource[]; readonly rows: readonly Row[] },
  computeId: (...parts: readonly string[]) => string,
): Provenance {
  const marks = written.resources.map(markOf).sort();
  return {
    resourceType: "Provenance",
    id: computeId(written.tenant, "Provenance", "provenance", origin.exportId, ...marks),
    target: written.resources.map((resource) => ({ reference: refOf(resource) })),
    recorded: origin.acceptedAt,
    ...(origin.readAgain ? { activity: { coding: [readAgain] } } : {}),
    agent: [
      {
        type: agentType("author"),
        who: { type: "Organization", identifier: { system: systems.institution, value: origin.supplier } },
      },
      ...[...new Set(written.rows.map((row) => row.mapping))].sort().map(
        (value): ProvenanceAgent => ({
          type: agentType("assembler"),
          who: { type: "Device", identifier: { system: "urn:hutong:mapping", value } },
        }),
      ),
    ],
    entity: linesOf(written.rows).map((lines) => entityOf(origin, lines)),
  };
}

/** A resource in the issue (and with the rows) it is written with. */
function markOf(resource: Resource): string {
  const issue = issueOf(resource);
  const newer = (issue?.generation ?? 1) > 1 ? [`@${issue?.generation}`] : [];
  const replacement = resource.resourceType === "Patient" ? replacementOf(resource) : undefined;
  const given = replacement === undefined ? [] : [`-> ${Object.values(replacement).join(" ")}`];
  return [refOf(resource), issue?.order, issue?.digest, issue?.state, ...newer, ...refsIn(listsOf(resource)), ...given].join(
    " ",
  );
}

interface Lines {
  readonly file: string;
  first: number;
  last: number;
}

function linesOf(rows: readonly Row[]): Lines[] {
  const byFile = new Map<string, Lines>();
  for (const { file, line } of rows) {
    const lines = byFile.get(file);
    if (lines === undefined) byFile.set(file, { file, first: line, last: line });
    else {
      lines.first = Math.min(lines.first, line);
      lines.last = Math.max(lines.last, line);
    }
  }
  return [...byFile.values()];
}

function entityOf(origin: Origin, { file, first, last }: Lines): ProvenanceEntity {
  const lines: Extension = {
    url: extensions.sourceLines,
    extension: [
      { url: "first", valuePositiveInt: first },
      { url: "last", valuePositiveInt: last },
    ],
  };
  // A file inside an archive is found by the archive, which is what was landed.
  const sha256 = origin.files.get(file) ?? origin.files.get(archiveOf(file, origin.files));
  return {
    role: "source",
    extension: [lines],
    what: {
      ...(sha256 === undefined ? {} : { identifier: { system: "urn:hutong:landing", value: sha256 } }),
      display: `${origin.feed}/${file}`,
    },
  };
}

function agentType(code: string) {
  return { coding: [{ system: "http://terminology.hl7.org/CodeSystem/provenance-participant-type", code }] };
}

function archiveOf(file: string, files: Origin["files"]): string {
  return [...files.keys()].find((name) => file.startsWith(`${name}/`)) ?? "";
}
