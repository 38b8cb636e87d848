// The calls of the API about a community's experiences, what people do with them and moderation, and what they answer.
import type { Page, Place } from "./api";
import { request } from "./client";

export type Signal = AbortSignal | undefined;

export type Value = string | number | boolean;
export type SubjectKind = "experience" | "comment";
export type ReportReason = "spam" | "abuse" | "false" | "private" | "off_topic" | "other";
export type DecisionKind = "hide" | "show" | "clear";
export type ExperienceOrder = "newest" | "happened" | "upvotes" | "comments" | "views";

export interface Counters {
  upvotes: number;
  comments: number;
  views: number;
}

export interface Experience {
  id: string;
  key: string;
  author: string;
  author_name: string | null;
  title: string;
  text: string;
  category: string;
  tags: string[];
  place: Place | null;
  place_name: string;
  happened_at: string | null;
  state: "public" | "private" | "hidden";
  hidden_reason: string | null;
  metadata: Record<string, unknown>;
  counters: Counters;
  created_at: string;
  edited_at: string | null;
}

/** What is known of an experience; `words` stand in `field` from `start` to `end`, counted in code points. */
export interface Attribute {
  key: string;
  value: Value;
  confidence: number;
  source: "author" | "extracted" | "model";
  is_counted: boolean;
  field: "" | "title" | "text";
  start: number;
  end: number;
  words: string;
}

export interface Category {
  name: string;
  title: string;
  description: string;
  count: number;
  extracts: string[];
}

export interface AttributeKey {
  key: string;
  kind: string;
  count: number;
}

export interface AttributeValueCount {
  value: string;
  count: number;
}

export interface Comment {
  id: string;
  experience: string;
  author: string;
  author_name: string | null;
  text: string;
  is_hidden: boolean;
  hidden_reason: string | null;
  created_at: string;
  edited_at: string | null;
}

/** Sizes are those of the large one. */
export interface Picture {
  id: string;
  alt: string;
  width: number;
  height: number;
  large: string;
  small: string;
}

/** Something reported, hidden or both; `subject` is the id of the experience or comment in question. */
export interface ReviewCase {
  subject: string;
  kind: SubjectKind;
  experience: string;
  author: string;
  title: string;
  text: string;
  is_hidden: boolean;
  hidden_reason: string | null;
  open_reports: number;
  reasons: Partial<Record<ReportReason, number>>;
  first_report_at: string | null;
  last_report_at: string | null;
}

export interface Report {
  id: string;
  reporter: string;
  reason: ReportReason;
  note: string;
  state: "open" | "upheld" | "dismissed";
  created_at: string;
}

export interface Decision {
  id: string;
  action: DecisionKind;
  actor: string;
  reason: string;
  created_at: string;
}

export interface CaseFile {
  case: ReviewCase;
  reports: Report[];
  decisions: Decision[];
}

const ROOT = "/community";
const one = (id: string): string => `${ROOT}/experiences/${encodeURIComponent(id)}`;

export interface ExperiencesQuery {
  category?: string | null;
  author?: string | null;
  order?: ExperienceOrder;
  viewer?: string | null;
  limit?: number;
  after?: string | null;
}

export const listExperiences = (query: ExperiencesQuery, signal?: Signal) =>
  request<Page<Experience>>(`${ROOT}/experiences`, { query: { ...query }, signal });

export const getExperience = (id: string, viewer: string | null, signal?: Signal) =>
  request<Experience>(one(id), { query: { viewer }, signal });

export const listAttributes = async (id: string, viewer: string | null, signal?: Signal) =>
  (await request<{ data: Attribute[] }>(`${one(id)}/attributes`, { query: { viewer }, signal })).data;

export const listPictures = async (id: string, viewer: string | null, signal?: Signal) =>
  (await request<{ data: Picture[] }>(`${one(id)}/media`, { query: { viewer }, signal })).data;

export const addPicture = (id: string, raw: Blob, alt: string) =>
  request<Picture>(`${one(id)}/media`, { method: "POST", query: { alt }, raw });

export const listComments = (id: string, viewer: string | null, after: string | null, signal?: Signal) =>
  request<Page<Comment>>(`${one(id)}/comments`, { query: { limit: 50, viewer, after }, signal });

export const writeComment = (id: string, author: string, text: string) =>
  request<Comment>(`${one(id)}/comments`, { method: "POST", json: { author, text } });

export const setUpvote = (id: string, user: string, isOn: boolean) =>
  request<unknown>(`${one(id)}/upvotes/${encodeURIComponent(user)}`, { method: isOn ? "PUT" : "DELETE" });

export const noteView = (id: string, user: string) => request<unknown>(`${one(id)}/views`, { method: "POST", json: { user } });

export const wishLess = (id: string, user: string) => request<unknown>(`${one(id)}/less`, { method: "POST", json: { user } });

export const report = (kind: SubjectKind, id: string, reporter: string, reason: ReportReason, note: string) =>
  request<unknown>(`${ROOT}/${kind}s/${encodeURIComponent(id)}/reports`, { method: "POST", json: { reporter, reason, note } });

export const listCategories = async (signal?: Signal) =>
  (await request<{ data: Category[] }>(`${ROOT}/categories`, { signal })).data;

export const listAttributeKeys = async (signal?: Signal) =>
  (await request<{ data: AttributeKey[] }>(`${ROOT}/attributes`, { signal })).data;

export const listAttributeValues = async (key: string, signal?: Signal) =>
  (await request<{ data: AttributeValueCount[] }>(`${ROOT}/attributes/${encodeURIComponent(key)}`, { signal })).data;

export const listCases = (after: string | null, signal?: Signal) =>
  request<Page<ReviewCase>>(`${ROOT}/moderation/cases`, { query: { limit: 50, after }, signal });

export const getCase = (kind: SubjectKind, id: string, signal?: Signal) =>
  request<CaseFile>(`${ROOT}/moderation/cases/${kind}/${encodeURIComponent(id)}`, { signal });

export const decide = (action: DecisionKind, subject: string, reason: string) =>
  request<Decision>(`${ROOT}/moderation/${action}`, { method: "POST", json: { subject, reason } });
