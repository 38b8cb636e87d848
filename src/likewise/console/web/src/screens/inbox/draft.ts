// The answer being written, and what each message would get of it.
import { effect, signal } from "@preact/signals";
import { previewAnswer, sendAnswer, type Action } from "../../core/inbox";
import { resource } from "../../core/resource";
import { opened, openId, ticked } from "./store";

const TYPING_MS = 250;
const REPLIES_PAGE = 200;

export interface Replies {
  /** Of which text, for which messages left out. */
  of: string;
  texts: ReadonlyMap<string, string>;
  message_count: number;
}

export const text = signal("");
export const answersLate = signal(false);
export const replies = resource<Replies>();

/** What is written for a group, and for whom it is not. */
export interface Written {
  text: string;
  exceptions: ReadonlySet<string>;
  answersLate: boolean;
}

const kept = new Map<string, Written>();
let lookedText = "";
let isDue = false;

function keyOf(id: string): string {
  const now = opened.data.value;
  const size = now?.group.id === id ? [now.group.message_count, now.group.answered_count, now.messages.length] : [];
  return JSON.stringify([id, text.value, [...ticked.value].sort(), size]);
}

/** What is shown is what would be sent. */
export const isCurrent = (group: string): boolean => replies.data.value?.of === keyOf(group);

export const written = (): Written => ({ text: text.value, exceptions: ticked.value, answersLate: answersLate.value });

function takeUp(now: Written | undefined): void {
  text.value = now?.text ?? "";
  answersLate.value = now?.answersLate ?? false;
  ticked.value = now?.exceptions ?? new Set();
}

/** Leaves what is written for one group and takes up what was written for another. */
export function turnTo(group: string | null, from: string | null): void {
  if (from) kept.set(from, written());
  replies.clear();
  takeUp(group ? kept.get(group) : undefined);
}

/** Gives a group back what was written for it, whether it is open or not. */
export function putBack(group: string, was: Written): void {
  if (openId.value === group) takeUp(was);
  else kept.set(group, was);
}

export const discard = (): void => takeUp(undefined);

export async function look(): Promise<void> {
  const now = opened.data.value;
  if (!now || now.group.state !== "open" || !text.value.trim()) {
    replies.clear();
    return;
  }
  const id = now.group.id;
  const of = keyOf(id);
  if (replies.data.value?.of === of && !replies.problem.value) return;
  // Another text is another question; a group that grows meanwhile is looked at again once this look has ended.
  if (replies.busy.value && lookedText === text.value) {
    isDue = true;
    return;
  }
  lookedText = text.value;
  isDue = false;
  const draft = { response_text: text.value, exceptions: [] as string[] };
  const exceptions = [...ticked.value];
  const wanted = now.messages.length;
  await replies.run(async (abort) => {
    const texts = new Map<string, string>();
    let message_count = 0;
    let after: string | null = null;
    do {
      const page = await previewAnswer(id, draft, REPLIES_PAGE, after, abort);
      for (const reply of page.data) texts.set(reply.message, reply.text);
      message_count = page.message_count;
      after = page.next_cursor;
    } while (after && texts.size < wanted);
    if (exceptions.length > 0) message_count = (await previewAnswer(id, { ...draft, exceptions }, 1, null, abort)).message_count;
    return { of, texts, message_count };
  });
  if (isDue && !replies.busy.value) await look();
}

/** Looks again whenever what would be sent has changed; returns the stop. */
export function followDraft(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let before = "";
  const turn = (): void => {
    timer = undefined;
    void look();
  };
  const stop = effect(() => {
    // Read here, so that each of them wakes this up.
    const [now] = [text.value, ticked.value, opened.data.value];
    // Typing puts the look off; messages that keep coming must not.
    if (timer && now === before) return;
    before = now;
    clearTimeout(timer);
    timer = setTimeout(turn, now ? TYPING_MS : 0);
  });
  return () => {
    clearTimeout(timer);
    stop();
  };
}

export async function send(group: string): Promise<Action> {
  const expected_count = replies.data.value?.message_count ?? 0;
  const draft = { response_text: text.value, exceptions: [...ticked.value] };
  return sendAnswer(group, { ...draft, answers_late: answersLate.value, expected_count });
}
