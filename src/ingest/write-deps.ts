import type { Patient } from "@medplum/fhirtypes";
import type { FhirStore } from "../fhir/store.ts";
import type { InstitutionCode, ResourceId } from "../kernel/brand.ts";
import type { PersonFacts } from "../mapping/mapped.ts";
import type { ChangeDesk } from "./change-desk.ts";
import type { KnownParents } from "./known-parents.ts";
import type { Ledger } from "./ledger.ts";
import type { MoveDesk } from "./move-task.ts";
import type { Pace } from "./pace.ts";
import type { Origin } from "./provenance.ts";
import type { Row, Sheet } from "./sheet.ts";

/** A person to be linked once their Patient is stored. */
export interface Person {
  readonly tenant: InstitutionCode;
  readonly patientId: ResourceId;
  readonly facts: PersonFacts;
  /** The Patient was not stored before: no link of it is looked for. */
  readonly created?: boolean;
  /** The Patient that stands in its place, when it gave way: that one is linked. */
  readonly into?: ResourceId;
}

/** A stored Patient that is about to change. `facts` absent = its row is taken back. */
export interface PersonToChange {
  readonly tenant: InstitutionCode;
  readonly patientId: ResourceId;
  readonly facts?: PersonFacts;
}

/** What ingest needs of identity. */
export interface IdentityPort {
  /** The Patient with its numbers and phones sealed; the same every time. */
  seal(patient: Patient, facts: PersonFacts, tenant: InstitutionCode): Patient;
  /**
   * Called for every stored Patient that is about to be changed, before it is written: closes links that its new facts (or, without facts, its
   * retraction) make wrong. Throws `Fault("store-down")`: then nothing may be written.
   */
  prepareCorrections?(people: readonly PersonToChange[]): Promise<void>;
  /** Links people whose Patients are stored; one answer each, in order: its kind is counted (`linked`, `review`, `provisional`, …). */
  link(people: readonly Person[]): Promise<readonly { readonly kind: string }[]>;
  /**
   * One Patient of an institution took the place of another: what the loser's link tells goes to the winner, unless the winner has a better one of its
   * own; the loser keeps none. Safe to repeat.
   */
  moved?(move: { readonly tenant: InstitutionCode; readonly from: ResourceId; readonly into: ResourceId }): Promise<void>;
}

/** One run of one export, as its writes see it. */
export interface WriteDeps {
  readonly store: FhirStore;
  readonly identity: IdentityPort;
  readonly computeId: (...parts: readonly string[]) => string;
  readonly origin: Origin;
  readonly ledger: Ledger;
  readonly moves: MoveDesk;
  readonly changes: ChangeDesk;
  readonly parents: KnownParents;
  readonly pace: Pace;
  /** Resources the store refused in this run: no report may name them. */
  readonly refused: Set<string>;
  /** Writes something of the run's own; throws `Fault("store-down")` when the store takes nothing at all. */
  readonly proveWritable: () => Promise<void>;
  /** Takes a sheet whose stored rows must follow its head; judged when the export ends. */
  readonly settleLater: (sheet: Sheet) => void;
  /** Told before a later issue of these heads takes the place of an earlier one: `<tenant>/<Type>/<id>` and the later order. */
  readonly reissuing: (heads: ReadonlyMap<string, string>) => Promise<void>;
  /** Rows already counted, so that a second try counts nothing twice. */
  readonly counted: WeakSet<Row>;
}
