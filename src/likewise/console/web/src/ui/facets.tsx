import { useSignal } from "@preact/signals";
import type { FacetCount, FacetSummary } from "../core/api";
import { changedRange, clearedFilters, countFilters, readFilters, toggledValue, type Filters } from "../core/filters";
import { count, dayOf, facetHeading, plain } from "../core/format";
import { patchParams, place } from "../core/router";
import { Bar } from "./bars";

const SHOWN_VALUES = 8;

interface ValueRowProps {
  summary: FacetSummary;
  entry: FacetCount;
  most: number;
  filters: Filters;
}

function ValueRow({ summary: { name: facet, type }, entry, most, filters }: ValueRowProps) {
  const value = String(entry.value);
  return (
    <label class="facet-value">
      <input
        type="checkbox"
        checked={filters.values[facet]?.includes(value) ?? false}
        onChange={() => patchParams(toggledValue(filters, facet, value))}
      />
      <span class="name">{type === "boolean" ? plain(value === "true") : plain(entry.value)}</span>
      <span class="numbers">{count(entry.count)}</span>
      <Bar share={entry.count / most} tone="quiet" />
    </label>
  );
}

function Values({ summary, filters }: { summary: FacetSummary; filters: Filters }) {
  const open = useSignal(false);
  const values = summary.values ?? [];
  const most = Math.max(1, ...values.map((entry) => entry.count));
  const shown = open.value ? values : values.slice(0, SHOWN_VALUES);
  const rest = values.length - SHOWN_VALUES;
  return (
    <fieldset class="facet">
      <legend>{facetHeading(summary.name)}</legend>
      {shown.map((entry) => (
        <ValueRow key={String(entry.value)} summary={summary} entry={entry} most={most} filters={filters} />
      ))}
      {rest > 0 && (
        <button type="button" class="link" aria-expanded={open.value} onClick={() => (open.value = !open.value)}>
          {open.value ? "Show fewer" : `Show ${rest} more`}
          <span class="visually-hidden"> of {facetHeading(summary.name)}</span>
        </button>
      )}
    </fieldset>
  );
}

function Range({ summary, filters }: { summary: FacetSummary; filters: Filters }) {
  const isTime = summary.type === "time";
  const [from, to] = filters.ranges[summary.name] ?? ["", ""];
  const shown = (value: number | string | null | undefined) =>
    value === null || value === undefined ? "" : isTime ? String(value).slice(0, 10) : String(value);
  const field = (label: string, value: string, other: (next: string) => [string, string], hint: string) => (
    <label>
      <span class="visually-hidden">
        {facetHeading(summary.name)} {label}
      </span>
      <input
        type={isTime ? "date" : "number"}
        step="any"
        value={value}
        placeholder={hint}
        onChange={(event) => patchParams(changedRange(summary.name, ...other(event.currentTarget.value)))}
      />
    </label>
  );
  return (
    <fieldset class="facet">
      <legend>{facetHeading(summary.name)}</legend>
      <div class="range" data-type={summary.type}>
        {field("from", from, (next) => [next, to], shown(summary.min))}
        <span aria-hidden="true">to</span>
        {field("to", to, (next) => [from, next], shown(summary.max))}
      </div>
      {isTime && summary.min && summary.max && (
        <p class="quiet">
          {dayOf(String(summary.min))} to {dayOf(String(summary.max))}
        </p>
      )}
    </fieldset>
  );
}

/** Facets with their counts in the whole collection; choosing one changes the address. */
export function Facets({ summaries }: { summaries: readonly FacetSummary[] }) {
  const params = place.value.params;
  const filters = readFilters(params);
  const chosen = countFilters(filters);
  return (
    <form class="facets" aria-label="Filters" onSubmit={(event) => event.preventDefault()}>
      <div class="facets-head">
        <h2>Filters</h2>
        {chosen > 0 && (
          <button type="button" class="link" onClick={() => patchParams(clearedFilters(params))}>
            Clear {chosen}
          </button>
        )}
      </div>
      {summaries.length === 0 && <p class="quiet">No facets. Name columns with `--facets` when loading to filter by them.</p>}
      {summaries.map((summary) =>
        summary.type === "number" || summary.type === "time" ? (
          <Range key={summary.name} summary={summary} filters={filters} />
        ) : (
          <Values key={summary.name} summary={summary} filters={filters} />
        ),
      )}
    </form>
  );
}
