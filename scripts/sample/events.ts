import type { Care } from "./care.ts";
import type { ImagingItem } from "./imaging-items.ts";
import type { Item } from "./items.ts";
import type { Person } from "./people.ts";
import type { Site, Staff } from "./sites.ts";

/** A person as one site knows them. */
export interface LocalPerson {
  readonly person: Person;
  readonly site: Site;
  /** Card number, unique at the site. */
  readonly card: string;
  /** The institution's own patient number, the same at all its campuses. */
  readonly file: string;
  readonly registeredAt: Date;
}

export interface Visit {
  readonly patient: LocalPerson;
  readonly number: string;
  readonly kind: "outpatient" | "inpatient" | "emergency";
  readonly department: { readonly code: string; readonly name: string };
  readonly doctor: Staff;
  readonly start: Date;
  /** Absent while the patient is still there. */
  readonly end?: Date;
}

export interface LabResult {
  readonly item: Item;
  /** Canonical digits or text: `86`, `<0.5`, `阴性`. */
  readonly value: string;
  readonly note?: string;
  /** Mark as printed, instead of the one of region/marks.yaml; `""` = none. */
  readonly mark?: string;
}

/** One report with its rows: the unit that is re-issued or retracted. */
export interface LabSheet {
  readonly visit: Visit;
  readonly number: string;
  readonly state: "final" | "corrected" | "preliminary" | "retracted";
  readonly results: readonly LabResult[];
  readonly orderedAt: Date;
  readonly collectedAt: Date;
  readonly receivedAt: Date;
  /** Absent = nobody reviewed it (preliminary). */
  readonly reviewedAt?: Date;
  readonly reportedAt: Date;
  readonly reviewer: Staff;
  /** The laboratory that measured, when it is not the site's own. */
  readonly measuredBy?: { readonly institution: string; readonly code: string; readonly name: string };
}

export interface ImagingReport {
  readonly visit: Visit;
  readonly number: string;
  readonly studyUid: string;
  readonly item: ImagingItem;
  readonly state: "final" | "retracted";
  readonly orderedAt: Date;
  readonly performedAt: Date;
  readonly reportedAt: Date;
  readonly reviewedAt: Date;
  readonly reviewer: Staff;
  readonly mark?: string;
}

/** What happened at the hospitals, before anybody exported it. */
export interface History {
  readonly patients: readonly LocalPerson[];
  readonly visits: readonly Visit[];
  readonly sheets: readonly LabSheet[];
  readonly imaging: readonly ImagingReport[];
  /** Diagnoses, drugs, operations, …; absent where a test wants laboratory and imaging alone. */
  readonly care?: Care;
}

/** A file of an export: name and bytes as delivered. */
export interface SampleFile {
  readonly name: string;
  readonly bytes: Buffer;
}

export type SampleFeed = "a-tb" | "b-snake" | "b-cda" | "c-adt" | "c-lis" | "c-poct" | "d-tb" | "quality-certificates";

/** One delivery of one feed: the files that belong together, or one message. */
export interface SampleExport {
  readonly feed: SampleFeed;
  /** Sorts in the order of delivery within the feed. */
  readonly name: string;
  readonly files: readonly SampleFile[];
}
