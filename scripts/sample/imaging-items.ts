import { readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";

/** An imaging item with the text of a plausible report; `code_*` empty = that hospital's feed does not carry it. */
export interface ImagingItem {
  readonly key: string;
  readonly loinc: string;
  readonly display: string;
  readonly name: string;
  readonly modality: string;
  /** 部位. */
  readonly site: string;
  /** 平扫, 增强 or `-`. */
  readonly method: string;
  readonly code_a: string;
  readonly code_b: string;
  readonly finding: string;
  readonly impression: string;
}

export const imagingItems: readonly ImagingItem[] = parse(readFileSync(new URL("./region/imaging.csv", import.meta.url)), {
  columns: true,
});

/** The imaging item with this key; throws when there is none. */
export function imagingItemByKey(key: string): ImagingItem {
  const item = imagingItems.find((one) => one.key === key);
  if (item === undefined) throw new Error(`the sample has no imaging item ${key}`);
  return item;
}
