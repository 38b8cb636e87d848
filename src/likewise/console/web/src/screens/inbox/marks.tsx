// Small pieces: who writes, how an answer stands, what went wrong.
import { useSignal } from "@preact/signals";
import type { Problem } from "../../core/client";
import { count } from "../../core/format";
import type { Action, DeliveryState, Group, GroupState, Message } from "../../core/inbox";
import { Icon } from "../../ui/icon";
import { ProblemNote } from "../../ui/states";
import { lookAgain } from "./acts";
import { grownBy } from "./store";

const initials = (name: string): string =>
  name
    .trim()
    .split(/\s+/)
    .map((word) => /[\p{L}\p{N}]/u.exec(word)?.[0] ?? "")
    .filter(Boolean)
    .filter((_, index, all) => index === 0 || index === all.length - 1)
    .join("")
    .toUpperCase();

/** The name stands beside it, so neither the picture nor the letters are announced. */
export function Avatar({ name, src }: { name: string | null; src?: string | null }) {
  const isBroken = useSignal(false);
  if (src && !isBroken.value) {
    return <img class="avatar" src={src} alt="" width="32" height="32" loading="lazy" onError={() => (isBroken.value = true)} />;
  }
  return (
    <span class="avatar" aria-hidden="true">
      {(name && initials(name)) || <Icon name="people" />}
    </span>
  );
}

const STATES: Record<DeliveryState, [word: string, tone: string]> = {
  waiting: ["On its way", "running"],
  ready: ["To be fetched", "degraded"],
  delivered: ["Delivered", "ok"],
  failed: ["Failed", "failed"],
  cancelled: ["Taken back", "cancelled"],
};

/** An answer that can still be undone is nowhere yet, whatever its replies wait for. */
export const canBeUndone = ({ leaves_at }: Action): boolean => new Date(leaves_at).getTime() > Date.now();

/** Colour, shape and word say the same. */
export function DeliveryMark({ state, many, isHeld }: { state: DeliveryState; many?: number; isHeld?: boolean }) {
  const [word, tone] = isHeld && (state === "waiting" || state === "ready") ? ["Not left yet", "queued"] : STATES[state];
  return (
    <span class={`status ${tone}`}>
      <span class="dot" aria-hidden="true" />
      {many === undefined ? word : `${count(many)} ${word.toLowerCase()}`}
    </span>
  );
}

const alike = (similarity: number | null): string => (similarity === null ? "" : `, ${Math.round(100 * similarity)}% alike`);

/** Why a message is in its group. */
export function why({ reason, similarity }: Message): string {
  switch (reason) {
    case "identical":
      return "Word for word as another";
    case "near_verbatim":
      return `Nearly the same words${alike(similarity)}`;
    case "meaning":
      return `Asks the same${alike(similarity)}`;
    case "new":
      return "Began this group";
    case "refined":
      return `Sorted in by refinement${alike(similarity)}`;
    case "person":
      return "Put here by a person";
    case null:
      return "Its group is being found";
  }
}

export function GroupMarks({ group, among }: { group: Group; among?: GroupState }) {
  const grown = grownBy(group);
  return (
    <>
      {grown > 0 && (
        <span class="tag grown" key={group.message_count}>
          +{count(grown)}<span class="visually-hidden"> since you looked</span>
        </span>
      )}
      {group.is_locked && (
        <span class="tag locked">
          <Icon name="lock" />
          locked
        </span>
      )}
      {group.state === "archived" && among !== "archived" && <span class="tag">archived</span>}
      {group.state === "actioned" && among !== "actioned" && <span class="tag">answered</span>}
      {group.answers_late && <span class="tag">answers late</span>}
    </>
  );
}

const CONFLICTS: Record<string, string> = {
  cluster_answered: "Somebody has answered this group already.",
  cluster_grew_meanwhile: "More messages came in, or some left, since you looked.",
  cluster_not_open: "This group is not open any more: it was answered or put away.",
  cluster_is_locked: "This group is locked; unlock it first.",
  nothing_to_answer: "Every message here is answered already, or left out.",
  action_not_undoable: "It cannot be undone any more.",
  message_stands_alone: "Every message of this group says exactly the same, and identical texts stay together. Tick it to leave it out of the answer.",
};

/** A conflict is nobody's fault: what happened in plain words, and the way to see what stands now. */
export function Refusal({ problem }: { problem: Problem }) {
  if (problem.status !== 409) return <ProblemNote problem={problem} retry={() => void lookAgain()} />;
  return (
    <div class="problem conflict" role="alert">
      <Icon name="warn" />
      <div>
        <p class="problem-message">{CONFLICTS[problem.code] ?? problem.message}</p>
        <p class="quiet-detail">{CONFLICTS[problem.code] ? problem.message : problem.help}</p>
        <div class="row">
          <button type="button" class="button" onClick={() => void lookAgain()}>
            Look again
          </button>
        </div>
      </div>
    </div>
  );
}
