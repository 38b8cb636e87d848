// Repeated questions to the server, never two at once and none while the page is hidden.

/** Runs now and then again `interval_ms` after each answer; returns the stop. */
export function every(interval_ms: number, run: () => Promise<void>): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;

  async function turn(): Promise<void> {
    if (!document.hidden) await run();
    if (!stopped) timer = setTimeout(turn, interval_ms);
  }

  function onVisible(): void {
    if (document.hidden || stopped) return;
    clearTimeout(timer);
    timer = setTimeout(turn, 0);
  }

  void turn();
  document.addEventListener("visibilitychange", onVisible);
  return () => {
    stopped = true;
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", onVisible);
  };
}
