// The calls of the API that look into a community: feed, search, people, trending, patterns, and what they answer.
import type { Association, Drift, DriftValue, Page, Trend, ValueCount } from "./api";
import { request } from "./client";
import type { Experience, Signal, Value } from "./community";

export type Likeness = "meaning" | "categories" | "taste";

export interface Reason {
  kind: string;
  text: string;
  share: number;
  /** The experience that led to it, where one did. */
  experience: string | null;
}

export interface FeedEntry {
  experience: Experience;
  score: number;
  reasons: Reason[];
}

export interface CommunityFeed {
  user: string;
  data: FeedEntry[];
  candidates: number;
  took_ms: number;
}

export interface TrendingEntry {
  experience: Experience;
  score: number;
  age_hours: number;
}

export interface Dna {
  /** Shares by name, largest first. */
  categories: Record<string, number>;
  top: string[];
  told: number;
  turned_to: number;
  total: number;
  known_by: string[];
  last_at: string | null;
}

export interface MemberRow {
  user: string;
  name: string | null;
  about: string | null;
  created_at: string;
}

export interface Member extends MemberRow {
  experiences: number;
  comments: number;
  dna: Dna | null;
}

export interface SimilarMember {
  user: string;
  name: string | null;
  similarity: number;
  categories: string[];
  experiences: { id: string; title: string }[];
}

export interface SimilarMembers {
  by: Likeness;
  known_by: Likeness[];
  data: SimilarMember[];
}

export interface AttributeWish {
  key: string;
  values?: Value[];
  gte?: number | null;
  lte?: number | null;
}

export interface ExperienceWish {
  category?: string[];
  attributes?: AttributeWish[];
  tags?: string[];
  author?: string[];
  near?: { lat: number; lon: number; radius_km: number } | null;
  happened?: { gte?: string; lt?: string } | null;
}

export interface Hit {
  experience: Experience;
  score: number;
  /** The stretch of the text it was found by; `highlights` are spans of it. */
  passage: string;
  start: number;
  highlights: [number, number][];
}

export interface CommunitySearch extends Page<Hit> {
  took_ms: number;
  corrected?: string | null;
}

export interface SearchBody {
  query: string;
  wish: ExperienceWish;
  k: number;
  viewer?: string | null;
  after?: string | null;
}

type Titled<T> = T & { title: string };
export type CommunityAssociation = Association & { key_title: string; value_title: string };
export type CommunityTrend = Titled<Trend>;
export type CommunityDrift = Omit<Drift, "data"> & { data: Titled<DriftValue>[] };

export interface PatternKey {
  key: string;
  title: string;
  item_count: number;
  value_count: number;
}

/** Whose patterns: everybody's, or of those with a value, of a category, of a period, near a point. */
export interface GroupQuery {
  segment?: string | null;
  category?: string | null;
  first?: string | null;
  last?: string | null;
  place?: string | null;
}

export interface Distribution {
  key: string;
  title: string;
  group: string;
  item_count: number;
  known_count: number;
  group_items_min: number;
  data: Titled<ValueCount>[];
}

export interface Associations {
  group: string;
  item_count: number;
  tested: number;
  data: CommunityAssociation[];
}

/** A share of a group beside that of the background; what compares them is null where the group is everything. */
export interface Against {
  count: number;
  share: number;
  background_count: number | null;
  background_share: number | null;
  lift: number | null;
  lift_low: number | null;
  lift_high: number | null;
  q: number | null;
  significant: boolean;
}

export interface MapCell extends Against {
  title: string;
  south: number;
  west: number;
  north: number;
  east: number;
}

export interface PatternMap {
  group: string;
  degrees: number;
  item_count: number;
  placed_count: number;
  data: MapCell[];
}

/** Categories, months, months of the calendar or places of a group, most first. */
export interface Contexts {
  group: string;
  item_count: number;
  known_count: number;
  data: (Titled<Against> & { value: string })[];
}

export interface Moments {
  group: string;
  item_count: number;
  months: Contexts;
  calendar: Contexts;
  keys: Record<string, CommunityAssociation[]>;
}

export interface Insight {
  id: string;
  kind: string;
  sentence: string;
  strength: number;
  first_seen: string;
}

export interface InsightDetail {
  insight: Insight;
  evidence: Experience[];
}

const ROOT = "/community";
const memberPath = (user: string): string => `${ROOT}/people/${encodeURIComponent(user)}`;

export const listMembers = (query: { limit: number; after?: string | null }, signal?: Signal) =>
  request<Page<MemberRow>>(`${ROOT}/people`, { query, signal });

export const getMember = (user: string, signal?: Signal) => request<Member>(memberPath(user), { signal });

export const listSimilarMembers = (user: string, by: Likeness, k: number, signal?: Signal) =>
  request<SimilarMembers>(`${memberPath(user)}/similar`, { query: { by, k }, signal });

export const getCommunityFeed = (user: string, k: number, signal?: Signal) =>
  request<CommunityFeed>(`${memberPath(user)}/feed`, { method: "POST", json: { k, is_recorded: false }, reads: true, signal });

export const listTrending = async (k: number, signal?: Signal) =>
  (await request<{ data: TrendingEntry[] }>(`${ROOT}/trending`, { query: { k }, signal })).data;

export const searchCommunity = (json: SearchBody, signal?: Signal) =>
  request<CommunitySearch>(`${ROOT}/search`, { method: "POST", json, reads: true, signal });

export const listAlike = async (id: string, k: number, signal?: Signal) =>
  (await request<{ data: Hit[] }>(`${ROOT}/experiences/${encodeURIComponent(id)}/similar`, { query: { k }, signal })).data;

const pattern = <T>(name: string, query: object, signal?: Signal): Promise<T> =>
  request<T>(`${ROOT}/patterns/${name}`, { query: { ...query }, signal });

export const listCommunityKeys = async (signal?: Signal) => (await pattern<{ data: PatternKey[] }>("keys", {}, signal)).data;

export const getCommunityDistribution = (key: string, group: GroupQuery, signal?: Signal) =>
  pattern<Distribution>("distribution", { key, ...group, limit: 40 }, signal);

export const findCommunityAssociations = (group: GroupQuery, signal?: Signal) =>
  pattern<Associations>("associations", { ...group, limit: 15 }, signal);

export const listCommunityTrends = async (key: string, value: string | null, signal?: Signal) =>
  (await pattern<{ data: CommunityTrend[] }>("trend", { key, value, limit: 8 }, signal)).data;

export const getCommunityDrift = (key: string, before: [string, string], after: [string, string], signal?: Signal) =>
  pattern<CommunityDrift>("drift", { key, before_first: before[0], before_last: before[1], after_first: after[0], after_last: after[1] }, signal);

export const getPatternMap = (group: GroupQuery, signal?: Signal) => pattern<PatternMap>("map", group, signal);

export const getMoments = (group: GroupQuery, signal?: Signal) => pattern<Moments>("when", group, signal);

export const getContexts = (by: "category" | "month" | "calendar" | "place", group: GroupQuery, signal?: Signal) =>
  pattern<Contexts>("contexts", { by, ...group }, signal);

export const listCommunityInsights = async (signal?: Signal) => (await pattern<{ data: Insight[] }>("insights", { limit: 12 }, signal)).data;

export const getCommunityInsight = (id: string, signal?: Signal) =>
  pattern<InsightDetail>(`insights/${encodeURIComponent(id)}`, {}, signal);

export const refreshCommunityPatterns = () => request<{ operation: string }>(`${ROOT}/patterns/refresh`, { method: "POST", json: {} });
