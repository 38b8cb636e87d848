// Plots drawn by hand. Each stands beside or above a table that says the same, so none is announced.
import type { Association, DriftValue, TrendPoint, ValueCount } from "../../core/api";

const TREND = { width: 640, height: 180, left: 44, right: 12, top: 12, bottom: 26 };
const LIFT_REACH = 8;
const LABELS_MAX = 8;

export const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;

/** A share as a bar, with its 95 % interval as a line across the bar's end. */
export function ShareBar({ row, most }: { row: ValueCount; most: number }) {
  const at = (share: number): string => `${(100 * Math.min(1, share / most)).toFixed(2)}%`;
  return (
    <svg class="share-bar" aria-hidden="true" focusable="false">
      <rect class="share" x="0" y="3" width={at(row.share)} height="10" rx="2" />
      <line class="interval" x1={at(row.share_low)} x2={at(row.share_high)} y1="8" y2="8" />
    </svg>
  );
}

/** How many times as often, by powers of two from an eighth to eight, with its 95 % interval. */
export function LiftMark({ row }: { row: Association }) {
  const at = (lift: number): string => {
    const bounded = Math.min(LIFT_REACH, Math.max(1 / LIFT_REACH, lift));
    return `${(50 + (50 * Math.log2(bounded)) / Math.log2(LIFT_REACH)).toFixed(2)}%`;
  };
  return (
    <svg class="lift-mark" data-sure={row.significant} aria-hidden="true" focusable="false">
      <line class="even" x1="50%" x2="50%" y1="0" y2="16" />
      <line class="interval" x1={at(row.lift_low)} x2={at(row.lift_high)} y1="8" y2="8" />
      <circle cx={at(row.lift)} cy="8" r="4" />
    </svg>
  );
}

/** A share before and after: a ring, a line, a dot; `most` is the largest share of the table. */
export function ChangeMark({ row, most, isSure }: { row: DriftValue; most: number; isSure: boolean }) {
  const at = (share: number): string => `${(2 + (96 * share) / most).toFixed(2)}%`;
  return (
    <svg class="change-mark" data-sure={isSure} aria-hidden="true" focusable="false">
      <line x1={at(row.share_before)} x2={at(row.share_after)} y1="8" y2="8" />
      <circle class="before" cx={at(row.share_before)} cy="8" r="4" />
      <circle class="after" cx={at(row.share_after)} cy="8" r="4" />
    </svg>
  );
}

/** A line through monthly shares; months whose shares are not told leave a gap. */
const linePath = (points: TrendPoint[], x: (index: number) => number, y: (share: number) => number): string =>
  points
    .map(({ share }, index) => (share === null ? "" : `${points[index - 1]?.share == null ? "M" : "L"}${x(index).toFixed(1)} ${y(share).toFixed(1)}`))
    .join("");

/** Monthly shares as a small line without axes. */
export function Spark({ points }: { points: TrendPoint[] }) {
  const most = Math.max(0.001, ...points.map(({ share }) => share ?? 0));
  const last = Math.max(1, points.length - 1);
  const path = linePath(points, (index) => (100 * index) / last, (share) => 18 - (16 * share) / most);
  return (
    <svg class="spark" viewBox="0 0 100 20" preserveAspectRatio="none" aria-hidden="true" focusable="false">
      <path d={path} vector-effect="non-scaling-stroke" />
    </svg>
  );
}

/** Monthly shares as a line; months whose counts are not told leave a gap. */
export function TrendPlot({ points }: { points: TrendPoint[] }) {
  const most = Math.max(0.01, ...points.map(({ share }) => share ?? 0));
  const step = (TREND.width - TREND.left - TREND.right) / Math.max(1, points.length - 1);
  const x = (index: number): number => TREND.left + index * step;
  const y = (share: number): number => TREND.height - TREND.bottom - (share / most) * (TREND.height - TREND.top - TREND.bottom);
  const every = Math.max(1, Math.ceil(points.length / LABELS_MAX));
  return (
    <svg class="trend-plot" viewBox={`0 0 ${TREND.width} ${TREND.height}`} aria-hidden="true" focusable="false">
      {[0, most / 2, most].map((share) => (
        <g key={share}>
          <line class="grid" x1={TREND.left} x2={TREND.width - TREND.right} y1={y(share)} y2={y(share)} />
          <text x={TREND.left - 6} y={y(share) + 4} text-anchor="end">
            {percent(share)}
          </text>
        </g>
      ))}
      <path d={linePath(points, x, y)} />
      {points.map(({ month, share }, index) => share !== null && <circle key={month} cx={x(index)} cy={y(share)} r="3" />)}
      {points.map(
        ({ month }, index) =>
          index % every === 0 && (
            <text key={month} x={x(index)} y={TREND.height - 8} text-anchor="middle">
              {month}
            </text>
          ),
      )}
    </svg>
  );
}
