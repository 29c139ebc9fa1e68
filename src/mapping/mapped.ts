import type { Resource } from "@medplum/fhirtypes";
import type { InstitutionCode, ResourceId } from "../kernel/brand.ts";

/** One file of an export, readable from its first byte as often as asked. */
export interface ExportFile {
  /** Name as delivered; a feed's `file` patterns are matched against its last path segment. */
  readonly name: string;
  /** The bytes as delivered. */
  open(): AsyncIterable<Uint8Array>;
}

/** One FHIR resource made from one source row: id set, references literal inside its tenant, no issue extension yet. */
export interface MappedResource {
  readonly resource: Resource;
  /** Number range the id belongs to (`lab-report`, `imaging-report`, `patient`, …): part of the id. */
  readonly kind: string;
  /** Keyed digest of the source row, taken before references are resolved. */
  readonly digest: string;
  readonly state: "present" | "retracted";
  readonly file: string;
  /** First line of the source row, from 1. */
  readonly line: number;
}

/** A resource that a sheet refers to and does not contain; enough to make a stub of it. */
export interface ParentReference {
  readonly type: Resource["resourceType"];
  readonly id: ResourceId;
  readonly kind: string;
  /** The business key the id was computed from. */
  readonly key: readonly string[];
}

/** A document that names a person: its type (`resident-id`, `passport`, …: the identity-type table) and number, in clear. */
export interface IdentityDocument {
  readonly type: string;
  readonly number: string;
}

/** Clear values about one person, for linking; they never enter a resource. */
export interface PersonFacts {
  readonly patientId: ResourceId;
  /** The document that names the person first of all. */
  readonly identity?: IdentityDocument;
  readonly otherIdentities?: readonly IdentityDocument[];
  readonly name?: string;
  /** `YYYY-MM-DD`. */
  readonly birthDate?: string;
  readonly sex?: "male" | "female";
  readonly phone?: string;
  readonly address?: string;
  /** Whom the record names as parent, guardian or contact. */
  readonly guardian?: { readonly name?: string; readonly number?: string; readonly phone?: string };
  /** The record says that it is of a newborn: its number may be the mother's. */
  readonly newborn?: boolean;
}

/** A weaker key of the Patient a row names, shown beside the better one: an alias Patient `id` that `into` takes the place of. */
export interface PatientAlias {
  readonly id: ResourceId;
  readonly key: readonly string[];
  readonly into: ResourceId;
}

/** Two local Patients of one institution that its own system says are one (HL7 v2 A40, A47): `from` gives way to `into`. */
export interface MappedMerge {
  readonly tenant: InstitutionCode;
  readonly from: { readonly id: ResourceId; readonly key: readonly string[] };
  readonly into: { readonly id: ResourceId; readonly key: readonly string[] };
  /** Sortable value of the template's `order`. */
  readonly order: string;
  readonly digest: string;
  readonly mapping: string;
  readonly file: string;
  readonly line: number;
}

/** A row whose sheet is not in this export; it waits for it. */
export interface OrphanRow {
  readonly tenant: InstitutionCode;
  /** Literal reference of the sheet's head, as its own row will make it. */
  readonly head: string;
  readonly table: string;
  readonly file: string;
  readonly line: number;
}

/** One source row as read, for showing it beside what became of it. */
export interface ObservedRow {
  readonly table: string;
  readonly file: string;
  readonly line: number;
  /** By the feed's name of the column: its heading (or path) in the file and the text in it. */
  readonly cells: Readonly<Record<string, { readonly field: string; readonly text: string | undefined }>>;
}

/** How a run of the mapping may be narrowed, watched and bounded. */
export interface MapOptions {
  /** Rows elsewhere are neither mapped nor counted. */
  only?(file: string, line: number): boolean;
  /** Called for each row in the order of the file. */
  observe?(row: ObservedRow): void;
  /** Folder where joins sort on disk. */
  readonly spillDir?: string;
  /** Joined rows kept in memory before they go to disk. */
  readonly memoryRows?: number;
}

/** One report with its rows (or one patient, visit, certificate): the unit that is re-issued or retracted. */
export interface MappedSheet {
  readonly tenant: InstitutionCode;
  readonly campus?: string;
  /** `DiagnosticReport/h…`: the resource the sheet is named after. */
  readonly head: string;
  /** Sortable value of the template's `order` columns; "" sorts first. */
  readonly order: string;
  /** `<feed>/<template>@<version>`, for Provenance. */
  readonly mapping: string;
  /** The template's version: of two mappings of one row the greater counts. */
  readonly generation: number;
  /** The head first. */
  readonly members: readonly MappedResource[];
  readonly parents: readonly ParentReference[];
  /** Weaker keys of Patients that these rows show. */
  readonly aliases: readonly PatientAlias[];
  /** Only on sheets whose head is a Patient. */
  readonly person?: PersonFacts;
}

/** Why a row, a file or a value did not become FHIR, with its place in the file and in the mapping. The value itself is never told, only its shape. */
export interface RowIssue {
  readonly severity: "error" | "warning";
  readonly code: IssueCode;
  readonly file: string;
  readonly line?: number;
  /** Name the feed gives the column. */
  readonly column?: string;
  /** Heading, path or HL7 field as it stands in the file. */
  readonly field?: string;
  readonly mapping?: string;
  readonly mappingLine?: number;
  readonly element?: string;
  readonly reason: string;
}

/** Every way a row or file can fail to become FHIR. */
export type IssueCode =
  // files
  | "archive"
  | "empty-file"
  | "unknown-file"
  | "binary"
  | "encoding"
  | "header"
  | "truncated"
  | "syntax"
  | "companion-failed"
  | "private-use"
  // rows
  | "columns"
  | "quote"
  | "duplicate"
  | "superseded"
  | "orphan"
  | "rejected"
  | "message-type"
  | "unknown-institution"
  | "missing-key"
  | "missing-value"
  | "missing-element"
  | "bad-value"
  | "bad-code"
  | "table-miss"
  | "two-values"
  | "sheet-failed"
  | "left-out";

/** How many rows of one table were read, became part of a sheet, or became an issue; `read` = `mapped` + `skipped`. */
export interface RowCounts {
  read: number;
  mapped: number;
  skipped: number;
}

/** What one export held and what of it was not mapped; nothing personal. */
export interface MappingReport {
  readonly rows: Readonly<Record<string, RowCounts>>;
  /** Columns (keys, HL7 fields) present in the files that the feed does not declare; `count` = files or rows that had them. */
  readonly unmappedColumns: readonly { table: string; column: string; count: number }[];
  /** Declared columns that no template reads and that carry no `unused` reason. */
  readonly unusedColumns: readonly { table: string; column: string }[];
  readonly tableMisses: readonly { table: string; code: string; unit?: string; count: number }[];
  /** Issues counted by code. */
  readonly issues: Readonly<Record<string, number>>;
}

/** What the mapping needs to know from outside: ids, digests, the registry and the time. */
export interface MappingDeps {
  ids(institution: InstitutionCode, type: string, kind: string, ...key: string[]): ResourceId;
  digest(...cells: string[]): string;
  institutionOf(supplier: string, code: string): { tenant: InstitutionCode; campus?: string } | undefined;
  now(): Date;
}

/** A mistake in a mapping folder, at the place an editor can jump to. */
export interface MappingProblem {
  readonly file: string;
  readonly line: number;
  readonly reason: string;
}
