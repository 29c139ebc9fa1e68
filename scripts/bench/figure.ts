/** One measured figure beside its baseline, both taken in the same run on the same machine. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The same measured without Hutong; absent where the goal is an absolute number. */
  readonly baseline?: number;
  /** value ÷ baseline. */
  readonly ratio?: number;
  /** What is to be reached, as text: `ratio >= 0.90`. */
  readonly goal: string;
  /** Undefined for figures that are only told. */
  readonly met?: boolean;
}

/** The value below which the given share of the samples lies (nearest rank). Throws on no samples. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)];
  if (value === undefined) throw new Error("a percentile needs samples");
  return value;
}

/** Three significant digits: more would pretend. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

/** One line of JSON: name, value, unit, baseline, ratio, goal, met (null where there is none). */
export function jsonLine({ name, value, unit, baseline, ratio, goal, met }: Figure): string {
  return JSON.stringify({
    name,
    value: rounded(value),
    unit,
    baseline: orNull(baseline),
    ratio: orNull(ratio),
    goal,
    met: met ?? null,
  });
}

/** One row for people. */
export function textLine({ name, value, unit, baseline, ratio, goal, met }: Figure): string {
  const against = baseline === undefined ? "" : ` against ${rounded(baseline)} (ratio ${rounded(ratio ?? Number.NaN)})`;
  const verdict = met === undefined ? "" : met ? "  met" : "  MISSED";
  return `${name.padEnd(44)} ${String(rounded(value)).padStart(9)} ${unit}${against}; goal ${goal}${verdict}`;
}

function orNull(value: number | undefined): number | null {
  return value === undefined ? null : rounded(value);
}
