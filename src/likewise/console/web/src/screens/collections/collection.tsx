import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import type { Collection as CollectionFacts, FacetSummary, Item, Page } from "../../core/api";
import { address, asProblem, storedKey, type Problem } from "../../core/client";
import { useCommands } from "../../core/commands";
import { deleteCollection, getCollection, listFacets, listItems } from "../../core/endpoints";
import { clearedFilters, countFilters, readFilters, toFilter } from "../../core/filters";
import { count, plural } from "../../core/format";
import { resource } from "../../core/resource";
import { hrefOf, navigate, patchParams, place } from "../../core/router";
import type { ScreenProps } from "../../shell/screens";
import { announce } from "../../ui/announce";
import { Confirm } from "../../ui/dialog";
import { Facets } from "../../ui/facets";
import { Icon } from "../../ui/icon";
import { Empty, ProblemNote, Skeleton } from "../../ui/states";
import { PageHead } from "../../ui/text";
import { ItemDrawer } from "./item-drawer";
import { ItemsTable } from "./items-table";

const PAGE_SIZE = 50;

function useCollection(name: string) {
  const stores = useMemo(
    () => ({ facts: resource<CollectionFacts>(), facets: resource<FacetSummary[]>(), items: resource<Page<Item>>() }),
    [],
  );
  const params = new URLSearchParams(place.value.params);
  params.delete("item");
  const question = params.toString();
  const refreshFacts = async () => {
    void stores.facets.run((abort) => listFacets(name, abort));
    await stores.facts.run((abort) => getCollection(name, abort));
  };
  const refreshItems = () => {
    const types = stores.facts.data.value?.facets ?? {};
    const filter = toFilter(readFilters(place.value.params), types);
    return stores.items.run((abort) => listItems(name, { limit: PAGE_SIZE, after: place.value.params.get("after"), filter }, abort));
  };
  const known = stores.facts.data.value !== null;
  useEffect(() => void refreshFacts(), [name]);
  useEffect(() => {
    if (known) void refreshItems();
  }, [question, known]);
  useEffect(() => () => Object.values(stores).forEach((store) => store.cancel()), []);
  return { ...stores, refresh: () => refreshFacts().then(refreshItems) };
}

function Pager({ page }: { page: Page<Item> }) {
  const params = place.value.params;
  const number = Number(params.get("page") ?? "1");
  const next = () => {
    patchParams({ after: page.next_cursor, page: String(number + 1) });
    scrollTo(0, 0);
  };
  if (number === 1 && !page.has_more) return null;
  return (
    <nav class="pager" aria-label="Pages">
      <button type="button" class="button" disabled={!params.has("after")} onClick={() => patchParams({ after: null, page: null })}>
        First page
      </button>
      <span class="numbers quiet">Page {count(number)}</span>
      <button type="button" class="button" disabled={!page.has_more} onClick={next}>
        Next page
      </button>
    </nav>
  );
}

function DeleteCollection({ facts, onClose }: { facts: CollectionFacts; onClose: () => void }) {
  const busy = useSignal(false);
  const problem = useSignal<Problem | null>(null);
  const remove = async () => {
    busy.value = true;
    try {
      const receipt = await deleteCollection(facts.name);
      announce(`Deleted ${facts.name}: ${plural(receipt["items"] ?? 0, "item")}`);
      navigate("/collections", { replace: true });
    } catch (error) {
      problem.value = asProblem(error);
      busy.value = false;
    }
  };
  return (
    <Confirm title={`Delete ${facts.name}?`} action={`Delete ${plural(facts.item_count, "item")}`} busy={busy.value} onConfirm={remove} onClose={onClose}>
      {problem.value && <ProblemNote problem={problem.value} />}
      <p>
        This removes {plural(facts.item_count, "item")} with their passages and vectors. It cannot be undone; an export first keeps the
        texts.
      </p>
    </Confirm>
  );
}

function Head({ facts, onDelete }: { facts: CollectionFacts; onDelete: () => void }) {
  const name = encodeURIComponent(facts.name);
  const aside = (
    <>
      <a class="button" href={`/search?c=${name}`}>
        <Icon name="search" />
        Search
      </a>
      <a class="button" href={`/load?into=${name}`}>
        <Icon name="file" />
        Load a file
      </a>
      {/* A download link cannot carry a key; with one, `likewise export` does the same. */}
      {!storedKey() && (
        <a class="button" href={address(`/collections/${name}/export`)} download={`${facts.name}.jsonl`}>
          Export
        </a>
      )}
      <button type="button" class="button danger-quiet" onClick={onDelete}>
        <Icon name="trash" />
        Delete
      </button>
    </>
  );
  return (
    <PageHead title={facts.name} aside={aside}>
      <p class="quiet numbers">
        {plural(facts.item_count, "item")}
        {facts.pending_count > 0 && `, ${count(facts.pending_count)} waiting to be embedded`}
        {`, ${facts.language}`}
      </p>
    </PageHead>
  );
}

function Nothing({ name }: { name: string }) {
  const params = place.value.params;
  if (countFilters(readFilters(params)) > 0) {
    const clear = () => patchParams(clearedFilters(params));
    return (
      <Empty command={`likewise export -c ${name}`} action={<button type="button" class="button primary" onClick={clear}>Clear the filters</button>}>
        No item passes these filters.
      </Empty>
    );
  }
  return (
    <Empty command={`likewise load more.csv -c ${name} --text body`} action={<a class="button primary" href={`/load?into=${encodeURIComponent(name)}`}>Load a file</a>}>
      This collection is empty; drop a file anywhere in this window to fill it.
    </Empty>
  );
}

export default function Collection({ params: [name = ""] }: ScreenProps) {
  const { facts, facets, items, refresh } = useCollection(name);
  const deleting = useSignal(false);
  const filtersOpen = useSignal(false);
  useCommands(
    () => [
      { id: "load-into", title: `Load a file into ${name}`, group: "Collections", run: () => navigate(`/load?into=${encodeURIComponent(name)}`) },
    ],
    [name],
  );
  const params = place.value.params;
  const problem = facts.problem.value ?? items.problem.value;
  const page = items.data.value;
  const item = params.get("item");
  const withoutItem = new URLSearchParams(params);
  withoutItem.delete("item");
  const chosen = countFilters(readFilters(params));
  return (
    <div class="page" data-filters={filtersOpen.value}>
      {facts.data.value ? <Head facts={facts.data.value} onDelete={() => (deleting.value = true)} /> : <PageHead title={name} />}
      {problem && <ProblemNote problem={problem} retry={refresh} />}
      {!problem && (
        <div class="browse">
          <div class="filters">
            <button type="button" class="button filters-toggle" aria-expanded={filtersOpen.value} onClick={() => (filtersOpen.value = !filtersOpen.value)}>
              <Icon name="filter" />
              Filters{chosen > 0 ? ` (${count(chosen)})` : ""}
            </button>
            {facets.data.value && <Facets summaries={facets.data.value} />}
          </div>
          <section aria-label="Items">
            {!page && <Skeleton lines={10} />}
            {page && facts.data.value && page.data.length > 0 && <ItemsTable collection={facts.data.value} page={page} stale={items.busy.value} />}
            {page?.data.length === 0 && <Nothing name={name} />}
            {page && <Pager page={page} />}
          </section>
        </div>
      )}
      {deleting.value && facts.data.value && <DeleteCollection facts={facts.data.value} onClose={() => (deleting.value = false)} />}
      {item !== null && <ItemDrawer key={item} collection={name} itemKey={item} closeHref={hrefOf(place.value.path, withoutItem)} onDeleted={() => void refresh()} />}
    </div>
  );
}
