import { useEffect } from "preact/hooks";
import type { QueryFigures, SearchAnalytics } from "../../core/api";
import { analyzeSearches } from "../../core/endpoints";
import { count, milliseconds, plural } from "../../core/format";
import { resource } from "../../core/resource";
import { ProblemNote, Skeleton } from "../../ui/states";

const searches = resource<SearchAnalytics>();
const refresh = (): Promise<void> => searches.run(analyzeSearches);
const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;

/** What the last thirty days' searches add up to; lists only where there is something in them. */
export function Searches() {
  useEffect(() => void refresh(), []);
  const shown = searches.data.value;
  const problem = searches.problem.value;
  return (
    <>
      {problem && <ProblemNote problem={problem} retry={refresh} />}
      {!shown && !problem && <Skeleton lines={3} />}
      {shown && <p class="numbers">{summary(shown)}</p>}
      {shown && <Queries title="Asked most" rows={shown.top} />}
      {shown && <Queries title="Without results" rows={shown.without_results} />}
      {shown && <Queries title="Asked most in earlier months" rows={shown.top_of_months} />}
    </>
  );
}

function summary({ totals, recall }: SearchAnalytics): string {
  if (!totals.searches) return "Nobody has searched in the last 30 days.";
  return [
    `${plural(totals.searches, "search", "searches")} in 30 days`,
    `${count(totals.without_results)} without results`,
    totals.click_through !== null && `something opened after ${percent(totals.click_through)}`,
    totals.latency_p95_ms !== null && `95 % within ${milliseconds(totals.latency_p95_ms)}`,
    totals.cached_share !== null && `${percent(totals.cached_share)} with their vector from the cache`,
    recall && `recall@10 ${recall.recall.toFixed(3)} at ef_search ${recall.ef_search}`,
  ]
    .filter(Boolean)
    .join(", ");
}

function Queries({ title, rows }: { title: string; rows: QueryFigures[] }) {
  if (!rows.length) return null;
  return (
    <table>
      <caption>{title}</caption>
      <thead>
        <tr>
          <th scope="col">Query</th>
          <th scope="col">Searches</th>
          <th scope="col">Empty</th>
          <th scope="col">Opened</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.query}>
            <th scope="row">{row.query}</th>
            <td class="numbers">{count(row.searches)}</td>
            <td class="numbers">{count(row.without_results)}</td>
            <td class="numbers">{count(row.clicked)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
