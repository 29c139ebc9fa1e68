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
  readonly condition?: Leaf;
  readonly lets: readonly { readonly slot: number; readonly leaf: Leaf }[];
  readonly fields: Built;
  readonly place: Place;
}

/** The clear values of a person, each as an expression over the head row. */
export interface PersonLeaves {
  readonly identityType?: Leaf;
  readonly identityNumber?: Leaf;
  readonly name?: Leaf;
  readonly birthDate?: Leaf;
  readonly sex?: Leaf;
  readonly phone?: Leaf;
}

/** A compiled template: one head row in, one sheet out. */
export interface Template {
  /** `<feed>/<template>@<version>`. */
  readonly mapping: string;
  readonly file: string;
  readonly table: Table;
  readonly joins: readonly Join[];
  readonly order: readonly { readonly leaf: Leaf; readonly whole: boolean }[];
  readonly retracted?: Leaf;
  readonly person?: PersonLeaves;
  /** The head first. */
  readonly emissions: readonly Emission[];
}
