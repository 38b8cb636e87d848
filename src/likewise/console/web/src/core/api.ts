// The HTTP contract as this console uses it: one type per answer, named as the server names things.
// Offsets in `highlights` and `passage` count Unicode code points.

export interface Page<T> {
  data: T[];
  has_more: boolean;
  next_cursor: string | null;
}

export interface FieldProblem {
  pointer: string;
  detail: string;
}

/** RFC 9457, with the facts the server adds. */
export interface ProblemBody {
  type?: string;
  title?: string;
  status?: number;
  detail?: string;
  code?: string;
  request_id?: string;
  errors?: FieldProblem[];
}

export type FacetType = "keyword" | "keywords" | "number" | "boolean" | "time";
export type FacetValue = string | number | boolean | string[] | null;
export type Metadata = Record<string, unknown>;

export interface Collection {
  id: string;
  name: string;
  item_count: number;
  pending_count: number;
  facets: Record<string, FacetType>;
  language: string;
  metadata: Metadata;
  created_at: string;
  updated_at: string;
}

export interface Place {
  lat: number;
  lon: number;
}

export type ItemStatus = "pending" | "ready" | "failed";

export interface Item {
  id: string;
  key: string;
  version: number;
  title: string | null;
  body: string;
  facets: Record<string, FacetValue>;
  author: string | null;
  category: string | null;
  place: Place | null;
  happened_at: string | null;
  visibility: string;
  metadata: Metadata;
  created_at: string;
  updated_at: string;
  status: ItemStatus;
}

export interface FacetCount {
  value: string | number | boolean;
  count: number;
}

/** Keyword and boolean facets carry `values`; number and time facets carry the range. */
export interface FacetSummary {
  name: string;
  type: FacetType;
  values?: FacetCount[];
  min?: number | string | null;
  max?: number | string | null;
  count?: number;
}

export interface FacetRange {
  gte?: number | string;
  lte?: number | string;
  lt?: number | string;
}

export interface Filter {
  facets?: Record<string, (string | number | boolean)[] | FacetRange>;
  author?: string[];
  category?: string[];
  happened_at?: { gte?: string; lt?: string };
}

export type Arm = "vector" | "lexical" | "trigram";

export interface ArmScore {
  rank: number;
  score: number;
}

export interface Explanation extends Partial<Record<Arm, ArmScore | null>> {
  fused: number;
  facets?: string[] | Record<string, unknown> | null;
}

export interface SearchHit {
  id: string;
  key: string;
  score: number;
  title: string | null;
  text: string;
  passage: { ordinal: number; heading_path: string[]; start: number; end: number } | null;
  facets: Record<string, FacetValue>;
  author: string | null;
  category: string | null;
  place: Place | null;
  happened_at: string | null;
  highlights?: [number, number][];
  explain?: Explanation | null;
}

export interface SearchAnswer extends Page<SearchHit> {
  plan: "exact" | "approximate";
  candidates: number;
  took_ms: number;
  query_cached: boolean;
  search_id?: string;
  corrected?: string | null;
  arms: Arm[];
}

export interface SearchRequest {
  query: string;
  collection: string;
  k: number;
  arms?: Arm[];
  filter?: Filter;
  after?: string;
  explain?: boolean;
  highlight?: boolean;
}

export interface SimilarRequest {
  collection: string;
  key: string;
  k: number;
  filter?: Filter;
  explain?: boolean;
  after?: string;
}

export type OperationStatus = "queued" | "running" | "succeeded" | "failed" | "cancelled";

export interface Progress {
  done: number;
  total: number | null;
  unit?: string | null;
  rejected?: number;
}

/** `refused`: the row stayed out; if not, it went in without what the reason names. */
export interface RowProblem {
  line: number;
  pointer?: string;
  reason: string;
  refused?: boolean;
}

export interface OperationResult {
  collection?: string;
  created?: number;
  updated?: number;
  unchanged?: number;
  rejected?: number;
  warnings?: number;
  /** The first ones; `rejected` and `warnings` count all. */
  problems?: RowProblem[];
  [fact: string]: unknown;
}

export interface Operation {
  id: string;
  kind: string;
  status: OperationStatus;
  progress: Progress | null;
  message: string | null;
  result: OperationResult | null;
  error: ProblemBody | string | null;
  created_at: string;
  started_at: string | null;
  ended_at: string | null;
}

export interface LoadColumn {
  name: string;
  type: string;
  example: unknown;
}

export interface LoadMapping {
  text?: string | null;
  title?: string | null;
  key?: string | null;
  facets?: string[];
  time?: string | null;
  place?: string | string[] | null;
  author?: string | null;
  category?: string | null;
}

export interface LoadPreview {
  format: string;
  columns: LoadColumn[];
  suggestion: LoadMapping | null;
  /** What a person should know before loading. */
  notes?: string[];
}

export interface QueryFigures {
  query: string;
  searches: number;
  without_results: number;
  clicked: number;
}

export interface SearchAnalytics {
  totals: {
    searches: number;
    without_results: number;
    click_through: number | null;
    cached_share: number | null;
    latency_p95_ms: number | null;
  };
  top: QueryFigures[];
  without_results: QueryFigures[];
  top_of_months: QueryFigures[];
  recall: { recall: number; ef_search: number } | null;
}

export interface Model {
  space_id: number;
  model: string;
  version: string;
  dimension: number;
  active: boolean;
  state: "serving" | "filling" | "ready" | "previous" | "dropping" | "unused";
  waiting: number;
  failed: number;
  description: string;
}

export type Scope = "read" | "write" | "admin";

export interface ApiKey {
  id: string;
  name: string;
  scopes: Scope[];
  created_at?: string;
  hint?: string;
  used_at?: string | null;
  /** Present once, in the answer to the creation. */
  key?: string;
}

export interface Setting {
  name: string;
  value: unknown;
  origin: "default" | "file" | "environment" | "flag";
  unit?: string | null;
  description: string;
}

export type HealthStatus = "ok" | "degraded" | "failing";

export interface HealthCheck {
  name: string;
  status: HealthStatus;
  summary: string;
  fix?: string | null;
  value?: number | null;
  limit?: number | null;
}

export interface HealthReport {
  status: HealthStatus;
  as_of: string;
  checks: HealthCheck[];
  figures: {
    items: number;
    passages: number;
    pending: number;
    database_bytes: number;
    collections: number;
  };
}

export interface PatternKey {
  key: string;
  item_count: number;
  value_count: number;
}

/** A value, its share of the items whose key is known, and the 95 % interval of that share. */
export interface ValueCount {
  value: string;
  count: number;
  share: number;
  share_low: number;
  share_high: number;
}

export interface Distribution {
  key: string;
  item_count: number;
  known_count: number;
  group_items_min: number;
  data: ValueCount[];
}

export interface Association {
  key: string;
  value: string;
  count: number;
  share: number;
  background_share: number;
  lift: number;
  lift_low: number;
  lift_high: number;
  q: number;
  significant: boolean;
}

export interface Associations {
  group: string;
  item_count: number;
  tested: number;
  data: Association[];
}

export interface TrendPoint {
  month: string;
  count: number | null;
  known: number | null;
  share: number | null;
}

export interface Trend {
  value: string;
  share: number;
  slope_per_year: number;
  slope_low: number;
  slope_high: number;
  q: number;
  significant: boolean;
  points: TrendPoint[];
}

export interface Trends {
  tested: number;
  data: Trend[];
}

export interface DriftValue {
  value: string;
  count_before: number | null;
  count_after: number | null;
  share_before: number;
  share_after: number;
  change: number;
  change_low: number;
  change_high: number;
  q: number;
}

export interface Drift {
  before: string;
  after: string;
  items_before: number;
  items_after: number;
  divergence_bits: number;
  p: number;
  data: DriftValue[];
}

export interface Insight {
  id: string;
  kind: "association" | "place" | "period" | "category" | "trend" | "drift";
  sentence: string;
  strength: number;
  first_seen: string;
}

export interface InsightDetail {
  insight: Insight;
  evidence: string[];
}

export interface Grouping {
  threshold: number | null;
  size_min: number;
  linkage: "centroid" | "exemplar";
  fitted_threshold: number;
  fitted_resolution: number;
  fitted_at: string | null;
  text_count: number;
  is_refining: boolean;
}

export interface ClusterMember {
  id: string;
  key: string;
  title: string | null;
  body: string;
  similarity: number;
  reason: "identical" | "near_verbatim" | "meaning" | "new" | "refined" | "person";
  seen_at: string;
}

export interface Cluster {
  id: string;
  label: string;
  name: string | null;
  words: string[];
  item_count: number;
  text_count: number;
  outlier_count: number;
  spread: number;
  trend: number;
  first_seen_at: string;
  last_seen_at: string;
  is_locked: boolean;
  acted_at: string | null;
  exemplars: ClusterMember[];
}

export interface ClusterDetail extends Cluster {
  threshold: number;
  outliers: ClusterMember[];
  note: string | null;
  created_at: string;
}

export type ClusterOrder = "size" | "trend" | "newest";

export interface ClusterChange {
  id: string;
  run: string;
  kind: "merge" | "split" | "move";
  actor: "person" | "refinement";
  from_cluster: string;
  to_cluster: string;
  text_count: number;
  created_at: string;
  undone_at: string | null;
}

/** Points in columns; `cluster` counts into `clusters`. */
export interface MapPoints {
  ids: string[];
  x: number[];
  y: number[];
  items: number[];
  cluster: number[];
  clusters: string[];
  has_more: boolean;
  next_cursor: string | null;
}
