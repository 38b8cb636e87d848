import type { ComponentChildren } from "preact";
import { ago, dateTime } from "../core/format";
import type { HealthStatus, OperationStatus } from "../core/api";

/** Offsets count code points; JavaScript strings count UTF-16 units, which differ outside the basic plane. */
function slices(text: string, spans: readonly [number, number][]): { text: string; hit: boolean }[] {
  const points = /[\ud800-\udfff]/.test(text) ? Array.from(text) : null;
  const cut = (from: number, to?: number) => (points ? points.slice(from, to).join("") : text.slice(from, to));
  const parts: { text: string; hit: boolean }[] = [];
  let at = 0;
  for (const [start, end] of [...spans].sort((a, b) => a[0] - b[0])) {
    if (end <= at) continue;
    const from = Math.max(start, at);
    if (from > at) parts.push({ text: cut(at, from), hit: false });
    parts.push({ text: cut(from, end), hit: true });
    at = end;
  }
  parts.push({ text: cut(at), hit: false });
  return parts;
}

export function Highlighted({ text, spans }: { text: string; spans?: readonly [number, number][] | undefined }) {
  if (!spans?.length) return <>{text}</>;
  return <>{slices(text, spans).map((part, index) => (part.hit ? <mark key={index}>{part.text}</mark> : part.text))}</>;
}

export function When({ time }: { time: string }) {
  return (
    <time dateTime={time} title={dateTime(time)}>
      {ago(time)}
    </time>
  );
}

const STATUS_WORDS: Record<HealthStatus | OperationStatus, string> = {
  ok: "OK",
  degraded: "Needs a look",
  failing: "Failing",
  queued: "Queued",
  running: "Running",
  succeeded: "Done",
  failed: "Failed",
  cancelled: "Cancelled",
};

/** Colour, shape and word say the same, so none of them is needed alone. */
export function Status({ value }: { value: HealthStatus | OperationStatus }) {
  return (
    <span class={`status ${value}`}>
      <span class="dot" aria-hidden="true" />
      {STATUS_WORDS[value]}
    </span>
  );
}

export function Keys({ labels }: { labels: string[] }) {
  return (
    <span class="keys" aria-hidden="true">
      {labels.map((label, index) => (
        <kbd key={index}>{label}</kbd>
      ))}
    </span>
  );
}

export function PageHead({ title, aside, children }: { title: string; aside?: ComponentChildren; children?: ComponentChildren }) {
  return (
    <header class="page-head">
      <div>
        <h1 tabIndex={-1}>{title}</h1>
        {children}
      </div>
      {aside && <div class="row">{aside}</div>}
    </header>
  );
}
