// Follows one operation to its end: by server-sent events, and by asking again where they do not get through.
import type { Operation } from "../../core/api";
import { isAborted } from "../../core/client";
import { getOperation, streamOperation } from "../../core/endpoints";

const POLL_MS = 1000;

export const isOver = ({ status }: Operation): boolean => status !== "queued" && status !== "running";

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Resolves at the end or when aborted; a first answer of 404 or 401 is thrown. */
export async function watchOperation(id: string, onChange: (operation: Operation) => void, signal: AbortSignal): Promise<void> {
  let latest = await getOperation(id, signal);
  const take = (operation: Operation) => {
    latest = operation;
    onChange(operation);
  };
  take(latest);
  if (isOver(latest)) return;
  try {
    await streamOperation(id, take, signal);
  } catch (error) {
    if (isAborted(error)) return;
  }
  // The stream may have been cut, or its last event may lack the result: ask until it is over.
  while (!signal.aborted) {
    try {
      take(await getOperation(id, signal));
      if (isOver(latest)) return;
    } catch (error) {
      if (isAborted(error)) return;
      // A server that restarts is away for a moment; the operation goes on after it.
    }
    await pause(POLL_MS);
  }
}
