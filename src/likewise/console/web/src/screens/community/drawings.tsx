// What an answer is drawn as: each plot is a table as well, or stands beside one that says the same.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { count, percent, plural } from "../../core/format";
import { Bar } from "../../ui/bars";
import { World, type Bounds } from "./world";

const PLOT = { width: 640, height: 170, left: 52, right: 14, top: 12, bottom: 26 };
const LABELS_MAX = 8;
const SHOWN = 10;
/** Of more points than these the line alone is drawn. */
const DOTS_MAX = 60;

export interface BarRow {
  label: string;
  count: number | null;
  share: number | null;
  /** The share that would be usual, and how often against that. */
  usual?: number | null;
  lift?: number | null;
  isSure?: boolean;
  href?: string | undefined;
}

const named = (label: string, href?: string): ComponentChildren => (href ? <a href={href}>{label}</a> : label);

/** The first rows of many, and the way to all of them. */
function useFew<T>(rows: readonly T[], what: string): { shown: readonly T[]; more: ComponentChildren } {
  const isAll = useSignal(false);
  if (rows.length <= SHOWN) return { shown: rows, more: null };
  const more = (
    <button type="button" class="link more-rows" aria-expanded={isAll.value} onClick={() => (isAll.value = !isAll.value)}>
      {isAll.value ? "Show fewer" : `Show all ${count(rows.length)}`}
      <span class="visually-hidden"> of {what}</span>
    </button>
  );
  return { shown: isAll.value ? rows : rows.slice(0, SHOWN), more };
}

interface BarTableProps {
  caption: string;
  rows: readonly BarRow[];
  /** What a row is about. */
  head?: string;
}

/** Bars in a table; a line across a bar shows what would be usual. */
export function BarTable({ caption, rows, head = "Value" }: BarTableProps) {
  const { shown, more } = useFew(rows, caption);
  const sizeOf = ({ share, count: many }: BarRow): number => share ?? many ?? 0;
  const most = Math.max(1e-9, ...rows.map((row) => Math.max(sizeOf(row), row.usual ?? 0)));
  const hasShare = rows.some(({ share }) => share !== null);
  const hasCount = rows.some((row) => row.count !== null);
  const hasLift = rows.some(({ lift }) => lift != null);
  return (
    <div class="table-scroll">
      <table class="bar-table">
        <caption class="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{head}</th>
            <th scope="col" class="plot">
              <span class="visually-hidden">As a bar</span>
            </th>
            {hasCount && (
              <th scope="col" class="number">
                Number
              </th>
            )}
            {hasShare && (
              <th scope="col" class="number">
                Share
              </th>
            )}
            {hasLift && (
              <th scope="col" class="number">
                Lift
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => (
            <tr key={row.label}>
              <th scope="row">{named(row.label, row.href)}</th>
              <td class="plot">
                <span class="usual-bar" data-sure={row.isSure ?? true} aria-hidden="true">
                  <span style={{ width: `${(100 * sizeOf(row)) / most}%` }} />
                  {row.usual != null && <i style={{ left: `${(100 * row.usual) / most}%` }} />}
                </span>
              </td>
              {hasCount && <td class="number">{row.count === null ? "too few" : count(row.count)}</td>}
              {hasShare && <td class="number">{row.share === null ? "–" : percent(row.share)}</td>}
              {hasLift && <td class={row.isSure === false ? "number quiet" : "number"}>{row.lift == null ? "–" : `${row.lift.toFixed(2)}×`}</td>}
            </tr>
          ))}
        </tbody>
      </table>
      {more}
    </div>
  );
}

export interface LinePoint {
  label: string;
  value: number | null;
}

/** Whether a value has none beside it: no line leads to it. */
const isAlone = (points: readonly LinePoint[], at: number): boolean => points[at - 1]?.value == null && points[at + 1]?.value == null;

/** A line through values; what is not told leaves a gap. The table under it says the same. */
export function LinePlot({ caption, points, write }: { caption: string; points: readonly LinePoint[]; write: (value: number) => string }) {
  const most = Math.max(1e-9, ...points.map(({ value }) => value ?? 0));
  const step = (PLOT.width - PLOT.left - PLOT.right) / Math.max(1, points.length - 1);
  const x = (index: number): number => PLOT.left + index * step;
  const y = (value: number): number => PLOT.height - PLOT.bottom - (value / most) * (PLOT.height - PLOT.top - PLOT.bottom);
  const every = Math.max(1, Math.ceil(points.length / LABELS_MAX));
  const path = points
    .map(({ value }, index) => (value === null ? "" : `${points[index - 1]?.value == null ? "M" : "L"}${x(index).toFixed(1)} ${y(value).toFixed(1)}`))
    .join("");
  return (
    <>
      <svg class="trend-plot" viewBox={`0 0 ${PLOT.width} ${PLOT.height}`} aria-hidden="true" focusable="false">
        {[0, most / 2, most].map((value) => (
          <g key={value}>
            <line class="grid" x1={PLOT.left} x2={PLOT.width - PLOT.right} y1={y(value)} y2={y(value)} />
            <text x={PLOT.left - 6} y={y(value) + 4} text-anchor="end">
              {write(value)}
            </text>
          </g>
        ))}
        <path d={path} />
        {points.map(
          ({ label, value }, index) =>
            value !== null && (points.length <= DOTS_MAX || isAlone(points, index)) && <circle key={label} cx={x(index)} cy={y(value)} r="3" />,
        )}
        {points.map(
          ({ label }, index) =>
            index % every === 0 && (
              <text key={label} x={x(index)} y={PLOT.height - 8} text-anchor={index === 0 ? "start" : "middle"}>
                {label}
              </text>
            ),
        )}
      </svg>
      <details>
        <summary>As a table</summary>
        <div class="table-scroll">
          <table>
            <caption class="visually-hidden">{caption}</caption>
            <thead>
              <tr>
                <th scope="col">When</th>
                <th scope="col" class="number">
                  Value
                </th>
              </tr>
            </thead>
            <tbody>
              {points.map(({ label, value }) => (
                <tr key={label}>
                  <th scope="row">{label}</th>
                  <td class="number">{value === null ? "too few" : write(value)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </>
  );
}

export interface CellRow extends Bounds {
  title: string;
  count: number;
}

export function CellMap({ caption, cells }: { caption: string; cells: readonly CellRow[] }) {
  const most = Math.max(1, ...cells.map((cell) => cell.count));
  const { shown, more } = useFew(cells, caption);
  return (
    <div class="where-columns">
      <World cells={cells.map((cell) => ({ ...cell, shade: Math.sqrt(cell.count / most), title: `${cell.title}: ${plural(cell.count, "experience")}` }))} />
      <div class="table-scroll">
        <table>
          <caption class="visually-hidden">{caption}</caption>
          <thead>
            <tr>
              <th scope="col">Cell</th>
              <th scope="col" class="number">
                Number
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((cell) => (
              <tr key={cell.title}>
                <th scope="row">{cell.title}</th>
                <td class="number">{count(cell.count)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {more}
      </div>
    </div>
  );
}

export interface PairRow {
  label: string;
  left: number;
  right: number;
  isSure: boolean;
}

/** Two shares of each value, one bar above the other; what may be chance is grey. */
export function PairTable({ caption, left, right, rows }: { caption: string; left: string; right: string; rows: readonly PairRow[] }) {
  const most = Math.max(1e-9, ...rows.map((row) => Math.max(row.left, row.right)));
  const { shown, more } = useFew(rows, caption);
  return (
    <div class="table-scroll">
      <table class="pair-table">
        <caption class="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">Value</th>
            <th scope="col" class="plot">
              <span class="visually-hidden">As bars</span>
            </th>
            <th scope="col" class="number">
              <span class="swatch" data-hue="0" aria-hidden="true" />
              {left}
            </th>
            <th scope="col" class="number">
              <span class="swatch" data-hue="1" aria-hidden="true" />
              {right}
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => (
            <tr key={row.label}>
              <th scope="row">{row.label}</th>
              <td class="plot">
                <span class="pair" data-sure={row.isSure} aria-hidden="true">
                  <span data-hue="0" style={{ width: `${(100 * row.left) / most}%` }} />
                  <span data-hue="1" style={{ width: `${(100 * row.right) / most}%` }} />
                </span>
              </td>
              <td class={row.isSure ? "number" : "number quiet"}>{percent(row.left)}</td>
              <td class={row.isSure ? "number" : "number quiet"}>
                {percent(row.right)}
                {!row.isSure && <span class="visually-hidden">, perhaps chance</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {more}
    </div>
  );
}

export interface PersonRow {
  user: string;
  name: string | null;
  href: string;
  /** How alike, from 0 to 1, or how many. */
  similarity?: number | null;
  count?: number | null;
  words?: string;
}

export function PersonList({ label, rows }: { label: string; rows: readonly PersonRow[] }) {
  const most = Math.max(1e-9, ...rows.map((row) => row.similarity ?? row.count ?? 0));
  return (
    <ol class="person-rows" aria-label={label}>
      {rows.map((row) => (
        <li key={row.user}>
          <a href={row.href}>{row.name ?? row.user}</a>
          <Bar share={(row.similarity ?? row.count ?? 0) / (row.similarity == null ? most : 1)} />
          <span class="numbers">{row.similarity == null ? (row.count == null ? "" : count(row.count)) : row.similarity.toFixed(2)}</span>
          {row.words && <span class="quiet">{row.words}</span>}
        </li>
      ))}
    </ol>
  );
}

export function Figure({ value, label }: { value: string; label: string }) {
  return (
    <p class="figure-one">
      <strong>{value}</strong> <span>{label}</span>
    </p>
  );
}
