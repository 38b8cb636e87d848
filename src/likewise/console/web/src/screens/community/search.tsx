// Experiences by words and by what they are: category, attributes, place, time. The address is the question.
import { useEffect } from "preact/hooks";
import type { CommunitySearch, Hit } from "../../core/community-reading";
import { searchCommunity } from "../../core/community-reading";
import { count, milliseconds, plural } from "../../core/format";
import { resource } from "../../core/resource";
import { patchParams, place } from "../../core/router";
import { Icon } from "../../ui/icon";
import { Empty, ProblemNote, Skeleton } from "../../ui/states";
import { Chips, Filters, loadKeys } from "./filters";
import { Card, experienceHref, Room } from "./shared";
import { isAsked, wishOf } from "./wish";
import { World } from "./world";

const ROWS = 20;

interface Found {
  hits: Hit[];
  answer: CommunitySearch;
}

const found = resource<Found>();

const load = (params: URLSearchParams): Promise<void> =>
  found.run(async (abort) => {
    const answer = await searchCommunity({ query: params.get("q") ?? "", wish: wishOf(params), k: ROWS }, abort);
    return { hits: answer.data, answer };
  });

const loadMore = (params: URLSearchParams, before: Found): Promise<void> =>
  found.run(async (abort) => {
    const after = before.answer.next_cursor;
    const answer = await searchCommunity({ query: params.get("q") ?? "", wish: wishOf(params), k: ROWS, ...(after && { after }) }, abort);
    return { hits: [...before.hits, ...answer.data], answer };
  });

function QueryBar({ query }: { query: string }) {
  return (
    <form
      class="query-bar"
      role="search"
      data-busy={found.busy.value}
      onSubmit={(event) => {
        event.preventDefault();
        patchParams({ q: String(new FormData(event.currentTarget).get("q") ?? "").trim() || null });
      }}
    >
      <Icon name="search" />
      <input
        id="query"
        name="q"
        type="search"
        aria-label="Search experiences by meaning"
        placeholder="A light that followed us home"
        autocomplete="off"
        enterkeyhint="search"
        spellcheck={false}
        defaultValue={query}
        key={query}
      />
      <button type="submit" class="button primary">
        Search
      </button>
    </form>
  );
}

/** What the result is about stands in the passage; a title that is its beginning is not said twice. */
function HitRow({ hit }: { hit: Hit }) {
  const isWhole = hit.experience.text.startsWith(hit.passage) || hit.start === 0;
  return (
    <li>
      <Card one={hit.experience} text={isWhole ? hit.passage : `… ${hit.passage}`} spans={{ text: isWhole ? hit.highlights : hit.highlights.map(([from, to]) => [from + 2, to + 2]) }} />
    </li>
  );
}

function FoundMap({ hits }: { hits: readonly Hit[] }) {
  const points = hits.flatMap(({ experience: { place: at, ...one } }) => (at ? [{ ...at, title: one.title || one.text.slice(0, 80), id: one.id }] : []));
  if (points.length === 0) return null;
  return (
    <details class="found-map">
      <summary>Where these were ({count(points.length)})</summary>
      <World points={points} />
      <ul class="facts" aria-label="Those with a place">
        {points.map((point) => (
          <li key={point.id}>
            <a href={experienceHref(point.id)}>{point.title}</a>
          </li>
        ))}
      </ul>
    </details>
  );
}

export default function Search() {
  const { params } = place.value;
  const asked = params.toString();
  const isAnything = isAsked(params);
  useEffect(() => void loadKeys(), []);
  useEffect(() => {
    if (isAnything) void load(params);
    else found.clear();
  }, [asked]);
  const data = isAnything ? found.data.value : null;
  const problem = isAnything ? found.problem.value : null;
  return (
    <Room title="Find experiences" about="By what they mean, and by what they are.">
      <QueryBar query={params.get("q") ?? ""} />
      <Chips />
      <div class="find-columns">
        <Filters />
        <section aria-labelledby="found-heading" data-stale={found.busy.value && !!data}>
          <h2 id="found-heading" class="visually-hidden">
            What was found
          </h2>
          {problem && <ProblemNote problem={problem} retry={() => void load(params)} />}
          {!isAnything && (
            <Empty
              command={'likewise community search "a light that followed us"'}
              action={
                <button type="button" class="button" onClick={() => document.getElementById("query")?.focus()}>
                  Write a search
                </button>
              }
            >
              Describe an experience in your own words, or choose what it must be.
            </Empty>
          )}
          {isAnything && !data && !problem && <Skeleton lines={10} />}
          {data && (
            <>
              <p class="summary" role="status">
                <span>{data.answer.has_more ? `The first ${count(data.hits.length)}` : plural(data.hits.length, "experience")}</span>
                <span>{milliseconds(data.answer.took_ms)}</span>
                {data.answer.corrected && <span class="corrected">read as “{data.answer.corrected}”</span>}
              </p>
              {data.hits.length === 0 && (
                <Empty
                  command="likewise community list"
                  action={
                    <button type="button" class="button" onClick={() => patchParams({ category: null, a: null, near: null, km: null, from: null, to: null, tag: null })}>
                      Take away the filters
                    </button>
                  }
                >
                  Nothing is all of this at once.
                </Empty>
              )}
              <FoundMap hits={data.hits} />
              <ol class="card-list">
                {data.hits.map((hit) => (
                  <HitRow key={hit.experience.id} hit={hit} />
                ))}
              </ol>
              {data.answer.has_more && (
                <button type="button" class="button wide" onClick={() => void loadMore(params, data)}>
                  More
                </button>
              )}
            </>
          )}
        </section>
      </div>
    </Room>
  );
}
