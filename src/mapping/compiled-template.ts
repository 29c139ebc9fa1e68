import type { Built } from "./assemble.ts";
import type { Column, Leaf, Place, Table } from "./compiled.ts";
import type { IdentityRule } from "./identity.ts";

/** Rows of another table that belong to a head row. */
export interface Join {
  readonly name: string;
  readonly table: Table;
  readonly headColumns: readonly Column[];
  readonly columns: readonly Column[];
  readonly order?: Column;
}

/** One resource that a template makes of a head row or of each joined row. */
export interface Emission {
  readonly type: string;
  readonly rule: IdentityRule;
  /** Name of the join whose rows it repeats over. */
  readonly each?: string;
  /** Slot of the joined row in hand, for expressions of `$each`s inside. */
  readonly slot?: number;
  readonly condition?: Leaf;
  readonly lets: readonly { readonly slot: number; readonly leaf: Leaf }[];
  readonly fields: Built;
  readonly place: Place;
}

/** The clear values of a person, each as an expression over the head row. */
export interface PersonLeaves {
  /** The document that names the person first of all, then the others. */
  readonly identities: readonly { readonly first: boolean; readonly type: Leaf; readonly number: Leaf }[];
  readonly texts: Readonly<Partial<Record<"name" | "birthDate" | "sex" | "phone" | "address", Leaf>>>;
  readonly guardian: Readonly<Partial<Record<"name" | "number" | "phone", Leaf>>>;
  readonly newborn?: Leaf;
}

/** A template that says that one local Patient gives way to the one its `ids` name. */
export interface Merge {
  readonly from: IdentityRule;
  readonly into: IdentityRule;
  readonly when?: Leaf;
  readonly place: Place;
}

/** A compiled template: one head row in, one sheet out. */
export interface Template {
  /** `<feed>/<template>@<version>`. */
  readonly mapping: string;
  readonly version: number;
  /** The template's file, relative to the feed's folder. */
  readonly file: string;
  readonly table: Table;
  readonly joins: readonly Join[];
  readonly order: readonly { readonly leaf: Leaf; readonly whole: boolean }[];
  readonly retracted?: Leaf;
  /** Whether somebody reviewed the results of a sheet; without it the feed's origin decides. */
  readonly reviewed?: Leaf;
  readonly person?: PersonLeaves;
  readonly merge?: Merge;
  /** The head first; none in a template that only merges. */
  readonly emissions: readonly Emission[];
}
