// One value: what goes with it, and how its share moves.
import type { Association, Trend } from "../../core/api";
import { count, facetLabel } from "../../core/format";
import { hrefOf } from "../../core/router";
import { ProblemNote, Skeleton } from "../../ui/states";
import { LiftMark, percent, TrendPlot } from "./plots";
import { loadValue, valueFacts, type Asked } from "./store";

const times = (lift: number): string => `${lift >= 10 ? lift.toFixed(0) : lift.toFixed(2)} times`;

export const valueHref = (collection: string, key: string, value: string): string =>
  hrefOf("/patterns", new URLSearchParams({ c: collection, key, value }));

function AssociationRow({ row, collection }: { row: Association; collection: string }) {
  return (
    <tr>
      <th scope="row">
        <span class="quiet">{facetLabel(row.key)}</span> <a href={valueHref(collection, row.key, row.value)}>{row.value}</a>
      </th>
      <td class="number">{count(row.count)}</td>
      <td class="number">{percent(row.share)}</td>
      <td class="number">{percent(row.background_share)}</td>
      <td class="plot">
        <LiftMark row={row} />
      </td>
      <td class="number">{times(row.lift)}</td>
      <td class="quiet">{row.significant ? "" : "perhaps chance"}</td>
    </tr>
  );
}

function TrendView({ trend }: { trend: Trend }) {
  const points = 100 * trend.slope_per_year;
  const verdict = trend.significant
    ? `${points >= 0 ? "Rises" : "Falls"} by ${Math.abs(points).toFixed(1)} points a year.`
    : "No trend that is more than chance.";
  return (
    <>
      <p>
        {verdict}{" "}
        <span class="quiet">
          95 % interval {(100 * trend.slope_low).toFixed(1)} to {(100 * trend.slope_high).toFixed(1)} points a year.
        </span>
      </p>
      <TrendPlot points={trend.points} />
      <details>
        <summary>Months as a table</summary>
        <div class="table-scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">Month</th>
                <th scope="col" class="number">Items</th>
                <th scope="col" class="number">Of</th>
                <th scope="col" class="number">Share</th>
              </tr>
            </thead>
            <tbody>
              {trend.points.map((point) => (
                <tr key={point.month}>
                  <th scope="row">{point.month}</th>
                  <td class="number">{point.count === null ? "too few" : count(point.count)}</td>
                  <td class="number">{point.known === null ? "too few" : count(point.known)}</td>
                  <td class="number">{point.share === null ? "–" : percent(point.share)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </>
  );
}

export function ValueView({ asked }: { asked: Asked }) {
  const { collection, key, value } = asked;
  const facts = valueFacts.data.value;
  const problem = valueFacts.problem.value;
  return (
    <section class="pattern-value" aria-labelledby="value-heading">
      <h2 id="value-heading">
        {facetLabel(key)}: {value}
      </h2>
      {problem && <ProblemNote problem={problem} retry={() => void loadValue(collection, key, value)} />}
      {!facts && !problem && <Skeleton lines={6} />}
      {facts && !problem && (
        <>
          <h3>Month by month</h3>
          {facts.trend ? <TrendView trend={facts.trend} /> : <p class="quiet">A trend needs six months with items of this key.</p>}
          <h3>Goes with</h3>
          <p class="quiet">
            Shares among {count(facts.together.item_count)} items against all items whose key is known; {count(facts.together.tested)} values were
            looked at. The mark shows how many times as often, from an eighth to eight times, with its 95 % interval.
          </p>
          <div class="table-scroll">
            <table>
              <thead>
                <tr>
                  <th scope="col">Value</th>
                  <th scope="col" class="number">Items</th>
                  <th scope="col" class="number">Share</th>
                  <th scope="col" class="number">Of all</th>
                  <th scope="col">Less or more often</th>
                  <th scope="col" class="number">As often</th>
                  <th scope="col">
                    <span class="visually-hidden">Whether it may be chance</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {facts.together.data.map((row) => (
                  <AssociationRow key={`${row.key}:${row.value}`} row={row} collection={collection} />
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </section>
  );
}
