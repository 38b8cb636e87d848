// Loading a file: choose, look at its columns, say what they mean, send.
import { computed, signal } from "@preact/signals";
import type { Collection, LoadMapping, LoadPreview } from "../../core/api";
import { asProblem, isAborted, type Problem } from "../../core/client";
import { listCollections, previewLoad, startLoad } from "../../core/endpoints";
import { resource } from "../../core/resource";
import { navigate } from "../../core/router";
import { chosenFile } from "../../shell/drop";

export const SINGLE_ROLES = ["text", "title", "key", "time", "author", "category"] as const;
export type Role = (typeof SINGLE_ROLES)[number];

export const ROLE_HELP: Record<Role, string> = {
  text: "What is searched; the only one that is needed",
  title: "A short heading",
  key: "Your own id; a row with a known key replaces its item",
  time: "When it happened",
  author: "Who wrote it",
  category: "The kind it belongs to",
};

export const preview = resource<LoadPreview>();
export const collections = resource<Collection[]>();
export const target = signal("");
export const mapping = signal<LoadMapping>({});
/** Bytes sent so far while the file is on its way. */
export const sent = signal<number | null>(null);
export const problem = signal<Problem | null>(null);

let sending: AbortController | null = null;

const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/;
export const targetIsValid = computed(() => NAME.test(target.value));
export const ready = computed(
  () => chosenFile.value !== null && targetIsValid.value && !!mapping.value.text && sent.value === null && !preview.busy.value,
);

/** `Reviews 2024.csv.gz` becomes `reviews-2024`. */
export function nameFrom(filename: string): string {
  const stem = filename.toLowerCase().replace(/\.(gz|zst)$/, "").replace(/\.[^.]+$/, "");
  return stem.replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 100) || "items";
}

function placeText(place: LoadMapping["place"]): string | null {
  return Array.isArray(place) ? place.join(",") : (place ?? null);
}

export async function lookAt(file: File, into: string | null): Promise<void> {
  problem.value = null;
  target.value = into ?? nameFrom(file.name);
  mapping.value = {};
  preview.clear();
  await preview.run((abort) => previewLoad(target.value, file, abort));
  const suggestion = preview.data.value?.suggestion;
  if (suggestion) mapping.value = { ...suggestion, facets: suggestion.facets ?? [], place: placeText(suggestion.place) };
}

export function assign(role: Role | "place", column: string): void {
  mapping.value = { ...mapping.value, [role]: column || null };
}

export function toggleFacet(column: string): void {
  const facets = mapping.value.facets ?? [];
  const next = facets.includes(column) ? facets.filter((name) => name !== column) : [...facets, column];
  mapping.value = { ...mapping.value, facets: next };
}

export async function send(): Promise<void> {
  const file = chosenFile.value;
  if (!file || !ready.value) return;
  sending = new AbortController();
  sent.value = 0;
  problem.value = null;
  try {
    const operation = await startLoad(target.value, file, mapping.value, (bytes) => (sent.value = bytes), sending.signal);
    forget();
    navigate(`/operations/${encodeURIComponent(operation)}`);
  } catch (error) {
    if (!isAborted(error)) problem.value = asProblem(error);
  }
  sent.value = null;
}

export const stopSending = (): void => sending?.abort();

/** Back to the choice of a file. */
export function forget(): void {
  chosenFile.value = null;
  problem.value = null;
  preview.clear();
}

export const refreshCollections = (): Promise<void> => collections.run(listCollections);
