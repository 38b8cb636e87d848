// How a key moves: which values rise and fall, and whether what came later differs from what came before.
import type { Drift, Trend } from "../../core/api";
import { count, facetLabel } from "../../core/format";
import { patchParams } from "../../core/router";
import { ProblemNote, Skeleton } from "../../ui/states";
import { ChangeMark, percent, Spark } from "./plots";
import { loadMovement, movement, type Asked, type Movement } from "./store";
import { valueHref } from "./value";

const SURE = 0.05;

const points = (share: number): string => `${share >= 0 ? "+" : "\u2212"}${Math.abs(100 * share).toFixed(1)}`;

function Trends({ trends, asked }: { trends: Trend[]; asked: Asked }) {
  return (
    <div class="table-scroll">
      <table>
        <caption class="quiet">Points of the share a year, with a 95 % interval; what may be chance is grey.</caption>
        <thead>
          <tr>
            <th scope="col">Value</th>
            <th scope="col">Month by month</th>
            <th scope="col" class="number">A year</th>
            <th scope="col" class="number">Interval</th>
          </tr>
        </thead>
        <tbody>
          {trends.map((trend) => (
            <tr key={trend.value}>
              <th scope="row">
                <a href={valueHref(asked.collection, asked.key, trend.value)}>{trend.value}</a>
              </th>
              <td class="plot" data-sure={trend.significant}>
                <Spark points={trend.points} />
              </td>
              <td class={trend.significant ? "number" : "number quiet"}>{points(trend.slope_per_year)}</td>
              <td class="number quiet">
                {points(trend.slope_low)} to {points(trend.slope_high)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function DriftView({ drift, asked }: { drift: Drift; asked: Asked }) {
  const most = Math.max(0.001, ...drift.data.map((row) => Math.max(row.share_before, row.share_after)));
  const verdict =
    drift.p < SURE
      ? `What came since differs: ${drift.divergence_bits.toFixed(3)} bits of Jensen\u2013Shannon divergence.`
      : "No difference that is more than chance.";
  return (
    <>
      <p>
        {verdict}{" "}
        <span class="quiet">
          {count(drift.items_before)} items before, {count(drift.items_after)} since; ring: before, dot: since.
        </span>
      </p>
      <div class="table-scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Value</th>
              <th scope="col" class="number">Before</th>
              <th scope="col" class="number">Since</th>
              <th scope="col">From, to</th>
              <th scope="col" class="number">Points</th>
              <th scope="col" class="number">Interval</th>
            </tr>
          </thead>
          <tbody>
            {drift.data.map((row) => (
              <tr key={row.value}>
                <th scope="row">
                  <a href={valueHref(asked.collection, asked.key, row.value)}>{row.value}</a>
                </th>
                <td class="number">{percent(row.share_before)}</td>
                <td class="number">{percent(row.share_after)}</td>
                <td class="plot">
                  <ChangeMark row={row} most={most} isSure={row.q < SURE} />
                </td>
                <td class={row.q < SURE ? "number" : "number quiet"}>{points(row.change)}</td>
                <td class="number quiet">
                  {points(row.change_low)} to {points(row.change_high)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function Since({ months, since }: Pick<Movement, "months" | "since">) {
  return (
    <label class="inline-select">
      <span>Since</span>
      <select value={since} onChange={(event) => patchParams({ since: event.currentTarget.value })}>
        {months.slice(1).map((month) => (
          <option key={month}>{month}</option>
        ))}
      </select>
    </label>
  );
}

export function MovementView({ asked }: { asked: Asked }) {
  const found = movement.data.value;
  const problem = movement.problem.value;
  return (
    <section class="pattern-movement" aria-labelledby="movement-heading">
      <h2 id="movement-heading">{facetLabel(asked.key)} over time</h2>
      {problem && <ProblemNote problem={problem} retry={() => void loadMovement(asked.collection, asked.key, asked.since)} />}
      {!found && !problem && <Skeleton lines={6} />}
      {found && !found.trends.length && <p class="quiet">A trend needs six months with items of this key.</p>}
      {!!found?.trends.length && (
        <div class="pattern-columns">
          <div>
            <h3>Rising and falling</h3>
            <Trends trends={found.trends} asked={asked} />
          </div>
          {found.drift && (
            <div>
              <div class="section-head">
                <h3>Before and since</h3>
                <Since months={found.months} since={found.since} />
              </div>
              <DriftView drift={found.drift} asked={asked} />
            </div>
          )}
        </div>
      )}
    </section>
  );
}
