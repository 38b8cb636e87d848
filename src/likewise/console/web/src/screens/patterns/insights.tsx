// What is remarkable in a collection, with the items it rests on.
import { useSignal } from "@preact/signals";
import type { Insight, InsightDetail } from "../../core/api";
import { asProblem, type Problem } from "../../core/client";
import { getInsight, refreshInsights } from "../../core/endpoints";
import { navigate } from "../../core/router";
import { Empty, ProblemNote, Skeleton } from "../../ui/states";
import { When } from "../../ui/text";
import { insights, loadCollection } from "./store";

function Row({ insight, collection }: { insight: Insight; collection: string }) {
  const detail = useSignal<InsightDetail | null>(null);
  const open = async (event: Event): Promise<void> => {
    if ((event.currentTarget as HTMLDetailsElement).open && !detail.value) detail.value = await getInsight(insight.id).catch(() => null);
  };
  return (
    <li class="insight">
      <span class="tag">{insight.kind}</span>
      <details onToggle={(event) => void open(event)}>
        <summary>{insight.sentence}</summary>
        <p class="quiet">
          First seen <When time={insight.first_seen} />. Newest items it rests on:
        </p>
        <ul class="facts" aria-label="Items it rests on">
          {detail.value?.evidence.map((key) => (
            <li key={key}>
              <a href={`/collections/${encodeURIComponent(collection)}?item=${encodeURIComponent(key)}`}>{key}</a>
            </li>
          ))}
        </ul>
      </details>
    </li>
  );
}

export function Insights({ collection }: { collection: string }) {
  const refused = useSignal<Problem | null>(null);
  const look = async (): Promise<void> => {
    try {
      const started = await refreshInsights(collection);
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
  return (
    <section class="pattern-insights" aria-labelledby="insights-heading">
      <div class="section-head">
        <h2 id="insights-heading">Insights</h2>
        {!!all?.length && button}
      </div>
      {problem && <ProblemNote problem={problem} retry={() => void loadCollection(collection)} />}
      {!all && !problem && <Skeleton lines={4} />}
      {all?.length === 0 && (
        <Empty command={`likewise patterns refresh -c ${collection}`} action={button}>
          Nothing remarkable is known yet; counts are looked through every night, or when you ask.
        </Empty>
      )}
      {!!all?.length && (
        <ul class="insights plain-list">
          {all.map((insight) => (
            <Row key={insight.id} insight={insight} collection={collection} />
          ))}
        </ul>
      )}
    </section>
  );
}
