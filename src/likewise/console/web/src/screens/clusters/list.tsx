import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Cluster, ClusterChange, ClusterOrder, Grouping, Page } from "../../core/api";
import { asProblem, type Problem } from "../../core/client";
import { getGrouping, listClusterChanges, listClusters, refineClusters, undoClusterRun } from "../../core/endpoints";
import { count } from "../../core/format";
import { resource } from "../../core/resource";
import { navigate, patchParams, place } from "../../core/router";
import { ProblemNote, Skeleton } from "../../ui/states";
import { PageHead, When } from "../../ui/text";
import { chosen, CollectionPicker, collections, NoCollections, NotGrouped, useCollections } from "./chosen";

interface Shown {
  grouping: Grouping;
  page: Page<Cluster>;
  changes: ClusterChange[];
}

const shown = resource<Shown>();
const failure = signal<Problem | null>(null);
const ORDERS: Record<ClusterOrder, string> = { size: "Largest", trend: "Rising", newest: "Newest" };

const order = (): ClusterOrder => (place.value.params.get("order") as ClusterOrder | null) ?? "size";
const after = (): string | null => place.value.params.get("after");

function refresh(name: string): Promise<void> {
  return shown.run(async (abort) => {
    const [grouping, page, changes] = await Promise.all([
      getGrouping(name, abort),
      listClusters(name, order(), after(), abort),
      listClusterChanges(name, abort),
    ]);
    return { grouping, page, changes };
  });
}

async function attempt(work: () => Promise<void>): Promise<void> {
  failure.value = null;
  try {
    await work();
  } catch (error) {
    failure.value = asProblem(error);
  }
}

const refine = (name: string) =>
  attempt(async () => navigate(`/operations/${(await refineClusters(name)).operation}`));

function Row({ name, cluster }: { name: string; cluster: Cluster }) {
  const [first] = cluster.exemplars;
  return (
    <li class="cluster">
      <div class="cluster-size number" title={`${count(cluster.text_count)} distinct texts`}>
        {count(cluster.item_count)}
      </div>
      <div>
        <h2>
          <a href={`/clusters/${encodeURIComponent(name)}/${cluster.id}`}>{cluster.label}</a>
          {cluster.is_locked && <span class="tag">locked</span>}
        </h2>
        {first && cluster.item_count > 1 && <p class="cluster-text">{first.body}</p>}
        <p class="quiet">
          <span class="numbers">{cluster.trend >= 0.05 ? `${cluster.trend.toFixed(1)} of late` : "quiet of late"}</span>
          {", last "}
          <When time={cluster.last_seen_at} />
          {cluster.outlier_count > 0 && `, ${count(cluster.outlier_count)} ask something more`}
        </p>
      </div>
    </li>
  );
}

function Changes({ name, changes }: { name: string; changes: ClusterChange[] }) {
  const runs = [...new Map(changes.map((change) => [change.run, change])).values()];
  if (runs.length === 0) return null;
  const undo = (run: string) => attempt(async () => void ((await undoClusterRun(name, run)), await refresh(name)));
  return (
    <section aria-labelledby="changes">
      <h2 id="changes">What changed</h2>
      <ul class="plain-list changes">
        {runs.slice(0, 8).map((one) => {
          const same = changes.filter((change) => change.run === one.run);
          const kinds = (["merge", "split", "move"] as const)
            .map((kind) => [kind, same.filter((change) => change.kind === kind).length] as const)
            .filter(([, many]) => many > 0)
            .map(([kind, many]) => `${count(many)} ${many === 1 ? kind : `${kind}s`}`);
          const undone = same.every((change) => change.undone_at);
          return (
            <li key={one.run}>
              <span>
                {one.actor === "person" ? "Somebody" : "Refinement"}: {kinds.join(", ")}, <When time={one.created_at} />
              </span>
              {undone ? (
                <span class="quiet">undone</span>
              ) : (
                <button type="button" class="button" onClick={() => void undo(one.run)}>
                  Undo<span class="visually-hidden"> {kinds.join(", ")}</span>
                </button>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Body({ name, data }: { name: string; data: Shown }) {
  const { grouping, page, changes } = data;
  return (
    <>
      <p class="quiet">
        {count(grouping.text_count)} distinct texts
        {grouping.fitted_at ? ", fitted " : ", not fitted yet"}
        {grouping.fitted_at && <When time={grouping.fitted_at} />}
        {grouping.is_refining && ", refining now"}
      </p>
      <div class="row cluster-orders" role="group" aria-label="Order">
        {(Object.keys(ORDERS) as ClusterOrder[]).map((one) => (
          <button key={one} type="button" class="button" aria-pressed={one === order()} onClick={() => patchParams({ order: one, after: null })}>
            {ORDERS[one]}
          </button>
        ))}
      </div>
      <ol class="plain-list clusters">
        {page.data.map((cluster) => (
          <Row key={cluster.id} name={name} cluster={cluster} />
        ))}
      </ol>
      {page.next_cursor && (
        <button type="button" class="button" onClick={() => patchParams({ after: page.next_cursor })}>
          Next clusters
        </button>
      )}
      <Changes name={name} changes={changes} />
    </>
  );
}

export default function Clusters() {
  useCollections();
  const name = chosen();
  useEffect(() => {
    shown.clear();
    if (name) void refresh(name);
  }, [name, order(), after()]);
  const problem = shown.problem.value;
  const data = shown.data.value;
  const isUngrouped = problem?.status === 409;
  return (
    <div class="page">
      <PageHead
        title="Clusters"
        aside={
          <div class="row">
            {!!collections.data.value?.length && <CollectionPicker />}
            {name && data && (
              <>
                <a class="button" href={`/map?c=${encodeURIComponent(name)}`}>
                  Map
                </a>
                <button type="button" class="button primary" disabled={data.grouping.is_refining} onClick={() => void refine(name)}>
                  Refine
                </button>
              </>
            )}
          </div>
        }
      />
      {failure.value && <ProblemNote problem={failure.value} />}
      {collections.problem.value && <ProblemNote problem={collections.problem.value} />}
      {collections.data.value?.length === 0 && <NoCollections />}
      {name && isUngrouped && <NotGrouped name={name} />}
      {problem && !isUngrouped && <ProblemNote problem={problem} retry={() => name && void refresh(name)} />}
      {name && !data && !problem && <Skeleton lines={6} />}
      {name && data && <Body name={name} data={data} />}
    </div>
  );
}
