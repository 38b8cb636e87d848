// Questions in plain words: what the server tells while it answers, and one call.
import type { Place } from "./api";
import { Problem, stream } from "./client";
import type { Counters } from "./community";

export interface DiscoveryPlan {
  sentence: string;
  understood: { words: string; meaning: string }[];
  notes: string[];
}

/** An experience in short; `value` is the number it is ordered by. */
export interface DiscoveryCard {
  id: string;
  title: string;
  text: string;
  category: string;
  category_title: string;
  author: string;
  author_name: string | null;
  place: Place | null;
  place_name: string;
  happened_at: string | null;
  counters: Counters;
  value: number | null;
  score: number | null;
}

export interface Spread {
  least: number;
  quarter: number;
  median: number;
  three_quarters: number;
  most: number;
}

/** `is_whole` false: there were more than are looked at. */
interface Counted {
  is_whole: boolean;
}

export interface RowsResult {
  kind: "rows";
  rows: DiscoveryCard[];
  value_key: string | null;
  to: DiscoveryCard | null;
}

export interface NumberResult extends Counted {
  kind: "number";
  value: number;
  of: number;
  share: number | null;
  authors: number;
  first_at: string | null;
  last_at: string | null;
  experiences: string[];
  together: {
    first: string;
    second: string;
    first_count: number;
    second_count: number;
    both: number;
    known: number;
    share_of_first: number | null;
    share_of_second: number | null;
    expected: number | null;
    lift: number | null;
    p: number | null;
    is_sure: boolean;
    is_too_few: boolean;
  } | null;
}

export interface BarsResult extends Counted {
  kind: "bars";
  key: string;
  label: string;
  unit: string;
  total: number;
  known: number;
  bars: { value: string; label: string; count: number; share: number | null; other_share: number | null; lift: number | null; is_sure: boolean | null }[];
  is_ordered: boolean;
  spread: Spread | null;
  is_too_few: boolean;
  experiences: string[];
}

export interface LineResult extends Counted {
  kind: "line";
  by: "month" | "year";
  total: number;
  of: number;
  points: { period: string; count: number; of: number; share: number | null }[];
  direction: "rising" | "falling" | "steady" | "too_few";
  share_per_year: number | null;
  share_per_year_low: number | null;
  share_per_year_high: number | null;
}

export interface MapResult extends Counted {
  kind: "map";
  total: number;
  placed: number;
  /** The middle of each, its side in degrees. */
  cells: { lat: number; lon: number; degrees: number; count: number; share: number }[];
  places: { name: string; lat: number | null; lon: number | null; count: number }[];
}

export interface PeopleResult extends Counted {
  kind: "people";
  people: { user: string; name: string | null; count: number | null; share: number | null; similarity: number | null; categories: string[]; experiences: string[] }[];
  total: number | null;
}

export interface Side {
  label: string;
  count: number;
  known: number | null;
  spread: Spread | null;
}

export interface CompareResult extends Counted {
  kind: "compare";
  key: string | null;
  label: string;
  unit: string;
  left: Side;
  right: Side;
  rows: { key: string; value: string; label: string; left_share: number; right_share: number; q: number; is_sure: boolean }[];
  is_too_few: boolean;
}

export interface InsightsResult {
  kind: "insights";
  insights: { id: string; kind: string; sentence: string; strength: number }[];
}

export type DiscoveryResult = RowsResult | NumberResult | BarsResult | LineResult | MapResult | PeopleResult | CompareResult | InsightsResult;

/** What a step (from 1) found, or why it could find nothing. */
export interface DiscoveryFound {
  step: number;
  tool: string;
  title: string;
  result: DiscoveryResult | null;
  problem: string | null;
}

export interface DiscoveryRefusal {
  sentence: string;
  suggestions: string[];
}

export type DiscoveryEvent =
  | { kind: "plan"; plan: DiscoveryPlan }
  | { kind: "refusal"; refusal: DiscoveryRefusal }
  | { kind: "found"; found: DiscoveryFound }
  | { kind: "text"; text: string };

export interface DiscoveryQuestion {
  question: string;
  history: string[];
  user?: string;
}

function read(event: string, data: string): DiscoveryEvent | null {
  switch (event) {
    case "plan":
      return { kind: "plan", plan: JSON.parse(data) as DiscoveryPlan };
    case "refusal":
      return { kind: "refusal", refusal: JSON.parse(data) as DiscoveryRefusal };
    case "result":
      return { kind: "found", found: JSON.parse(data) as DiscoveryFound };
    case "text":
      return { kind: "text", text: (JSON.parse(data) as { text: string }).text };
    default:
      return null;
  }
}

/** Resolves at the end of the answer. Throws Problem, or the AbortError of a question that was stopped. */
export async function askCommunity(asked: DiscoveryQuestion, onEvent: (event: DiscoveryEvent) => void, signal: AbortSignal): Promise<void> {
  let isDone = false;
  const hear = ({ event, data }: { event: string; data: string }): void => {
    isDone ||= event === "done";
    const told = read(event, data);
    if (told) onEvent(told);
  };
  await stream("/community/discovery", hear, signal, undefined, asked);
  if (!isDone) throw new Problem(0, { detail: "The answer broke off before its end. Ask again." }, null);
}
