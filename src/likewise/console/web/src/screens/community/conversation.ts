// Questions and what came back of them so far: the plan first, then each step's result, then closing sentences.
import { signal } from "@preact/signals";
import { asProblem, isAborted, type Problem } from "../../core/client";
import { askCommunity, type DiscoveryEvent, type DiscoveryFound, type DiscoveryPlan, type DiscoveryRefusal } from "../../core/discovery";

export interface Turn {
  id: number;
  question: string;
  plan: DiscoveryPlan | null;
  found: DiscoveryFound[];
  text: string[];
  /** Why there is no plan, and what can be asked instead. */
  refusal: DiscoveryRefusal | null;
  problem: Problem | null;
  state: "asking" | "done" | "stopped";
}

export const turns = signal<readonly Turn[]>([]);
let running: AbortController | null = null;
let lastId = 0;

export const isAsking = (): boolean => turns.value.at(-1)?.state === "asking";

function change(id: number, more: Partial<Turn>): void {
  turns.value = turns.value.map((turn) => (turn.id === id ? { ...turn, ...more } : turn));
}

function hear(id: number, event: DiscoveryEvent): void {
  const turn = turns.value.find((one) => one.id === id);
  if (!turn) return;
  switch (event.kind) {
    case "plan":
      return change(id, { plan: event.plan });
    case "refusal":
      return change(id, { refusal: event.refusal });
    case "found":
      return change(id, { found: [...turn.found, event.found] });
    case "text":
      return change(id, { text: [...turn.text, event.text] });
  }
}

/** Asks after what was asked before, so that "and in winter?" is understood. */
export async function ask(question: string, user: string): Promise<void> {
  stop();
  const history = turns.value.filter(({ refusal }) => !refusal).map((turn) => turn.question);
  const id = ++lastId;
  const mine = (running = new AbortController());
  turns.value = [...turns.value, { id, question, plan: null, found: [], text: [], refusal: null, problem: null, state: "asking" }];
  try {
    await askCommunity({ question, history, ...(user && { user }) }, (event) => hear(id, event), mine.signal);
    change(id, { state: "done" });
  } catch (error) {
    change(id, isAborted(error) ? { state: "stopped" } : { state: "done", problem: asProblem(error) });
  }
}

export function stop(): void {
  running?.abort();
  running = null;
}

export function beginAnew(): void {
  stop();
  turns.value = [];
}
