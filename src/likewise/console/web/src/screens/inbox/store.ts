// What the inbox shows; the address says which groups and which of them is open.
import { computed, signal } from "@preact/signals";
import { asProblem, Problem } from "../../core/client";
import {
  countGroups, getAction, getGroup, hasMessages, listActions, listGroupMessages, listGroups,
  type ActionDetail, type Group, type GroupOrder, type GroupsQuery, type GroupState, type Message,
} from "../../core/inbox";
import { resource } from "../../core/resource";
import { hrefOf, patchParams, place } from "../../core/router";

export const PAGE = 50;
/** What one call may ask for; what was shown beyond it stays as it was until it is asked for again. */
const PAGE_MAX = 200;

export interface Shown {
  asked: GroupsQuery;
  groups: Group[];
  cursor: string | null;
  counts: { actioned: number; archived: number };
  /** False only where nobody has ever written. */
  isUsed: boolean;
  /** What the list has become while its rows keep their places for the reader who is among them. */
  next: { groups: Group[]; cursor: string | null } | null;
}

export interface Opened {
  group: Group;
  messages: Message[];
  cursor: string | null;
  /** The answers that stand, newest first. */
  actions: ActionDetail[];
}

export const shown = resource<Shown>();
export const opened = resource<Opened>();
/** What the reader did and the server refused, until something succeeds. */
export const failure = signal<Problem | null>(null);
/** Messages that are left out of the answer, or are to be moved. */
export const ticked = signal<ReadonlySet<string>>(new Set());
/** How large each group was when the reader last looked at it. */
const looked = new Map<string, number>();
const titles = new Map<string, string>();

export const openId = computed(() => place.value.params.get("g"));

export const asked = (params = place.value.params): GroupsQuery => ({
  state: (params.get("state") as GroupState | null) ?? "open",
  order: (params.get("order") as GroupOrder | null) ?? "size",
  size_min: Number(params.get("min") ?? 1),
  query: params.get("q") ?? "",
});

/** Its name; else what somebody wrote reads better than the words its label is made of. */
export const titleOf = ({ name, examples, label }: Group): string => name ?? examples[0]?.text ?? label;
export const knownTitle = (id: string): string | null => titles.get(id) ?? null;
export const grownBy = (group: Group): number => group.message_count - (looked.get(group.id) ?? group.message_count);

export function hrefOfGroup(id: string): string {
  const params = new URLSearchParams(place.value.params);
  params.set("g", id);
  return hrefOf("/inbox", params);
}

export const openGroup = (id: string | null): void => patchParams({ g: id });

function note(groups: readonly Group[]): void {
  for (const group of groups) {
    titles.set(group.id, titleOf(group));
    if (!looked.has(group.id)) looked.set(group.id, group.message_count);
  }
}

const bounded = (many: number): number => Math.min(PAGE_MAX, Math.max(PAGE, many));

/** `fresh`, then what was shown beyond it. */
function joined<T extends { id: string }>(fresh: T[], before: readonly T[]): T[] {
  const known = new Set(fresh.map(({ id }) => id));
  return [...fresh, ...before.slice(PAGE_MAX).filter(({ id }) => !known.has(id))];
}

/** The reader points at a row or is on one by keys. */
const isAmong = (list: string): boolean => !!document.querySelector(`${list}:is(:hover, :focus-within)`);

/** A finger points at nothing, so there it is a list scrolled into. */
function isAmongRows(): boolean {
  return isAmong(".groups") || (matchMedia("(hover: none)").matches && !openId.value && scrollY > 0);
}

/** Which messages stand for a group changes as it grows; while it is read it goes by the same title. */
const titledAs = (before: Group, now: Group): Group => ({ ...now, examples: before.examples });

const sameOrder = (one: readonly Group[], other: readonly Group[]): boolean =>
  one.length === other.length && one.every(({ id }, index) => id === other[index]?.id);

/** Gives the rows the places that are theirs by now. */
export function settle(): void {
  const now = shown.data.value;
  if (now?.next) shown.data.value = { ...now, ...now.next, next: null };
}

export const settleIfLeft = (): void => void (!isAmongRows() && settle());

/** News, unlike what the reader did, leave a row under the pointer or the focus where it is. */
export function loadGroups(isNews = false): Promise<void> {
  const wanted = asked();
  const now = shown.data.value;
  const before = now && JSON.stringify(now.asked) === JSON.stringify(wanted) ? now : null;
  return shown.run(async (abort) => {
    const [page, counts] = await Promise.all([
      listGroups(wanted, bounded(before?.groups.length ?? 0), null, abort),
      countGroups(abort),
    ]);
    note(page.data);
    const groups = joined(page.data, before?.groups ?? []);
    const isUsed = groups.length > 0 || (await hasMessages(abort));
    const cursor = groups.length > page.data.length ? (before?.cursor ?? null) : page.next_cursor;
    if (!isNews || !before || sameOrder(before.groups, groups) || !isAmongRows()) return { asked: wanted, groups, counts, isUsed, cursor, next: null };
    const fresh = new Map(groups.map((group) => [group.id, group]));
    const kept = before.groups.map((group) => titledAs(group, fresh.get(group.id) ?? group));
    return { asked: wanted, groups: kept, counts, isUsed, cursor: before.cursor, next: { groups, cursor } };
  });
}

export function loadMoreGroups(): Promise<void> {
  settle();
  const now = shown.data.value;
  if (!now?.cursor) return Promise.resolve();
  return shown.run(async (abort) => {
    const page = await listGroups(now.asked, PAGE, now.cursor, abort);
    note(page.data);
    const known = new Set(now.groups.map(({ id }) => id));
    return { ...now, groups: [...now.groups, ...page.data.filter(({ id }) => !known.has(id))], cursor: page.next_cursor };
  });
}

/** Those that were here stay where they were, as they are now; others follow. */
function inPlace<T extends { id: string }>(before: readonly T[], now: readonly T[]): T[] {
  const fresh = new Map(now.map((one) => [one.id, one]));
  const stay = before.flatMap(({ id }) => fresh.get(id) ?? []);
  for (const { id } of stay) fresh.delete(id);
  return [...stay, ...fresh.values()];
}

export function loadGroup(id: string, isNews = false): Promise<void> {
  const now = opened.data.value;
  const before = now?.group.id === id ? now : null;
  return opened.run(async (abort) => {
    const [group, page, given] = await Promise.all([
      getGroup(id, abort),
      listGroupMessages(id, bounded(before?.messages.length ?? 0), null, abort),
      listActions(id, abort),
    ]);
    const standing = given.filter(({ undone_at }) => !undone_at);
    const actions = await Promise.all(standing.map((action) => getAction(action.id, abort)));
    note([group]);
    looked.set(id, group.message_count);
    const messages = joined(page.data, before?.messages ?? []);
    const shownNow = isNews && before && isAmong(".messages") ? inPlace(before.messages, messages) : messages;
    return { group: isNews && before ? titledAs(before.group, group) : group, messages: shownNow, actions, cursor: messages.length > page.data.length ? (before?.cursor ?? null) : page.next_cursor };
  });
}

export function loadMoreMessages(): Promise<void> {
  const now = opened.data.value;
  if (!now?.cursor) return Promise.resolve();
  return opened.run(async (abort) => {
    const page = await listGroupMessages(now.group.id, PAGE, now.cursor, abort);
    const known = new Set(now.messages.map(({ id }) => id));
    return { ...now, messages: [...now.messages, ...page.data.filter(({ id }) => !known.has(id))], cursor: page.next_cursor };
  });
}

export async function reload(): Promise<void> {
  const id = openId.value;
  await Promise.all([loadGroups(), id ? loadGroup(id) : undefined]);
}

/** Does what the reader asked for; what the server refuses is shown in plain words. True if it was done. */
export async function attempt(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    failure.value = null;
    return true;
  } catch (error) {
    failure.value = asProblem(error);
    return false;
  }
}

export function tick(id: string, wanted = !ticked.value.has(id)): void {
  const next = new Set(ticked.value);
  if (wanted) next.add(id);
  else next.delete(id);
  ticked.value = next;
}

export const untick = (): void => void (ticked.value = new Set());

/** A message that an answer given now would go to. */
export const isUnanswered = ({ status }: Message): boolean => status === "grouped" || status === "pending" || status === "cancelled";
