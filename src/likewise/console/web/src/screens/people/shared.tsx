// What the screens about people share: the collection of the address, and somebody's categories as a picture.
import type { Collection } from "../../core/api";
import { listCollections } from "../../core/endpoints";
import { percent } from "../../core/format";
import { resource } from "../../core/resource";
import { patchParams, place } from "../../core/router";
import { Bar } from "../../ui/bars";

const BANDS_MAX = 12;

export const collections = resource<Collection[]>();

/** The collection of the address, else the first there is. */
export const chosenCollection = (): string => place.value.params.get("c") ?? collections.data.value?.[0]?.name ?? "";

export const refreshCollections = (): Promise<void> => collections.run(listCollections);

export function CollectionSelect() {
  const all = collections.data.value ?? [];
  return (
    <label class="inline-select">
      <span class="visually-hidden">Collection</span>
      <select value={chosenCollection()} onChange={(event) => patchParams({ c: event.currentTarget.value, after: null })}>
        {all.map(({ name }) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Bands as wide as their shares; the list below says the same in words. */
export function DnaStrip({ categories }: { categories: Record<string, number> }) {
  const bands = Object.entries(categories).slice(0, BANDS_MAX);
  return (
    <span class="dna-strip" aria-hidden="true">
      {bands.map(([name, share], index) => (
        <span key={name} data-band={index % 6} style={{ flexGrow: share }} title={`${name} ${percent(share)}`} />
      ))}
    </span>
  );
}

export function Dna({ categories }: { categories: Record<string, number> }) {
  const rows = Object.entries(categories).slice(0, BANDS_MAX);
  const most = Math.max(...rows.map(([, share]) => share), 0.0001);
  if (rows.length === 0) return <p class="quiet">No categories yet: the items they turned to have none.</p>;
  return (
    <div class="dna">
      <DnaStrip categories={categories} />
      <ul class="plain-list dna-list">
        {rows.map(([name, share]) => (
          <li key={name}>
            <span>{name}</span>
            <Bar share={share / most} />
            <span class="numbers">{percent(share)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

export const personHref = (collection: string, user: string): string =>
  `/people/${encodeURIComponent(user)}?c=${encodeURIComponent(collection)}`;

export const feedHref = (collection: string, user: string): string =>
  `/feed?c=${encodeURIComponent(collection)}&user=${encodeURIComponent(user)}`;
