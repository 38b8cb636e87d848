import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { ClusterDetail, ClusterMember, Page } from "../../core/api";
import { asProblem, type Problem } from "../../core/client";
import { getCluster, listClusterItems, lockCluster } from "../../core/endpoints";
import { count } from "../../core/format";
import { resource } from "../../core/resource";
import { patchParams, place } from "../../core/router";
import type { ScreenProps } from "../../shell/screens";
import { ProblemNote, Skeleton } from "../../ui/states";
import { PageHead, When } from "../../ui/text";

interface Shown {
  cluster: ClusterDetail;
  items: Page<ClusterMember>;
}

const shown = resource<Shown>();
const failure = signal<Problem | null>(null);
const REASONS: Record<ClusterMember["reason"], string> = {
  identical: "the same text",
  near_verbatim: "nearly the same text",
  meaning: "by meaning",
  new: "began it",
  refined: "by refinement",
  person: "by a person",
};

const refresh = (name: string, id: string): Promise<void> =>
  shown.run(async (abort) => {
    const [cluster, items] = await Promise.all([
      getCluster(name, id, abort),
      listClusterItems(name, id, place.value.params.get("after"), abort),
    ]);
    return { cluster, items };
  });

async function lock(name: string, cluster: ClusterDetail): Promise<void> {
  failure.value = null;
  try {
    await lockCluster(name, cluster.id, !cluster.is_locked);
    await refresh(name, cluster.id);
  } catch (error) {
    failure.value = asProblem(error);
  }
}

function Members({ caption, members }: { caption: string; members: ClusterMember[] }) {
  return (
    <div class="table-scroll">
      <table>
        <caption>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">Text</th>
            <th scope="col" class="number">Similarity</th>
            <th scope="col" class="wide-only">Why here</th>
            <th scope="col" class="wide-only">Seen</th>
          </tr>
        </thead>
        <tbody>
          {members.map((member) => (
            <tr key={member.id}>
              <th scope="row" class="cluster-text">{member.title ? `${member.title}: ${member.body}` : member.body}</th>
              <td class="number">{member.similarity.toFixed(2)}</td>
              <td class="wide-only">{REASONS[member.reason]}</td>
              <td class="wide-only">
                <When time={member.seen_at} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export default function ClusterScreen({ params }: ScreenProps) {
  const [name = "", id = ""] = params;
  const after = place.value.params.get("after");
  useEffect(() => {
    shown.clear();
    void refresh(name, id);
  }, [name, id, after]);
  const problem = shown.problem.value;
  const data = shown.data.value;
  return (
    <div class="page">
      <PageHead
        title={data?.cluster.label ?? "Cluster"}
        aside={
          data && (
            <button type="button" class="button" onClick={() => void lock(name, data.cluster)}>
              {data.cluster.is_locked ? "Unlock" : "Lock"}
            </button>
          )
        }
      />
      <p>
        <a href={`/clusters?c=${encodeURIComponent(name)}`}>All clusters of {name}</a>
      </p>
      {failure.value && <ProblemNote problem={failure.value} />}
      {problem && <ProblemNote problem={problem} retry={() => void refresh(name, id)} />}
      {!data && !problem && <Skeleton lines={6} />}
      {data && (
        <>
          <p class="quiet">
            {count(data.cluster.item_count)} items, {count(data.cluster.text_count)} distinct texts, from{" "}
            <When time={data.cluster.first_seen_at} /> to <When time={data.cluster.last_seen_at} />
            {data.cluster.note && `; ${data.cluster.note}`}
          </p>
          {data.cluster.outliers.length > 0 && <Members caption="Texts that ask something more" members={data.cluster.outliers} />}
          <Members caption="Items, in the order they came" members={data.items.data} />
          {data.items.next_cursor && (
            <button type="button" class="button" onClick={() => patchParams({ after: data.items.next_cursor })}>
              Next items
            </button>
          )}
        </>
      )}
    </div>
  );
}
