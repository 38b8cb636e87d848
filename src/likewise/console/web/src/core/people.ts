// The calls of the API about people and feeds, and what they answer.
import type { Page } from "./api";
import { request } from "./client";

type Signal = AbortSignal | undefined;

export type Likeness = "meaning" | "categories" | "taste";

export interface Profile {
  user: string;
  categories: Record<string, number>;
  written: number;
  liked: number;
  last_at: string | null;
  updated_at: string;
  known_by: Likeness[];
}

export interface SharedGround {
  categories: string[];
  items: { key: string; title: string }[];
}

export interface SimilarUser {
  user: string;
  similarity: number;
  shared: SharedGround | null;
}

export interface Recommendation {
  id: string;
  key: string;
  title: string;
  text: string;
  author: string | null;
  category: string | null;
  score: number;
  reasons: { kind: string; text: string; share: number }[];
  sources: string[];
}

export interface FeedAnswer {
  user: string;
  data: Recommendation[];
  candidates: number;
  weights: "default" | "learned";
  took_ms: number;
}

export interface FeedRequest {
  collection: string;
  user: string;
  k: number;
  less: string[];
  is_recorded: boolean;
}

export const listPeople = (collection: string, limit: number, after: string | null, signal?: Signal) =>
  request<Page<Profile>>("/recommend/people", { query: { collection, limit, after }, signal });

export const getProfile = (collection: string, user: string, signal?: Signal) =>
  request<Profile>("/recommend/profile", { query: { collection, user }, signal });

export const listSimilar = async (collection: string, user: string, by: Likeness, k: number, signal?: Signal) =>
  (await request<{ data: SimilarUser[] }>("/recommend/similar", { query: { collection, user, by, k }, signal })).data;

export const getFeed = (json: FeedRequest, signal?: Signal) =>
  request<FeedAnswer>("/recommend/feed", { method: "POST", json, reads: true, signal });

export const showLess = (json: FeedRequest) => request<FeedAnswer>("/recommend/less", { method: "POST", json });
