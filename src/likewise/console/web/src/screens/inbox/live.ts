// News of the inbox: told by the server as it happens, asked for now and then where it tells nothing.
import { asProblem, isAborted, stream } from "../../core/client";
import { EVENTS } from "../../core/inbox";
import { every } from "../../core/poll";

const POLL_MS = 4_000;
const GATHER_MS = 300;
const PAUSE_FIRST_MS = 1_000;
const PAUSE_LONGEST_MS = 30_000;

/** Calls `onNews` soon after something has happened, once for much at a time, and never while the page is hidden. */
export function followInbox(onNews: () => Promise<void>): () => void {
  const stop = new AbortController();
  let isTold = false;
  let isBusy = false;
  let isDue = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function turn(): Promise<void> {
    timer = undefined;
    if (document.hidden) return;
    isBusy = true;
    isDue = false;
    await onNews();
    isBusy = false;
    if (isDue) ring();
  }

  function ring(): void {
    isDue = true;
    if (!isBusy && !timer && !stop.signal.aborted) timer = setTimeout(turn, GATHER_MS);
  }

  const onVisible = (): void => void (!document.hidden && isDue && ring());

  async function listen(): Promise<void> {
    let pause_ms = PAUSE_FIRST_MS;
    while (!stop.signal.aborted) {
      try {
        await stream(EVENTS, ring, stop.signal, () => {
          isTold = true;
          pause_ms = PAUSE_FIRST_MS;
          // What happened before the connection stood was not told.
          ring();
        });
      } catch (error) {
        isTold = false;
        const { status } = asProblem(error);
        if (isAborted(error) || (status >= 400 && status < 500 && status !== 429)) return;
      }
      isTold = false;
      await new Promise((resolve) => setTimeout(resolve, pause_ms));
      pause_ms = Math.min(2 * pause_ms, PAUSE_LONGEST_MS);
    }
  }

  void listen();
  document.addEventListener("visibilitychange", onVisible);
  let isFirst = true;
  const stopPolling = every(POLL_MS, async () => {
    // The screen has just asked by itself.
    if (!isFirst && !isTold) ring();
    isFirst = false;
  });
  return () => {
    stop.abort();
    clearTimeout(timer);
    stopPolling();
    document.removeEventListener("visibilitychange", onVisible);
  };
}
