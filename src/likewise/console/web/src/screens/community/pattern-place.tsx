// Where a group happened: cells of five degrees, shaded by how many or by how much more often than usual.
import type { MapCell } from "../../core/community-reading";
import { count, percent } from "../../core/format";
import { patchParams, place } from "../../core/router";
import { ProblemNote, Skeleton } from "../../ui/states";
import { times } from "./pattern-parts";
import { chooseGroup, map } from "./pattern-store";
import { World, type Cell } from "./world";

const LIFT_REACH = 4;
const SHOWN = 12;

const middleOf = ({ south, west, north, east }: MapCell): string => `${(south + north) / 2},${(west + east) / 2}`;

function holds({ south, west, north, east }: MapCell, point: string | null | undefined): boolean {
  const [lat, lon] = (point ?? "").split(",").map(Number);
  return point != null && lat !== undefined && lon !== undefined && south <= lat && lat < north && west <= lon && lon < east;
}

/** How a cell is drawn: by its part of the fullest, or by powers of two from a quarter to four times. */
function cellOf(row: MapCell, most: number, isLift: boolean, chosen: string | null | undefined): Cell {
  const reach = row.lift === null ? 0 : Math.log2(Math.max(row.lift, 1 / LIFT_REACH)) / Math.log2(LIFT_REACH);
  return {
    south: row.south,
    west: row.west,
    north: row.north,
    east: row.east,
    shade: isLift ? Math.abs(reach) : Math.sqrt(row.count / most),
    tone: !isLift ? "more" : !row.significant ? "even" : reach >= 0 ? "more" : "less",
    title: `${row.title}: ${count(row.count)}${row.lift === null ? "" : `, ${times(row.lift)} as often as usual`}`,
    onChoose: () => chooseGroup({ place: middleOf(row) }),
    isChosen: holds(row, chosen),
  };
}

export function WhereView({ words, retry }: { words: string; retry: () => void }) {
  const { params } = place.value;
  const found = map.data.value;
  const problem = map.problem.value;
  const rows = found?.data ?? [];
  const isCompared = rows.some(({ lift }) => lift !== null);
  const isLift = isCompared && params.get("shade") === "lift";
  const isAll = params.get("cells") === "all";
  const most = Math.max(1, ...rows.map((row) => row.count));
  const ordered = isLift ? [...rows].sort((a, b) => (b.lift ?? 0) - (a.lift ?? 0)) : rows;
  const shown = isAll ? ordered : ordered.slice(0, SHOWN);
  return (
    <section aria-labelledby="where-heading">
      <div class="section-head">
        <h2 id="where-heading">Where</h2>
        {isCompared && (
          <div class="segments" role="group" aria-label="Shaded by">
            <button type="button" aria-pressed={!isLift} onClick={() => patchParams({ shade: null }, true)}>
              How many
            </button>
            <button type="button" aria-pressed={isLift} onClick={() => patchParams({ shade: "lift" }, true)}>
              Against usual
            </button>
          </div>
        )}
      </div>
      {problem && <ProblemNote problem={problem} retry={retry} />}
      {!found && !problem && <Skeleton lines={8} />}
      {found && !problem && rows.length === 0 && <p class="quiet">Where they happened is not known, or of too few in any one place.</p>}
      {found && !problem && rows.length > 0 && (
        <div class="where-columns" data-stale={map.busy.value}>
          <div>
            <World cells={rows.map((row) => cellOf(row, most, isLift, params.get("place")))} />
            <p class="quiet">
              {count(found.placed_count)} of {count(found.item_count)} experiences of {words} have a place.{" "}
              {isLift ? "Green: more often than usual, orange: less often, grey: perhaps chance." : "Darker: more of them."} Choose a cell to look at it alone.
            </p>
          </div>
          <div class="table-scroll">
            <table>
              <caption class="visually-hidden">Cells of the map</caption>
              <thead>
                <tr>
                  <th scope="col">Cell</th>
                  <th scope="col" class="number">
                    Number
                  </th>
                  <th scope="col" class="number">
                    Share
                  </th>
                  {isCompared && (
                    <th scope="col" class="number">
                      Lift
                    </th>
                  )}
                </tr>
              </thead>
              <tbody>
                {shown.map((row) => (
                  <tr key={`${row.south},${row.west}`} aria-current={holds(row, params.get("place")) ? "true" : undefined}>
                    <th scope="row">
                      <button type="button" class="link" onClick={() => chooseGroup({ place: middleOf(row) })}>
                        {row.title}
                      </button>
                    </th>
                    <td class="number">{count(row.count)}</td>
                    <td class="number">{percent(row.share)}</td>
                    {isCompared && <td class={row.significant ? "number" : "number quiet"}>{row.lift === null ? "–" : times(row.lift)}</td>}
                  </tr>
                ))}
              </tbody>
            </table>
            {rows.length > SHOWN && (
              <button type="button" class="link" onClick={() => patchParams({ cells: isAll ? null : "all" }, true)}>
                {isAll ? "Show fewer cells" : `Show all ${count(rows.length)} cells`}
              </button>
            )}
          </div>
        </div>
      )}
    </section>
  );
}
