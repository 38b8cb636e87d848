// One function per call of the public API; screens use these and nothing else.
import type {
  ApiKey, Associations, Cluster, ClusterChange, ClusterDetail, ClusterMember, ClusterOrder, Collection, Distribution,
  Drift, FacetSummary, Filter, Grouping, HealthReport, Insight, InsightDetail, Item, LoadMapping, LoadPreview, MapPoints,
  Model, Operation, Page, PatternKey, Scope, SearchAnalytics, SearchAnswer, SearchRequest, Setting, SimilarRequest,
  Trends,
} from "./api";
import { request, stream, upload } from "./client";

const PREVIEW_BYTES = 64 * 1024;
const COLLECTIONS_MAX = 200;
const FACET_VALUES_MAX = 20;
const PATTERN_VALUES_MAX = 25;
const TRENDS_SHOWN_MAX = 12;
const PARTNERS_SHOWN_MAX = 15;
const INSIGHTS_SHOWN_MAX = 12;

type Signal = AbortSignal | undefined;
type List<T> = { data: T[] };

const named = (name: string): string => `/collections/${encodeURIComponent(name)}`;
const keyed = (name: string, key: string): string => `${named(name)}/items/${encodeURIComponent(key)}`;

export const getHealth = (signal?: Signal) => request<HealthReport>("/health", { signal });

export async function listCollections(signal?: Signal): Promise<Collection[]> {
  return (await request<Page<Collection>>("/collections", { query: { limit: COLLECTIONS_MAX }, signal })).data;
}

export const getCollection = (name: string, signal?: Signal) => request<Collection>(named(name), { signal });

export const createCollection = (name: string, facets: Collection["facets"]) =>
  request<Collection>("/collections", { method: "POST", json: { name, facets } });

export const deleteCollection = (name: string) =>
  request<Record<string, number>>(named(name), { method: "DELETE" });

export async function listFacets(name: string, signal?: Signal): Promise<FacetSummary[]> {
  const query = { limit: FACET_VALUES_MAX };
  return (await request<List<FacetSummary>>(`${named(name)}/facets`, { query, signal })).data;
}

export interface ItemsQuery {
  limit: number;
  after?: string | null;
  filter?: Filter | undefined;
}

/** One facet value has a parameter of its own; anything more is one JSON filter, the same as in a search. */
function filterQuery(filter: Filter | undefined): Record<string, string> {
  if (!filter) return {};
  const { facets = {}, author = [], category = [], ...rest } = filter;
  const single = Object.entries(facets).flatMap(([facet, values]) => (Array.isArray(values) ? values.map((value) => `${facet}:${value}`) : [null]));
  const isSingle = single.length + author.length + category.length === 1 && Object.keys(rest).length === 0;
  if (isSingle && single[0]) return { facet: single[0] };
  if (isSingle && author[0]) return { author: author[0] };
  if (isSingle && category[0]) return { category: category[0] };
  return { filter: JSON.stringify(filter) };
}

export function listItems(name: string, { limit, after, filter }: ItemsQuery, signal?: Signal): Promise<Page<Item>> {
  return request<Page<Item>>(`${named(name)}/items`, { query: { limit, after, ...filterQuery(filter) }, signal });
}

export const getItem = (name: string, key: string, signal?: Signal) => request<Item>(keyed(name, key), { signal });

export const deleteItem = (name: string, key: string) =>
  request<Record<string, number>>(keyed(name, key), { method: "DELETE" });

export const search = (json: SearchRequest, signal?: Signal) =>
  request<SearchAnswer>("/search", { method: "POST", json, reads: true, signal });

export const searchSimilar = (json: SimilarRequest, signal?: Signal) =>
  request<SearchAnswer>("/search/similar", { method: "POST", json, reads: true, signal });

export const analyzeSearches = (signal?: Signal) => request<SearchAnalytics>("/search/analytics", { signal });

/** Tells the server which result was opened; the reader does not wait for it. */
export function noteClick(search_id: string, id: string, rank: number): void {
  request<unknown>("/search/clicks", { method: "POST", json: { search_id, id, rank } }).catch(() => undefined);
}

export function previewLoad(name: string, file: File, signal?: Signal): Promise<LoadPreview> {
  const raw = file.slice(0, PREVIEW_BYTES, "application/octet-stream");
  const query = { filename: file.name };
  return request<LoadPreview>(`${named(name)}/load/preview`, { method: "POST", query, raw, reads: true, signal });
}

export function loadQuery(filename: string, mapping: LoadMapping): Record<string, string | undefined> {
  const join = (value: string | string[] | null | undefined) => (Array.isArray(value) ? value.join(",") : value) || undefined;
  return {
    filename,
    text: join(mapping.text),
    title: join(mapping.title),
    key: join(mapping.key),
    facets: join(mapping.facets),
    time: join(mapping.time),
    place: join(mapping.place),
    author: join(mapping.author),
    category: join(mapping.category),
  };
}

export async function startLoad(
  name: string, file: File, mapping: LoadMapping, onProgress: (sent: number) => void, signal: AbortSignal,
): Promise<string> {
  const query = loadQuery(file.name, mapping);
  const answer = await upload<{ operation: string }>(`${named(name)}/load`, query, file, onProgress, signal);
  return answer.operation;
}

export const listOperations = (limit: number, after?: string | null, signal?: Signal) =>
  request<Page<Operation>>("/operations", { query: { limit, after }, signal });

export const getOperation = (id: string, signal?: Signal) =>
  request<Operation>(`/operations/${encodeURIComponent(id)}`, { signal });

export const cancelOperation = (id: string) =>
  request<Operation>(`/operations/${encodeURIComponent(id)}/cancel`, { method: "POST" });

export function streamOperation(id: string, onChange: (operation: Operation) => void, signal: AbortSignal): Promise<void> {
  return stream(
    `/operations/${encodeURIComponent(id)}/events`,
    ({ data }) => {
      if (data.startsWith("{")) onChange(JSON.parse(data) as Operation);
    },
    signal,
  );
}

export const listPatternKeys = async (collection: string, signal?: Signal) =>
  (await request<List<PatternKey>>("/patterns/keys", { query: { collection }, signal })).data;

export const getDistribution = (collection: string, key: string, signal?: Signal) =>
  request<Distribution>("/patterns/distribution", { query: { collection, key, limit: PATTERN_VALUES_MAX }, signal });

export const findTogether = (collection: string, key: string, value: string, signal?: Signal) =>
  request<Associations>("/patterns/together", { query: { collection, key, value, limit: PARTNERS_SHOWN_MAX }, signal });

export const getTrend = (collection: string, key: string, value: string, signal?: Signal) =>
  request<Trends>("/patterns/trend", { query: { collection, key, value }, signal });

export const listTrends = (collection: string, key: string, signal?: Signal) =>
  request<Trends>("/patterns/trend", { query: { collection, key, limit: TRENDS_SHOWN_MAX }, signal });

/** Two periods of months, each with its first and its last. */
export const getDrift = (collection: string, key: string, before: [string, string], after: [string, string], signal?: Signal) =>
  request<Drift>("/patterns/drift", {
    query: { collection, key, before_first: before[0], before_last: before[1], after_first: after[0], after_last: after[1] },
    signal,
  });

export const listInsights = async (collection: string, signal?: Signal) =>
  (await request<List<Insight>>("/patterns/insights", { query: { collection, limit: INSIGHTS_SHOWN_MAX }, signal })).data;

export const getInsight = (id: string, signal?: Signal) =>
  request<InsightDetail>(`/patterns/insights/${encodeURIComponent(id)}`, { signal });

export const refreshInsights = (collection: string) =>
  request<{ operation: string }>("/patterns/insights/refresh", { method: "POST", json: { collection } });

export const listModels = async (signal?: Signal) => (await request<List<Model>>("/models", { signal })).data;
export const listSettings = async (signal?: Signal) => (await request<List<Setting>>("/settings", { signal })).data;
export const listKeys = async (signal?: Signal) => (await request<List<ApiKey>>("/keys", { signal })).data;

export const createKey = (name: string, scopes: Scope[]) =>
  request<ApiKey>("/keys", { method: "POST", json: { name, scopes } });

export const revokeKey = (id: string) =>
  request<unknown>(`/keys/${encodeURIComponent(id)}`, { method: "DELETE" });

const grouped = (name: string): string => `/clusters/${encodeURIComponent(name)}`;
const cluster = (name: string, id: string): string => `${grouped(name)}/${encodeURIComponent(id)}`;
type Started = { operation: string };

export const getGrouping = (name: string, signal?: Signal) => request<Grouping>(grouped(name), { signal });
export const groupCollection = (name: string) => request<Started>(grouped(name), { method: "PUT", json: {} });
export const refineClusters = (name: string) => request<Started>(`${grouped(name)}/refine`, { method: "POST" });

export function listClusters(name: string, order: ClusterOrder, after: string | null, signal?: Signal): Promise<Page<Cluster>> {
  return request<Page<Cluster>>(`${grouped(name)}/list`, { query: { order, limit: 50, after }, signal });
}

export const getCluster = (name: string, id: string, signal?: Signal) => request<ClusterDetail>(cluster(name, id), { signal });

export const listClusterItems = (name: string, id: string, after: string | null, signal?: Signal) =>
  request<Page<ClusterMember>>(`${cluster(name, id)}/items`, { query: { limit: 50, after }, signal });

export const lockCluster = (name: string, id: string, is_locked: boolean) =>
  request<ClusterDetail>(cluster(name, id), { method: "PATCH", json: { is_locked } });

export const listClusterChanges = async (name: string, signal?: Signal) =>
  (await request<Page<ClusterChange>>(`${grouped(name)}/changes`, { query: { limit: 50 }, signal })).data;

export const undoClusterRun = (name: string, run: string) =>
  request<{ changes: number }>(`${grouped(name)}/runs/${encodeURIComponent(run)}/undo`, { method: "POST" });

export const listGroupedItems = async (name: string, ids: string[], signal?: Signal) =>
  (await request<Page<ClusterMember>>(`${grouped(name)}/items`, { query: { ids: ids.join(",") }, signal })).data;

export const listMapPoints = (name: string, after: string | null, signal?: Signal) =>
  request<MapPoints>(`${grouped(name)}/map`, { query: { after }, signal });
