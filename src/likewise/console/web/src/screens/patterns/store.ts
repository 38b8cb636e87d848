// What the patterns screen shows; the address says of which collection, key and value.
import type { Associations, Collection, Distribution, Drift, Insight, PatternKey, Trend } from "../../core/api";
import {
  findTogether, getDistribution, getDrift, getTrend, listCollections, listInsights, listPatternKeys, listTrends,
} from "../../core/endpoints";
import { resource } from "../../core/resource";

export interface Asked {
  collection: string;
  key: string;
  value: string;
  /** The month that divides before from after; empty for the middle one. */
  since: string;
}

export interface ValueFacts {
  together: Associations;
  trend: Trend | null;
}

/** How a key moves: its values' trends, the months there are, and the months before `since` against those from it on. */
export interface Movement {
  trends: Trend[];
  months: string[];
  since: string;
  drift: Drift | null;
}

export const collections = resource<Collection[]>();
export const keys = resource<PatternKey[]>();
export const insights = resource<Insight[]>();
export const distribution = resource<Distribution>();
export const valueFacts = resource<ValueFacts>();
export const movement = resource<Movement>();

export const askedBy = (params: URLSearchParams): Asked => ({
  collection: params.get("c") ?? collections.data.value?.[0]?.name ?? "",
  key: params.get("key") ?? keys.data.value?.[0]?.key ?? "",
  value: params.get("value") ?? "",
  since: params.get("since") ?? "",
});

export const loadCollections = (): Promise<void> => collections.run(listCollections);

export async function loadCollection(collection: string): Promise<void> {
  await Promise.all([
    keys.run((abort) => listPatternKeys(collection, abort)),
    insights.run((abort) => listInsights(collection, abort)),
  ]);
}

export const loadKey = (collection: string, key: string): Promise<void> =>
  distribution.run((abort) => getDistribution(collection, key, abort));

export const loadValue = (collection: string, key: string, value: string): Promise<void> =>
  valueFacts.run(async (abort) => {
    const [together, trends] = await Promise.all([
      findTogether(collection, key, value, abort),
      getTrend(collection, key, value, abort),
    ]);
    return { together, trend: trends.data[0] ?? null };
  });

export const loadMovement = (collection: string, key: string, asked: string): Promise<void> =>
  movement.run(async (abort) => {
    // Another month to divide by changes nothing about the trends; another key clears them.
    const trends = movement.data.value?.trends ?? (await listTrends(collection, key, abort)).data;
    const months = trends[0]?.points.map(({ month }) => month) ?? [];
    const wish = months.indexOf(asked);
    const at = wish > 0 ? wish : Math.floor(months.length / 2);
    const [first, last, since] = [months[0], months.at(-1), months[at]];
    const until = months[at - 1];
    if (!first || !last || !since || !until) return { trends, months, since: "", drift: null };
    return { trends, months, since, drift: await getDrift(collection, key, [first, until], [since, last], abort) };
  });
