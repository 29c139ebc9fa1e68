import type { Result } from "./answer.ts";

/** A value's place in the drawing. */
interface Placed {
  readonly x: number;
  readonly y: number;
  readonly value: number;
  readonly anchor: "start" | "middle" | "end";
}

const margin = { side: 24, top: 24, bottom: 10 };

/** Where each value lies, left to right by time and bottom to top by value, and a path for each stretch that may be joined. */
export function trendPath(
  segments: NonNullable<Result["trend"]>["points"],
  { width, height }: { readonly width: number; readonly height: number },
): { readonly lines: readonly string[]; readonly points: readonly Placed[] } {
  const all = segments.flat();
  const times = all.map((one) => Date.parse(one.at));
  const values = all.map((one) => one.value);
  const x = scale(times, [margin.side, width - margin.side]);
  const y = scale(values, [height - margin.bottom, margin.top]);
  const placed = segments.map((segment) =>
    segment.map((one): Placed => {
      const at = x(Date.parse(one.at));
      return { x: at, y: y(one.value), value: one.value, anchor: at < 40 ? "start" : at > width - 40 ? "end" : "middle" };
    }),
  );
  const lines = placed
    .filter((segment) => segment.length > 1)
    .map((segment) => `M${segment.map((point) => `${point.x} ${point.y}`).join("L")}`);
  return { lines, points: placed.flat() };
}

/** From the span of the numbers to the span of the drawing; equal numbers lie in its middle. */
function scale(numbers: readonly number[], [from, to]: readonly [number, number]): (number: number) => number {
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  const share = (number: number) => (most === least ? 0.5 : (number - least) / (most - least));
  return (number) => Math.round((from + share(number) * (to - from)) * 10) / 10;
}
