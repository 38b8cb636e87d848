// Sections of the patterns: how a key is distributed, what goes with a group, and the insights.
import { useSignal } from "@preact/signals";
import { asProblem, type Problem } from "../../core/client";
import { getCommunityInsight, refreshCommunityPatterns, type CommunityAssociation, type Insight, type InsightDetail } from "../../core/community-reading";
import { count, percent, plural } from "../../core/format";
import { navigate } from "../../core/router";
import { Bar } from "../../ui/bars";
import { Empty, ProblemNote, Skeleton } from "../../ui/states";
import { When } from "../../ui/text";
import { LiftMark, ShareBar } from "../patterns/plots";
import { distribution, insights, loadKey, loadOnce, segmentHref, titleOfKey, together, valueOf } from "./pattern-store";
import { experienceHref, titleOf } from "./shared";

export const times = (lift: number): string => `${lift >= 10 ? lift.toFixed(0) : lift.toFixed(2)}×`;
export const surely = (q: number): string => (q < 0.001 ? "q < 0.001" : `q ${q.toFixed(3)}`);

export function Shares({ name, params }: { name: string; params: URLSearchParams }) {
  const found = distribution.data.value?.key === name ? distribution.data.value : null;
  const problem = distribution.problem.value;
  const most = Math.max(...(found?.data.map(({ share_high }) => share_high) ?? []), 0.01);
  const chosen = valueOf(params, name);
  return (
    <section aria-labelledby="shares-heading">
      <h2 id="shares-heading">{found?.title ?? titleOfKey(name)}</h2>
      {problem && <ProblemNote problem={problem} retry={() => void loadKey(name, {})} />}
      {!found && !problem && <Skeleton lines={8} />}
      {found && !problem && (
        <>
          <p class="quiet">
            Known of {count(found.known_count)} of {plural(found.item_count, "experience")}. Values of fewer than {found.group_items_min} are not shown.
          </p>
          <div class="table-scroll" data-stale={distribution.busy.value}>
            <table>
              <thead>
                <tr>
                  <th scope="col">Value</th>
                  <th scope="col" class="number">
                    Number
                  </th>
                  <th scope="col" class="number">
                    Share
                  </th>
                  <th scope="col" class="plot wide-only">
                    With its 95 % interval
                  </th>
                </tr>
              </thead>
              <tbody>
                {found.data.map((row) => (
                  <tr key={row.value} aria-current={row.value === chosen ? "true" : undefined}>
                    <th scope="row">
                      <a href={segmentHref(name, row.value)}>{row.title}</a>
                    </th>
                    <td class="number">{count(row.count)}</td>
                    <td class="number">{percent(row.share)}</td>
                    <td class="plot wide-only">
                      <ShareBar row={row} most={most} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </section>
  );
}

function Partner({ row }: { row: CommunityAssociation }) {
  return (
    <tr>
      <th scope="row">
        <span class="quiet">{row.key_title}</span> <a href={segmentHref(row.key, row.value)}>{row.value_title}</a>
      </th>
      <td class="number">{percent(row.share)}</td>
      <td class="number wide-only">{percent(row.background_share)}</td>
      <td class="plot wide-only">
        <LiftMark row={row} />
      </td>
      <td class="number" title={`95 % interval ${times(row.lift_low)} to ${times(row.lift_high)}`}>
        {times(row.lift)}
        <span class="visually-hidden">
          , 95 % interval {times(row.lift_low)} to {times(row.lift_high)}
        </span>
      </td>
      <td class="number quiet">{row.significant ? surely(row.q) : "perhaps chance"}</td>
    </tr>
  );
}

export function GoesWith({ words, retry }: { words: string; retry: () => void }) {
  const found = together.data.value;
  const problem = together.problem.value;
  return (
    <section aria-labelledby="with-heading">
      <h2 id="with-heading">What goes with {found?.group ?? words}</h2>
      {problem && <ProblemNote problem={problem} retry={retry} />}
      {!found && !problem && <Skeleton lines={8} />}
      {found && !problem && (
        <>
          <p class="quiet">
            {plural(found.item_count, "experience")} against all whose key is known; {count(found.tested)} values were looked at.
            {found.data.length > 0 && " The mark shows how many times as often, from an eighth to eight times, with its 95 % interval."}
          </p>
          <div class="table-scroll" data-stale={together.busy.value} hidden={found.data.length === 0}>
            <table>
              <thead>
                <tr>
                  <th scope="col">Value</th>
                  <th scope="col" class="number">
                    Here
                  </th>
                  <th scope="col" class="number wide-only">
                    Of all
                  </th>
                  <th scope="col" class="plot wide-only">
                    Less or more often
                  </th>
                  <th scope="col" class="number">
                    Lift
                  </th>
                  <th scope="col" class="number">
                    How sure
                  </th>
                </tr>
              </thead>
              <tbody>
                {found.data.map((row) => (
                  <Partner key={`${row.key}:${row.value}`} row={row} />
                ))}
              </tbody>
            </table>
          </div>
          {found.data.length === 0 && <p class="quiet">Nothing goes with it more or less often than by chance.</p>}
        </>
      )}
    </section>
  );
}

function InsightRow({ insight, most }: { insight: Insight; most: number }) {
  const detail = useSignal<InsightDetail | null>(null);
  const open = async (event: Event): Promise<void> => {
    if ((event.currentTarget as HTMLDetailsElement).open && !detail.value) detail.value = await getCommunityInsight(insight.id).catch(() => null);
  };
  return (
    <li class="insight">
      <span class="tag">{insight.kind}</span>
      <details onToggle={(event) => void open(event)}>
        <summary>{insight.sentence}</summary>
        <p class="quiet">
          First seen <When time={insight.first_seen} />. The newest experiences it rests on:
        </p>
        <ul class="evidence" aria-label="Experiences it rests on">
          {detail.value?.evidence.map((one) => (
            <li key={one.id}>
              <a href={experienceHref(one.id)}>{titleOf(one)}</a>
            </li>
          ))}
        </ul>
      </details>
      <span class="insight-strength">
        <Bar share={insight.strength / most} />
        <span class="visually-hidden">Strength {insight.strength.toFixed(2)}</span>
      </span>
    </li>
  );
}

export function Insights() {
  const refused = useSignal<Problem | null>(null);
  const look = async (): Promise<void> => {
    try {
      const started = await refreshCommunityPatterns();
      navigate(`/operations/${encodeURIComponent(started.operation)}`);
    } catch (error) {
      refused.value = asProblem(error);
    }
  };
  const button = (
    <button type="button" class="button" onClick={() => void look()}>
      Look for insights now
    </button>
  );
  const all = insights.data.value;
  const problem = refused.value ?? insights.problem.value;
  const most = Math.max(...(all?.map(({ strength }) => strength) ?? []), 0.0001);
  return (
    <section aria-labelledby="insights-heading">
      <div class="section-head">
        <h2 id="insights-heading">Insights</h2>
        {!!all?.length && button}
      </div>
      {problem && <ProblemNote problem={problem} retry={() => void loadOnce()} />}
      {!all && !problem && <Skeleton lines={4} />}
      {all?.length === 0 && (
        <Empty command="likewise community patterns refresh" action={button}>
          Nothing remarkable is known yet; counts are looked through every night, or when you ask.
        </Empty>
      )}
      {!!all?.length && (
        <ul class="insights">
          {all.map((insight) => (
            <InsightRow key={insight.id} insight={insight} most={most} />
          ))}
        </ul>
      )}
    </section>
  );
}
