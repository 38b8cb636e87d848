const PATHS = {
  home: "M3 9.5 10 4l7 5.5V16a1 1 0 0 1-1 1h-3.5v-4.5h-5V17H4a1 1 0 0 1-1-1z",
  inbox: "M3 11h4l1.5 2.5h3L13 11h4M3 11l2.5-7h9L17 11v5H3z",
  community: "M3 4h9v6H7l-2.5 2.5V10H3zM9 12.5h3.5L15 15v-2.5h2V7h-2.5",
  up: "M10 16V5M5 9.5 10 4.5l5 5",
  search: "M9 15A6 6 0 1 0 9 3a6 6 0 0 0 0 12zm4.3-1.7L17 17",
  collections: "M4 5h12M4 10h12M4 15h8",
  patterns: "M4 16V9m4 7V4m4 12v-5m4 5V7",
  clusters: "M6 8a3 3 0 1 0 0-6 3 3 0 0 0 0 6zm8 2a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM9 18a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z",
  map: "m3 5 4.5-2 5 2L17 3v12l-4.5 2-5-2L3 17zM7.5 3v12m5-10v12",
  operations: "M10 4a6 6 0 1 0 6 6M10 7v3.2l2.2 1.3M13 3l3 1.2L14.8 7.2",
  settings: "M3 6h7m4 0h3M3 14h3m4 0h7M10 4v4M6 12v4",
  people: "M7 9a3 3 0 1 0 0-6 3 3 0 0 0 0 6zm-5 8v-1a5 5 0 0 1 10 0v1M13 9.5a2.5 2.5 0 1 0-.5-4.9M14 12a4 4 0 0 1 4 4v1",
  feed: "M3 4h14v5H3zM3 12h14M3 16h9",
  copy: "M7 7V4h9v9h-3M4 7h9v9H4z",
  check: "m4 10.5 4 4 8-9",
  cross: "m5 5 10 10M15 5 5 15",
  similar: "M3 8c2.5-4 5 1.3 7.5-.7S14.5 5 17 7M3 14c2.5-4 5 1.3 7.5-.7S14.5 11 17 13",
  file: "M5 3h6l4 4v10H5zM11 3v4h4",
  down: "m5 8 5 5 5-5",
  more: "M5 10h.01M10 10h.01M15 10h.01",
  lock: "M5 9h10v8H5zM7 9V6.5a3 3 0 0 1 6 0V9",
  back: "m12 5-5 5 5 5",
  trash: "M4 6h12M8 6V4h4v2M6 6l.7 11h6.6L14 6",
  filter: "M3 5h14l-5.5 6v5l-3-1.5V11z",
  code: "m7 6-4 4 4 4m6-8 4 4-4 4",
  warn: "M10 4 2.8 16.5h14.4zM10 9v3.5m0 2v.01",
} as const;

export type IconName = keyof typeof PATHS;

/** Decorative: the control around it carries the words. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
