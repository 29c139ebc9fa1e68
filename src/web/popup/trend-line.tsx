import { moment } from "../look/moment.ts";
import type { Result } from "./answer.ts";
import { trendPath } from "./trend-path.ts";

const [width, height] = [320, 88];

/** Earlier values over time. The line is broken where method, unit, range or platform changes: values on either side are not comparable. */
export function TrendLine({
  segments,
  name,
}: {
  readonly segments: NonNullable<Result["trend"]>["points"];
  readonly name: string;
}) {
  const drawn = trendPath(segments, { width, height });
  const points = segments.flat();
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined || points.length < 2) return null;
  const label = `${name}趋势：${points.map((one) => `${moment(one.at)} ${one.value}`).join("，")}`;
  return (
    <figure className="trend">
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
        {drawn.lines.map((d) => (
          <path key={d} d={d} />
        ))}
        {drawn.points.map((point) => (
          <g key={`${point.x},${point.y}`}>
            <circle cx={point.x} cy={point.y} r="3.5" />
            <text x={point.x} y={point.y - 8} textAnchor={point.anchor}>
              {point.value}
            </text>
          </g>
        ))}
      </svg>
      <figcaption>
        {moment(first.at).slice(0, 10)} 至 {moment(last.at).slice(0, 10)}
        {segments.length > 1 && "；断开处方法、单位、参考范围或检测平台不同，不宜直接比较"}
      </figcaption>
    </figure>
  );
}
