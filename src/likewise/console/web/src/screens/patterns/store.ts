// What the patterns screen shows; the address says of which collection, key and value.
import type { Associations, Collection, Distribution, Insight, PatternKey, Trend } from "../../core/api";
import { findTogether, getDistribution, getTrend, listCollections, listInsights, listPatternKeys } from "../../core/endpoints";
import { resource } from "../../core/resource";

export interface Asked {
  collection: string;
  key: string;
  value: string;
}

export interface ValueFacts {
  together: Associations;
  trend: Trend | null;
}

export const collections = resource<Collection[]>();
export const keys = resource<PatternKey[]>();
export const insights = resource<Insight[]>();
export const distribution = resource<Distribution>();
export const valueFacts = resource<ValueFacts>();

export const askedBy = (params: URLSearchParams): Asked => ({
  collection: params.get("c") ?? collections.data.value?.[0]?.name ?? "",
  key: params.get("key") ?? keys.data.value?.[0]?.key ?? "",
  value: params.get("value") ?? "",
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
