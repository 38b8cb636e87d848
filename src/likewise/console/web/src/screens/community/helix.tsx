// Somebody's categories as a double helix: each has a stretch as long as its share and rungs in its colour.
// The table under it says the same in words and numbers.
import { count, percent } from "../../core/format";
import { categoryTitle } from "./categories";

const WIDTH = 640;
const HEIGHT = 120;
const TURNS = 3.5;
const RUNGS = 56;
const SWING = 40;
export const HUES = 8;
/** What is too small for a stretch of its own is shown together. */
const STRETCHES_MAX = HUES - 1;

export interface Stretch {
  title: string | null;
  share: number;
  hue: number;
}

/** The largest shares, and the rest as one. */
export function stretchesOf(categories: Record<string, number>): Stretch[] {
  const ordered = Object.entries(categories).sort((a, b) => b[1] - a[1]);
  const named = ordered.slice(0, STRETCHES_MAX).map(([name, share], hue): Stretch => ({ title: categoryTitle(name), share, hue }));
  const rest = ordered.slice(STRETCHES_MAX).reduce((sum, [, share]) => sum + share, 0);
  return rest > 0 ? [...named, { title: null, share: rest, hue: HUES - 1 }] : named;
}

const strand = (phase: number): string =>
  Array.from({ length: 161 }, (_, index) => {
    const at = index / 160;
    return `${index ? "L" : "M"}${(8 + at * (WIDTH - 16)).toFixed(1)} ${(HEIGHT / 2 + SWING * Math.sin(2 * Math.PI * TURNS * at + phase)).toFixed(1)}`;
  }).join("");

const STRANDS = [strand(0), strand(Math.PI)];

export function Helix({ stretches }: { stretches: readonly Stretch[] }) {
  const ends: number[] = [];
  stretches.reduce((sum, { share }) => (ends.push(sum + share), sum + share), 0);
  const total = ends.at(-1) || 1;
  return (
    <svg class="helix" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true" focusable="false">
      {STRANDS.map((path) => (
        <path key={path} class="strand" d={path} />
      ))}
      {Array.from({ length: RUNGS }, (_, index) => {
        const at = (index + 0.5) / RUNGS;
        const owner = Math.max(0, ends.findIndex((end) => at * total <= end));
        const swing = SWING * Math.sin(2 * Math.PI * TURNS * at);
        const x = 8 + at * (WIDTH - 16);
        return (
          <g key={index} data-hue={stretches[owner]?.hue ?? 0}>
            <line x1={x} x2={x} y1={HEIGHT / 2 - swing} y2={HEIGHT / 2 + swing} />
            <circle cx={x} cy={HEIGHT / 2 - swing} r="3.5" />
            <circle cx={x} cy={HEIGHT / 2 + swing} r="3.5" />
          </g>
        );
      })}
    </svg>
  );
}

export function Dna({ categories, total, name }: { categories: Record<string, number>; total: number; name: string }) {
  const stretches = stretchesOf(categories);
  if (stretches.length === 0) return <p class="quiet">Nothing yet: they have told nothing and turned to nothing.</p>;
  return (
    <figure class="dna-figure">
      <Helix stretches={stretches} />
      <div class="table-scroll">
        <table>
          <caption class="visually-hidden">What {name} tells and turns to, by category</caption>
          <thead>
            <tr>
              <th scope="col">Category</th>
              <th scope="col" class="number">Share</th>
            </tr>
          </thead>
          <tbody>
            {stretches.map(({ title, share, hue }) => (
              <tr key={hue}>
                <th scope="row">
                  <span class="swatch" data-hue={hue} aria-hidden="true" />
                  {title ?? "All others"}
                </th>
                <td class="number">{percent(share)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <figcaption class="quiet">Of {count(total)} experiences told or turned to. A rung is about two in a hundred.</figcaption>
    </figure>
  );
}
