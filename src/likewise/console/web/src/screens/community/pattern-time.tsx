// Patterns in time: how shares rise and fall, before and since, and when in the year, the week and the day.
import type { CommunityDrift, CommunityTrend } from "../../core/community-reading";
import { count, percent } from "../../core/format";
import { patchParams } from "../../core/router";
import { ProblemNote, Skeleton } from "../../ui/states";
import { ChangeMark, Spark, TrendPlot } from "../patterns/plots";
import { loadMovement, moments, movement, segmentHref, titleOfKey, type Movement, type WhenPart } from "./pattern-store";
import { surely, times } from "./pattern-parts";

const SURE = 0.05;
const TOLD_MONTHS_MIN = 4;
const ORDERS: Record<string, readonly string[]> = {
  season: ["spring", "summer", "autumn", "winter"],
  weekday: ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
  time_of_day: ["dawn", "morning", "midday", "afternoon", "evening", "night"],
};
const points = (share: number): string => `${share >= 0 ? "+" : "\u2212"}${Math.abs(100 * share).toFixed(1)}`;

const isTold = ({ points: months }: CommunityTrend): boolean => months.filter(({ share }) => share !== null).length >= TOLD_MONTHS_MIN;

function OneTrend({ trend }: { trend: CommunityTrend }) {
  return (
    <>
      <p>
        {trend.significant
          ? `${trend.slope_per_year >= 0 ? "Rises" : "Falls"} by ${Math.abs(100 * trend.slope_per_year).toFixed(1)} points a year.`
          : "No trend that is more than chance."}{" "}
        <span class="quiet">
          95 % interval {points(trend.slope_low)} to {points(trend.slope_high)} points a year, {surely(trend.q)}.
        </span>
      </p>
      {isTold(trend) ? <TrendPlot points={trend.points} /> : <p class="quiet">No month has enough of them to be told of.</p>}
      <details>
        <summary>Months as a table</summary>
        <div class="table-scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">Month</th>
                <th scope="col" class="number">
                  Number
                </th>
                <th scope="col" class="number">
                  Of
                </th>
                <th scope="col" class="number">
                  Share
                </th>
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

function AllTrends({ trends, name }: { trends: readonly CommunityTrend[]; name: string }) {
  return (
    <div class="table-scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">Value</th>
            <th scope="col" class="plot">
              Month by month
            </th>
            <th scope="col" class="number">
              Points a year
            </th>
            <th scope="col" class="number wide-only">
              Interval
            </th>
          </tr>
        </thead>
        <tbody>
          {trends.map((trend) => (
            <tr key={trend.value}>
              <th scope="row">
                <a href={segmentHref(name, trend.value)}>{trend.title}</a>
              </th>
              <td class="plot" data-sure={trend.significant}>
                {isTold(trend) ? <Spark points={trend.points} /> : <span class="quiet">too few a month</span>}
              </td>
              <td class={trend.significant ? "number" : "number quiet"}>{points(trend.slope_per_year)}</td>
              <td class="number quiet wide-only">
                {points(trend.slope_low)} to {points(trend.slope_high)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function DriftView({ drift, name }: { drift: CommunityDrift; name: string }) {
  const most = Math.max(0.001, ...drift.data.map((row) => Math.max(row.share_before, row.share_after)));
  return (
    <>
      <p>
        {drift.p < SURE ? `What came since differs: ${drift.divergence_bits.toFixed(3)} bits of divergence.` : "No difference that is more than chance."}{" "}
        <span class="quiet">
          {count(drift.items_before)} before, {count(drift.items_after)} since; ring: before, dot: since.
        </span>
      </p>
      <div class="table-scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Value</th>
              <th scope="col" class="number">
                Before
              </th>
              <th scope="col" class="number">
                Since
              </th>
              <th scope="col" class="plot wide-only">
                From, to
              </th>
              <th scope="col" class="number">
                Points
              </th>
            </tr>
          </thead>
          <tbody>
            {drift.data.map((row) => (
              <tr key={row.value}>
                <th scope="row">
                  <a href={segmentHref(name, row.value)}>{row.title}</a>
                </th>
                <td class="number">{row.count_before === null ? "too few" : percent(row.share_before)}</td>
                <td class="number">{row.count_after === null ? "too few" : percent(row.share_after)}</td>
                <td class="plot wide-only">
                  <ChangeMark row={row} most={most} isSure={row.q < SURE} />
                </td>
                <td class={row.q < SURE ? "number" : "number quiet"}>{points(row.change)}</td>
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

export function OverTime({ name, value }: { name: string; value: string | null }) {
  const found = movement.data.value;
  const problem = movement.problem.value;
  const one = value ? found?.trends.find((trend) => trend.value === value) : undefined;
  return (
    <section aria-labelledby="movement-heading">
      <h2 id="movement-heading">
        {titleOfKey(name)}
        {value && ` ${one?.title ?? value}`} over time
      </h2>
      {problem && <ProblemNote problem={problem} retry={() => void loadMovement(name, value)} />}
      {!found && !problem && <Skeleton lines={8} />}
      {found && found.trends.length === 0 && <p class="quiet">A trend needs six months with experiences of this key.</p>}
      {!!found?.trends.length && (
        <div class="pattern-columns" data-stale={movement.busy.value}>
          <div>
            <h3>{one ? "Month by month" : "Rising and falling"}</h3>
            {one ? <OneTrend trend={one} /> : <AllTrends trends={found.trends} name={name} />}
          </div>
          {found.drift && (
            <div>
              <div class="section-head">
                <h3>Before and since</h3>
                <Since months={found.months} since={found.since} />
              </div>
              <DriftView drift={found.drift} name={name} />
            </div>
          )}
        </div>
      )}
    </section>
  );
}

/** Shares as bars; a mark across shows what would be usual. */
function Parts({ title, rows }: { title: string; rows: readonly WhenPart[] }) {
  const most = Math.max(0.001, ...rows.map(({ share, background_share }) => Math.max(share, background_share ?? 0)));
  const isCompared = rows.some(({ lift }) => lift !== null);
  return (
    <div class="when-part">
      <table>
        <caption>{title}</caption>
        <thead class="visually-hidden">
          <tr>
            <th scope="col">When</th>
            <th scope="col">Shown as a bar</th>
            <th scope="col">Share</th>
            {isCompared && <th scope="col">As often as usual</th>}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.value}>
              <th scope="row">{row.title}</th>
              <td class="plot">
                <span class="usual-bar" data-sure={row.significant} aria-hidden="true">
                  <span style={{ width: `${(100 * row.share) / most}%` }} />
                  {row.background_share !== null && <i style={{ left: `${(100 * row.background_share) / most}%` }} />}
                </span>
              </td>
              <td class="number" title={`${count(row.count)} experiences`}>
                {percent(row.share)}
              </td>
              {isCompared && <td class={row.significant ? "number" : "number quiet"}>{row.lift === null ? "" : times(row.lift)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function inOrder(name: string, rows: readonly WhenPart[]): WhenPart[] {
  const order = ORDERS[name];
  const at = (value: string): number => (order ? order.indexOf(value) : Number.parseFloat(value));
  return [...rows].sort((a, b) => at(a.value) - at(b.value));
}

export function WhenView({ words, retry }: { words: string; retry: () => void }) {
  const found = moments.data.value;
  const problem = moments.problem.value;
  const parts = found?.parts.filter(({ rows }) => rows.length > 0) ?? [];
  const isCompared = parts.some(({ rows }) => rows.some(({ lift }) => lift !== null));
  return (
    <section aria-labelledby="when-heading">
      <h2 id="when-heading">When</h2>
      {problem && <ProblemNote problem={problem} retry={retry} />}
      {!found && !problem && <Skeleton lines={8} />}
      {found && !problem && (
        <>
          <p class="quiet" hidden={parts.length === 0}>
            {isCompared ? `Shares of ${found.group || words}; the line across a bar is what is usual, the last figure how often against that.` : `Shares of ${found.group || words}.`}
          </p>
          <div class="when-parts" data-stale={moments.busy.value}>
            {parts.map(({ key, title, rows }) => (
              <Parts key={key} title={title} rows={inOrder(key, rows)} />
            ))}
          </div>
          {parts.length === 0 && <p class="quiet">When they happened is not known, or of too few.</p>}
        </>
      )}
    </section>
  );
}
