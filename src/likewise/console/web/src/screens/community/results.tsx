// What a step of an answer found, drawn by its kind.
import type { ComponentChildren } from "preact";
import type {
  BarsResult, CompareResult, DiscoveryCard, DiscoveryFound, DiscoveryResult, InsightsResult, LineResult, MapResult, NumberResult, PeopleResult, RowsResult, Spread,
} from "../../core/discovery";
import { compact, count, dayOf, facetLabel, lengthOfTime, percent, plain, plural } from "../../core/format";
import { BarTable, CellMap, Figure, LinePlot, PairTable, PersonList } from "./drawings";
import { attributeHref, experienceHref, nameOf, personHref, searchHref } from "./shared";
import { coordinates } from "./world";

const numberWords = (value: number, unit: string): string => (unit === "s" ? lengthOfTime(value) : `${plain(Math.round(100 * value) / 100)}${unit ? ` ${unit}` : ""}`);

/** A number as its key's unit says: `duration_s` is a length of time. */
const valueOf = (value: number, key: string | null): string => (key?.endsWith("_s") ? lengthOfTime(value) : plain(value));

function Partial({ isWhole }: { isWhole: boolean }) {
  return isWhole ? null : <p class="note">There are more than are looked at; these are of the newest.</p>;
}

function CardRow({ one, valueKey }: { one: DiscoveryCard; valueKey: string | null }) {
  return (
    <li>
      <article class="card" aria-labelledby={`row-${one.id}`}>
        <h3 id={`row-${one.id}`}>
          <a href={experienceHref(one.id)}>{one.title || one.text.slice(0, 90)}</a>
        </h3>
        <p class="origin">
          <a class="tag" href={searchHref({ category: one.category })}>
            {one.category_title}
          </a>
          <span>
            by <a href={personHref(one.author)}>{nameOf(one)}</a>
          </span>
          {one.place_name && <span>{one.place_name}</span>}
          {one.happened_at && <time dateTime={one.happened_at}>{dayOf(one.happened_at)}</time>}
          {one.value !== null && valueKey && (
            <strong>
              {facetLabel(valueKey)} {valueOf(one.value, valueKey)}
            </strong>
          )}
          <span>{plural(one.counters.upvotes, "upvote")}</span>
        </p>
        {one.text && one.text !== one.title && <p class="card-text">{one.text}</p>}
      </article>
    </li>
  );
}

function Rows({ result }: { result: RowsResult }) {
  if (result.rows.length === 0) return <p class="quiet">There is none.</p>;
  return (
    <>
      {result.to && (
        <p class="quiet">
          Like <a href={experienceHref(result.to.id)}>{result.to.title || result.to.text.slice(0, 90)}</a>
        </p>
      )}
      <ol class="card-list">
        {result.rows.map((one) => (
          <CardRow key={one.id} one={one} valueKey={result.value_key} />
        ))}
      </ol>
    </>
  );
}

function NumberView({ result }: { result: NumberResult }) {
  const { together } = result;
  const span = result.first_at && result.last_at ? `, from ${dayOf(result.first_at)} to ${dayOf(result.last_at)}` : "";
  return (
    <>
      <Figure
        value={count(result.value)}
        label={`of ${plural(result.of, "experience")}${result.share === null ? "" : ` (${percent(result.share)})`}, by ${plural(result.authors, "person", "people")}${span}`}
      />
      {together && (
        <BarTable
          caption={`${together.first} and ${together.second}`}
          rows={[
            { label: together.first, count: together.first_count, share: null },
            { label: together.second, count: together.second_count, share: null },
            { label: "both together", count: together.both, share: null },
            ...(together.expected === null ? [] : [{ label: "together by chance", count: Math.round(together.expected), share: null, isSure: false }]),
          ]}
        />
      )}
    </>
  );
}

const spreadRows = (spread: Spread): [string, number][] => [
  ["Least", spread.least],
  ["A quarter is below", spread.quarter],
  ["Half is below", spread.median],
  ["Three quarters are below", spread.three_quarters],
  ["Most", spread.most],
];

function SpreadView({ spread, unit }: { spread: Spread; unit: string }) {
  return (
    <dl class="figures small">
      {spreadRows(spread).map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{numberWords(value, unit)}</dd>
        </div>
      ))}
    </dl>
  );
}

function Bars({ result }: { result: BarsResult }) {
  if (result.is_too_few) return <p class="quiet">There are too few to tell.</p>;
  const isKey = !result.key.startsWith("$") && /^[a-z]/.test(result.key);
  return (
    <>
      <p class="quiet">
        {result.label}: known of {count(result.known)} of {plural(result.total, "experience")}.
      </p>
      {result.spread && <SpreadView spread={result.spread} unit={result.unit} />}
      {result.bars.length > 0 && (
        <BarTable
          caption={result.label}
          rows={result.bars.map((bar) => ({
            label: bar.label,
            count: bar.count,
            share: bar.share,
            usual: bar.other_share,
            lift: bar.lift,
            isSure: bar.is_sure ?? true,
            href: isKey && !result.is_ordered && bar.lift === null && !result.spread ? (result.key === "category" ? searchHref({ category: bar.value }) : attributeHref(result.key, bar.value)) : undefined,
          }))}
        />
      )}
    </>
  );
}

const DIRECTIONS = { rising: "Rising", falling: "Falling", steady: "Neither rising nor falling by more than chance", too_few: "Too few to tell a trend" } as const;

function Line({ result }: { result: LineResult }) {
  const isShare = result.points.some(({ share }) => share !== null && share < 1);
  const slope = result.share_per_year;
  return (
    <>
      <p>
        {DIRECTIONS[result.direction]}
        {slope !== null && (result.direction === "rising" || result.direction === "falling") && `: ${slope >= 0 ? "+" : "\u2212"}${Math.abs(100 * slope).toFixed(1)} points a year`}.{" "}
        <span class="quiet">
          {count(result.total)} of {count(result.of)}.
        </span>
      </p>
      <LinePlot
        caption={`${isShare ? "Share" : "Number"} by ${result.by}`}
        points={result.points.map((point) => ({ label: point.period, value: isShare ? point.share : point.count }))}
        write={(value) => (isShare ? percent(value) : compact(Math.round(value)))}
      />
    </>
  );
}

function MapView({ result }: { result: MapResult }) {
  if (result.cells.length === 0 && result.places.length === 0) return <p class="quiet">Where they happened is not known.</p>;
  const half = (degrees: number): number => degrees / 2;
  return (
    <>
      <p class="quiet">
        {count(result.placed)} of {plural(result.total, "experience")} have a place.
      </p>
      {result.cells.length > 0 && (
        <CellMap
          caption="Cells of the map"
          cells={result.cells.map(({ lat, lon, degrees, count: many }) => ({
            south: lat - half(degrees),
            north: lat + half(degrees),
            west: lon - half(degrees),
            east: lon + half(degrees),
            title: `around ${coordinates({ lat, lon })}`,
            count: many,
          }))}
        />
      )}
      {result.places.length > 0 && (
        <BarTable
          caption="Places as they are named"
          head="Place"
          rows={result.places.map(({ name, lat, lon, count: many }) => ({
            label: name,
            count: many,
            share: null,
            href: lat !== null && lon !== null ? searchHref({ near: `${lat},${lon}`, km: "50" }) : undefined,
          }))}
        />
      )}
    </>
  );
}

function People({ result }: { result: PeopleResult }) {
  if (result.people.length === 0) return <p class="quiet">There is nobody.</p>;
  return (
    <PersonList
      label="People"
      rows={result.people.map((one) => ({
        user: one.user,
        name: one.name,
        href: personHref(one.user),
        count: one.count,
        similarity: one.similarity,
        words: [one.share === null ? "" : `${percent(one.share)} of these`, one.categories.join(", ")].filter(Boolean).join("; "),
      }))}
    />
  );
}

/** A side as a column is headed: what both sides begin with goes without saying. */
const bare = (label: string): string => label.replace(/^experiences (of category |with )?/, "");

function Compare({ result }: { result: CompareResult }) {
  const { left, right } = result;
  return (
    <>
      <p class="quiet">
        {count(left.count)} {left.label}, {count(right.count)} {right.label}. What may be chance is grey.
      </p>
      {result.is_too_few && <p class="quiet">One side has too few to compare.</p>}
      {left.spread && right.spread && (
        <>
          <h3>{left.label}</h3>
          <SpreadView spread={left.spread} unit={result.unit} />
          <h3>{right.label}</h3>
          <SpreadView spread={right.spread} unit={result.unit} />
        </>
      )}
      {result.rows.length > 0 && (
        <PairTable
          caption={`${left.label} and ${right.label}`}
          left={bare(left.label)}
          right={bare(right.label)}
          rows={result.rows.map((row) => ({
            label: row.label,
            left: row.left_share,
            right: row.right_share,
            isSure: row.is_sure,
          }))}
        />
      )}
    </>
  );
}

function Insights({ result }: { result: InsightsResult }) {
  if (result.insights.length === 0) return <p class="quiet">Nothing remarkable is known of it.</p>;
  return (
    <ul class="insights">
      {result.insights.map((one) => (
        <li key={one.id} class="insight">
          <span class="tag">{one.kind}</span>
          <span>{one.sentence}</span>
        </li>
      ))}
    </ul>
  );
}

function drawn(result: DiscoveryResult): ComponentChildren {
  switch (result.kind) {
    case "rows":
      return <Rows result={result} />;
    case "number":
      return <NumberView result={result} />;
    case "bars":
      return <Bars result={result} />;
    case "line":
      return <Line result={result} />;
    case "map":
      return <MapView result={result} />;
    case "people":
      return <People result={result} />;
    case "compare":
      return <Compare result={result} />;
    case "insights":
      return <Insights result={result} />;
  }
}

/** A step's result; of several each has its heading. */
export function FoundView({ found: { title, result, problem }, isAlone }: { found: DiscoveryFound; isAlone: boolean }) {
  return (
    <div class="result" data-kind={result?.kind}>
      {!isAlone && <h3>{title}</h3>}
      {problem !== null && <p class="note">{problem}</p>}
      {result && drawn(result)}
      {result && "is_whole" in result && <Partial isWhole={result.is_whole} />}
    </div>
  );
}
