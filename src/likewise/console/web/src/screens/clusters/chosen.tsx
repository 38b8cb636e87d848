// Which collection the cluster screens show, and what stands there while it is not grouped.
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Collection } from "../../core/api";
import { asProblem, type Problem } from "../../core/client";
import { groupCollection, listCollections } from "../../core/endpoints";
import { resource } from "../../core/resource";
import { navigate, patchParams, place } from "../../core/router";
import { Empty, ProblemNote } from "../../ui/states";

export const collections = resource<Collection[]>();

/** The collection named in the address, else the largest. */
export function chosen(): string | null {
  const named = place.value.params.get("c");
  if (named) return named;
  const all = [...(collections.data.value ?? [])].sort((a, b) => b.item_count - a.item_count);
  return all[0]?.name ?? null;
}

export function useCollections(): void {
  useEffect(() => void collections.run(listCollections), []);
}

export function CollectionPicker() {
  const name = chosen();
  return (
    <label class="field inline">
      <span>Collection</span>
      <select value={name ?? ""} onChange={(event) => patchParams({ c: event.currentTarget.value })}>
        {collections.data.value?.map((collection) => (
          <option key={collection.id} value={collection.name}>
            {collection.name}
          </option>
        ))}
      </select>
    </label>
  );
}

const failure = signal<Problem | null>(null);

async function begin(name: string): Promise<void> {
  failure.value = null;
  try {
    const { operation } = await groupCollection(name);
    navigate(`/operations/${operation}`);
  } catch (error) {
    failure.value = asProblem(error);
  }
}

export function NotGrouped({ name }: { name: string }) {
  return (
    <>
      {failure.value && <ProblemNote problem={failure.value} />}
      <Empty
        command={`likewise clusters build -c ${name}`}
        action={
          <button type="button" class="button primary" onClick={() => void begin(name)}>
            Group this collection
          </button>
        }
      >
        {`${name} is not grouped yet. Grouping brings together what says the same thing, now and as more arrives.`}
      </Empty>
    </>
  );
}

export function NoCollections() {
  return (
    <Empty command="likewise load reviews.csv --text body" action={<a class="button primary" href="/load">Load a file</a>}>
      There is nothing to group yet; the first file you load makes a collection.
    </Empty>
  );
}
