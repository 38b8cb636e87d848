// What experiences are asked for, as the address writes it:
// q words, category, a=key:value or a=key:gte..lte (both repeated), tag, near=lat,lon with km, from and to as days.
import type { AttributeWish, ExperienceWish } from "../../core/community-reading";
import type { Value } from "../../core/community";

const KM_DEFAULT = 100;
const RANGE = /^(-?[\d.]*)\.\.(-?[\d.]*)$/;
const WISHES = ["q", "category", "a", "tag", "near", "from", "to"];

export const isAsked = (params: URLSearchParams): boolean => WISHES.some((name) => params.has(name));

const valueOf = (text: string): Value => (text === "true" ? true : text === "false" ? false : text);
const boundOf = (text: string): number | null => (text === "" || Number.isNaN(Number(text)) ? null : Number(text));

/** Several values of a key are one wish of which one suffices; a range is a wish of its own. */
export function attributesOf(params: URLSearchParams): AttributeWish[] {
  const values = new Map<string, Value[]>();
  const ranges: AttributeWish[] = [];
  for (const part of params.getAll("a")) {
    const at = part.indexOf(":");
    if (at <= 0) continue;
    const [key, text] = [part.slice(0, at), part.slice(at + 1)];
    const range = RANGE.exec(text);
    if (range) ranges.push({ key, gte: boundOf(range[1] ?? ""), lte: boundOf(range[2] ?? "") });
    else values.set(key, [...(values.get(key) ?? []), valueOf(text)]);
  }
  return [...[...values].map(([key, wanted]) => ({ key, values: wanted })), ...ranges];
}

export function wishOf(params: URLSearchParams): ExperienceWish {
  const wish: ExperienceWish = {};
  const category = params.getAll("category");
  const attributes = attributesOf(params);
  const tags = params.getAll("tag");
  const [lat, lon] = (params.get("near") ?? "").split(",").map(Number);
  const [from, to] = [params.get("from"), params.get("to")];
  if (category.length > 0) wish.category = category;
  if (attributes.length > 0) wish.attributes = attributes;
  if (tags.length > 0) wish.tags = tags;
  if (params.get("near") && Number.isFinite(lat) && Number.isFinite(lon)) {
    wish.near = { lat: lat ?? 0, lon: lon ?? 0, radius_km: Number(params.get("km")) || KM_DEFAULT };
  }
  if (from || to) wish.happened = { ...(from && { gte: `${from}T00:00:00Z` }), ...(to && { lt: `${dayAfter(to)}T00:00:00Z` }) };
  return wish;
}

/** The last day asked for is within. */
const dayAfter = (day: string): string => new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
