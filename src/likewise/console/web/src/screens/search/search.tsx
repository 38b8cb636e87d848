import { useSignal, type Signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { useCommands } from "../../core/commands";
import { countFilters, clearedFilters, readFilters } from "../../core/filters";
import { storedKey } from "../../core/client";
import { count, milliseconds, plural } from "../../core/format";
import { hrefOf, patchParams, place } from "../../core/router";
import { CodeBlock } from "../../ui/copy";
import { Dialog } from "../../ui/dialog";
import { Facets } from "../../ui/facets";
import { Icon } from "../../ui/icon";
import { Empty, ProblemNote, Skeleton } from "../../ui/states";
import { ItemDrawer } from "../collections/item-drawer";
import { Arms } from "./arms";
import { Hit } from "./hit";
import { LikeChip, QueryBar } from "./query-bar";
import { shellWord, snippets } from "./snippets";
import {
  answered, askedBy, collections, facets, keepDefault, loadMore, openCollection, PAGE_SIZES, refresh, refreshCollections,
  requestBody, type Answered,
} from "./store";

function useAddressedSearch(): void {
  const params = place.value.params;
  const collection = params.get("c") ?? "";
  const asked = new URLSearchParams(params);
  asked.delete("item");
  const question = asked.toString();
  const known = collections.data.value !== null;
  useEffect(() => void refreshCollections(), []);
  useEffect(() => {
    if (collection) openCollection(collection);
    else keepDefault();
  }, [collection]);
  // Facet types are needed to write a filter, so the first question waits for the collections.
  useEffect(() => {
    if (known) void refresh();
  }, [question, known]);
}

function Summary({ shown }: { shown: Answered }) {
  const { answer, asked } = shown;
  return (
    <p class="summary numbers">
      <span>{plural(answer.data.length, "result")}</span>
      <span title="How the meaning arm scanned: every row, or the index">{answer.plan}</span>
      <span>{plural(answer.candidates, "candidate")}</span>
      <span title="Time in the server">{milliseconds(answer.took_ms)}</span>
      {answer.query_cached && <span title="The query's vector came from the cache">cached vector</span>}
      {answer.corrected && answer.corrected !== asked.query && (
        <span class="corrected">
          Did you mean{" "}
          <button type="button" class="link" onClick={() => patchParams({ q: answer.corrected ?? null })}>
            {answer.corrected}
          </button>
          ?
        </span>
      )}
    </p>
  );
}

function Toolbar({ onCode, filtersOpen }: { onCode: () => void; filtersOpen: Signal<boolean> }) {
  const filters = countFilters(readFilters(place.value.params));
  const asked = askedBy(place.value.params);
  const shown = answered.data.value;
  return (
    <div class="toolbar">
      {shown ? <Summary shown={shown} /> : <p class="summary" />}
      <div class="row">
        <button type="button" class="button filters-toggle" aria-expanded={filtersOpen.value} onClick={() => (filtersOpen.value = !filtersOpen.value)}>
          <Icon name="filter" />
          Filters{filters > 0 ? ` (${count(filters)})` : ""}
        </button>
        <label class="switch">
          <input
            type="checkbox"
            role="switch"
            checked={asked.explain}
            onChange={(event) => patchParams({ explain: event.currentTarget.checked ? "1" : null })}
          />
          Explain
        </label>
        <label class="inline-select">
          <span class="visually-hidden">Results shown</span>
          <select value={String(asked.k)} onChange={(event) => patchParams({ k: event.currentTarget.value })}>
            {PAGE_SIZES.map((size) => (
              <option key={size} value={size}>
                {size} results
              </option>
            ))}
          </select>
        </label>
        <button type="button" class="button" disabled={!asked.query && asked.like === null} onClick={onCode}>
          <Icon name="code" />
          Copy as
        </button>
      </div>
    </div>
  );
}

function NothingFound({ shown }: { shown: Answered }) {
  const { collection, query } = shown.asked;
  const filtered = countFilters(readFilters(place.value.params)) > 0;
  const command = `likewise search ${shellWord(query)} -c ${shellWord(collection)}`;
  return filtered ? (
    <Empty
      command={command}
      action={
        <button type="button" class="button primary" onClick={() => patchParams(clearedFilters(place.value.params))}>
          Clear the filters
        </button>
      }
    >
      {`Nothing in ${collection} passes these filters.`}
    </Empty>
  ) : (
    <Empty command={`likewise load more.csv -c ${shellWord(collection)} --text body`} action={<a class="button primary" href={`/load?into=${encodeURIComponent(collection)}`}>Load a file into it</a>}>
      {`${collection} holds nothing to find yet.`}
    </Empty>
  );
}

function Start({ collection }: { collection: string }) {
  return (
    <Empty
      command={`likewise search "what people say about delivery" -c ${shellWord(collection || "reviews")}`}
      action={
        <a class="button" href={`/collections/${encodeURIComponent(collection)}`}>
          See what is in it
        </a>
      }
    >
      Describe what you look for in your own words; the same words need not occur.
    </Empty>
  );
}

function Results({ shown }: { shown: Answered }) {
  const hits = shown.answer.data;
  const best = hits[0]?.score ?? 0;
  if (hits.length === 0) return <NothingFound shown={shown} />;
  return (
    <>
      <ol class="hits plain-list" data-stale={answered.busy.value}>
        {hits.map((hit, index) => (
          <Hit key={hit.id} hit={hit} rank={index + 1} best={best} searchId={shown.answer.search_id} />
        ))}
      </ol>
      {shown.answer.has_more && (
        <button type="button" class="button wide" onClick={() => void loadMore()}>
          More results
        </button>
      )}
    </>
  );
}

function CodeDialog({ onClose }: { onClose: () => void }) {
  const asked = askedBy(place.value.params);
  const code = snippets(requestBody(asked), asked.like, location.origin, storedKey() !== null);
  return (
    <Dialog title="This search as code" onClose={onClose}>
      <CodeBlock title="Shell" code={code.shell} />
      <CodeBlock title="curl" code={code.curl} />
      <CodeBlock title="Python" code={code.python} />
    </Dialog>
  );
}

function NoCollections() {
  return (
    <div class="page">
      <h1 class="visually-hidden">Search</h1>
      <Empty command="likewise load reviews.csv --text body" action={<a class="button primary" href="/load">Load a file</a>}>
        There is nothing to search yet.
      </Empty>
    </div>
  );
}

function likeTitle(like: string, shown: Answered | null): string {
  const hit = shown?.answer.data.find(({ key }) => key === like);
  return hit?.title ?? like;
}

export default function Search() {
  useAddressedSearch();
  const code = useSignal(false);
  const filtersOpen = useSignal(false);
  const params = place.value.params;
  const asked = askedBy(params);
  useCommands(
    () => [
      { id: "explain", title: asked.explain ? "Hide the arms" : "Explain: show the arms", group: "Do", keys: "e", run: () => patchParams({ explain: asked.explain ? null : "1" }) },
      { id: "copy-as", title: "Copy this search as code", group: "Do", run: () => (code.value = true) },
    ],
    [asked.explain],
  );
  if (collections.data.value?.length === 0) return <NoCollections />;
  const shown = answered.data.value;
  const problem = answered.problem.value ?? collections.problem.value;
  const item = params.get("item");
  const withoutItem = new URLSearchParams(params);
  withoutItem.delete("item");
  const comparing = asked.explain && asked.like === null;
  const asking = asked.query !== "" || asked.like !== null;
  return (
    <div class="page search" data-explain={comparing} data-filters={filtersOpen.value}>
      <h1 class="visually-hidden">Search</h1>
      <QueryBar />
      {asked.like !== null && <LikeChip like={asked.like} title={likeTitle(asked.like, shown)} />}
      <Toolbar onCode={() => (code.value = true)} filtersOpen={filtersOpen} />
      <div class="search-body">
        <div class="filters">
          {facets.data.value && !facets.problem.value && <Facets summaries={facets.data.value} />}
        </div>
        <section class="joined" aria-label="Results">
          {comparing ? (
            <header class="joined-title">
              <h2>Joined</h2>
              <p class="quiet">The three lists as one</p>
            </header>
          ) : (
            <h2 class="visually-hidden">Results</h2>
          )}
          {problem && <ProblemNote problem={problem} retry={() => void refreshCollections().then(refresh)} />}
          {!problem && shown && asking && <Results shown={shown} />}
          {!problem && !shown && (asking || collections.data.value === null) && <Skeleton lines={8} />}
          {!problem && !asking && collections.data.value && <Start collection={asked.collection} />}
        </section>
        {comparing && asking && !problem && <Arms />}
      </div>
      {code.value && <CodeDialog onClose={() => (code.value = false)} />}
      {item !== null && <ItemDrawer key={item} collection={asked.collection} itemKey={item} closeHref={hrefOf("/search", withoutItem)} onDeleted={() => void refresh()} />}
    </div>
  );
}
