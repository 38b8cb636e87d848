// A value fetched from the server: what is shown stays until its successor arrives, and only the latest call may answer.
import { signal, type Signal } from "@preact/signals";
import { asProblem, isAborted, type Problem } from "./client";

export interface Resource<T> {
  readonly data: Signal<T | null>;
  readonly problem: Signal<Problem | null>;
  readonly busy: Signal<boolean>;
  /** Starts a fetch and cancels the one before it. Resolves when this one has answered, failed or been overtaken. */
  run(fetch: (signal: AbortSignal) => Promise<T>): Promise<void>;
  /** Cancels what is under way; `clear` also forgets what is shown. */
  cancel(): void;
  clear(): void;
}

export function resource<T>(): Resource<T> {
  const data = signal<T | null>(null);
  const problem = signal<Problem | null>(null);
  const busy = signal(false);
  let current: AbortController | null = null;

  function cancel(): void {
    current?.abort();
    current = null;
    busy.value = false;
  }

  async function run(fetch: (signal: AbortSignal) => Promise<T>): Promise<void> {
    current?.abort();
    const mine = (current = new AbortController());
    busy.value = true;
    try {
      const answer = await fetch(mine.signal);
      if (current !== mine) return;
      data.value = answer;
      problem.value = null;
    } catch (error) {
      if (current !== mine || isAborted(error)) return;
      problem.value = asProblem(error);
    }
    busy.value = false;
  }

  function clear(): void {
    cancel();
    data.value = null;
    problem.value = null;
  }

  return { data, problem, busy, run, cancel, clear };
}
