import type { SearchHit } from "../../core/api";
import { noteClick } from "../../core/endpoints";
import { dayOf, facetLabel, facetValue, score } from "../../core/format";
import { hrefOf, place } from "../../core/router";
import { Bar } from "../../ui/bars";
import { Icon } from "../../ui/icon";
import { Highlighted } from "../../ui/text";
import { armAnswers, ARMS, hotKey } from "./store";

const FACETS_SHOWN = 5;

function withParams(changes: Record<string, string | null>): string {
  const params = new URLSearchParams(place.value.params);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) params.delete(name);
    else params.set(name, value);
  }
  return hrefOf("/search", params);
}

export const itemHref = (key: string): string => withParams({ item: key });
const similarHref = (key: string): string => withParams({ like: key, q: null, item: null });

/** How each arm saw this result: its rank there, and its score beside the best one. */
function Breakdown({ hit }: { hit: SearchHit }) {
  const explain = hit.explain;
  if (!explain) return null;
  return (
    <dl class="breakdown">
      {ARMS.map(({ arm, label }) => {
        const seen = explain[arm];
        return (
          <div key={arm} class={seen ? "" : "unseen"}>
            <dt>{label}</dt>
            <dd>
              {seen ? (
                <>
                  <span class="rank">#{seen.rank}</span>
                  <Bar share={seen.score / (armAnswers[arm].data.value?.data[0]?.score || seen.score || 1)} />
                  <span class="numbers">{score(seen.score)}</span>
                </>
              ) : (
                <span class="quiet">not found</span>
              )}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

function Facts({ hit }: { hit: SearchHit }) {
  const own = [hit.category, hit.author, hit.happened_at && dayOf(hit.happened_at)].filter((fact): fact is string => !!fact);
  const facets = Object.entries(hit.facets)
    .filter(([, value]) => value !== null && value !== "")
    .slice(0, FACETS_SHOWN);
  return (
    <ul class="facts" aria-label="Facts">
      {own.map((fact) => (
        <li key={fact}>{fact}</li>
      ))}
      {facets.map(([name, value]) => (
        <li key={name}>
          <span class="quiet">{facetLabel(name)}</span> {facetValue(name, value)}
        </li>
      ))}
    </ul>
  );
}

interface HitProps {
  hit: SearchHit;
  rank: number;
  best: number;
  searchId: string | undefined;
}

export function Hit({ hit, rank, best, searchId }: HitProps) {
  const warm = () => (hotKey.value = hit.key);
  const cool = () => (hotKey.value = null);
  const name = hit.title || hit.key;
  return (
    <li class="hit" data-hot={hotKey.value === hit.key} onMouseEnter={warm} onMouseLeave={cool} onFocusIn={warm} onFocusOut={cool}>
      <span class="hit-rank numbers" aria-hidden="true">
        {rank}
      </span>
      <div class="hit-body">
        <div class="hit-head">
          <h3>
            <a href={itemHref(hit.key)} onClick={() => searchId && noteClick(searchId, hit.id, rank)}>
              {name}
            </a>
          </h3>
          <span class="hit-score">
            <Bar share={best > 0 ? hit.score / best : 0} />
            <span class="numbers" title="Score">
              <span class="visually-hidden">Score </span>
              {score(hit.score)}
            </span>
          </span>
        </div>
        {hit.passage && hit.passage.heading_path.length > 0 && <p class="quiet">{hit.passage.heading_path.join(" › ")}</p>}
        <p class="hit-text">
          <Highlighted text={hit.text} spans={hit.highlights} />
        </p>
        <Breakdown hit={hit} />
        <div class="hit-foot">
          <Facts hit={hit} />
          <a class="similar" href={similarHref(hit.key)}>
            <Icon name="similar" />
            Similar<span class="visually-hidden"> to {name}</span>
          </a>
        </div>
      </div>
    </li>
  );
}
