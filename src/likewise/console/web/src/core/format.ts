// Numbers, sizes and times as the console writes them.

const whole = new Intl.NumberFormat("en-US");
const compactNumber = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const moment = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });
const day = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeZone: "UTC" });
const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });

const RELATIVE_STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000], ["month", 2_592_000], ["week", 604_800], ["day", 86_400], ["hour", 3_600], ["minute", 60],
];

export const count = (value: number): string => whole.format(value);
export const compact = (value: number): string => (value < 10_000 ? count(value) : compactNumber.format(value));

/** `1 item`, `2 items`. */
export const plural = (value: number, one: string, many = `${one}s`): string => `${count(value)} ${value === 1 ? one : many}`;

/** A share from 0 to 1, in percent. */
export const percent = (share: number): string => `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)}%`;

export function bytes(value: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let rest = value;
  let step = 0;
  while (rest >= 1024 && step < units.length - 1) {
    rest /= 1024;
    step += 1;
  }
  return `${rest >= 100 || step === 0 ? Math.round(rest) : rest.toFixed(1)} ${units[step]}`;
}

export const milliseconds = (value: number): string =>
  value >= 1000 ? `${(value / 1000).toFixed(2)} s` : `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;

export function duration(seconds: number): string {
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export const score = (value: number): string => (value !== 0 && Math.abs(value) < 0.1 ? value.toFixed(4) : value.toFixed(3));

export function ago(time: string, now = Date.now()): string {
  const seconds = (new Date(time).getTime() - now) / 1000;
  for (const [unit, size] of RELATIVE_STEPS) {
    if (Math.abs(seconds) >= size) return relative.format(Math.round(seconds / size), unit);
  }
  return Math.abs(seconds) < 10 ? "just now" : relative.format(Math.round(seconds), "second");
}

export const dateTime = (time: string): string => moment.format(new Date(time));
export const dayOf = (time: string): string => day.format(new Date(time));
export const timeOfDay = (time: string): string => clock.format(new Date(time));

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;
const UNIT = /_(ms|s|min|h|days|km|m|kg|g|bytes|usd|eur)$/;

/** `duration_s` is a duration in seconds: names carry their unit last. */
function facetParts(name: string): { label: string; unit: string | null } {
  const unit = UNIT.exec(name)?.[1] ?? null;
  // The server lists an item's own fields beside the declared facets as `$author` and `$category`.
  if (name.startsWith("$")) return { label: name.slice(1), unit: null };
  return { label: (unit ? name.slice(0, -unit.length - 1) : name).replaceAll("_", " "), unit };
}

export const facetLabel = (name: string): string => facetParts(name).label;

export function facetHeading(name: string): string {
  const { label, unit } = facetParts(name);
  return unit ? `${label} (${unit})` : label;
}

export function facetValue(name: string, value: unknown): string {
  const { unit } = facetParts(name);
  return typeof value === "number" && unit ? `${plain(value)} ${unit}` : plain(value);
}

/** Seconds as a length of time in its two largest units: `1 min 40 s`. */
export function lengthOfTime(seconds: number): string {
  const parts: string[] = [];
  let rest = Math.round(seconds);
  for (const [unit, size] of [["d", 86_400], ["h", 3_600], ["min", 60], ["s", 1]] as const) {
    const many = Math.floor(rest / size);
    rest -= many * size;
    if (many > 0) parts.push(`${count(many)} ${unit}`);
  }
  return seconds < 1 ? `${plain(seconds)} s` : parts.slice(0, 2).join(" ");
}

/** A facet or setting value in words. */
export function plain(value: unknown): string {
  if (value === null || value === undefined || value === "") return "–";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return count(value);
  if (Array.isArray(value)) return value.map(plain).join(", ");
  if (typeof value === "string" && RFC_3339.test(value)) return dayOf(value);
  if (typeof value === "object") return JSON.stringify(value);
  return String(value);
}
