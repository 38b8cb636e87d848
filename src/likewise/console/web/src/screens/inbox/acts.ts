// What a reader does to groups, and how the last of it is taken back.
import { computed, signal } from "@preact/signals";
import { plural } from "../../core/format";
import {
  changeGroup, listChanges, listDeliveries, mergeGroup, moveMessages, removeMessage, retryDelivery, undoAction, undoChange,
  type Change, type Group,
} from "../../core/inbox";
import { announce } from "../../ui/announce";
import * as draft from "./draft";
import { attempt, failure, openGroup, openId, reload, shown, titleOf, untick } from "./store";

const CHANGE_SHOWN_MS = 15_000;
const RETRIES_PAGE = 200;

export interface Undoable {
  /** Of the action or the change; empty where the server did not tell it. */
  id: string;
  text: string;
  /** When the bar goes, in milliseconds of this page's clock. */
  until: number;
  /** An answer leaves then; a change can be undone later, too, from the history. */
  isLeaving: boolean;
  undo: () => Promise<void>;
}

/** Answers that have not left yet, and what was done last; a change before it is found in the history. */
export const undoables = signal<readonly Undoable[]>([]);
export const undoable = computed(() => undoables.value.at(-1) ?? null);
/** The dialog that is open, and what it is about. */
export const asking = signal<
  | { kind: "merge"; group: Group }
  | { kind: "move"; group: Group; messages: string[] }
  | { kind: "rename"; group: Group }
  | { kind: "history"; group: Group | null }
  | null
>(null);

const push = (one: Undoable): void => void (undoables.value = [...undoables.value.filter(({ isLeaving }) => isLeaving), one]);

function offer(text: string, undo: () => Promise<void>, id = ""): void {
  push({ id, text, until: performance.now() + CHANGE_SHOWN_MS, isLeaving: false, undo });
  announce(`${text} Press U to undo.`);
}

/** After the next drawing: the row of a group, else the heading of what is open. */
export function focusRow(id: string | null): void {
  setTimeout(() => {
    const row = id && document.querySelector<HTMLElement>(`[data-group="${CSS.escape(id)}"] a`);
    (row || document.querySelector<HTMLElement>(".inbox h1"))?.focus();
  });
}

export const focusTitle = (): void => void setTimeout(() => document.getElementById("group-title")?.focus());

/** Called before messages leave: afterwards, the one that has come into the place of the focused one; else the heading. */
function keepPlace(): () => void {
  const boxes = () => [...document.querySelectorAll<HTMLElement>(".messages input[type=checkbox]")];
  const row = document.activeElement?.closest(".message");
  const at = boxes().findIndex((box) => row?.contains(box));
  return () =>
    void setTimeout(() => {
      const box = at < 0 ? undefined : (boxes()[at] ?? boxes().at(-1));
      if (box) box.focus();
      else focusTitle();
    });
}

/** The group below this one in the list, or above where it is the last. */
function neighbour(id: string): string | null {
  const groups = shown.data.value?.groups ?? [];
  const at = groups.findIndex((group) => group.id === id);
  return (groups[at + 1] ?? groups[at - 1])?.id ?? null;
}

export const answer = (group: Group): Promise<boolean> =>
  attempt(async () => {
    const action = await draft.send(group.id);
    const written = draft.written();
    // The server's clock may differ from this one: how long, not until when, is what both agree on.
    const leaves_ms = new Date(action.leaves_at).getTime() - new Date(action.created_at).getTime();
    const replies = plural(action.message_count, "reply", "replies");
    push({
      id: action.id,
      text: replies,
      until: performance.now() + leaves_ms,
      isLeaving: true,
      undo: async () => {
        await undoAction(action.id);
        await reload();
        draft.putBack(group.id, written);
        announce("The answer was taken back. Nothing was sent.");
        // Whoever writes another answer by now goes on writing.
        if (openId.value === group.id) focusTitle();
      },
    });
    draft.discard();
    announce(`${replies} will leave in ${Math.round(leaves_ms / 1000)} seconds. Press U to undo.`);
    await reload();
    focusTitle();
  });

export async function undoLast(): Promise<void> {
  const last = undoable.value;
  if (!last) return;
  undoables.value = undoables.value.slice(0, -1);
  await attempt(last.undo);
}

const taken = (change: Change, group: string | null) => async (): Promise<void> => {
  await undoChange(change.id);
  if (group && openId.value) openGroup(group);
  await reload();
  announce("Undone.");
};

/** A change that is not told with its answer is the group's newest one. */
const undoNewest = (id: string) => async (): Promise<void> => {
  const { data } = await listChanges(id, 1, null);
  if (data[0] && !data[0].undone_at) await undoChange(data[0].id);
  await reload();
  announce("Undone.");
};

export const merge = (group: Group, into: Group): Promise<boolean> =>
  attempt(async () => {
    const { change } = await mergeGroup(group.id, into.id);
    const wasOpen = openId.value === group.id;
    if (wasOpen) openGroup(into.id);
    await reload();
    offer(`Merged ${plural(change.message_count, "message")} into “${titleOf(into)}”.`, taken(change, wasOpen ? group.id : null), change.id);
    if (wasOpen) focusTitle();
    else focusRow(into.id);
  });

export const move = (group: Group, messages: string[], into: Group | null): Promise<boolean> =>
  attempt(async () => {
    const focusPlace = keepPlace();
    const { change, cluster } = await moveMessages(group.id, messages, into?.id ?? null);
    untick();
    await reload();
    const many = plural(change.message_count, "message");
    offer(into ? `Moved ${many} to “${titleOf(into)}”.` : `Split ${many} off, as “${titleOf(cluster)}”.`, taken(change, null), change.id);
    focusPlace();
  });

export const takeOut = (message: string): Promise<boolean> =>
  attempt(async () => {
    const focusPlace = keepPlace();
    const { change, cluster } = await removeMessage(message, null);
    await reload();
    offer(`Took ${plural(change.message_count, "message")} out; now in “${titleOf(cluster)}”.`, taken(change, null), change.id);
    focusPlace();
  });

export const setLocked = (group: Group, is_locked: boolean): Promise<boolean> =>
  attempt(async () => {
    await changeGroup(group.id, { is_locked });
    await reload();
    offer(is_locked ? "Locked: what arrives joins, and nothing else changes it." : "Unlocked.", undoNewest(group.id));
  });

export const rename = (group: Group, name: string): Promise<boolean> =>
  attempt(async () => {
    await changeGroup(group.id, { name });
    await reload();
    offer(name ? `Named “${name}”.` : "It has no name any more.", undoNewest(group.id));
  });

/** Puts an open group away; opens any other again. */
export const archive = (group: Group): Promise<boolean> =>
  attempt(async () => {
    const isOpen = group.state === "open";
    const next = neighbour(group.id);
    await changeGroup(group.id, { state: isOpen ? "archived" : "open" });
    if (isOpen && openId.value === group.id) openGroup(null);
    await reload();
    offer(isOpen ? `Archived “${titleOf(group)}”.` : `Opened “${titleOf(group)}” again.`, undoNewest(group.id));
    if (isOpen) focusRow(next);
    else if (openId.value === group.id) focusTitle();
  });

export const stopLate = (group: Group): Promise<boolean> =>
  attempt(async () => {
    await changeGroup(group.id, { answers_late: false });
    await reload();
    announce("Later messages are not answered any more.");
  });

export const retry = (delivery: string): Promise<boolean> =>
  attempt(async () => {
    await retryDelivery(delivery);
    await reload();
    announce("It is sent again.");
  });

/** Sends what has failed of an answer again; what cannot be is left as it is. */
export const retryFailed = (action: string): Promise<boolean> =>
  attempt(async () => {
    const { data } = await listDeliveries(action, "failed", RETRIES_PAGE, null);
    for (const { id } of data) await retryDelivery(id);
    await reload();
    announce(`${plural(data.length, "reply", "replies")} sent again.`);
  });

export const undoFromHistory = (change: Change): Promise<boolean> =>
  attempt(async () => {
    if (change.kind === "answer" && change.action) await undoAction(change.action);
    else await undoChange(change.id);
    undoables.value = undoables.value.filter(({ id }) => id !== "" && id !== change.id && id !== change.action);
    await reload();
    announce("Undone.");
  });

/** Shows what stands now, after somebody else was there first. */
export async function lookAgain(): Promise<void> {
  failure.value = null;
  await reload();
  if (openId.value) {
    await draft.look();
    focusTitle();
  }
}
