import { useSignal } from "@preact/signals";
import type { Operation } from "../../core/api";
import { asProblem, type Problem } from "../../core/client";
import { cancelOperation } from "../../core/endpoints";
import { announce } from "../../ui/announce";
import { ProblemNote } from "../../ui/states";
import { titleOf } from "./describe";

export function CancelButton({ operation, onCancelled }: { operation: Operation; onCancelled: () => Promise<void> }) {
  const busy = useSignal(false);
  const problem = useSignal<Problem | null>(null);
  const cancel = async () => {
    busy.value = true;
    try {
      await cancelOperation(operation.id);
      announce("Cancelled");
      await onCancelled();
    } catch (error) {
      problem.value = asProblem(error);
    }
    busy.value = false;
  };
  if (problem.value) return <ProblemNote problem={problem.value} retry={cancel} />;
  return (
    <button type="button" class="button" disabled={busy.value} onClick={cancel}>
      Cancel<span class="visually-hidden"> {titleOf(operation)}</span>
    </button>
  );
}
