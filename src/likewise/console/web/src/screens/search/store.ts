// The state of a search is the address; this turns an address into calls and keeps their answers.
import { signal } from "@preact/signals";
import type { Arm, Collection, FacetSummary, SearchAnswer, SearchRequest } from "../../core/api";
import { listCollections, listFacets, search, searchSimilar } from "../../core/endpoints";
import { readFilters, toFilter } from "../../core/filters";
import { patchParams, place } from "../../core/router";
import { resource } from "../../core/resource";
import { plural } from "../../core/format";
import { announce } from "../../ui/announce";

export const ARMS: readonly { arm: Arm; label: string; about: string }[] = [
  { arm: "vector", label: "Meaning", about: "Closest by sentence vector" },
  { arm: "lexical", label: "Words", about: "Same words, any form" },
  { arm: "trigram", label: "Spelling", about: "Similar letters: typos and names" },
];

export const PAGE_SIZES = [10, 25, 50] as const;
const STORE = "likewise.collection";

/** What an address asks for; `like` is an item's key and stands in the place of a query. */
export interface Asked {
  collection: string;
  query: string;
  like: string | null;
  k: number;
  explain: boolean;
}

export interface Answered {
  asked: Asked;
  answer: SearchAnswer;
}

export const collections = resource<Collection[]>();
export const facets = resource<FacetSummary[]>();
export const answered = resource<Answered>();
export const armAnswers: Record<Arm, ReturnType<typeof resource<SearchAnswer>>> = {
  vector: resource(),
  lexical: resource(),
  trigram: resource(),
};
/** The item under the pointer or the focus, marked in every list it is in. */
export const hotKey = signal<string | null>(null);

export function askedBy(params: URLSearchParams): Asked {
  const k = Number(params.get("k"));
  return {
    collection: params.get("c") ?? "",
    query: (params.get("q") ?? "").trim(),
    like: params.get("like"),
    k: PAGE_SIZES.find((size) => size === k) ?? PAGE_SIZES[0],
    explain: params.get("explain") === "1",
  };
}

function currentFilter() {
  const types = collections.data.value?.find(({ name }) => name === place.value.params.get("c"))?.facets ?? {};
  return toFilter(readFilters(place.value.params), types);
}

/** The body that the present address sends; the snippets show the same. */
export function requestBody(asked: Asked): SearchRequest {
  const filter = currentFilter();
  return { query: asked.query, collection: asked.collection, k: asked.k, ...(filter && { filter }) };
}

async function ask(asked: Asked, after: string | undefined, abort: AbortSignal): Promise<SearchAnswer> {
  const { query, ...shared } = requestBody(asked);
  const more = { ...shared, explain: asked.explain, ...(after && { after }) };
  if (asked.like !== null) return searchSimilar({ ...more, key: asked.like }, abort);
  return search({ ...more, query, highlight: true }, abort);
}

function clearArms(): void {
  for (const { arm } of ARMS) armAnswers[arm].clear();
}

/** Answers the present address. Every call before it is cancelled, so an answer is never older than the question shown. */
export async function refresh(): Promise<void> {
  const asked = askedBy(place.value.params);
  if (!asked.collection || (!asked.query && asked.like === null)) {
    answered.clear();
    clearArms();
    return;
  }
  if (asked.explain && asked.like === null) {
    const body = requestBody(asked);
    for (const { arm } of ARMS) void armAnswers[arm].run((abort) => search({ ...body, arms: [arm], highlight: true }, abort));
  } else clearArms();
  await answered.run(async (abort) => ({ asked, answer: await ask(asked, undefined, abort) }));
  const found = answered.data.value?.answer.data.length;
  if (found !== undefined && !answered.problem.value) announce(plural(found, "result"));
}

export function loadMore(): Promise<void> {
  const shown = answered.data.value;
  const after = shown?.answer.next_cursor;
  if (!shown || !after) return Promise.resolve();
  return answered.run(async (abort) => {
    const next = await ask(shown.asked, after, abort);
    return { asked: shown.asked, answer: { ...next, data: [...shown.answer.data, ...next.data] } };
  });
}

/** The collection of the address, else the one used last, else the largest. */
function chooseCollection(all: readonly Collection[]): void {
  if (place.value.params.get("c") || all.length === 0) return;
  const last = localStorage.getItem(STORE);
  const largest = [...all].sort((a, b) => b.item_count - a.item_count)[0];
  const chosen = all.find(({ name }) => name === last) ?? largest;
  if (chosen) patchParams({ c: chosen.name }, true);
}

export async function refreshCollections(): Promise<void> {
  await collections.run(listCollections);
  if (place.value.path === "/search") chooseCollection(collections.data.value ?? []);
}

export function keepDefault(): void {
  chooseCollection(collections.data.value ?? []);
}

export function openCollection(name: string): void {
  localStorage.setItem(STORE, name);
  void facets.run((abort) => listFacets(name, abort));
}
