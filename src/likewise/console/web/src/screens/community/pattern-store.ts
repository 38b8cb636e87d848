// What the patterns are asked for, as the address writes it, and what was answered.
import {
  findCommunityAssociations, getCommunityDistribution, getCommunityDrift, getContexts, getMoments, getPatternMap, listCommunityInsights, listCommunityKeys,
  listCommunityTrends, type Against, type Associations, type CommunityDrift, type CommunityTrend, type Distribution, type GroupQuery, type Insight, type PatternKey, type PatternMap,
} from "../../core/community-reading";
import { facetLabel } from "../../core/format";
import { resource } from "../../core/resource";
import { hrefOf, patchParams, place } from "../../core/router";

/** Months looked at on either side of a day that divides before from since. */
const SIDE_MONTHS = 120;
const GROUP_NAMES = ["segment", "category", "first", "last", "place"] as const;
export type GroupName = (typeof GROUP_NAMES)[number];

/** A part of the year, the week or the day: its share, and where a group is looked at, how that is usual. */
export type WhenPart = Pick<Against, "count" | "share" | "background_share" | "lift" | "significant"> & { value: string; title: string };

export interface When {
  group: string;
  parts: { key: string; title: string; rows: WhenPart[] }[];
}

export interface Movement {
  trends: CommunityTrend[];
  months: string[];
  since: string;
  drift: CommunityDrift | null;
}

export const keys = resource<PatternKey[]>();
export const insights = resource<Insight[]>();
export const distribution = resource<Distribution>();
export const together = resource<Associations>();
export const movement = resource<Movement>();
export const moments = resource<When>();
export const map = resource<PatternMap>();

/** Every experience that has a time has these, so they say least of this community. */
const COMMONPLACE = new Set(["season", "weekday", "time_of_day", "hour"]);

/** The key that is looked at: the address's, else that of the chosen value, else the commonest that is not commonplace. */
export function keyOf(params: URLSearchParams): string {
  const known = keys.data.value ?? [];
  const telling = known.find(({ key }) => !COMMONPLACE.has(key)) ?? known[0];
  return params.get("key") ?? params.get("segment")?.split(":")[0] ?? telling?.key ?? "";
}

export const titleOfKey = (key: string): string => keys.data.value?.find((one) => one.key === key)?.title ?? facetLabel(key);

export function groupOf(params: URLSearchParams): GroupQuery {
  const given = GROUP_NAMES.flatMap((name) => (params.get(name) ? [[name, params.get(name)] as const] : []));
  return Object.fromEntries(given);
}

export const isEverything = (group: GroupQuery): boolean => Object.keys(group).length === 0;

/** The value that is looked at, if it is one of this key. */
export function valueOf(params: URLSearchParams, key: string): string | null {
  const segment = params.get("segment");
  return segment?.startsWith(`${key}:`) ? segment.slice(key.length + 1) : null;
}

/** Turns to another group; there is one at a time. */
export function chooseGroup(group: Partial<Record<GroupName, string>>): void {
  patchParams({ ...Object.fromEntries(GROUP_NAMES.map((name) => [name, null])), since: null, ...group });
}

export const segmentHref = (key: string, value: string): string => hrefOf("/community/patterns", new URLSearchParams({ key, segment: `${key}:${value}` }));

/** In words, as a heading ends: "shape triangle", "2013-06 to 2013-08". */
export function groupWords({ segment, category, first, last, place: point }: GroupQuery, categoryTitle: (name: string) => string): string {
  if (segment) return segment.replace(":", ": ").replaceAll("_", " ");
  if (category) return categoryTitle(category);
  if (first || last) return first === last || !last ? `${first}` : `${first ?? "the beginning"} to ${last}`;
  return point ? `the area around ${point.replace(",", ", ")}` : "everything";
}

export async function loadOnce(): Promise<void> {
  await Promise.all([keys.run(listCommunityKeys), insights.run(listCommunityInsights)]);
}

export function loadKey(key: string, group: GroupQuery): Promise<void> {
  // The values of a key among those with one of its values would be that value alone.
  const among = group.segment?.startsWith(`${key}:`) ? {} : group;
  return distribution.run((abort) => getCommunityDistribution(key, among, abort));
}


async function whenOf(group: GroupQuery, abort: AbortSignal): Promise<When> {
  const found = await getMoments(group, abort);
  const told = Object.entries(found.keys).map(([key, rows]) => ({
    key,
    title: rows[0]?.key_title ?? key,
    rows: rows.map((row): WhenPart => ({ ...row, title: row.value_title })),
  }));
  return { group: found.group, parts: [{ key: "calendar", title: "month", rows: found.calendar.data }, ...told] };
}

/** Of everything there is nothing to compare with: shares alone. */
async function whenOfAll(abort: AbortSignal): Promise<When> {
  const known = [...COMMONPLACE].filter((key) => keys.data.value?.some((one) => one.key === key));
  const [calendar, ...told] = await Promise.all([getContexts("calendar", {}, abort), ...known.map((key) => getCommunityDistribution(key, {}, abort))]);
  const alone = { background_share: null, lift: null, significant: true };
  return {
    group: calendar.group,
    parts: [
      { key: "calendar", title: "month", rows: calendar.data.map((row) => ({ ...row, ...alone })) },
      ...told.map(({ key, title, data }) => ({ key, title, rows: data.map((row) => ({ ...row, ...alone })) })),
    ],
  };
}

export async function loadGroup(group: GroupQuery): Promise<void> {
  const asks = [map.run((abort) => getPatternMap(group, abort)), moments.run((abort) => (isEverything(group) ? whenOfAll(abort) : whenOf(group, abort)))];
  if (isEverything(group)) together.clear();
  else asks.push(together.run((abort) => findCommunityAssociations(group, abort)));
  await Promise.all(asks);
}

const later = (one: string, other: string): string => (one > other ? one : other);
const earlier = (one: string, other: string): string => (one < other ? one : other);

/** The month so many months after `2013-06`, or before it. */
function monthsFrom(month: string, by: number): string {
  const [year, of] = month.split("-").map(Number);
  return new Date(Date.UTC(year ?? 0, (of ?? 1) - 1 + by, 1)).toISOString().slice(0, 7);
}

export const loadMovement = (key: string, value: string | null): Promise<void> =>
  movement.run(async (abort) => {
    const trends = await listCommunityTrends(key, value, abort);
    const months = trends[0]?.points.map(({ month }) => month) ?? [];
    const wish = months.indexOf(place.value.params.get("since") ?? "");
    const at = wish > 0 ? wish : Math.floor(months.length / 2);
    const [earliest, latest, since, until] = [months[0], months.at(-1), months[at], months[at - 1]];
    if (!earliest || !latest || !since || !until) return { trends, months, since: "", drift: null };
    const [first, last] = [later(earliest, monthsFrom(until, 1 - SIDE_MONTHS)), earlier(latest, monthsFrom(since, SIDE_MONTHS - 1))];
    return { trends, months, since, drift: await getCommunityDrift(key, [first, until], [since, last], abort) };
  });
