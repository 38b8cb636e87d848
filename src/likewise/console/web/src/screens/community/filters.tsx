// What an experience must be: chosen here, shown as chips, kept in the address.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { listAttributeKeys, listAttributeValues, type AttributeKey, type AttributeValueCount } from "../../core/community";
import { count, facetHeading, facetLabel } from "../../core/format";
import { resource } from "../../core/resource";
import { patchParams, place } from "../../core/router";
import { Icon } from "../../ui/icon";
import { categories, categoryTitle } from "./categories";
import { valueWords } from "./shared";

const KM_DEFAULT = "100";
const keys = resource<AttributeKey[]>();
const values = resource<AttributeValueCount[]>();

export const loadKeys = (): Promise<void> => keys.run(listAttributeKeys);

function without(name: string, value: string): void {
  const rest = place.value.params.getAll(name).filter((one) => one !== value);
  patchParams({ [name]: rest.length > 0 ? rest : null, ...(name === "near" && { km: null }) });
}

function also(name: string, value: string): void {
  const now = place.value.params.getAll(name);
  if (value && !now.includes(value)) patchParams({ [name]: [...now, value] });
}

/** `shape:triangle` and `duration_s:60..` as a reader says them. */
function chipWords(name: string, value: string): string {
  const { params } = place.value;
  if (name === "category") return categoryTitle(value);
  if (name === "near") return `within ${params.get("km") ?? KM_DEFAULT} km of ${value.replace(",", ", ")}`;
  if (name === "from") return `from ${value}`;
  if (name === "to") return `to ${value}`;
  if (name === "tag") return `tagged ${value}`;
  const at = value.indexOf(":");
  const [key, text] = [value.slice(0, at), value.slice(at + 1)];
  const said = text === "true" ? "yes" : text === "false" ? "no" : text.startsWith("..") ? `up to ${text.slice(2)}` : text.endsWith("..") ? `from ${text.slice(0, -2)}` : text.replace("..", " to ");
  return `${facetHeading(key)}: ${said}`;
}

export function Chips() {
  const { params } = place.value;
  const chosen = ["category", "a", "tag", "near", "from", "to"].flatMap((name) => params.getAll(name).map((value) => [name, value] as const));
  if (chosen.length === 0) return null;
  return (
    <ul class="chips" aria-label="What it must be">
      {chosen.map(([name, value]) => (
        <li key={`${name}=${value}`}>
          {chipWords(name, value)}
          <button type="button" class="button icon-only" aria-label={`Take away: ${chipWords(name, value)}`} onClick={() => without(name, value)}>
            <Icon name="cross" />
          </button>
        </li>
      ))}
    </ul>
  );
}

function ByAttribute() {
  const key = useSignal("");
  useEffect(() => {
    values.clear();
    const known = keys.data.value?.find((one) => one.key === key.value);
    if (known && known.kind !== "number") void values.run((abort) => listAttributeValues(known.key, abort));
  }, [key.value]);
  const known = keys.data.value?.find((one) => one.key === key.value);
  const range = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const [from, to] = [String(form.get("gte") ?? ""), String(form.get("lte") ?? "")];
    if (from || to) also("a", `${key.value}:${from}..${to}`);
  };
  return (
    <fieldset class="facet">
      <legend>Attribute</legend>
      <select aria-label="Attribute" value={key.value} onChange={(event) => (key.value = event.currentTarget.value)}>
        <option value="">Choose one</option>
        {keys.data.value?.map((one) => (
          <option key={one.key} value={one.key}>
            {facetLabel(one.key)} ({count(one.count)})
          </option>
        ))}
      </select>
      {known && known.kind !== "number" && (
        <ul class="value-choices" aria-label={`Values of ${facetLabel(known.key)}`}>
          {values.data.value?.map((one) => (
            <li key={one.value}>
              <button type="button" class="chip" onClick={() => also("a", `${known.key}:${one.value}`)}>
                {valueWords({ key: known.key, value: one.value })} <span class="numbers">{count(one.count)}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {known?.kind === "number" && (
        <form class="range" onSubmit={range}>
          <input type="number" step="any" name="gte" aria-label={`${facetHeading(known.key)}, from`} placeholder="from" />
          <span aria-hidden="true">to</span>
          <input type="number" step="any" name="lte" aria-label={`${facetHeading(known.key)}, to`} placeholder="to" />
          <button type="submit" class="button">
            Add
          </button>
        </form>
      )}
    </fieldset>
  );
}

function ByPlace() {
  const { params } = place.value;
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const [lat, lon, km] = ["lat", "lon", "km"].map((name) => String(form.get(name) ?? "").trim());
    patchParams(lat && lon ? { near: `${lat},${lon}`, km: km || KM_DEFAULT } : { near: null, km: null });
  };
  const [lat, lon] = (params.get("near") ?? "").split(",");
  return (
    <form class="facet place-filter" onSubmit={submit} key={params.get("near") ?? ""}>
      <fieldset>
        <legend>Place</legend>
        <div class="range">
          <input type="number" step="any" min="-90" max="90" name="lat" aria-label="Latitude" placeholder="latitude" defaultValue={lat} />
          <input type="number" step="any" min="-180" max="180" name="lon" aria-label="Longitude" placeholder="longitude" defaultValue={lon} />
        </div>
        <div class="range">
          <input type="number" step="any" min="1" max="20000" name="km" aria-label="Kilometres around it" placeholder="km around" defaultValue={params.get("km") ?? ""} />
          <button type="submit" class="button">
            Around it
          </button>
        </div>
      </fieldset>
    </form>
  );
}

export function Filters() {
  const { params } = place.value;
  const known = (categories.data.value ?? []).filter((one) => one.count > 0).sort((a, b) => b.count - a.count);
  const isOpen = useSignal(false);
  return (
    <>
      <button type="button" class="button find-toggle" aria-expanded={isOpen.value} onClick={() => (isOpen.value = !isOpen.value)}>
        <Icon name="filter" />
        Filters
      </button>
      <div class="find-filters" role="group" aria-label="Filters" data-open={isOpen.value}>
        <div class="facet">
          <label for="by-category">Category</label>
          <select id="by-category" value="" onChange={(event) => also("category", event.currentTarget.value)}>
            <option value="">Any</option>
            {known.map((one) => (
              <option key={one.name} value={one.name}>
                {one.title} ({count(one.count)})
              </option>
            ))}
          </select>
        </div>
        <ByAttribute />
        <ByPlace />
        <fieldset class="facet">
          <legend>Time</legend>
          <div class="range" data-type="time">
            <input type="date" aria-label="Happened from" value={params.get("from") ?? ""} onChange={(event) => patchParams({ from: event.currentTarget.value || null })} />
            <input type="date" aria-label="Happened to" value={params.get("to") ?? ""} onChange={(event) => patchParams({ to: event.currentTarget.value || null })} />
          </div>
        </fieldset>
      </div>
    </>
  );
}
