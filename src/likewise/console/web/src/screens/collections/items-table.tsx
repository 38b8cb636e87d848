import type { Collection, Item, Page } from "../../core/api";
import { dayOf, facetHeading, plain } from "../../core/format";
import { hrefOf, place } from "../../core/router";

const FACET_COLUMNS_MAX = 3;

function itemHref(key: string): string {
  const params = new URLSearchParams(place.value.params);
  params.set("item", key);
  return hrefOf(place.value.path, params);
}

function ItemCell({ item }: { item: Item }) {
  return (
    <th scope="row" class="item-cell">
      <a href={itemHref(item.key)}>{item.title || item.key}</a>
      <p>{item.body}</p>
    </th>
  );
}

function StatusCell({ item }: { item: Item }) {
  if (item.status === "ready") return <span class="quiet">searchable</span>;
  return <span class={item.status === "failed" ? "bad" : "warn"}>{item.status === "failed" ? "failed" : "waiting"}</span>;
}

/** Columns that hold something on this page, in the order the collection declares them. */
function shownFacets(collection: Collection, items: readonly Item[]): string[] {
  const filled = (name: string) => items.some((item) => item.facets[name] !== null && item.facets[name] !== undefined);
  return Object.keys(collection.facets).filter(filled).slice(0, FACET_COLUMNS_MAX);
}

export function ItemsTable({ collection, page, stale }: { collection: Collection; page: Page<Item>; stale: boolean }) {
  const facets = shownFacets(collection, page.data);
  // The usual state goes without saying.
  const waiting = page.data.some((item) => item.status !== "ready");
  const dated = page.data.some((item) => item.happened_at);
  const authored = page.data.some((item) => item.author);
  return (
    <div class="table-scroll" data-stale={stale}>
      <table class="items">
        <thead>
          <tr>
            <th scope="col">Item</th>
            {facets.map((name) => (
              <th key={name} scope="col" class={`wide-only ${collection.facets[name] === "number" ? "number" : ""}`}>
                {facetHeading(name)}
              </th>
            ))}
            {authored && <th scope="col" class="wide-only">author</th>}
            {dated && <th scope="col" class="wide-only">happened</th>}
            {waiting && <th scope="col">status</th>}
          </tr>
        </thead>
        <tbody>
          {page.data.map((item) => (
            <tr key={item.id}>
              <ItemCell item={item} />
              {facets.map((name) => (
                <td key={name} class={`wide-only ${collection.facets[name] === "number" ? "number" : ""}`}>
                  {plain(item.facets[name])}
                </td>
              ))}
              {authored && <td class="wide-only">{plain(item.author)}</td>}
              {dated && <td class="wide-only nowrap">{item.happened_at ? dayOf(item.happened_at) : "–"}</td>}
              {waiting && (
                <td>
                  <StatusCell item={item} />
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
