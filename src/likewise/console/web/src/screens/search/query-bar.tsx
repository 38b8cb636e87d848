import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { clearedFilters } from "../../core/filters";
import { count } from "../../core/format";
import { navigate, patchParams, place } from "../../core/router";
import { Icon } from "../../ui/icon";
import { Keys } from "../../ui/text";
import { answered, askedBy, collections } from "./store";

const DEBOUNCE_MS = 140;
/** Keystrokes closer together than this are one entry of the history, so that Back leaves the whole query. */
const ONE_ENTRY_MS = 2000;

function CollectionChooser({ chosen }: { chosen: string }) {
  const all = collections.data.value ?? [];
  const known = all.some(({ name }) => name === chosen);
  return (
    <select
      aria-label="Collection"
      value={chosen}
      onChange={(event) => patchParams({ ...clearedFilters(place.value.params), like: null, c: event.currentTarget.value })}
    >
      {!known && <option value={chosen}>{chosen || "No collection"}</option>}
      {all.map(({ name, item_count }) => (
        <option key={name} value={name}>
          {name} ({count(item_count)})
        </option>
      ))}
    </select>
  );
}

export function QueryBar() {
  const asked = askedBy(place.value.params);
  const fromAddress = place.value.params.get("q") ?? "";
  const typed = useSignal(fromAddress);
  const committed = useRef(fromAddress);
  const lastCommit = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const field = useRef<HTMLInputElement>(null);

  useEffect(() => field.current?.focus(), []);
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => {
    // The address changed by Back, a link or a shortcut, not by this field.
    if (fromAddress !== committed.current) {
      clearTimeout(timer.current);
      committed.current = fromAddress;
      typed.value = fromAddress;
    }
  }, [fromAddress]);

  const commit = () => {
    clearTimeout(timer.current);
    if (typed.value === committed.current && asked.like === null) return;
    committed.current = typed.value;
    const together = Date.now() - lastCommit.current < ONE_ENTRY_MS;
    lastCommit.current = Date.now();
    patchParams({ q: typed.value || null, like: null }, together);
  };
  const onInput = (value: string) => {
    typed.value = value;
    clearTimeout(timer.current);
    timer.current = setTimeout(commit, DEBOUNCE_MS);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "ArrowDown") return;
    event.preventDefault();
    document.querySelector<HTMLElement>(".hit a")?.focus();
  };
  return (
    <form
      class="query-bar"
      role="search"
      data-busy={answered.busy.value}
      onSubmit={(event) => {
        event.preventDefault();
        commit();
      }}
    >
      <Icon name="search" />
      <input
        ref={field}
        id="query"
        type="search"
        aria-label="Search by meaning"
        placeholder="Describe what you are looking for"
        autocomplete="off"
        autocapitalize="off"
        enterkeyhint="search"
        spellcheck={false}
        value={typed.value}
        onInput={(event) => onInput(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <Keys labels={["/"]} />
      <CollectionChooser chosen={asked.collection} />
    </form>
  );
}

/** Stands in the place of the query while the search starts from an item. */
export function LikeChip({ title, like }: { title: string; like: string }) {
  const params = new URLSearchParams(place.value.params);
  params.delete("like");
  return (
    <p class="like-chip">
      <Icon name="similar" />
      <span>
        Similar to <strong>{title || like}</strong>
      </span>
      <button type="button" class="button icon-only" aria-label="Stop looking for similar items" onClick={() => navigate(`/search?${params}`)}>
        <Icon name="cross" />
      </button>
    </p>
  );
}
