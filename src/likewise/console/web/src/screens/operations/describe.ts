import type { Operation } from "../../core/api";
import { Problem } from "../../core/client";
import { count, duration } from "../../core/format";

/** `load_file` reads as `Load file`. */
function kindOf({ kind }: Operation): string {
  const words = kind.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What it does, and to which collection once that is known. */
export function titleOf(operation: Operation): string {
  const collection = operation.result?.collection;
  return collection ? `${kindOf(operation)}: ${collection}` : kindOf(operation);
}

export function secondsOf({ started_at, ended_at }: Operation): number | null {
  if (!started_at || !ended_at) return null;
  return (new Date(ended_at).getTime() - new Date(started_at).getTime()) / 1000;
}

/** How long it took and how fast it went, once it is over. */
export function paceOf(operation: Operation): string | null {
  const seconds = secondsOf(operation);
  if (seconds === null) return null;
  const done = operation.progress?.done ?? 0;
  const rate = seconds > 0 && done > 1 ? `, ${count(Math.round(done / seconds))} ${operation.progress?.unit ?? "steps"}/s` : "";
  return duration(seconds) + rate;
}

/** A state seen at some moment of this browser's clock, which need not agree with the server's. */
export interface Sample {
  at_ms: number;
  done: number;
}

const SAMPLE_MS_MIN = 1000;

/** How fast it goes and how long the rest will take, measured since `first`. */
export function livePace({ progress }: Operation, first: Sample | null): string | null {
  if (!first || !progress) return null;
  const elapsed_ms = Date.now() - first.at_ms;
  const done = progress.done - first.done;
  if (elapsed_ms < SAMPLE_MS_MIN || done <= 0) return null;
  const rate = (done / elapsed_ms) * 1000;
  const rest = progress.total ? `, ${duration((progress.total - progress.done) / rate)} left` : "";
  return `${count(Math.round(rate))} ${progress.unit ?? "steps"}/s${rest}`;
}

/** The failure of an operation in the form of every other error. */
export function problemOf({ error }: Operation): Problem | null {
  if (!error) return null;
  return typeof error === "string" ? new Problem(0, { detail: error }, null) : new Problem(error.status ?? 0, error, null);
}
