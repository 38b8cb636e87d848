// Filters live in the address: `f.shape=Disk` (any of the repeated values) and `r.duration_s=60..300`.
import type { FacetRange, FacetType, Filter } from "./api";

export interface Filters {
  values: Record<string, string[]>;
  ranges: Record<string, [string, string]>;
}

const VALUE = "f.";
const RANGE = "r.";
/** Another filter is another list: its pages start anew. */
const FIRST_PAGE = { after: null, page: null };

type Changes = Record<string, string | string[] | null>;

export function readFilters(params: URLSearchParams): Filters {
  const filters: Filters = { values: {}, ranges: {} };
  for (const [name, value] of params) {
    if (name.startsWith(VALUE)) (filters.values[name.slice(VALUE.length)] ??= []).push(value);
    if (name.startsWith(RANGE)) {
      const [from = "", to = ""] = value.split("..");
      filters.ranges[name.slice(RANGE.length)] = [from, to];
    }
  }
  return filters;
}

export const countFilters = (filters: Filters): number =>
  Object.values(filters.values).flat().length + Object.keys(filters.ranges).length;

/** The address changes that flip one value of one facet. */
export function toggledValue(filters: Filters, facet: string, value: string): Changes {
  const chosen = filters.values[facet] ?? [];
  const next = chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value];
  return { ...FIRST_PAGE, [VALUE + facet]: next };
}

export const changedRange = (facet: string, from: string, to: string): Changes => ({
  ...FIRST_PAGE,
  [RANGE + facet]: from || to ? `${from}..${to}` : null,
});

export function clearedFilters(params: URLSearchParams): Changes {
  const names = [...params.keys()].filter((name) => name.startsWith(VALUE) || name.startsWith(RANGE));
  return { ...FIRST_PAGE, ...Object.fromEntries(names.map((name) => [name, null])) };
}

function nextDay(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + 1);
  return date.toISOString().replace(".000", "");
}

function rangeOf(type: FacetType | undefined, [from, to]: [string, string]): FacetRange {
  const range: FacetRange = {};
  if (type === "time") {
    if (from) range.gte = `${from}T00:00:00Z`;
    // The last day belongs to the range.
    if (to) range.lt = nextDay(to);
    return range;
  }
  if (from) range.gte = Number(from);
  if (to) range.lte = Number(to);
  return range;
}

/** What the server wants: typed values, and the item's own fields beside the declared facets. */
export function toFilter(filters: Filters, types: Readonly<Record<string, FacetType>>): Filter | undefined {
  if (countFilters(filters) === 0) return undefined;
  const filter: Filter = {};
  const facets: NonNullable<Filter["facets"]> = {};
  for (const [name, values] of Object.entries(filters.values)) {
    if (name in types) facets[name] = types[name] === "boolean" ? values.map((value) => value === "true") : values;
    else if (name === "$category") filter.category = values;
    else if (name === "$author") filter.author = values;
  }
  for (const [name, range] of Object.entries(filters.ranges)) {
    if (name in types) facets[name] = rangeOf(types[name], range);
    else if (name === "happened_at") filter.happened_at = rangeOf("time", range) as NonNullable<Filter["happened_at"]>;
  }
  if (Object.keys(facets).length > 0) filter.facets = facets;
  return filter;
}
