import type { SearchAnswer, SearchHit } from "../../core/api";
import type { Resource } from "../../core/resource";
import { score } from "../../core/format";
import { Bar } from "../../ui/bars";
import { ProblemNote, Skeleton } from "../../ui/states";
import { Highlighted } from "../../ui/text";
import { itemHref } from "./hit";
import { answered, ARMS, armAnswers, hotKey } from "./store";

function Row({ hit, rank, best, fusedRank }: { hit: SearchHit; rank: number; best: number; fusedRank: number | undefined }) {
  const warm = () => (hotKey.value = hit.key);
  const cool = () => (hotKey.value = null);
  return (
    <li data-hot={hotKey.value === hit.key} onMouseEnter={warm} onMouseLeave={cool} onFocusIn={warm} onFocusOut={cool}>
      <a href={itemHref(hit.key)}>
        <span class="arm-line">
          <span class="rank numbers">{rank}</span>
          <Bar share={best > 0 ? hit.score / best : 0} />
          <span class="numbers">{score(hit.score)}</span>
        </span>
        <span class="arm-text">
          <Highlighted text={hit.text} spans={hit.highlights} />
        </span>
        <span class="quiet numbers">{fusedRank ? `joined #${fusedRank}` : "not in the joined list"}</span>
      </a>
    </li>
  );
}

function ArmColumn({ label, about, answer, fused }: { label: string; about: string; answer: Resource<SearchAnswer>; fused: Map<string, number> }) {
  const data = answer.data.value;
  const best = data?.data[0]?.score ?? 0;
  return (
    <section class="arm" aria-label={`${label} arm`}>
      <h3>{label}</h3>
      <p class="quiet">{about}</p>
      {answer.problem.value && <ProblemNote problem={answer.problem.value} />}
      {!data && !answer.problem.value && <Skeleton lines={5} />}
      {data && data.data.length === 0 && <p class="quiet">Nothing found this way.</p>}
      {data && (
        <ol class="plain-list">
          {data.data.map((hit, index) => (
            <Row key={hit.key} hit={hit} rank={index + 1} best={best} fusedRank={fused.get(hit.key)} />
          ))}
        </ol>
      )}
    </section>
  );
}

/** What each way of searching found by itself, beside the joined list. */
export function Arms() {
  const fused = new Map(answered.data.value?.answer.data.map((hit, index) => [hit.key, index + 1]));
  return (
    <div class="arms">
      {ARMS.map(({ arm, label, about }) => (
        <ArmColumn key={arm} label={label} about={about} answer={armAnswers[arm]} fused={fused} />
      ))}
    </div>
  );
}
